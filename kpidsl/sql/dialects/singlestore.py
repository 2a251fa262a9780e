"""SingleStore, by its documentation: nobody has run it there. See decision 0222.

Its texts compare by a collation, which as a rule takes small and capital letters for equal: so a text stands
behind its bytes. What integers and decimals do at their bounds is not documented: integers are made decimals,
and decimals whose declared digits could need more than there are, are refused.
"""

from __future__ import annotations

from dataclasses import replace

from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room
from kpidsl.sql.dialects.starrocks import STARROCKS
from kpidsl.sql.hex_texts import HexTexts
from kpidsl.sql.nodes import Node
from kpidsl.sql.singlestore_times import (
    SINGLESTORE_NUMBERS,
    SINGLESTORE_TIME_ARITHMETIC,
    TIMESTAMP_TYPE,
    SinglestoreTimes,
    bucket,
    bucket_of_date,
)
from kpidsl.sql.singlestore_tree import refusal, spelled

_MOST_DIGITS = 65
_MOST_AFTER_THE_POINT = 30

TEXTS = HexTexts(
    digits=lambda x: nodes.call("HEX", x),
    encoding="utf-8",
    joined=lambda *texts: nodes.call("CONCAT", *texts),
    position=lambda x, part: nodes.call("LOCATE", part, x),
    part=lambda x, *bounds: nodes.call("SUBSTRING", x, *bounds),
)


def _wide_sum(x: Node, type: Type) -> Node:
    """Return what is added up as a decimal of so many digits that its sum can have no fewer."""
    if type.kind is Kind.FLOAT:
        return x
    return nodes.cast(x, f"decimal({_MOST_DIGITS}, {type.scale if type.kind is Kind.DECIMAL else 0})")


_COLLATION = ("what it takes for a letter's other case hangs on a collation", "compare with `in (…)`")
_SOUGHT = ("what it takes for equal hangs on a collation", "use `starts_with`, or a column that tells it")
_CHARACTERS = (
    "whether it counts characters or bytes hangs on the column's character set",
    "use a column that holds it",
)

SINGLESTORE = replace(
    STARROCKS,
    name="singlestore",
    times=SinglestoreTimes,
    arithmetic=SINGLESTORE_TIME_ARITHMETIC,
    numbers=SINGLESTORE_NUMBERS,
    in_code_point_order=TEXTS.exact,
    keys_as_values=True,
    text_literal=TEXTS.literal,
    shown_text=TEXTS.plain,
    timestamp_type=TIMESTAMP_TYPE,
    cast_digits=_MOST_DIGITS,
    wide_sum=_wide_sum,
    room=Room(most=_MOST_DIGITS, most_after=_MOST_AFTER_THE_POINT),
    other_types={Kind.DATE: ("datetime", "timestamp")},
    lacks={
        "lower": _COLLATION,
        "upper": _COLLATION,
        "like": _SOUGHT,
        "contains": _SOUGHT,
        "length": _CHARACTERS,
        "substring": _CHARACTERS,
    },
    finished=spelled,
    refuses=refusal,
    forms={
        name: form
        for name, form in STARROCKS.forms.items()
        if name not in ("like", "contains", "length", "week_of_year", "day")
    }
    | {
        "bucket": bucket,
        "bucket_of_date": bucket_of_date,
        "concat": TEXTS.concat,
        "trim": TEXTS.trim,
        "starts_with": TEXTS.starts_with,
        "day": lambda x: nodes.cast(nodes.call("DAY", x), "bigint"),
        # The third mode is that of ISO 8601.
        "week_of_year": lambda x: nodes.cast(nodes.call("WEEK", x, nodes.integer(3)), "bigint"),
    },
)
