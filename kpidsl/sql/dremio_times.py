"""Dates of Dremio, and days of its timestamps, which have milliseconds and no zone.

What DATE_ADD makes of a month's last day is not asked: months are added to a month's first day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.counted import CountedNumbers
from kpidsl.sql.elapsed import months_between
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import open_question
from kpidsl.sql.starrocks_times import STARROCKS_NUMBERS, StarrocksTimes, moved
from kpidsl.sql.teradata_times import TERADATA_TIME_ARITHMETIC, extracted

_MONDAY = date(1900, 1, 1)


class DremioTimes(StarrocksTimes):
    """Times of the project's own zone, by days; the rest is refused."""

    def of_local(
        self,
        time: Node,
        zone: str | None,
        _days: Window | None,
        form: Callable[[Node], Node],
    ) -> Node:
        return form(time) if zone is None else open_question("instants")

    def instant_bucket(self, *_: object) -> Node:
        return open_question("instants")


def _days_between(end: Node, start: Node) -> Node:
    return nodes.call("DATEDIFF", end, start)


def _rest(value: Node, size: int) -> Node:
    return nodes.call("MOD", value, nodes.integer(size))


def _later(day: Node, days: Node) -> Node:
    return moved(day, days, "DAY")


def days_since_monday(day: Node, later: int = 0) -> Node:
    """Return how many days a date is after the last Monday, or after the day so many days later."""
    days = _days_between(day, nodes.cast(nodes.text(_MONDAY.isoformat()), "date"))
    if later:
        days = nodes.binary(exp.Add, days, nodes.integer(later))
    # Days before that Monday are below 0.
    return _rest(nodes.binary(exp.Add, _rest(days, 7), nodes.integer(7)), 7)


def first_of(months: int, day: Node) -> Node:
    """Return the first day of a date's month, quarter or year."""
    first = _later(day, nodes.binary(exp.Sub, nodes.integer(1), extracted("DAY", day.copy())))
    if months == 1:
        return first
    back = _rest(nodes.binary(exp.Sub, extracted("MONTH", day.copy()), nodes.integer(1)), months)
    return _months_after_first(first, exp.Neg(this=back))


def _months_after_first(first: Node, months: Node) -> Node:
    """Return the first day of another month."""
    return moved(first, months, "MONTH", is_date=True)


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return bucket_of_date(rule, cut, nodes.cast(local, "date"))


def bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        return _later(day, exp.Neg(this=days_since_monday(day.copy(), cut.days_after_week_start)))
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return first_of(rule.count, day)
    earlier = _months_after_first(first_of(1, day), nodes.integer(-months))
    return _months_after_first(first_of(rule.count, earlier), nodes.integer(months))


def whole_part(value: Node, size: Node) -> Node:
    """Return an integer divided by another, without the rest: what is divided has none."""
    rest = nodes.call("MOD", value.copy(), size.copy())
    whole = nodes.binary(exp.Div, exp.Paren(this=nodes.binary(exp.Sub, value, rest)), size)
    return nodes.cast(whole, "bigint")


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    return _later(time, amount) if is_date else open_question("instants")


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    """Return the same day some months later, or the last of a month that is too short for it."""
    if not is_date:
        return open_question("instants")
    first = first_of(1, time)
    into = nodes.binary(exp.Sub, extracted("DAY", time.copy()), nodes.integer(1))
    same = _later(_months_after_first(first, amount), into)
    after = _months_after_first(_months_after_first(first.copy(), amount.copy()), nodes.integer(1))
    last = _later(after.copy(), nodes.integer(-1))
    return nodes.case([(nodes.compare(exp.LT, same, after), same.copy())], last)


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit != "DAY":
        return open_question("instants")
    between = _days_between(last, first)
    return between if count == 1 else whole_part(between, nodes.integer(count))


DREMIO_NUMBERS = CountedNumbers(_steps, STARROCKS_NUMBERS.after)

DREMIO_TIME_ARITHMETIC = replace(
    TERADATA_TIME_ARITHMETIC,
    days_between=_days_between,
    months_between=months_between(lambda x: extracted("MONTH", x), lambda x: extracted("YEAR", x)),
    add_days=_add_days,
    add_months=_add_months,
    whole_part=whole_part,
)
