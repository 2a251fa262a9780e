"""Windows: stretches of time, how they move and how they are made anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from .moments import Moment, Time, instant_of, is_midnight, months_later
from .table import OracleRefuses

ELAPSED = {"second": 1, "minute": 60, "hour": 3600}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Amount:
    """`28 days`, `1 month`, `2 retail_weeks`. `is_period`: so many buckets of the query's grain, which `unit` is."""

    many: int
    unit: str
    is_period: bool = False

    @classmethod
    def read(cls, text: str) -> Amount:
        found = re.fullmatch(r"\s*(\d+)\s+([a-z_]+?)s?\s*", text)
        if found is None:
            raise OracleRefuses(f"`{text}` is no amount of time")
        return cls(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch [start, end) of instants; None is no bound.

    `is_fine`: made of hours or less. `days`: its only days, where some are left out, and `buckets`: of which
    grains' buckets it is made, from which to which. `by_end`: whether its end alone tells its last day, and not the
    days of its buckets. `stands_for`: the days as which each day of the rows is read,
    where days are compared.
    """

    start: Moment | None = None
    end: Moment | None = None
    is_fine: bool = False
    days: frozenset[date] | None = field(default=None, repr=False)
    stands_for: Mapping[date, tuple[date, ...]] | None = field(default=None, repr=False, hash=False)
    buckets: tuple[tuple[str, date, date], ...] = ()
    by_end: bool = False

    def by_end_beside(self, grain: str) -> bool:
        """Tell whether the end alone tells the last day, once buckets of a grain are counted back from it.

        Not where they are the row's own: these end on a day of theirs, however many there are.
        """
        return self.by_end or [name for name, *_ in self.buckets] != [grain]

    @classmethod
    def of_days(cls, start: date, end: date, zone: str) -> Window:
        return cls(Moment.midnight(start, zone), Moment.midnight(end, zone))

    @property
    def is_bounded(self) -> bool:
        return self.start is not None or self.end is not None

    @property
    def is_empty(self) -> bool:
        return self.start is not None and self.end is not None and self.start >= self.end

    def holds(self, time: Time) -> bool:
        bound = self.start or self.end
        if bound is None:
            return True
        at = instant_of(time, bound.zone)
        if self.stands_for is None:
            return self._has(at)
        clock = at.civil.time()
        read_as = [datetime.combine(day, clock) for day in self.stands_for.get(at.day, ())]
        return any(self._has(Moment.of(civil, at.zone, at.zone)) for civil in read_as)

    def _has(self, at: Moment) -> bool:
        if self.days is not None and at.day not in self.days:
            return False
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def within(self, other: Window) -> Window:
        starts = [w.start for w in (self, other) if w.start is not None]
        ends = [w.end for w in (self, other) if w.end is not None]
        days = [w.days for w in (self, other) if w.days is not None]
        return Window(
            max(starts) if starts else None,
            min(ends) if ends else None,
            self.is_fine or other.is_fine,
            frozenset.intersection(*days) if days else None,
            self.stands_for or other.stands_for,
            (*self.buckets, *other.buckets),
            self.by_end or other.by_end,
        )

    def cut(self, at: Moment | None) -> Window:
        """End a bounded window at an instant at the latest; a year before it there is nothing to cut."""
        if at is None or not self.is_bounded or self.stands_for is not None:
            return self
        return replace(self, end=at if self.end is None else min(self.end, at))


@dataclass(frozen=True, slots=True)
class Reach:
    """A context's window as it is, and as it is for rows of which none lie ahead: cut at `as_of`.

    `spread`: the grain over whose buckets a window without a start or an end is spread.
    """

    whole: Window
    cut: Window
    spread: str | None = None


# Changes of a window


@dataclass(frozen=True, slots=True)
class Prior:
    amount: Amount


@dataclass(frozen=True, slots=True)
class Comparable:
    """A year back, by comparable days."""


@dataclass(frozen=True, slots=True)
class Rolling:
    amount: Amount


@dataclass(frozen=True, slots=True)
class ToDate:
    grain: str


@dataclass(frozen=True, slots=True)
class Cumulative:
    pass


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything before the window begins."""


@dataclass(frozen=True, slots=True)
class During:
    window: Window


@dataclass(frozen=True, slots=True)
class Spread:
    """Every bucket of the window for itself: what `per` with a grain does to the aggregates inside."""

    grain: str


Change = Prior | Comparable | Rolling | ToDate | Cumulative | Opening | During | Spread


def shifted(bound: Moment, amount: Amount, sign: int) -> Moment:
    """Return a bound so much later or earlier: a midnight stays one, another instant keeps its clock."""
    many = amount.many * sign
    if amount.unit in ELAPSED:
        return bound.later(timedelta(seconds=many * ELAPSED[amount.unit]))
    day = shifted_day(bound.day, amount, sign)
    if is_midnight(bound):
        return Moment.midnight(day, bound.zone)
    return Moment.of(datetime.combine(day, bound.civil.time()), bound.zone, bound.zone)


def shifted_day(day: date, amount: Amount, sign: int) -> date:
    many = amount.many * sign
    if amount.unit in DAYS:
        return day + timedelta(days=many * DAYS[amount.unit])
    if amount.unit in MONTHS:
        return months_later(day, many * MONTHS[amount.unit])
    raise OracleRefuses(f"a day moved by {amount}")


def moved_back(window: Window, amount: Amount) -> Window:
    """Return the window so long ago. By months each day goes to its own day, clipped to its month's end.

    A window without an instant in it has no day that could go anywhere: its end moves, and it stays empty.
    """
    start, end = window.start, window.end
    if start is not None and end is not None and start >= end and start.day >= end.day:
        there = shifted(start, amount, -1)
        until = moved_back(replace(window, start=None), amount).end
        assert until is not None
        return replace(window, start=max(there, until), end=until)
    if amount.unit in ELAPSED:
        return replace(
            window,
            start=None if start is None else shifted(start, amount, -1),
            end=None if end is None else shifted(end, amount, -1),
        )
    there = None if start is None else shifted(start, amount, -1)
    if end is None:
        return replace(window, start=there)
    if window.is_fine and start is not None and there is not None:
        return replace(window, start=there, end=there.later(end.instant - start.instant))
    if not is_midnight(end):
        until = shifted(end, amount, -1)
        return replace(window, start=there, end=until if there is None else max(until, there))
    firsts = all(bound is None or (is_midnight(bound) and bound.day.day == 1) for bound in (start, end))
    if amount.unit in DAYS or firsts:
        return replace(window, start=there, end=shifted(end, amount, -1))
    last = shifted_day(end.day - timedelta(days=1), amount, -1)
    return replace(window, start=there, end=Moment.midnight(last + timedelta(days=1), end.zone))


def rolled(window: Window, amount: Amount) -> Window:
    """Return the stretch of that length that ends with the window."""
    assert window.end is not None
    fine = amount.unit in ELAPSED
    return Window(shifted(window.end, amount, -1), window.end, is_fine=fine)


def before(window: Window) -> Window:
    """Return everything before a window; one that is cut before it begins is nowhere but at its end."""
    if window.start is None:
        raise OracleRefuses("what is before a window without a beginning")
    return Window(None, window.start if window.end is None else min(window.start, window.end))


def to_date(window: Window, start: Time) -> Window:
    """Return what runs from the start of the bucket that holds the window's last instant to its end."""
    assert window.end is not None
    if not isinstance(start, date):
        raise OracleRefuses("to date in an hour")
    return Window(Moment.midnight(start, window.end.zone), window.end)


def ago(at: Moment, amount: Amount, *, elapsed: bool) -> Moment:
    """Return an instant so long before; with `elapsed` a day is 24 hours, otherwise one of the calendar."""
    if elapsed and amount.unit in DAYS:
        return at.later(timedelta(days=-amount.many * DAYS[amount.unit]))
    return shifted(at, amount, -1)
