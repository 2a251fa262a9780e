"""Days in arithmetic: how many lie between two, those from Monday to Friday, the same a year before."""

from __future__ import annotations

from datetime import date, timedelta

from kpidsl.model.grains import GrainRule
from kpidsl.model.types import DATE, INTEGER
from kpidsl.objectives.arithmetic import applied, minus, number, over, plus
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.elapsed import moved_date

_MONDAY = date(1970, 1, 5)
_DAYS_OF_WEEK, _BUSINESS_DAYS = 7, 5


def days(start: Bound, end: Bound) -> Bound:
    """Return how many days lie between two."""
    return Apply("days_between", (end, start), INTEGER)


def business_days(day: date) -> int:
    """Return how many days from Monday to Friday lie between a fixed Monday and a day."""
    weeks, rest = divmod((day - _MONDAY).days, _DAYS_OF_WEEK)
    return weeks * _BUSINESS_DAYS + min(rest, _BUSINESS_DAYS)


def business_days_before(day: Bound) -> Bound:
    """Return the same of a day that the data give: five for each whole week, and at most five of the rest."""
    gone = days(Constant(_MONDAY, DATE), day)
    weeks = applied("floor", over(gone, number(_DAYS_OF_WEEK)))
    rest = minus(gone, applied("*", weeks, number(_DAYS_OF_WEEK)))
    return plus(applied("*", weeks, number(_BUSINESS_DAYS)), applied("least", rest, number(_BUSINESS_DAYS)))


def year_before(day: date) -> date:
    """Return the same day of the year before; the end of a 28 February is that of a 29th, too."""
    last = moved_date("add_months", day - timedelta(days=1), -12)
    return moved_date("add_months", day, -12) if day.day == 1 else last + timedelta(days=1)


def end_of(rule: GrainRule, start: date) -> date:
    """Return the day after the last of the bucket that begins on a day; not for calendars."""
    if rule.unit == "day":
        return start + timedelta(days=rule.count)
    return moved_date("add_months", start, rule.count)


def bucket_end(rule: GrainRule, start: Bound) -> Bound:
    """Return the same of a bucket that the data give."""
    op = "add_days" if rule.unit == "day" else "add_months"
    return Apply(op, (start, Constant(rule.count, INTEGER)), DATE)
