"""Dremio, by its documentation: nobody has run it there. See decision 0224.

Integers turn around, and a decimal that is too large is 0: integers are added up as decimals, and decimals
whose declared digits could need more than there are, are refused. How texts compare is not said: so a text
stands behind its bytes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from sqlglot import exp

from kpidsl.model.types import MOST_DIGITS, Kind
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room, on_hive
from kpidsl.sql.dialects.common import COMMON, null_safe
from kpidsl.sql.dialects.starrocks import STARROCKS
from kpidsl.sql.dialects.teradata import TERADATA
from kpidsl.sql.dremio_times import (
    DREMIO_NUMBERS,
    DREMIO_TIME_ARITHMETIC,
    DremioTimes,
    bucket,
    bucket_of_date,
    clock,
    days_since_monday,
    first_of,
    whole_part,
)
from kpidsl.sql.dremio_tree import refusal, spelled
from kpidsl.sql.hex_texts import HexTexts
from kpidsl.sql.nodes import Node
from kpidsl.sql.starrocks_times import moved
from kpidsl.sql.teradata_times import extracted

TEXTS = HexTexts(
    digits=lambda x: nodes.call("HEX", x),
    encoding="utf-8",
    joined=lambda *texts: reduce(lambda a, b: nodes.binary(exp.DPipe, a, b), texts),
    position=lambda x, part: nodes.call("LOCATE", part, x),
    part=lambda x, *bounds: nodes.call("SUBSTR", x, *bounds),
)


def _day_of_year(x: Node) -> Node:
    return nodes.binary(exp.Add, nodes.call("DATEDIFF", x, first_of(12, x.copy())), nodes.integer(1))


def _week_of_year(x: Node) -> Node:
    # A week belongs to the year of its Thursday.
    thursday = moved(x, nodes.binary(exp.Sub, nodes.integer(3), days_since_monday(x.copy())), "DAY")
    days = nodes.call("DATEDIFF", thursday, first_of(12, thursday.copy()))
    return nodes.binary(exp.Add, whole_part(days, nodes.integer(7)), nodes.integer(1))


_NOT_SAID = ("which letters are alike is not documented", "use `starts_with`, or `in (…)`")
_CHARACTERS = ("what it counts is not documented", "use a column that holds it")

DREMIO = replace(
    STARROCKS,
    name="dremio",
    times=DremioTimes,
    arithmetic=DREMIO_TIME_ARITHMETIC,
    numbers=DREMIO_NUMBERS,
    in_code_point_order=TEXTS.exact,
    keys_as_values=True,
    text_literal=TEXTS.literal,
    shown_text=TEXTS.plain,
    timestamp_type="timestamp",
    room=Room(on_hive, computed_integers=MOST_DIGITS),
    room_to_compare=Room(computed_integers=MOST_DIGITS),
    has_boolean_extremes=False,
    has_null_order=True,
    other_types={Kind.DATE: ("timestamp",)},
    lacks={
        "lower": _NOT_SAID,
        "upper": _NOT_SAID,
        "like": _NOT_SAID,
        "contains": _NOT_SAID,
        "length": _CHARACTERS,
        "substring": _CHARACTERS,
    },
    finished=spelled,
    refuses=refusal,
    forms={name: form for name, form in COMMON.items() if name != "length"}
    | {
        name: STARROCKS.forms[name]
        for name in ("least", "greatest", "round_float", "floor_float", "ceil_float")
    }
    | {name: TERADATA.forms[name] for name in ("year", "month", "day")}
    | {
        "hour": lambda x: extracted("HOUR", x),
        "clock": lambda x: TEXTS.exact(clock(x)),
        "bucket": bucket,
        "bucket_of_date": bucket_of_date,
        "null_safe": null_safe,
        "concat": TEXTS.concat,
        "trim": TEXTS.trim,
        "starts_with": TEXTS.starts_with,
        "weekday": lambda x: nodes.binary(exp.Add, days_since_monday(x), nodes.integer(1)),
        "day_of_year": _day_of_year,
        "week_of_year": _week_of_year,
        "quarter": lambda x: extracted("QUARTER", x),
    },
)
