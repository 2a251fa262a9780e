"""Time: buckets and date parts, as the project's calendar cuts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from .moments import Moment, Time, civil_of, day_of, is_midnight, months_later
from .table import OracleRefuses
from .windows import Window

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
class Calendar:
    """How the project cuts time.

    `custom` gives, for each grain of its own, the first day of a day's bucket; `comparable` the day a year ago
    with which a day compares, where a calendar has one.
    """

    zone: str
    week_start: str
    fiscal_start: int
    custom: Mapping[str, Mapping[date, date]]
    comparable: Mapping[date, date] | None = None

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

    def interval(self, start: Time, grain: str) -> Window:
        """Return the stretch of a bucket, given as its first day or instant."""
        if isinstance(start, Moment):
            return Window(start, _next_hour(start.instant, start.zone, grain), is_fine=True)
        if grain in self.custom:
            days = self.days(start, grain)
            return Window.of_days(days[0], days[-1] + timedelta(days=1), self.zone)
        if grain in ("day", "week"):
            end = start + timedelta(days=7 if grain == "week" else 1)
        else:
            end = months_later(start, 1 if grain == "month" else 3 if grain.endswith("quarter") else 12)
        return Window.of_days(start, end, self.zone)

    def hours_back(self, window: Window, many: int, grain: str) -> Window:
        """Return the hour so many before one: as much of it as the window has of its own, all of it for all."""
        assert window.start is not None
        assert window.end is not None
        first = there = self.bucket(window.start, grain)
        for _ in range(many):
            assert isinstance(there, Moment)
            there = self.bucket(there.later(timedelta(microseconds=-1)), grain)
        assert isinstance(first, Moment)
        assert isinstance(there, Moment)
        here, earlier = self.interval(first, grain), self.interval(there, grain)
        assert earlier.end is not None
        start, end = (
            min(there.later(bound.instant - first.instant), earlier.end)
            for bound in (window.start, window.end)
        )
        return replace(earlier, start=start, end=earlier.end if window.end == here.end else end)

    def days(self, start: date, grain: str) -> list[date]:
        """Return the days of a custom calendar's bucket."""
        return sorted(day for day, first in self.custom[grain].items() if first == start)

    def common_days(self, buckets: Sequence[tuple[str, date]]) -> list[date]:
        """Return the days that buckets have in common."""
        found: set[date] | None = None
        for grain, start in buckets:
            if grain in self.custom:
                days = set(self.days(start, grain))
            else:
                own = self.interval(start, grain)
                assert own.start is not None
                assert own.end is not None
                many = (own.end.day - own.start.day).days
                days = {own.start.day + timedelta(days=n) for n in range(many)}
            found = days if found is None else found & days
        return sorted(found or ())

    def beginning(self, buckets: Sequence[tuple[str, Time]], window: Window) -> Moment | None:
        """Return where begins what buckets and a window have in common: where its first day does.

        A calendar's own bucket may lack days between its first and its last, and so may a window of such buckets.
        """
        for grain, start in buckets:
            window = window.within(self.interval(start, grain))
        is_whole = window.days is None and not any(grain in self.custom for grain, _ in buckets)
        if is_whole or window.start is None:
            return window.start
        of_days = [(grain, day_of(start)) for grain, start in buckets if grain not in HOURS]
        days = self.common_days(of_days) if of_days else sorted(window.days or ())
        held = (
            day for day in days if day >= window.start.day and (window.days is None or day in window.days)
        )
        first = next(held, None)
        return window.start if first is None else max(window.start, Moment.midnight(first, self.zone))

    def _stretches(self, grain: str) -> tuple[list[Moment | None], list[Moment | None]]:
        """Return the starts and the ends of a custom calendar's buckets, in order."""
        stretches = [self.interval(first, grain) for first in self._firsts(grain)]
        return [w.start for w in stretches], [w.end for w in stretches]

    def earlier(self, window: Window, many: int, grain: str) -> Window:
        """Return a window of a custom calendar's buckets so many buckets before; nothing is before the first.

        A bound within a bucket lies as many days after the start of the earlier one, at its clock, and in it.
        """
        if window.days == frozenset():
            return window
        starts, ends = self._stretches(grain)
        firsts = self._firsts(grain)
        own = [places for name, *places in window.buckets if name == grain]
        if not own:
            raise OracleRefuses(f"a window that is not buckets of `{grain}`")
        first, last = map(firsts.index, own[0])
        there, until = first - many, last - many
        if until < 0:
            return Window(starts[0], starts[0], days=frozenset())
        found = self.of_buckets(firsts[max(there, 0)], firsts[until], grain)
        assert window.start is not None
        assert window.end is not None
        assert found.end is not None
        if there >= 0 and window.start != starts[first]:
            found = replace(found, start=_days_after(window.start, starts[first], starts[there]))
        if window.end != ends[last]:
            found = replace(found, end=min(found.end, _days_after(window.end, starts[last], starts[until])))
        return replace(found, by_end=True)

    def _firsts(self, grain: str) -> list[date]:
        """Return the first days of a custom calendar's buckets, in order."""
        return sorted(set(self.custom[grain].values()))

    def of_buckets(self, first: date, last: date, grain: str) -> Window:
        """Return the days of a custom calendar's buckets from one to another, and no day between them."""
        firsts = [start for start in self._firsts(grain) if first <= start <= last]
        days = frozenset(day for start in firsts for day in self.days(start, grain))
        start, end = self.interval(first, grain).start, self.interval(last, grain).end
        return Window(start, end, days=days, buckets=((grain, first, last),))

    def rolling(self, window: Window, many: int, grain: str) -> Window | None:
        """Return the last so many buckets of a custom calendar up to the window's end; None where that is in none."""
        if window.days == frozenset():
            return window
        last = self.last_bucket(window, grain)
        if last is None:
            return None
        firsts = self._firsts(grain)
        place = firsts.index(day_of(last))
        found = self.of_buckets(firsts[max(place - many + 1, 0)], firsts[place], grain)
        return replace(found, end=window.end, by_end=window.by_end_beside(grain))

    def last_bucket(self, window: Window, grain: str) -> Time | None:
        """Return the bucket that holds a window's last instant: of a calendar's own bucket, that of its last day."""
        assert window.end is not None
        own = [last for name, _, last in window.buckets if name == grain]
        if own:
            return own[0]
        last = window.end.later(timedelta(microseconds=-1))
        if not window.buckets or window.by_end or grain not in self.custom:
            return self.bucket(last, grain)
        days = [day for day in window.days or () if day <= last.day]
        return self.bucket(max(days), grain) if days else None

    def year_ago(self, window: Window) -> Window:
        """Return a window whose days are those with which a window's own days compare."""
        stands_for: dict[date, tuple[date, ...]] = {}
        for day, other in self._comparable().items():
            stands_for[other] = (*stands_for.get(other, ()), day)
        return replace(window, stands_for=stands_for)

    def bounds_a_year_ago(self, window: Window) -> Window | None:
        """Return the stretch from the day with which the first day compares to that of the last; None without it."""
        if window.stands_for is None:
            return window
        there = self._comparable()
        start, end = window.start, window.end
        if start is not None:
            first = there.get(start.day)
            start = None if first is None else _at_the_clock_of(start, first)
            if start is None:
                return None
        if end is not None:
            last = there.get(end.later(timedelta(microseconds=-1)).day)
            if last is None:
                return None
            midnight = is_midnight(end)
            end = _at_the_clock_of(end, last + timedelta(days=1) if midnight else last)
        return Window(start, end)

    def reaches_past(self, window: Window, limit: Moment) -> bool:
        """Tell whether a window, or one of the days with which its days compare, ends after an instant."""
        if window.stands_for is None or window.end is None:
            return window.end is None or window.end > limit
        for day, other in self._comparable().items():
            own = Window.of_days(day, day + timedelta(days=1), self.zone).within(window)
            if own.start is not None and own.end is not None and own.start < own.end:
                midnight = is_midnight(own.end)
                if _at_the_clock_of(own.end, other + timedelta(days=1) if midnight else other) > limit:
                    return True
        return False

    def _comparable(self) -> Mapping[date, date]:
        if self.comparable is None:
            raise OracleRefuses("no calendar of comparable days")
        return self.comparable

    def buckets(self, window: Window, grains: Sequence[str]) -> Iterator[tuple[Time, ...]]:
        """Yield what the times of a window have as their buckets of each grain, in order, once each.

        They are those of its days, where some are left out.
        """
        if window.start is None or window.end is None:
            raise OracleRefuses("every bucket of all time")
        seen: set[tuple[Time | None, ...]] = set()
        day, last = window.start.day, window.end.later(timedelta(microseconds=-1)).day
        while day <= last:
            for time in self._times(day, grains) if window.days is None or day in window.days else ():
                found = tuple(self.bucket(time, grain) for grain in grains)
                known = tuple(start for start in found if start is not None)
                if known not in seen and len(known) == len(grains) and self._meets(window, known, grains):
                    seen.add(known)
                    yield known
            day += timedelta(days=1)

    def _meets(self, window: Window, starts: tuple[Time, ...], grains: Sequence[str]) -> bool:
        """Tell whether the buckets of hours have a part in a window, which may begin or end within a day."""
        for start, grain in zip(starts, grains, strict=True):
            if isinstance(start, Moment):
                both = self.interval(start, grain).within(window)
                assert both.start is not None
                assert both.end is not None
                if both.start >= both.end:
                    return False
        return True

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


def _days_after(bound: Moment, here: Moment | None, there: Moment | None) -> Moment:
    """Return a bound as many days after one day as it is after another, at its own clock."""
    assert here is not None
    assert there is not None
    day = there.day + (bound.day - here.day)
    return Moment.midnight(day, bound.zone) if is_midnight(bound) else _at_the_clock_of(bound, day)


def _at_the_clock_of(bound: Moment, day: date) -> Moment:
    return Moment.of(datetime.combine(day, bound.civil.time()), bound.zone, bound.zone)


@lru_cache(maxsize=20_000)
def _next_hour(instant: datetime, zone: str, grain: str) -> Moment:
    """Return the first instant after a bucket of an hour or a minute, in a zone."""
    start = Moment(instant, zone)
    after = start.later(timedelta(minutes=1))
    while grain == "hour" and _full(after, grain) == start:
        after = after.later(timedelta(minutes=1))
    return after


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
