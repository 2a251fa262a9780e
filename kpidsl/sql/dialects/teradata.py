"""Teradata, from release 16.20 on, by its documentation: nobody has run it there. See decision 0223.

Which texts are equal hangs on the session and the column there, and blanks at the end are passed over: so a
text stands behind its characters' numbers. Sums and products that are too large fail.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from sqlglot import exp

from kpidsl.model.types import MOST_DIGITS, Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.dialects.common import COMMON
from kpidsl.sql.dialects.dialect import Form
from kpidsl.sql.dialects.starrocks import STARROCKS
from kpidsl.sql.hex_texts import HexTexts
from kpidsl.sql.nodes import Node
from kpidsl.sql.oracle_tree import null_safe
from kpidsl.sql.refusals import open_question
from kpidsl.sql.session_zones import shown_in_utc
from kpidsl.sql.teradata_times import (
    TERADATA_NUMBERS,
    TERADATA_TIME_ARITHMETIC,
    TeradataTimes,
    bucket,
    bucket_of_date,
    day_of,
    days_since_monday,
    extracted,
    first_of,
    whole_part,
)
from kpidsl.sql.teradata_tree import refusal, spelled


def _joined(*texts: Node) -> Node:
    return reduce(lambda a, b: nodes.binary(exp.DPipe, a, b), texts)


def _digits(text: Node) -> Node:
    # A written text is in Unicode, and so is what it is joined to. The digits are padded to a fixed length.
    return nodes.call("TRIM", nodes.call("CHAR2HEXINT", _joined(text, nodes.text(""))))


TEXTS = HexTexts(
    digits=_digits,
    encoding="utf-16-be",
    joined=_joined,
    position=lambda x, part: nodes.call("INDEX", x, part),
    part=lambda x, *bounds: nodes.call("SUBSTR", x, *bounds),
)


def _wide_sum(x: Node, type: Type) -> Node:
    """Return what is added up in a type of as many digits as there are: its sum has as many, too."""
    if type.kind is Kind.FLOAT:
        return x
    return nodes.cast(x, f"decimal({MOST_DIGITS}, {type.scale if type.kind is Kind.DECIMAL else 0})")


def _extreme(kind: type[exp.Expr]) -> Form:
    def form(*args: Node) -> Node:
        missing = nodes.any_of([nodes.is_null(x.copy()) for x in args])
        found = reduce(
            lambda a, b: nodes.case([(nodes.compare(kind, a, b), a.copy())], b.copy()),
            args,
        )
        return nodes.case([(missing, exp.Null())], found)

    return form


def _part(name: str) -> Form:
    return lambda x: extracted(name, x)


def _day_of_year(x: Node) -> Node:
    since = nodes.binary(exp.Sub, x, first_of(12, x.copy()))
    return nodes.binary(exp.Add, since, nodes.integer(1))


def _week_of_year(x: Node) -> Node:
    # A week belongs to the year of its Thursday.
    from_monday = exp.Paren(this=nodes.binary(exp.Sub, days_since_monday(x.copy()), nodes.integer(3)))
    thursday = exp.Paren(this=nodes.binary(exp.Sub, x, from_monday))
    days = nodes.binary(exp.Sub, thursday, first_of(12, thursday.copy()))
    return nodes.binary(exp.Add, whole_part(exp.Paren(this=days), nodes.integer(7)), nodes.integer(1))


def _quarter(x: Node) -> Node:
    months = nodes.binary(exp.Add, extracted("MONTH", x), nodes.integer(2))
    return whole_part(exp.Paren(this=months), nodes.integer(3))


_SESSION = ("what it takes for equal hangs on the session", "use `starts_with`, or `in (…)`")
_UNITS = ("a character beyond U+FFFF may count twice", "use a column that holds it")
_CHANGES = ("which letters it changes hangs on the character set", "compare with `in (…)`")

TERADATA = replace(
    STARROCKS,
    name="teradata",
    times=TeradataTimes,
    arithmetic=TERADATA_TIME_ARITHMETIC,
    numbers=TERADATA_NUMBERS,
    in_code_point_order=TEXTS.exact,
    keys_as_values=True,
    text_literal=TEXTS.literal,
    shown_text=TEXTS.plain,
    text_type="varchar(2000)",
    timestamp_type="timestamp",
    wide_sum=_wide_sum,
    narrow_decimals=frozenset("*+-"),
    room=None,
    has_boolean_extremes=False,
    has_null_order=True,
    other_types={Kind.DATE: ("timestamp",)},
    columns={Kind.TIMESTAMP: shown_in_utc},
    lacks={
        "lower": _CHANGES,
        "upper": _CHANGES,
        "like": _SESSION,
        "contains": _SESSION,
        "length": _UNITS,
        "substring": _UNITS,
    },
    finished=spelled,
    refuses=refusal,
    forms={name: form for name, form in COMMON.items() if name not in ("length",)}
    | {
        "bucket": bucket,
        "bucket_of_date": bucket_of_date,
        "null_safe": null_safe,
        "concat": TEXTS.concat,
        "trim": TEXTS.trim,
        "starts_with": TEXTS.starts_with,
        "least": _extreme(exp.LTE),
        "greatest": _extreme(exp.GTE),
        "round_float": lambda *_: open_question("rounding"),
        "floor_float": lambda *_: open_question("rounding"),
        "ceil_float": lambda *_: open_question("rounding"),
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": lambda *_: open_question("clock"),
        "weekday": lambda x: nodes.binary(exp.Add, days_since_monday(day_of(x)), nodes.integer(1)),
        "day_of_year": lambda x: _day_of_year(day_of(x)),
        "week_of_year": lambda x: _week_of_year(day_of(x)),
        "quarter": _quarter,
    },
)
