"""Time: local civil time of a project, buckets of a day and longer, periods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .table import OracleRefuses

GRAINS = ("day", "week", "month", "quarter", "year")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch [start, end) of local days."""

    start: date
    end: date

    def holds(self, moment: datetime) -> bool:
        return datetime.combine(self.start, time()) <= moment < datetime.combine(self.end, time())


def to_local(moment: datetime, column_zone: str | None, project_zone: str) -> datetime:
    """Return the local civil time of a naive timestamp of `column_zone` (none: it is local already).

    A time that exists twice is the earlier instant; one that does not exist shifts forward. Both are
    what `fold=0` gives.
    """
    if column_zone is None:
        return moment
    instant = moment.replace(tzinfo=ZoneInfo(column_zone), fold=0).astimezone(UTC)
    return instant.astimezone(ZoneInfo(project_zone)).replace(tzinfo=None, fold=0)


def bucket_of(day: date, grain: str, week_start: str) -> date:
    """Return the first day of the bucket that holds `day`."""
    day = date(day.year, day.month, day.day)
    match grain:
        case "day":
            return day
        case "week":
            return day - timedelta(days=(day.weekday() - _WEEKDAYS.index(week_start)) % 7)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
        case "year":
            return date(day.year, 1, 1)
        case _:
            raise AssertionError(grain)


def _months_later(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def window_of(period: str, week_start: str) -> Window:
    """Return the days that a query's period names."""
    if ".." in period:
        start, end = period.split("..")
        return Window(date.fromisoformat(start), date.fromisoformat(end))
    if found := re.fullmatch(r"(\d{4})", period):
        return Window(date(int(period), 1, 1), date(int(period) + 1, 1, 1))
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", period):
        start_day = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return Window(start_day, _months_later(start_day, 3))
    if found := re.fullmatch(r"(\d{4})-(\d{2})", period):
        start_day = date(int(found[1]), int(found[2]), 1)
        return Window(start_day, _months_later(start_day, 1))
    if found := re.fullmatch(r"(\d{4})-W(\d{2})", period):
        if week_start != "monday":
            raise OracleRefuses("a numbered week is an ISO week, which starts on Monday")
        start_day = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return Window(start_day, start_day + timedelta(days=7))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
        start_day = date.fromisoformat(period)
        return Window(start_day, start_day + timedelta(days=1))
    raise OracleRefuses(f"`{period}` is not a period")
