"""Times of Teradata: a date is a number of days, of which others are taken and to which they are added.

What a TIMESTAMP shows hangs on the session's zone, which must be UTC: see `session_zones`. Its names of zones
are not asked, the changes are written out. Times are moved by intervals, of 9,999 days at most: a longer one
is an error. ADD_MONTHS keeps to the day, or goes to the last of a month that is too short for it. Functions
that are kept as user-defined ones are not used: they may not stand in a WITH.
"""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.counted import CountedNumbers
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.joined_times import JoinedTimes
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import FRACTIONS, open_question
from kpidsl.sql.split_seconds import as_whole_seconds
from kpidsl.sql.times import written

_FIRST_MONDAY = "0001-01-01"
"""The first of all days, so that none is before it."""
_MICROSECONDS = 1_000_000
_UNITS = {"DAY": 86_400, "HOUR": 3_600, "MINUTE": 60, "SECOND": 1}


class TeradataTimes(JoinedTimes):
    def shifted(self, time: Node, shift: Node) -> Node:
        return _add_seconds(time, shift)

    def moment(self, moment: datetime) -> Node:
        return nodes.cast(nodes.text(written(moment)), "timestamp")

    def floor(self, rule: GrainRule, time: Node) -> Node:
        found: Node = nodes.cast(day_of(time), "timestamp")
        for unit in ("HOUR",) if rule.name == "hour" else ("HOUR", "MINUTE"):
            found = nodes.binary(exp.Add, found, _times(extracted(unit, time.copy()), unit))
        return found

    def year(self, time: Node) -> Node:
        return extracted("YEAR", time)


def day_of(time: Node) -> Node:
    """Return the day of a time, or of a date."""
    return nodes.cast(time, "date")


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


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return bucket_of_date(rule, cut, day_of(local))


def bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
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


def _interval(amount: str, unit: str) -> exp.Interval:
    return exp.Interval(this=nodes.text(amount), unit=exp.Var(this=unit))


def _times(count: Node, unit: str) -> Node:
    """Return so many of a unit: an interval has as many digits as it is written with, four at most."""
    return nodes.binary(exp.Mul, count, _interval("0001", unit))


def _time_span(amount: str) -> exp.Interval:
    span = exp.IntervalSpan(this=exp.Var(this="DAY"), expression=exp.Var(this="SECOND"))
    return exp.Interval(this=nodes.text(f"0000 {amount}"), unit=span)


def _plus(time: Node, amount: Node, one: Node) -> Node:
    """Return a time with so many intervals added, or taken from it."""
    kind = exp.Sub if isinstance(amount, exp.Neg) else exp.Add
    count = amount.this if isinstance(amount, exp.Neg) else amount
    return nodes.binary(kind, time, nodes.binary(exp.Mul, nodes.atom(count), one))


def _plus_seconds(time: Node, seconds: int) -> Node:
    size = abs(seconds)
    unit = next(name for name, length in _UNITS.items() if size % length == 0)
    count = size // _UNITS[unit]
    kind = exp.Sub if seconds < 0 else exp.Add
    if count > 9_999:
        return nodes.binary(kind, time, nodes.binary(exp.Mul, nodes.integer(size), _time_span("00:00:01")))
    return nodes.binary(kind, time, _interval(str(count), unit))


def _number(literal: Node) -> int:
    return -int(literal.this.name) if isinstance(literal, exp.Neg) else int(literal.name)


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    if not is_date:
        return _plus(time, amount, _interval("0001", "DAY"))
    if isinstance(amount, exp.Neg):
        return nodes.binary(exp.Sub, time, amount.this)
    return nodes.binary(exp.Add, time, amount)


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:  # noqa: ARG001
    return _months_later(time, amount)


def _add_seconds(time: Node, amount: Node) -> Node:
    if is_literal(amount):
        return _plus_seconds(time, _number(amount))
    return _plus(time, amount, _time_span("00:00:01"))


def _add_microseconds(time: Node, amount: Node) -> Node:
    if is_literal(amount) and _number(amount) % _MICROSECONDS == 0:
        return _plus_seconds(time, _number(amount) // _MICROSECONDS)
    return _plus(time, amount, _time_span("00:00:00.000001"))


def _microseconds(seconds: Node, type: Type) -> Node:
    if type.kind is not Kind.DECIMAL or type.scale > 6:
        return open_question(FRACTIONS)
    wide = nodes.cast(seconds, f"decimal(38, {type.scale})")
    return nodes.cast(nodes.binary(exp.Mul, wide, nodes.integer(_MICROSECONDS)), "bigint")


def _between(end: Node, start: Node) -> Node:
    """Return the seconds between two times: those of the days between, and of what is after midnight."""
    days = nodes.binary(exp.Sub, day_of(end), day_of(start))
    # So wide, no setting gives fewer digits to what is made of it.
    found = nodes.binary(exp.Mul, nodes.cast(days, "decimal(38, 6)"), nodes.integer(_UNITS["DAY"]))
    for unit in ("HOUR", "MINUTE", "SECOND"):
        part = nodes.binary(exp.Sub, extracted(unit, end.copy()), extracted(unit, start.copy()))
        seconds = part if unit == "SECOND" else nodes.binary(exp.Mul, part, nodes.integer(_UNITS[unit]))
        found = nodes.binary(exp.Add, found, seconds)
    return found


def _elapsed(end: Node, start: Node) -> Node:
    return nodes.cast(_between(end, start), "decimal(18, 6)")


def _whole_microseconds(end: Node, start: Node) -> Node:
    scaled = nodes.binary(exp.Mul, _between(end, start), nodes.integer(_MICROSECONDS))
    return nodes.cast(scaled, "bigint")


_seconds_between = as_whole_seconds(_whole_microseconds, whole_part)


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    length = count if unit == "DAY" else count * _UNITS[unit]
    between = _days_between(last, first) if unit == "DAY" else _seconds_between(last, first)
    return between if length == 1 else whole_part(nodes.atom(between), nodes.integer(length))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    amount = steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count))
    if unit == "DAY":
        return nodes.binary(exp.Add, first, amount)
    seconds = nodes.binary(exp.Mul, nodes.atom(steps), nodes.integer(count * _UNITS[unit]))
    return _plus(first, exp.Paren(this=seconds), _time_span("00:00:01"))


TERADATA_NUMBERS = CountedNumbers(_steps, _after)

TERADATA_TIME_ARITHMETIC = TimeArithmetic(
    days_between=_days_between,
    months_between=months_between(lambda x: extracted("MONTH", x), lambda x: extracted("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=_seconds_between,
    add_days=_add_days,
    add_months=_add_months,
    add_microseconds=_add_microseconds,
    add_seconds=_add_seconds,
    microseconds=_microseconds,
    whole_part=whole_part,
)
