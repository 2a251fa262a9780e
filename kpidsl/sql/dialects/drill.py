"""Apache Drill, from version 1.15 on, by its documentation and source: nobody has run it there. See 0315.

A column of a file has the type that the file happens to have: each is cast to what it is declared to be.
Texts compare by their bytes. Decimals beyond 38 digits lose those after the point, and integers turn around:
these are added up as decimals, and what could need more is refused.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.types import MOST_DIGITS
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room, on_drill
from kpidsl.sql.dialects.common import COMMON, concat, null_safe
from kpidsl.sql.dialects.starrocks import STARROCKS
from kpidsl.sql.dialects.teradata import TERADATA
from kpidsl.sql.drill_times import (
    DRILL_NUMBERS,
    DRILL_TIME_ARITHMETIC,
    DrillTimes,
    bucket,
    bucket_of_date,
    day_of_year,
    part,
    week_of_year,
    weekday,
)
from kpidsl.sql.drill_tree import TEXT_TYPE, refusal, spelled
from kpidsl.sql.nodes import Node


def _as_text(column: Node) -> Node:
    """Return a column as a text, whatever its file holds; the empty text stays one."""
    return concat(column, nodes.text(""))


def _starts_with(x: Node, beginning: Node) -> Node:
    start = nodes.call("SUBSTR", x, nodes.integer(1), nodes.call("CHAR_LENGTH", beginning.copy()))
    return nodes.compare(exp.EQ, start, beginning)


_NOT_SAID = ("which letters it changes is not documented", "compare with `in (…)`")

DRILL = replace(
    STARROCKS,
    name="drill",
    times=DrillTimes,
    arithmetic=DRILL_TIME_ARITHMETIC,
    numbers=DRILL_NUMBERS,
    in_code_point_order=_as_text,
    keys_as_values=True,
    has_declared_types=False,
    text_type=TEXT_TYPE,
    timestamp_type="timestamp",
    room=Room(on_drill, computed_integers=MOST_DIGITS),
    room_to_compare=Room(computed_integers=MOST_DIGITS),
    has_places_in_groups=False,
    has_boolean_extremes=False,
    has_null_order=True,
    other_types={},
    declared_instead={},
    lacks={"lower": _NOT_SAID, "upper": _NOT_SAID},
    finished=spelled,
    refuses=refusal,
    forms=COMMON
    | {
        name: STARROCKS.forms[name]
        for name in ("length", "round_float", "floor_float", "ceil_float", "clock", "like")
    }
    | {name: TERADATA.forms[name] for name in ("least", "greatest")}
    | {
        "substring": lambda x, start, length: nodes.call("SUBSTR", x, start, length),
        "ln": lambda x: nodes.call("LOG", x),
        "null_safe": null_safe,
        "bucket": bucket,
        "bucket_of_date": bucket_of_date,
        "starts_with": _starts_with,
        "contains": lambda x, sought: nodes.compare(
            exp.GT, nodes.call("STRPOS", x, sought), nodes.integer(0)
        ),
        "year": lambda x: part("YEAR", x),
        "quarter": lambda x: part("QUARTER", x),
        "month": lambda x: part("MONTH", x),
        "day": lambda x: part("DAY", x),
        "hour": lambda x: part("HOUR", x),
        "weekday": weekday,
        "day_of_year": day_of_year,
        "week_of_year": week_of_year,
    },
)
