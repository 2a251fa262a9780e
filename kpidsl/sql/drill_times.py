"""Times of Drill, which have milliseconds and no zone: the changes of zones are written out, or joined.

DATE_TRUNC gives a date of a date, and weeks begin on a Monday. TIMESTAMPADD makes a timestamp of a date; from
a month's last day it goes to the last of a shorter month.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.dremio_times import whole_part
from kpidsl.sql.elapsed import is_literal, months_between
from kpidsl.sql.joined_times import JoinedTimes
from kpidsl.sql.milliseconds import in_milliseconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import open_question
from kpidsl.sql.split_seconds import as_seconds
from kpidsl.sql.starrocks_times import STARROCKS_NUMBERS, STARROCKS_TIME_ARITHMETIC
from kpidsl.sql.teradata_times import extracted
from kpidsl.sql.times import written

_UNITS = {12: "YEAR", 3: "QUARTER", 1: "MONTH"}


class DrillTimes(JoinedTimes):
    def shifted(self, time: Node, shift: Node) -> Node:
        return _moved(time, shift, "SECOND")

    def moment(self, moment: datetime) -> Node:
        return nodes.cast(nodes.text(written(moment)), "timestamp")

    def floor(self, rule: GrainRule, time: Node) -> Node:
        return _cut(time, rule.name.upper())

    def year(self, time: Node) -> Node:
        return part("YEAR", time)


def part(name: str, x: Node) -> Node:
    """Return a part of a time as an integer."""
    return nodes.cast(extracted(name, x), "bigint")


def _cut(time: Node, unit: str) -> Node:
    return nodes.call("DATE_TRUNC", nodes.text(unit), time)


def _moved(time: Node, amount: Node, unit: str) -> Node:
    """Return a time so many of a unit later; it makes a timestamp of a date."""
    return nodes.call("TIMESTAMPADD", exp.Var(this=unit), amount, time)


def _between(end: Node, start: Node, unit: str) -> Node:
    return nodes.call("TIMESTAMPDIFF", exp.Var(this=unit), start, end)


def _days_later(day: Node, days: Node) -> Node:
    amount = days if is_literal(days) else nodes.cast(days, "int")
    return nodes.call("DATE_ADD", day, amount)


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    return _days_later(time, amount) if is_date else _moved(time, amount, "DAY")


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    later = _moved(time, amount, "MONTH")
    return nodes.cast(later, "date") if is_date else later


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return bucket_of_date(rule, cut, _day(local))


def bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        later = cut.days_after_week_start
        if not later:
            return _cut(day, "WEEK")
        return _days_later(_cut(_days_later(day, nodes.integer(later)), "WEEK"), nodes.integer(-later))
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return _cut(day, _UNITS[rule.count])
    earlier = _add_months(_cut(day, "MONTH"), nodes.integer(-months), is_date=True)
    return _add_months(_cut(earlier, _UNITS[rule.count]), nodes.integer(months), is_date=True)


def _since(unit: str, day: Node, count: str = "DAY") -> Node:
    """Return how many days, or weeks, a date is after the first of its week or year, from 1 on."""
    return nodes.binary(exp.Add, _between(day, _cut(day.copy(), unit), count), nodes.integer(1))


def _day(time: Node) -> Node:
    """Return the day of a time; a date is one as it is."""
    is_date = isinstance(time, exp.Cast) and time.to.this is exp.DataType.Type.DATE
    return time if is_date else nodes.cast(time, "date")


def weekday(x: Node) -> Node:
    return _since("WEEK", _day(x))


def day_of_year(x: Node) -> Node:
    return _since("YEAR", _day(x))


def week_of_year(x: Node) -> Node:
    # A week belongs to the year of its Thursday.
    return _since("YEAR", _days_later(_cut(_day(x), "WEEK"), nodes.integer(3)), "WEEK")


DRILL_NUMBERS = replace(STARROCKS_NUMBERS, steps=lambda *_: open_question("series"))

DRILL_TIME_ARITHMETIC = replace(
    STARROCKS_TIME_ARITHMETIC,
    days_between=lambda end, start: _between(end, start, "DAY"),
    months_between=months_between(lambda x: part("MONTH", x), lambda x: part("YEAR", x)),
    elapsed=as_seconds(lambda end, start: _between(end, start, "MICROSECOND")),
    seconds_between=lambda end, start: _between(end, start, "SECOND"),
    add_days=_add_days,
    add_months=_add_months,
    add_seconds=lambda time, amount: _moved(time, amount, "SECOND"),
    add_microseconds=in_milliseconds(
        lambda time, count: _moved(time, nodes.integer(1_000 * count), "MICROSECOND")
    ),
    whole_part=whole_part,
)
