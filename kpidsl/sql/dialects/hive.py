"""Apache Hive, from version 3.1 on, by its documentation: nobody has run it there. See decision 0152.

It has no ANSI mode: integers turn around, and a decimal that is too large is null. So integers are added
up as decimals, and decimals whose declared digits could need more than there are, are refused.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import MOST_DIGITS, Kind
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room, on_hive
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import extreme_or_null
from kpidsl.sql.dialects.starrocks import STARROCKS
from kpidsl.sql.hive_times import HIVE_NUMBERS, HIVE_TIME_ARITHMETIC, HiveTimes, add_days, clock, first_of
from kpidsl.sql.hive_tree import refusal, spelled
from kpidsl.sql.nodes import Node


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return _bucket_of_date(rule, cut, nodes.cast(local, "date"))


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        # Sunday is 1.
        before = nodes.binary(
            exp.Add, nodes.call("DAYOFWEEK", day), nodes.integer(5 + cut.days_after_week_start)
        )
        since = nodes.binary(exp.Mod, before, nodes.integer(7))
        return add_days(day.copy(), exp.Neg(this=exp.Paren(this=since)))
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return first_of(rule.count, day)
    earlier = nodes.cast(nodes.call("ADD_MONTHS", first_of(1, day), nodes.integer(-months)), "date")
    later = nodes.call("ADD_MONTHS", first_of(rule.count, earlier), nodes.integer(months))
    return nodes.cast(later, "date")


def _starts_with(x: Node, part: Node) -> Node:
    start = nodes.call("SUBSTR", x, nodes.integer(1), nodes.call("LENGTH", part.copy()))
    return nodes.compare(exp.EQ, start, part)


HIVE = replace(
    STARROCKS,
    name="hive",
    times=HiveTimes,
    arithmetic=HIVE_TIME_ARITHMETIC,
    numbers=HIVE_NUMBERS,
    timestamp_type="timestamp",
    room=Room(on_hive, computed_integers=MOST_DIGITS),
    room_to_compare=Room(computed_integers=MOST_DIGITS),
    has_places_in_groups=False,
    other_types={Kind.DATE: ("timestamp",), Kind.TIMESTAMP: ("with local time zone",)},
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.Declared("timestamp", lambda x: nodes.cast(x, "timestamp")),
    },
    lacks={},
    finished=spelled,
    refuses=refusal,
    forms={
        **STARROCKS.forms,
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "least": extreme_or_null("LEAST"),
        "greatest": extreme_or_null("GREATEST"),
        "clock": clock,
        "length": lambda x: nodes.cast(nodes.call("LENGTH", x), "bigint"),
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "substring": lambda x, start, length: nodes.call("SUBSTR", x, start, length),
        "starts_with": _starts_with,
        "week_of_year": lambda x: nodes.cast(nodes.call("WEEKOFYEAR", x), "bigint"),
        "day_of_year": lambda x: nodes.binary(
            exp.Add, nodes.call("DATEDIFF", x, first_of(12, x.copy())), nodes.integer(1)
        ),
    },
)
