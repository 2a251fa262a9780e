"""Times of Exasol: timestamps without a zone; CONVERT_TZ is told what to do where clocks change.

ADD_MONTHS goes from a month's last day to the other's last day, so the day is counted from the month's
first. What hangs on the session's formats, or on its first day of a week, is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.elapsed import TimeArithmetic, months_between
from kpidsl.sql.milliseconds import in_seconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.oracle_times import numbers_of_levels
from kpidsl.sql.refusals import FRACTIONS, open_question
from kpidsl.sql.series import Numbers
from kpidsl.sql.split_seconds import as_seconds, as_whole_seconds, microseconds_between

_NEVER_NULL = "INVALID SHIFT AMBIGUOUS ST"
_MONDAY = date(2001, 1, 1)
_SECONDS_OF = {"HOUR": 3_600, "MINUTE": 60}


class ExasolTimes(ConvertedTimes):
    def converted(self, time: Node, held_in: str, to: str) -> Node:
        if held_in == to:
            return time
        return nodes.call("CONVERT_TZ", time, *map(nodes.text, (held_in, to, _NEVER_NULL)))

    def later(self, time: Node, seconds: Node) -> Node:
        return nodes.call("ADD_SECONDS", time, seconds)

    def seconds(self, end: Node, start: Node) -> Node:
        return nodes.call("SECONDS_BETWEEN", end, start)

    def shown(self, instant: Node) -> Node:
        return instant


def extracted(name: str, x: Node) -> Node:
    return exp.Extract(this=exp.Var(this=name), expression=x)


def add_days(time: Node, amount: Node) -> Node:
    return nodes.call("ADD_DAYS", time, amount)


def days_since_monday(day: Node, later: int = 0) -> Node:
    """Return how many days a date is after the last Monday, or after the day so many days later."""
    monday = nodes.cast(nodes.text(_MONDAY.isoformat()), "date")
    days: Node = nodes.call("DAYS_BETWEEN", day, monday)
    if later:
        days = nodes.binary(exp.Add, days, nodes.integer(later))
    # Days before the year 2001 are below 0.
    rest = nodes.binary(exp.Mod, days, nodes.integer(7))
    return nodes.binary(exp.Mod, nodes.binary(exp.Add, rest, nodes.integer(7)), nodes.integer(7))


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return bucket_of_date(rule, cut, nodes.cast(local, "date"))


def bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        return add_days(day, exp.Neg(this=days_since_monday(day.copy(), cut.days_after_week_start)))
    unit = rule.name.removeprefix("fiscal_")
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return _first_of(unit, day)
    earlier = nodes.call("ADD_MONTHS", _first_of("month", day), nodes.integer(-months))
    return nodes.call("ADD_MONTHS", _first_of(unit, earlier), nodes.integer(months))


def _first_of(unit: str, day: Node) -> Node:
    return nodes.cast(nodes.call("DATE_TRUNC", nodes.text(unit), day), "date")


def _add_months(time: Node, amount: Node, _is_date: bool) -> Node:
    """Return the same day some months later, or the last of a month that is too short for it.

    By itself ADD_MONTHS goes too far from a month's last day, and what is counted from the month's first
    goes too far in a short month: the earlier is right.
    """
    one, day = nodes.integer(1), extracted("DAY", time.copy())
    first = add_days(time.copy(), nodes.binary(exp.Sub, one, day))
    counted = add_days(
        nodes.call("ADD_MONTHS", first, amount.copy()), nodes.binary(exp.Sub, day.copy(), one.copy())
    )
    return nodes.call("LEAST", nodes.call("ADD_MONTHS", time, amount), counted)


def days_between(end: Node, start: Node) -> Node:
    return nodes.call("DAYS_BETWEEN", end, start)


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit == "DAY":
        between = days_between(last, first)
        return between if count == 1 else _whole(between, nodes.integer(count))
    seconds = nodes.call("SECONDS_BETWEEN", last, first)
    return nodes.call("FLOOR", nodes.binary(exp.Div, seconds, nodes.integer(count * _SECONDS_OF[unit])))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    if unit == "DAY":
        return add_days(first, steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count)))
    seconds = nodes.binary(exp.Mul, steps, nodes.integer(count * _SECONDS_OF[unit]))
    return nodes.call("ADD_SECONDS", first, seconds)


def _whole(value: Node, size: Node) -> Node:
    return nodes.call("DIV", value, size)


def _asked(topic: str) -> Callable[..., Node]:
    return lambda *_: open_question(topic)


def _cut_to_second(time: Node) -> Node:
    return nodes.call("DATE_TRUNC", nodes.text("second"), time)


def _microseconds(time: Node) -> Node:
    return nodes.cast(nodes.call("TO_CHAR", time, nodes.text("FF6")), "decimal(6, 0)")


def _seconds_between(end: Node, start: Node) -> Node:
    return nodes.cast(nodes.call("SECONDS_BETWEEN", end, start), "decimal(18, 0)")


_microseconds_between = microseconds_between(_cut_to_second, _seconds_between, _microseconds)

EXASOL_NUMBERS = Numbers(_steps, _after, numbers_of_levels)

EXASOL_TIME_ARITHMETIC = TimeArithmetic(
    days_between=days_between,
    months_between=months_between(lambda x: extracted("MONTH", x), lambda x: extracted("YEAR", x)),
    elapsed=as_seconds(_microseconds_between),
    seconds_between=as_whole_seconds(_microseconds_between, _whole),
    add_days=lambda time, amount, _: add_days(time, amount),
    add_months=_add_months,
    add_months_to_first=lambda day, amount: nodes.call("ADD_MONTHS", day, amount),
    add_microseconds=in_seconds(
        lambda time, count: nodes.call("ADD_SECONDS", time, nodes.integer(count)), _cut_to_second
    ),
    add_seconds=lambda time, amount: nodes.call("ADD_SECONDS", time, amount),
    microseconds=_asked(FRACTIONS),
    whole_part=_whole,
)
