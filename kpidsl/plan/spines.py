"""The buckets that windows are made for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from kpidsl.contexts.leaves import Leaf, Leaves
from kpidsl.model.grains import GRAINS, bucket_seconds
from kpidsl.plan.nodes import Aggregate, Days, KeySlot, Slot, Spine, Stack
from kpidsl.semantics.bound import Grain, Member


class Spines:
    """Makes the buckets of one plan. `counted` makes the rows that tell where an open calendar ends, and
    `days_of` gives pieces of time that tell it, where there are any."""

    counted: Callable[[Leaf, Slot], Aggregate]
    days_of: Callable[[Iterable[Leaf]], tuple[Aggregate | Stack, Slot] | None] | None

    def __init__(self, leaves: Leaves, key_of: Mapping[Member, Slot]) -> None:
        self.leaves = leaves
        self.key_of = key_of
        self.window_days: Days | None = None
        self.set_days: Days | None = None

    def of_windows(self, grains: tuple[Grain, ...]) -> Spine:
        """Return the buckets that windows are made for: those that may be in the result."""
        if self.window_days is None:
            self.window_days = self._days(self.leaves.ranges)
        return self._of(self.window_days, grains)

    def of_sets(self, grains: tuple[Grain, ...]) -> Spine:
        """Return the buckets that the windows of sets are made for: at least those of the rows that ask."""
        if self.set_days is None:
            self.set_days = self._days(self.leaves.set_ranges)
        return self._of(self.set_days, grains)

    def _of(self, days: Days, grains: tuple[Grain, ...]) -> Spine:
        own = [key for key in self.leaves.grains if key.member in grains]
        buckets = tuple(KeySlot(self.key_of[key.member], key.value) for key in own)
        return Spine(days, buckets, grains)

    def _days(self, ranges: Sequence[Leaf]) -> Days:
        start, end = self.leaves.calendar.start, self.leaves.calendar.end
        buckets, seconds = self.shortest()
        last = None if end is None else end - timedelta(days=1)
        if start is not None and last is not None:
            return Days(start, last, None, buckets, seconds)
        found = self.days_of(ranges) if self.days_of is not None and seconds is None else None
        if found is not None:
            pieces, piece = found
            return Days(None, None, pieces, (piece,), None)
        counted = tuple(
            self.counted(leaf, Slot(f"v_rows_{place}", leaf.type)) for place, leaf in enumerate(ranges, 1)
        )
        rows = counted[0] if len(counted) == 1 else Stack(counted)
        return Days(None, None, rows, buckets, seconds)

    def shortest(self) -> tuple[tuple[Slot, ...], int | None]:
        """Return the grains that tell the first and last day, and the length of the shortest in seconds."""
        grains = [key.member for key in self.leaves.grains if isinstance(key.member, Grain)]
        short = [grain for grain in grains if grain.name in GRAINS and GRAINS[grain.name].is_instant]
        seconds = min((bucket_seconds(GRAINS[grain.name]) for grain in short), default=None)
        return tuple(self.key_of[grain] for grain in short or grains), seconds
