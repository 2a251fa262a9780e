"""Windows: where a context's window begins and ends, and how it is moved and widened.

A bound of a window is an expression: a constant where everything is known (a period, no time grain
in the group), or one over the group's time bucket. A date is its local midnight; an instant is what
cuts a window at `as_of`, and what hours and minutes begin and end with. The rules are those of the
language, and constants are worked out here, in the project's zone:

- back by months: bounds that are first days of months move as such; otherwise the first and the last
  day move, each clipped to its month's end, and the window ends after the latter;
- back by days: both bounds move; an end that is no midnight moves as an instant;
- where the window begins at an instant the start moves and the length stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kpidsl.contexts.bounds import BoundArithmetic, Bounds, day, is_day, is_month_start, local_day
from kpidsl.model.grains import GrainRule, bucket_of_day, bucket_seconds
from kpidsl.model.types import BOOLEAN, DATE, INTEGER, TEXT, Kind, Type
from kpidsl.semantics.bound import (
    Amount,
    Apply,
    Bound,
    Constant,
    Cumulative,
    During,
    Grain,
    KeyValue,
    Move,
    Prior,
    Rolling,
    ToDate,
)
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.elapsed import IN_UTC, SECONDS
from kpidsl.semantics.periods import Window


@dataclass(frozen=True, slots=True)
class InBucket:
    """What the window has in common with a bucket of a grain that `per` adds to the group."""

    grain: Grain


Change = Move | InBucket


@dataclass(frozen=True, slots=True)
class Windows(BoundArithmetic):
    """Makes windows in a project, for queries asked at `as_of` (a day's midnight, or an instant)."""

    as_of: Constant | None
    whole: bool = False
    """Whether an unfinished bucket is compared with the whole of an earlier one."""

    # what buckets are

    @staticmethod
    def of_period(period: Window) -> Bounds:
        """Return a period as a window."""
        return Bounds(*(None if end is None else day(end) for end in (period.start, period.end)))

    def of_buckets(self, grains: Iterable[Grain]) -> Bounds:
        """Return the window of a row's buckets: what they have in common."""
        keys = [KeyValue(grain, self.type_of(grain)) for grain in grains]
        starts: list[Bound] = list(keys)
        ends = [self.bucket_end(key) for key in keys]
        return Bounds(self.greatest(starts), self.least(ends))

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

    def bucket_end(self, key: KeyValue) -> Bound:
        """Return the end of the bucket that begins at a key."""
        assert isinstance(key.member, Grain)
        rule = self.rule(key.member)
        if rule.calendar is not None:
            return Apply("bucket_end", (Constant(rule.name, TEXT), key), DATE)
        if rule.is_instant:
            return self.add_seconds(key, bucket_seconds(rule))
        return self.end_of_days(rule, key)

    def end_of_days(self, rule: GrainRule, start: Bound) -> Bound:
        """Return the end of the bucket of days or months that begins at a day."""
        return self.add_days(start, rule.count) if rule.unit == "day" else self.add_months(start, rule.count)

    def clipped(self, bounds: Bounds, period: Bounds) -> Bounds:
        """Return what bounds have in common with a period."""
        start, end = bounds.start, bounds.end
        if period.start is not None:
            start = period.start if start is None else self.greatest([start, period.start])
        if period.end is not None:
            end = period.end if end is None else self.least([end, period.end])
        return Bounds(start, end)

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

    # changes of the window

    def moved(self, bounds: Bounds, moves: Iterable[Change], as_of: Constant | None) -> Bounds:
        """Return a window after its changes, the outermost first, cut at `as_of`.

        The cut is made before them, or with `whole` after the first move back.
        """
        moves = tuple(moves)
        waits = self.whole and any(isinstance(move, Prior) for move in moves)
        if not waits:
            bounds = self.cut(bounds, as_of)
        for move in moves:
            bounds = self._changed(bounds, move)
            if waits and isinstance(move, Prior):
                bounds = self.cut(bounds, as_of)
                waits = False
        return bounds

    def cut(self, bounds: Bounds, as_of: Constant | None) -> Bounds:
        """Return a window that ends at `as_of` at the latest; one without an end stays so."""
        if as_of is None or bounds.end is None:
            return bounds
        return Bounds(bounds.start, self.least([bounds.end, as_of]))

    def _changed(self, bounds: Bounds, move: Change) -> Bounds:
        match move:
            case InBucket(grain=grain):
                start, end = (
                    bound if self._cuts_bucket(bound, grain) else None for bound in (bounds.start, bounds.end)
                )
                return self.clipped(self.of_buckets((grain,)), Bounds(start, end))
            case Prior(amount=amount):
                assert isinstance(amount, Amount)
                return self._prior(bounds, amount)
            case Rolling(amount=amount):
                assert isinstance(amount, Amount)
                assert bounds.end is not None
                return Bounds(self._rolled(bounds.end, amount), bounds.end)
            case ToDate(grain=grain):
                assert bounds.end is not None
                return Bounds(self.bucket_before(grain, bounds.end), bounds.end)
            case Cumulative():
                return Bounds(None, bounds.end)
            case During(start=start, end=end):
                return Bounds(day(start), day(end))

    def _cuts_bucket(self, bound: Bound | None, grain: Grain) -> bool:
        """Tell whether a window's bound may lie inside a bucket that has something in common with it."""
        if bound is None or isinstance(bound, Constant):
            return self.cuts(bound, (grain,))
        rule = self.rule(grain)
        if is_day(bound) and (rule.is_instant or rule.name == "day"):
            return False
        return not (rule.name == "month" and is_month_start(bound))

    def _rolled(self, end: Bound, amount: Amount) -> Bound:
        """Return the start of a window of a length; a calendar's bucket that ends it is its last."""
        if amount.unit not in self.project.grains or self.project.grains[amount.unit].calendar is None:
            return self.earlier(end, amount)
        return self._shifted(amount.unit, self.bucket_before(amount.unit, end), 1 - amount.count)

    def _shifted(self, grain: str, bucket: Bound, count: int) -> Bound:
        """Return the bucket of a calendar that is so many after another one; null beyond the calendar."""
        if count == 0:
            return bucket
        return Apply("bucket_shift", (Constant(grain, TEXT), bucket, Constant(count, INTEGER)), DATE)

    def _prior_bucket(self, bounds: Bounds, amount: Amount) -> Bounds:
        """Return the window in a calendar's earlier bucket: as many days from its start, within it."""
        key = KeyValue(Grain(amount.unit), DATE)
        bucket = self._shifted(amount.unit, key, -amount.count)
        end = self.bucket_end(key)
        last = Apply("bucket_end", (Constant(amount.unit, TEXT), bucket), DATE)
        start = bucket
        if bounds.start is not None and bounds.start != key:
            start = Apply("add_days", (bucket, Apply("days_between", (bounds.start, key), INTEGER)), DATE)
        if bounds.end is None or bounds.end == end:
            return Bounds(start, last)
        elapsed: Bound
        if is_day(bounds.end):
            elapsed = Apply("add_days", (bucket, Apply("days_between", (bounds.end, key), INTEGER)), DATE)
            is_whole = Apply("=", (bounds.end, end), BOOLEAN)
            elapsed = Apply("case", (is_whole, last, self.least([last, elapsed])), DATE)
        else:
            seconds = Apply("elapsed", (bounds.end, key), SECONDS)
            elapsed = self.least([last, Apply("add_seconds", (bucket, seconds), IN_UTC)])
        return Bounds(start, elapsed)

    def _prior(self, bounds: Bounds, amount: Amount) -> Bounds:
        start, end = bounds.start, bounds.end
        if amount.unit in self.project.grains and self.project.grains[amount.unit].calendar is not None:
            return self._prior_bucket(bounds, amount)
        if start is not None and not is_day(start):
            moved = self.earlier(start, amount)
            if end is None:
                return Bounds(moved, None)
            return Bounds(moved, self._later(moved, self._length(start, end)))
        first = None if start is None else self.earlier(start, amount)
        if end is None:
            return Bounds(first, None)
        if not is_day(end):
            last = self.earlier(end, amount)
            return Bounds(first, last if first is None else self.greatest([first, last]))
        if amount.unit != "month":
            return Bounds(first, self.earlier(end, amount))
        return Bounds(first, self._end_by_months(start, end, -amount.count))

    def _end_by_months(self, start: Bound | None, end: Bound, months: int) -> Bound:
        as_bound = self.add_months(end, months)
        after_last = self.add_days(self.add_months(self.add_days(end, -1), months), 1)
        if is_month_start(end) and (start is None or is_month_start(start)):
            return as_bound
        if isinstance(end, Constant) and not is_month_start(end):
            return after_last
        if isinstance(start, Constant) and not is_month_start(start):
            return after_last
        if start is not None and end == self.add_days(start, 1):
            return after_last
        unknown = [bound for bound in (start, end) if bound is not None and not is_month_start(bound)]
        first_days = [
            Apply("=", (Apply("day", (b,), INTEGER), Constant(1, INTEGER)), BOOLEAN) for b in unknown
        ]
        return Apply("case", (conjunction(first_days), as_bound, after_last), DATE)

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
