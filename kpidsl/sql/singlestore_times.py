"""Times of SingleStore: DATETIME(6), with MySQL's functions, and zones of its own as StarRocks has them."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.counted import CountedNumbers
from kpidsl.sql.milliseconds import in_seconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.split_seconds import microseconds_between
from kpidsl.sql.starrocks_times import (
    STARROCKS_NUMBERS,
    STARROCKS_TIME_ARITHMETIC,
    StarrocksTimes,
    moved,
    seconds_between,
    seconds_later,
    with_microseconds,
)

TIMESTAMP_TYPE = "datetime(6)"


class SinglestoreTimes(StarrocksTimes):
    timestamp_type = TIMESTAMP_TYPE

    def second(self, time: Node) -> Node:
        return _cut_to_second(time)

    def truncated(self, unit: str, time: Node) -> Node:
        pattern = "%Y-%m-%d %H:00:00" if unit == "hour" else "%Y-%m-%d %H:%i:00"
        return nodes.cast(_formatted(time, pattern), TIMESTAMP_TYPE)


def _formatted(time: Node, pattern: str) -> Node:
    return nodes.call("DATE_FORMAT", time, nodes.text(pattern))


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return bucket_of_date(rule, cut, nodes.call("DATE", local))


def bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        # Sunday is 1.
        before = nodes.binary(
            exp.Add, nodes.call("DAYOFWEEK", day), nodes.integer(5 + cut.days_after_week_start)
        )
        since = nodes.binary(exp.Mod, before, nodes.integer(7))
        return moved(day.copy(), exp.Neg(this=exp.Paren(this=since)), "DAY", is_date=True)
    months = cut.month_of_anchor(rule) % rule.count
    earlier = moved(day, nodes.integer(-months), "MONTH") if months else day
    pattern = "%Y-%m-01" if rule.count == 1 else "%Y-01-01"
    first = nodes.cast(_formatted(earlier, pattern), "date")
    if rule.count == 3:
        quarters = nodes.binary(exp.Sub, nodes.call("QUARTER", earlier.copy()), nodes.integer(1))
        months_on = nodes.binary(exp.Mul, quarters, nodes.integer(3))
        first = moved(first, months_on, "MONTH", is_date=True)
    return moved(first, nodes.integer(months), "MONTH", is_date=True) if months else first


def _cut_to_second(time: Node) -> Node:
    return nodes.cast(_formatted(time, "%Y-%m-%d %H:%i:%s"), TIMESTAMP_TYPE)


SINGLESTORE_TIME_ARITHMETIC = with_microseconds(
    replace(
        STARROCKS_TIME_ARITHMETIC,
        add_microseconds=in_seconds(seconds_later, _cut_to_second),
    ),
    microseconds_between(_cut_to_second, seconds_between, lambda x: nodes.call("MICROSECOND", x)),
)
SINGLESTORE_NUMBERS = CountedNumbers(STARROCKS_NUMBERS.steps, STARROCKS_NUMBERS.after)
