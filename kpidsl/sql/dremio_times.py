"""Times of Dremio, which have milliseconds and no zone.

They are moved by whole seconds, and CONVERT_TIMEZONE tells how far the clocks of a zone are from UTC. What
DATE_ADD makes of a month's last day is not asked: months are added to a month's first day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.zones import is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.counted import CountedNumbers
from kpidsl.sql.elapsed import months_between
from kpidsl.sql.milliseconds import in_seconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.one_way_times import OneWayTimes
from kpidsl.sql.refusals import FRACTIONS, open_question
from kpidsl.sql.split_seconds import as_seconds, as_whole_seconds, microseconds_between
from kpidsl.sql.starrocks_times import STARROCKS_NUMBERS, moved
from kpidsl.sql.teradata_times import TERADATA_TIME_ARITHMETIC, extracted

_MONDAY = date(1900, 1, 1)
_SECONDS_OF = {"HOUR": 3_600, "MINUTE": 60}


class DremioTimes(OneWayTimes):
    def shown_in(self, instant: Node, zone: str) -> Node:
        return self.later(instant, seconds_between(_converted(instant.copy(), zone), instant.copy()))

    def of_local(
        self, time: Node, zone: str | None, days: Window | None, form: Callable[[Node], Node]
    ) -> Node:
        if zone is None or is_utc(self.cut.zone):
            return super().of_local(time, zone, days, form)
        return form(_converted(self.utc(time, zone), self.cut.zone))

    def behind(self, instant: Node, zone: str) -> Node:
        return seconds_between(instant, _converted(instant.copy(), zone))

    def later(self, time: Node, seconds: Node) -> Node:
        return _moved(time, seconds, "SECOND")

    def seconds(self, end: Node, start: Node) -> Node:
        return seconds_between(end, start)

    def shown(self, instant: Node) -> Node:
        return instant


def _converted(instant: Node, zone: str) -> Node:
    """Return what the clocks of a zone show; whether the milliseconds are kept is not said."""
    return nodes.call("CONVERT_TIMEZONE", nodes.text("UTC"), nodes.text(zone), instant)


def _moved(time: Node, amount: Node, unit: str) -> Node:
    """Return a time so many of a unit later, with its milliseconds."""
    return nodes.call("TIMESTAMPADD", exp.Var(this=unit), amount, time)


def _second(time: Node) -> Node:
    return nodes.call("DATE_TRUNC", nodes.text("SECOND"), time)


def seconds_between(end: Node, start: Node) -> Node:
    """Return the seconds between those in which two times are."""
    return nodes.binary(exp.Sub, *(extracted("EPOCH", _second(time)) for time in (end, start)))


def _text(time: Node, *bounds: int) -> Node:
    """Return a part of the text of a time: 2026-01-01 00:00:00.000."""
    return nodes.call("SUBSTR", nodes.cast(time, "text"), *map(nodes.integer, bounds))


def clock(time: Node) -> Node:
    """Return the time of day as text, with six digits of a second."""
    return nodes.binary(exp.DPipe, _text(time, 12), nodes.text("000"))


def _microseconds(time: Node) -> Node:
    digits = nodes.cast(_text(time, len("2026-01-01 00:00:00.") + 1), "bigint")
    return nodes.binary(exp.Mul, digits, nodes.integer(1000))


_microseconds_between = microseconds_between(lambda time: time, seconds_between, _microseconds)


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
    return _later(time, amount) if is_date else _moved(time, amount, "DAY")


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    """Return the same day some months later, or the last of a month that is too short for it."""
    if not is_date:
        day = nodes.cast(time, "date")
        return _moved(time.copy(), _days_between(_add_months(day, amount, is_date=True), day.copy()), "DAY")
    first = first_of(1, time)
    into = nodes.binary(exp.Sub, extracted("DAY", time.copy()), nodes.integer(1))
    same = _later(_months_after_first(first, amount), into)
    after = _months_after_first(_months_after_first(first.copy(), amount.copy()), nodes.integer(1))
    last = _later(after.copy(), nodes.integer(-1))
    return nodes.case([(nodes.compare(exp.LT, same, after), same.copy())], last)


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    size = count * _SECONDS_OF.get(unit, 1)
    between = _days_between(last, first) if unit == "DAY" else seconds_between(last, first)
    return between if size == 1 else whole_part(exp.Paren(this=between), nodes.integer(size))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    if unit == "DAY":
        return STARROCKS_NUMBERS.after(first, steps, count, unit)
    return _moved(first, nodes.binary(exp.Mul, steps, nodes.integer(count * _SECONDS_OF[unit])), "SECOND")


DREMIO_NUMBERS = CountedNumbers(_steps, _after)

DREMIO_TIME_ARITHMETIC = replace(
    TERADATA_TIME_ARITHMETIC,
    days_between=_days_between,
    months_between=months_between(lambda x: extracted("MONTH", x), lambda x: extracted("YEAR", x)),
    add_days=_add_days,
    add_months=_add_months,
    add_months_to_first=_months_after_first,
    elapsed=as_seconds(_microseconds_between),
    seconds_between=as_whole_seconds(_microseconds_between, whole_part),
    add_microseconds=in_seconds(lambda time, count: _moved(time, nodes.integer(count), "SECOND"), _second),
    add_seconds=lambda time, amount: _moved(time, amount, "SECOND"),
    microseconds=lambda *_: open_question(FRACTIONS),
    whole_part=whole_part,
)
