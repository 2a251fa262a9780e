"""Time: buckets, date parts, periods, as the project's calendar cuts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .moments import Moment, Time, civil_of, day_of
from .table import OracleRefuses

GRAINS = (
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "fiscal_quarter",
    "fiscal_year",
)
HOURS = ("hour", "minute")
PARTS = (
    "weekday",
    "hour_of_day",
    "day_of_month",
    "day_of_year",
    "week_of_year",
    "month_of_year",
    "quarter_of_year",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch [start, end) of local days."""

    start: date
    end: date

    def holds(self, time: Time) -> bool:
        return self.start <= day_of(time) < self.end


@dataclass(frozen=True, slots=True)
class Calendar:
    """How the project cuts time. `custom` gives, for each grain of its own, the first day of a day's bucket."""

    zone: str
    week_start: str
    fiscal_start: int
    custom: Mapping[str, Mapping[date, date]]

    def bucket(self, time: Time, grain: str) -> Time | None:
        """Return the bucket that holds a time: its first day, or the instant at which it begins.

        A day that a custom calendar does not have is in no bucket.
        """
        if grain in self.custom:
            return self.custom[grain].get(day_of(time))
        if grain in HOURS:
            return _full(time, grain)
        day = day_of(time)
        match grain:
            case "day":
                return day
            case "week":
                return day - timedelta(days=(day.weekday() - _WEEKDAYS.index(self.week_start)) % 7)
            case "month":
                return day.replace(day=1)
            case "quarter":
                return months_later(day.replace(day=1), -((day.month - 1) % 3))
            case "year":
                return day.replace(month=1, day=1)
            case "fiscal_quarter":
                return months_later(day.replace(day=1), -((day.month - self.fiscal_start) % 3))
            case "fiscal_year":
                return months_later(day.replace(day=1), -((day.month - self.fiscal_start) % 12))
            case _:
                raise OracleRefuses(f"`{grain}` is no grain")

    def buckets(self, window: Window, grains: Sequence[str]) -> Iterator[tuple[Time, ...]]:
        """Yield what the times of a window have as their buckets of each grain, in order, once each."""
        seen: set[tuple[Time | None, ...]] = set()
        day = window.start
        while day < window.end:
            for time in self._times(day, grains):
                found = tuple(self.bucket(time, grain) for grain in grains)
                known = tuple(start for start in found if start is not None)
                if known not in seen and len(known) == len(grains):
                    seen.add(known)
                    yield known
            day += timedelta(days=1)

    def _times(self, day: date, grains: Sequence[str]) -> Iterator[Time]:
        """Yield times of a day that meet each of its buckets."""
        if not set(grains) & set(HOURS):
            yield day
            return
        step = timedelta(minutes=1 if "minute" in grains else 15)
        moment = Moment.midnight(day, self.zone)
        while moment.day == day:
            yield moment
            moment = moment.later(step)


def _full(time: Time, grain: str) -> Moment:
    """Return the first of the instants that share a local full hour or minute, and an offset, with a time."""
    if not isinstance(time, Moment):
        raise OracleRefuses(f"a day has no {grain}s")
    civil = time.civil
    begun = timedelta(seconds=civil.second, microseconds=civil.microsecond)
    first = time.later(-begun)
    while grain == "hour" and first.civil.minute > 0:
        earlier = first.later(timedelta(minutes=-1))
        if earlier.aware.utcoffset() != time.aware.utcoffset():
            break
        first = earlier
    return first


def part_of(time: Time, part: str) -> int:
    """Return a date part of a time: its local calendar and clock."""
    if part == "hour_of_day" and not isinstance(time, Moment):
        raise OracleRefuses("a day has no hours")
    civil = civil_of(time)
    match part:
        case "year":
            return civil.year
        case "weekday":
            return civil.isoweekday()
        case "hour_of_day":
            return civil.hour
        case "day_of_month":
            return civil.day
        case "day_of_year":
            return civil.timetuple().tm_yday
        case "week_of_year":
            return civil.isocalendar().week
        case "month_of_year":
            return civil.month
        case "quarter_of_year":
            return (civil.month + 2) // 3
        case _:
            raise AssertionError(part)


def months_later(day: date, months: int) -> date:
    """Return the day so many months later, clipped to the end of its month."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    last = date((index + 1) // 12, (index + 1) % 12 + 1, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def window_of(period: str, week_start: str) -> Window:
    """Return the days that a query's period names."""
    if ".." in period:
        start, end = period.split("..")
        return Window(date.fromisoformat(start), date.fromisoformat(end))
    if found := re.fullmatch(r"(\d{4})", period):
        return Window(date(int(period), 1, 1), date(int(period) + 1, 1, 1))
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", period):
        start_day = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return Window(start_day, months_later(start_day, 3))
    if found := re.fullmatch(r"(\d{4})-(\d{2})", period):
        start_day = date(int(found[1]), int(found[2]), 1)
        return Window(start_day, months_later(start_day, 1))
    if found := re.fullmatch(r"(\d{4})-W(\d{2})", period):
        if week_start != "monday":
            raise OracleRefuses("a numbered week is an ISO week, which starts on Monday")
        start_day = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return Window(start_day, start_day + timedelta(days=7))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
        start_day = date.fromisoformat(period)
        return Window(start_day, start_day + timedelta(days=1))
    raise OracleRefuses(f"`{period}` is not a period")


def slug_of(period: str) -> str:
    """Return what a period adds to a column's name where several stand side by side."""
    return re.sub(r"[^a-z0-9]+", "_", period.lower())
