"""Dates of Teradata: a date is a number of days, of which others are taken and to which they are added.

What a TIMESTAMP shows hangs on the session's zone, and is refused. ADD_MONTHS keeps to the day, or goes to
the last of a month that is too short for it. Functions that are kept as user-defined ones are not used: they
may not stand in a WITH.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.counted import CountedNumbers
from kpidsl.sql.elapsed import TimeArithmetic, months_between
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import open_question
from kpidsl.sql.starrocks_times import StarrocksTimes

_FIRST_MONDAY = "0001-01-01"
"""The first of all days, so that none is before it."""


class TeradataTimes(StarrocksTimes):
    """Times are refused; days are none of a zone."""


def extracted(name: str, x: Node) -> Node:
    return exp.Extract(this=exp.Var(this=name), expression=x)


def _months_later(day: Node, months: Node) -> Node:
    return nodes.call("ADD_MONTHS", day, months)


def days_since_monday(day: Node, later: int = 0) -> Node:
    """Return how many days a date is after the last Monday, or after the day so many days later."""
    days = nodes.binary(exp.Sub, day, nodes.cast(nodes.text(_FIRST_MONDAY), "date"))
    if later:
        days = nodes.binary(exp.Add, days, nodes.integer(later))
    return nodes.binary(exp.Mod, exp.Paren(this=days), nodes.integer(7))


def first_of(months: int, day: Node) -> Node:
    """Return the first day of a date's month, quarter or year."""
    into = nodes.binary(exp.Sub, extracted("DAY", day.copy()), nodes.integer(1))
    first = nodes.binary(exp.Sub, day, exp.Paren(this=into))
    if months == 1:
        return first
    since = nodes.binary(exp.Sub, extracted("MONTH", day.copy()), nodes.integer(1))
    back = nodes.binary(exp.Mod, exp.Paren(this=since), nodes.integer(months))
    return _months_later(first, exp.Neg(this=exp.Paren(this=back)))


def bucket(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        since = days_since_monday(day.copy(), cut.days_after_week_start)
        return nodes.binary(exp.Sub, day, exp.Paren(this=since))
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return first_of(rule.count, day)
    return _months_later(
        first_of(rule.count, _months_later(day, nodes.integer(-months))), nodes.integer(months)
    )


def whole_part(value: Node, size: Node) -> Node:
    """Return an integer divided by another, without the rest: so `/` does between integers."""
    return nodes.binary(exp.Div, value, size)


def _days_between(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Sub, end, start)


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    if not is_date:
        return open_question("instants")
    if isinstance(amount, exp.Neg):
        return nodes.binary(exp.Sub, time, amount.this)
    return nodes.binary(exp.Add, time, amount)


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    return _months_later(time, amount) if is_date else open_question("instants")


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit != "DAY":
        return open_question("instants")
    between = _days_between(last, first)
    return between if count == 1 else whole_part(between, nodes.integer(count))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:  # noqa: ARG001
    amount = steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count))
    return nodes.binary(exp.Add, first, amount)


def _asked(topic: str) -> Callable[..., Node]:
    return lambda *_: open_question(topic)


TERADATA_NUMBERS = CountedNumbers(_steps, _after)

TERADATA_TIME_ARITHMETIC = TimeArithmetic(
    days_between=_days_between,
    months_between=months_between(lambda x: extracted("MONTH", x), lambda x: extracted("YEAR", x)),
    elapsed=_asked("instants"),
    seconds_between=_asked("instants"),
    add_days=_add_days,
    add_months=_add_months,
    add_microseconds=_asked("instants"),
    add_seconds=_asked("instants"),
    microseconds=_asked("instants"),
    whole_part=whole_part,
)
