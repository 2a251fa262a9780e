"""Windows: where a context's window begins and ends, and how it is moved and widened.

A bound of a window is an expression: a constant where everything is known (a period, no time grain
in the group), or one over the group's time bucket. A date is its local midnight; an instant is what
cuts a window at `as_of`, and what hours and minutes begin and end with. The rules are those of the
language, and constants are worked out here, in the project's zone:

- back by months: bounds that are first days of months move as such; otherwise the first and the last
  day move, each clipped to its month's end, and the window ends after the latter;
- back by days: both bounds move; an end that is no midnight moves as an instant;
- a window of hours or less moves its start and keeps its length;
- by comparable days the bounds stay, and rows are read on other days than theirs; what is changed after
  that goes from the comparable day of the first day to that of the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from kpidsl.contexts.bounds import (
    OPEN,
    Bounds,
    InBuckets,
    day,
    instant,
    is_day,
    is_month_start,
    local_day,
)
from kpidsl.contexts.own_buckets import OwnBuckets
from kpidsl.contexts.short_hours import HoursBack, ShortHours
from kpidsl.model.grains import GrainRule, bucket_of_day
from kpidsl.model.types import DATE, IN_UTC, INTEGER, TEXT, TIMESTAMP, Kind, Type
from kpidsl.model.zones import is_utc
from kpidsl.semantics.bound import (
    COMPARABLE,
    Amount,
    Apply,
    Bound,
    Constant,
    Cumulative,
    During,
    Grain,
    KeyValue,
    Move,
    Opening,
    Prior,
    Rolling,
    ToDate,
)
from kpidsl.semantics.clocks import exactly
from kpidsl.semantics.periods import Window


@dataclass(frozen=True, slots=True)
class InBucket:
    """What the window has in common with a bucket of a grain that `per` adds to the group."""

    grain: Grain


Change = Move | InBucket


@dataclass(frozen=True, slots=True)
class Windows(OwnBuckets):
    """Makes windows in a project, for queries asked at `as_of` (a day's midnight, or an instant)."""

    as_of: Constant | None
    whole: bool = False
    """Whether an unfinished bucket is compared with the whole of an earlier one."""

    # what buckets are

    @staticmethod
    def of_period(period: Window) -> Bounds:
        """Return a period as a window."""
        start, end = (None if end is None else day(end) for end in (period.start, period.end))
        return Bounds(start, end)

    def of_buckets(self, grains: Iterable[Grain], period: Bounds = OPEN) -> Bounds:
        """Return the window of a row's buckets: what they have in common. The buckets lie in the period."""
        grains = tuple(grains)
        keys = [KeyValue(grain, self.type_of(grain)) for grain in grains]
        starts: list[Bound] = list(keys)
        ends = [self.bucket_end(key, period) for key in keys]
        only = [
            InBuckets(g.name, key, key) for g, key in zip(grains, keys, strict=True) if self.is_own(g.name)
        ]
        is_fine = any(self.rule(grain).is_instant for grain in grains)
        return Bounds(self.greatest(starts), self.least(ends), tuple(only), is_fine=is_fine)

    def rule(self, grain: Grain) -> GrainRule:
        return self.project.grains[grain.name]

    def bucket_of(self, rule: GrainRule, bound: Constant) -> Constant:
        """Return the first day of the bucket that a day is in; not for calendars, hours and minutes."""
        return day(bucket_of_day(rule, local_day(bound, self.project), self.project.cut))

    def cuts(self, bound: Bound | None, grains: Iterable[Grain]) -> bool:
        """Tell whether a bound may lie inside what buckets of the grains have in common."""
        if bound is None:
            return False
        if not isinstance(bound, Constant) or self.is_instant(bound):
            return True
        return not any(
            rule.calendar is None and (rule.is_instant or self.bucket_of(rule, bound) == bound)
            for rule in map(self.rule, grains)
        )

    @staticmethod
    def is_instant(bound: Bound) -> bool:
        """Tell whether a bound is an instant; else it is a day's midnight."""
        return not is_day(bound)

    def type_of(self, grain: Grain) -> Type:
        """Return the type of a grain's buckets."""
        return self.rule(grain).type_in(self.project.timezone)

    def bucket_end(self, key: KeyValue, period: Bounds) -> Bound:
        """Return the end of the bucket that begins at a key, in a period."""
        assert isinstance(key.member, Grain)
        rule = self.rule(key.member)
        if rule.calendar is not None:
            return Apply("bucket_end", (Constant(rule.name, TEXT), key), DATE)
        if rule.is_instant:
            return self.end_of_instants(rule, key, period)
        return self.end_of_days(rule, key)

    def end_of_days(self, rule: GrainRule, start: Bound) -> Bound:
        """Return the end of the bucket of days or months that begins at a day."""
        return self.add_days(start, rule.count) if rule.unit == "day" else self.add_months(start, rule.count)

    def clipped(self, bounds: Bounds, period: Bounds) -> Bounds:
        """Return what bounds have in common with a period, or with another window."""
        start, end = bounds.start, bounds.end
        if period.start is not None:
            start = period.start if start is None else self.greatest([start, period.start])
        if period.end is not None:
            end = period.end if end is None else self.least([end, period.end])
        only = tuple(dict.fromkeys((*bounds.only, *period.only)))
        return Bounds(start, end, only, bounds.compared, bounds.is_fine or period.is_fine)

    def ends(self, bounds: Bounds, instants: Grain | None) -> tuple[Bound | None, Bound | None]:
        """Return the first and the last day of a window; where buckets of `instants` are asked for, the
        first such bucket, and an instant in the last."""
        start, end = bounds.start, bounds.end
        if instants is None:
            first = start if start is None or is_day(start) else self.day_of(start)
            return first, None if end is None else self.bucket_before("day", end)
        first = None
        if start is not None:
            bucket = (Constant(instants.name, TEXT), self.as_instant(start))
            first = Apply("bucket", bucket, self.type_of(instants))
        return first, None if end is None else self.just_before(end)

    def last_by_now(self, grains: Iterable[Grain]) -> Constant | None:
        """Return the last day that begins before `as_of`, or where buckets are shorter, the last instant."""
        if self.as_of is None:
            return None
        if any(self.rule(grain).is_instant for grain in grains):
            return instant(self.moment(self.as_of) - timedelta(microseconds=1))
        last = self.bucket_before("day", self.as_of)
        assert isinstance(last, Constant)
        return last

    # changes of the window

    def moved(self, bounds: Bounds, moves: Iterable[Change], as_of: Constant | None) -> Bounds:
        """Return a window after its changes, the outermost first, cut at `as_of`.

        The cut is made before them, or with `whole` after the last move back. A fixed window is cut as a
        period is, for it stands in its place. One without an end is cut once `per` makes buckets of it.
        """
        moves = tuple(moves)
        if moves and isinstance(fixed := moves[0], During):
            bounds, moves = Bounds(day(fixed.start), day(fixed.end)), moves[1:]
        back = [place for place, move in enumerate(moves, 1) if isinstance(move, Prior)]
        until = back[-1] if self.whole and back else 0
        if not until:
            bounds = self.cut(bounds, as_of)
        for place, move in enumerate(moves, 1):
            if isinstance(move, InBucket) and bounds.end is None and place > until:
                bounds = replace(bounds, end=as_of)
            bounds = self._changed(self.settled(bounds), move)
            if any(isinstance(later, Rolling | ToDate | Cumulative) for later in moves[place:]):
                bounds = self.without_end(bounds)
            if place == until:
                bounds = self.cut(bounds if place == len(moves) else self.settled(bounds), as_of)
        return bounds

    def settled(self, bounds: Bounds) -> Bounds:
        """Return from the comparable day of a window's first day to that of its last; null without one."""
        if bounds.compared is None:
            return bounds
        start, end = bounds.start, bounds.end
        first, last = self.comparable_days(bounds)
        if start is not None and first is not None:
            start = self._on_comparable_day(start, first, 0)
        if end is not None and last is not None:
            end = self._on_comparable_day(end, last, 1)
        return Bounds(start, end, is_fine=bounds.is_fine)

    def comparable_days(self, bounds: Bounds) -> tuple[Apply | None, Apply | None]:
        """Return the comparable day of a window's first day and that of its last."""
        start, end = bounds.start, bounds.end
        first = start if start is None or is_day(start) else self.day_of(start)
        last = None if end is None else self.bucket_before("day", end)
        on_first, on_last = (
            None if found is None else Apply("comparable_day", (found,), DATE) for found in (first, last)
        )
        return on_first, on_last

    def _on_comparable_day(self, bound: Bound, comparable: Apply, after: int) -> Bound:
        """Return a bound as far from the comparable day of a day as it is from the day."""
        if is_day(bound):
            return self.add_days(comparable, after)
        if isinstance(bound, Constant):
            return Apply("comparable_instant", (bound, *comparable.args), IN_UTC)
        days = Apply("days_between", (comparable, *comparable.args), INTEGER)
        there = Apply("add_days", (bound, days), TIMESTAMP)
        return Apply("add_seconds", (there, Constant(0, INTEGER)), IN_UTC)

    def cut(self, bounds: Bounds, as_of: Constant | None) -> Bounds:
        """Return a window that ends at `as_of` at the latest; one without an end stays so.

        So does one of comparable days: a row of these that is there at all is before `as_of`.
        """
        if as_of is None or bounds.end is None or bounds.compared is not None:
            return bounds
        return replace(bounds, end=self.least([bounds.end, as_of]))

    def _changed(self, bounds: Bounds, move: Change) -> Bounds:
        match move:
            case InBucket(grain=grain):
                start, end = (
                    bound if self._cuts_bucket(bound, grain) else None for bound in (bounds.start, bounds.end)
                )
                own = Bounds(start, end, bounds.only, is_fine=bounds.is_fine)
                return self.clipped(self.of_buckets((grain,)), own)
            case HoursBack():
                return ShortHours(self, move).moved(bounds)
            case Prior(amount=amount):
                assert isinstance(amount, Amount)
                return self._prior(bounds, amount)
            case Rolling(amount=amount):
                assert isinstance(amount, Amount)
                return self._rolled(bounds, amount)
            case ToDate(grain=grain):
                assert bounds.end is not None
                if not self.is_own(grain):
                    return Bounds(self.bucket_before(grain, bounds.end), bounds.end)
                start = self._last_bucket(grain, bounds)
                return Bounds(start, bounds.end, (InBuckets(grain, start, start),))
            case Cumulative():
                return Bounds(None, bounds.end)
            case Opening():
                return Bounds(None, self._beginning(bounds))
            case During():
                raise AssertionError("a fixed window comes before all changes of it")

    def _beginning(self, bounds: Bounds) -> Bound:
        """Return where a window begins; one that begins after `as_of` ends at it, and has nothing in it."""
        start, end = bounds.start, bounds.end
        assert start is not None
        return (
            self.least([start, end]) if isinstance(start, Constant) and isinstance(end, Constant) else start
        )

    def _cuts_bucket(self, bound: Bound | None, grain: Grain) -> bool:
        """Tell whether a window's bound may lie inside a bucket that has something in common with it."""
        if bound is None or isinstance(bound, Constant):
            return self.cuts(bound, (grain,))
        rule = self.rule(grain)
        if is_day(bound) and (rule.is_instant or rule.name == "day"):
            return False
        return not (rule.name == "month" and is_month_start(bound))

    def _rolled(self, bounds: Bounds, amount: Amount) -> Bounds:
        """Return the window of a length; a calendar's bucket that ends it is its last."""
        end = bounds.end
        assert end is not None
        if not self.is_own(amount.unit):
            return Bounds(self.earlier(end, amount), end, is_fine=amount.unit == "second")
        last = self._last_bucket(amount.unit, bounds)
        first = self._shifted(amount.unit, last, 1 - amount.count, stays_within=True)
        return Bounds(first, end, (InBuckets(amount.unit, first, last),))

    def _prior(self, bounds: Bounds, amount: Amount) -> Bounds:
        start, end = bounds.start, bounds.end
        if amount.unit == COMPARABLE:
            return replace(bounds, compared=self.project.timezone)
        if self.is_own(amount.unit):
            return self._prior_buckets(bounds, amount)
        first = None if start is None else self.earlier(start, amount)
        if end is None:
            return Bounds(first, None, is_fine=bounds.is_fine)
        if bounds.is_fine and start is not None and first is not None:
            return Bounds(first, self._later(first, self._length(start, end)), is_fine=True)
        by_months = amount.unit == "month"
        last = self.end_by_months(start, end, -amount.count) if by_months else self.earlier(end, amount)
        if self._is_empty(bounds):
            # One day more may lie between the ends when each is clipped to the end of its month.
            return Bounds(None if first is None else self.greatest([first, last]), last)
        if first is not None and not is_day(end):
            last = self.greatest([first, last])
        return Bounds(first, last)

    def _is_empty(self, bounds: Bounds) -> bool:
        """Tell whether a window surely holds nothing: that of a period which begins at or after `as_of`."""
        match bounds:
            case Bounds(start=Constant() as start, end=Constant() as end):
                return self.moment(start) >= self.moment(end)
            case _:
                return False

    def exactly(self, time: Bound, ends: Iterable[Bound | None]) -> Bound:
        """Return a time as it is compared with ends of windows: an instant where clocks lead astray."""
        return exactly(time, ends, self.project)

    def exactly_itself(self, edge: Bound) -> Bound:
        """Return an edge of a window as it is compared with another one: an instant, where it has a clock."""
        if is_day(edge) or isinstance(edge, Constant) or is_utc(self.project.timezone):
            return edge
        return self.as_instant(edge)

    def end_by_now(self, until: Bound) -> Bound:
        """Return where a row ends, by `as_of` at the latest: an open one reaches to it, if there is one."""
        if self.as_of is None:
            return until
        now: Bound
        if not is_day(until):
            now = instant(self.moment(self.as_of) - timedelta(microseconds=1))
            until = self.as_instant(until)
        elif is_day(self.as_of):
            now = self.add_days(self.as_of, -1)
        else:
            now = day(local_day(self.as_of, self.project))
        known_end = Apply("coalesce", (until, now), now.type)
        return Apply("least", (known_end, now), now.type)

    def matured(self, ages: Iterable[Amount], as_of: Constant, time: Type) -> Constant:
        """Return until when rows have every age at `as_of`, by a time of some type.

        Between instants a day is 24 hours, between dates it is a day of the calendar.
        """
        if time.kind is Kind.DATE:
            today = day(local_day(as_of, self.project))
            found = [self.earlier(today, age) for age in ages]
        else:
            found = [self._earlier_instant(as_of, age) for age in ages]
        limit = self.least(found)
        assert isinstance(limit, Constant)
        return limit

    def _earlier_instant(self, as_of: Constant, age: Amount) -> Bound:
        if age.unit == "month":
            return self.earlier(as_of, age)
        return self.add_seconds(as_of, -age.count * (86_400 if age.unit == "day" else 1))


def is_fixed(moves: Sequence[Change]) -> bool:
    """Tell whether a window is a fixed one to begin with, whatever the period and the bucket."""
    return bool(moves) and isinstance(moves[0], During)
