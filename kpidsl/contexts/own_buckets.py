"""Windows that calendars of a project's own tell: their last bucket, and so many buckets before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.contexts.bounds import BoundArithmetic, Bounds, InBuckets, is_day, operands
from kpidsl.model.types import BOOLEAN, DATE, IN_UTC, INTEGER, TEXT, TIMESTAMP
from kpidsl.semantics.bound import Amount, Apply, Bound, Constant, KeyValue
from kpidsl.semantics.conditions import is_present


@dataclass(frozen=True, slots=True)
class OwnBuckets(BoundArithmetic):
    """Finds buckets of calendars in a project."""

    def is_own(self, unit: str) -> bool:
        """Tell whether an amount is one of buckets of a calendar, or a grain one of a calendar's."""
        rule = self.project.grains.get(unit)
        return rule is not None and rule.calendar is not None

    def _last_bucket(self, grain: str, bounds: Bounds) -> Bound:
        """Return the bucket of a calendar's grain that holds a window's last day.

        Where windows are of such buckets that one is known, and of other buckets of calendars their last day,
        though they may be cut on a day that is in none.
        """
        assert bounds.end is not None
        ending = [only.last for only in bounds.only if only.grain == grain]
        if ending:
            return ending[0]
        last = self._last_day_in_buckets(bounds)
        if last is None:
            return self.bucket_before(grain, bounds.end)
        return Apply("bucket", (Constant(grain, TEXT), last), DATE)

    @staticmethod
    def without_end(bounds: Bounds) -> Bounds:
        """Return a window with an end that is null where it was widened from a bucket that there is not.

        What is made of the end alone is none then either.
        """
        last = bounds.only[-1].last if bounds.only else None
        if bounds.end is None or not isinstance(last, Apply) or last.op != "bucket":
            return bounds
        end = Apply("case", (is_present(last), bounds.end, Constant(None, bounds.end.type)), bounds.end.type)
        return replace(bounds, end=end)

    def _last_day_in_buckets(self, bounds: Bounds) -> Bound | None:
        """Return the last day of a row's own buckets of calendars, where they may be cut on a day of none.

        So many buckets up to the row's own end as that does.
        """
        # A grain that `per` adds once more has the same buckets.
        keys = {only.grain: only.last for only in bounds.only if isinstance(only.last, KeyValue)}
        ends = [] if bounds.end is None else list(operands(bounds.end, "least"))
        limits = [end for end in ends if isinstance(end, Constant)]
        own = [_end_of(only) for only in bounds.only if isinstance(only.last, KeyValue)]
        are_keys = len(own) == len(bounds.only) and len(keys) > (0 if limits else 1)
        if not are_keys or not all(end in own for end in ends if end not in limits):
            return None
        until: Bound = Constant(None, DATE)
        if limits:
            until = self.add_days(self.bucket_before("day", limits[0]), 1)
        told = [part for grain, key in keys.items() for part in (Constant(grain, TEXT), key)]
        return Apply("last_day_within", (*told, Constant(None, DATE), until), DATE)

    def _shifted(self, grain: str, bucket: Bound, count: int, *, stays_within: bool = False) -> Bound:
        """Return the bucket of a calendar that is so many after another one; beyond the calendar null, or
        its first one."""
        if count == 0:
            return bucket
        op = "bucket_shift_within" if stays_within else "bucket_shift"
        return Apply(op, (Constant(grain, TEXT), bucket, Constant(count, INTEGER)), DATE)

    def _prior_buckets(self, bounds: Bounds, amount: Amount) -> Bounds:
        """Return the window in a calendar's earlier buckets: as many days from their start, within them."""
        grain, count = amount.unit, -amount.count
        here = next(only for only in bounds.only if only.grain == grain)
        is_one = here.first == here.last
        first = self._shifted(grain, here.first, count, stays_within=not is_one)
        last = first if is_one else self._shifted(grain, here.last, count)
        only = (InBuckets(grain, first, last),)
        here_end, there_end = (
            Apply("bucket_end", (Constant(grain, TEXT), bucket), DATE) for bucket in (here.last, last)
        )
        start: Bound = first
        if bounds.start is not None and bounds.start != here.first:
            days = Apply("days_between", (bounds.start, here.first), INTEGER)
            start = Apply("add_days", (first, days), DATE)
        if bounds.end is None or bounds.end == here_end:
            return Bounds(start, there_end, only)
        elapsed: Bound
        if is_day(bounds.end):
            days = Apply("days_between", (bounds.end, here.last), INTEGER)
            is_whole = Apply("=", (bounds.end, here_end), BOOLEAN)
            within = self.least([there_end, Apply("add_days", (last, days), DATE)])
            elapsed = Apply("case", (is_whole, there_end, within), DATE)
        else:
            days = Apply("days_between", (last, here.last), INTEGER)
            there = Apply("add_days", (bounds.end, days), TIMESTAMP)
            elapsed = self.least([there_end, Apply("add_seconds", (there, Constant(0, INTEGER)), IN_UTC)])
        return Bounds(start, elapsed, only)


def _end_of(only: InBuckets) -> Bound:
    return Apply("bucket_end", (Constant(only.grain, TEXT), only.last), DATE)
