"""Days, instants and business hours of the roastery, and how busy a day is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

FIRST_DAY = date(2024, 10, 1)
LAST_DAY = date(2026, 9, 30)
END = datetime(2026, 9, 30, 22)
"""The end of the last day in Paris, in UTC: nothing has happened at or after it."""

PARIS = ZoneInfo("Europe/Paris")
UTC = ZoneInfo("UTC")

_SEASON = (1.05, 1.0, 0.98, 0.94, 0.9, 0.86, 0.8, 0.72, 0.98, 1.05, 1.25, 1.5)
_WEEK = (1.1, 1.05, 1.0, 1.0, 0.95, 0.9, 1.15)
_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
_OPENS, _CLOSES = 9, 18


def days(first: date = FIRST_DAY, last: date = LAST_DAY) -> Iterator[date]:
    """Each day, the last one too."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def months(first: date = FIRST_DAY, last: date = LAST_DAY) -> Iterator[date]:
    """The first day of each month."""
    return (day for day in days(first.replace(day=1), last) if day.day == 1)


def month_after(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def busyness(day: date) -> float:
    """How busy a day is beside an ordinary one of the first year; a third more each year."""
    grown = 1.33 ** ((day - FIRST_DAY).days / 365)
    sale = 1.6 if day.month == 11 and 24 <= day.day <= 30 else 1.0
    return grown * _SEASON[day.month - 1] * _WEEK[day.weekday()] * sale


def utc(day: date, second: int, zone: ZoneInfo = PARIS) -> datetime:
    """The instant, in UTC and without a zone, when a clock of the zone shows that second of a day."""
    local = datetime.combine(day, time(), zone) + timedelta(seconds=second)
    return local.astimezone(UTC).replace(tzinfo=None)


def day_in(zone: ZoneInfo, instant: datetime) -> date:
    """The day that a calendar of the zone shows at an instant."""
    return instant.replace(tzinfo=UTC).astimezone(zone).date()


def second_of_day(rng: Random) -> int:
    """A second at which somebody shops: mostly in the evening, some past midnight."""
    if rng.random() < 0.05:
        return rng.randrange(5400)
    return min(86_399, int(rng.triangular(6, 24, 19.5) * 3600))


def later(rng: Random, instant: datetime, least: float, most: float) -> datetime:
    """An instant some hours later, on a whole second."""
    return instant + timedelta(seconds=int(rng.uniform(least, most) * 3600))


def until_now(instant: datetime | None) -> datetime | None:
    """The instant, or nothing where it has not come yet."""
    return instant if instant is not None and instant < END else None


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS


def in_business_hours(rng: Random, instant: datetime) -> datetime:
    """The instant, or one of the first hour of the next business day where the service is closed."""
    local = instant.replace(tzinfo=UTC).astimezone(PARIS)
    if is_business_day(local.date()) and _OPENS <= local.hour < _CLOSES:
        return instant
    day = local.date() if local.hour < _OPENS else local.date() + timedelta(days=1)
    while not is_business_day(day):
        day += timedelta(days=1)
    return utc(day, _OPENS * 3600 + rng.randrange(60, 3600))


def business_minutes(start: datetime, end: datetime) -> int:
    """Whole business minutes between two instants: 9 to 18 in Paris, but for week-ends and holidays."""
    seconds = 0.0
    for day in days(day_in(PARIS, start), day_in(PARIS, end)):
        if is_business_day(day):
            opens, closes = utc(day, _OPENS * 3600), utc(day, _CLOSES * 3600)
            seconds += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
    return int(seconds // 60)
