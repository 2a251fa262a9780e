"""Periods: the stretches of time that a query names."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from .buckets import Calendar
from .moments import Moment, months_later
from .table import OracleRefuses
from .windows import MONTHS, Amount, Window, shifted_day


def window_of(period: str, calendar: Calendar, as_of: Moment | None) -> Window:
    """Return the stretch that a query's period names; a relative one ends before the bucket of `as_of`."""
    if found := re.fullmatch(r"last\s+(\d+\s+[a-z_]+)", period.strip()):
        amount = Amount.read(found[1])
        if as_of is None:
            raise OracleRefuses(f"`{period}` without `as_of`")
        end = calendar.bucket(as_of, amount.unit)
        if not isinstance(end, date):
            raise OracleRefuses(f"`{period}` is not a period")
        return Window.of_days(shifted_day(end, amount, -1), end, calendar.zone)
    return Window.of_days(*_days_of(period), calendar.zone)


def _days_of(period: str) -> tuple[date, date]:
    if ".." in period:
        start, end = period.split("..")
        return date.fromisoformat(start), date.fromisoformat(end)
    if found := re.fullmatch(r"(\d{4})", period):
        return date(int(period), 1, 1), date(int(period) + 1, 1, 1)
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", period):
        start_day = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return start_day, months_later(start_day, 3)
    if found := re.fullmatch(r"(\d{4})-(\d{2})", period):
        start_day = date(int(found[1]), int(found[2]), 1)
        return start_day, months_later(start_day, 1)
    if found := re.fullmatch(r"(\d{4})-W(\d{2})", period):
        start_day = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return start_day, start_day + timedelta(days=7)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
        start_day = date.fromisoformat(period)
        return start_day, start_day + timedelta(days=1)
    raise OracleRefuses(f"`{period}` is not a period")


def first_day(period: str) -> date:
    """Return the day with which a period begins that is not relative."""
    return _days_of(period)[0]


def slug_of(period: str) -> str:
    """Return what a period adds to a column's name where several stand side by side."""
    return re.sub(r"[^a-z0-9]+", "_", period.lower())


def as_of_given(given: Any, zone: str) -> Moment | None:
    """Return the query's instant: a day is its first midnight, a time without an offset is local."""
    if given is None:
        return None
    if isinstance(given, str):
        text = given.strip()
        day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)
        given = date.fromisoformat(text) if day else datetime.fromisoformat(text.replace("Z", "+00:00"))
    if not isinstance(given, datetime):
        return Moment.midnight(given, zone)
    if given.tzinfo is not None:
        return Moment.at(given, zone)
    return Moment.of(given, zone, zone)


def length_of(window: Window) -> Amount:
    """Return how long a period is: months where it is whole months, days otherwise."""
    if window.start is None or window.end is None:
        raise OracleRefuses("the length of all time")
    start, end = window.start.day, window.end.day
    if start.day == end.day == 1:
        return Amount((end.year - start.year) * 12 + end.month - start.month, next(iter(MONTHS)))
    return Amount((end - start).days, "day")
