"""The buckets that windows are made for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from kpidsl.contexts.leaves import DAY, MOMENT, Key, Leaf
from kpidsl.contexts.pushed import Leaves, OpenRange
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GRAINS, bucket_seconds
from kpidsl.plan.nodes import Aggregate, Days, Groups, Keep, KeySlot, Regroup, Slot, Spine, Stack, Traced
from kpidsl.semantics.bound import Constant, Grain, Member
from kpidsl.semantics.times import of_time


class Spines:
    """Makes the buckets of one range. `counted` makes the rows that tell where an open calendar ends, and
    `days_of` gives pieces of time that tell it, where there are any."""

    counted: Callable[[Leaf, Slot], Aggregate]
    days_of: Callable[[Iterable[Leaf]], tuple[Aggregate | Traced | Regroup | Stack, Slot] | None] | None

    def __init__(
        self, leaves: Leaves, key_of: Mapping[Member, Slot], project: Project, range: OpenRange
    ) -> None:
        self.leaves = leaves
        self.range = range
        self.key_of = key_of
        self.project = project
        self.window_days: Days | None = None
        self.set_days: Days | None = None

    def of_windows(self, grains: tuple[Grain, ...]) -> Spine:
        """Return the buckets that windows are made for: those that may be in the result."""
        if self.window_days is None:
            self.window_days = self._days(self.range.counts, latest=self.range.latest)
        return self._of(self.window_days, grains)

    def of_sets(self, grains: tuple[Grain, ...]) -> Spine:
        """Return the buckets that the windows of sets are made for: at least those of the rows that ask."""
        if self.set_days is None:
            own = {key.member for key in self.leaves.grains}
            ranges = self.leaves.set_ranges
            members = ranges[0].grains if ranges else ()
            self.set_days = self._days(ranges, tuple(member for member in members if member not in own))
        return self._of(self.set_days, grains)

    def _of(self, days: Days, grains: tuple[Grain, ...]) -> Spine:
        own = [key for key in self.leaves.grains if key.member in grains]
        known = {key.member for key in own}
        time = DAY if days.seconds is None else MOMENT
        # Grains of entities, in sets of rows that tell where windows end.
        own.extend(Key(grain, of_time(self.project, grain, time)) for grain in grains if grain not in known)
        place: dict[Member, int] = {member: number for number, member in enumerate(grains)}
        own.sort(key=lambda key: place[key.member])
        buckets = tuple(KeySlot(self.key_of[key.member], key.value) for key in own)
        if days.own is not None and days.seconds is None:
            days = self.of_rows(days.rows, grains, latest=days.latest)
        return Spine(days, buckets, grains)

    def of_rows(
        self, rows: Groups | Keep | None, grains: Sequence[Grain], *, latest: Constant | None = None
    ) -> Days:
        """Return the days from the first bucket of rows by some grains to the last, or to a known day."""
        buckets, seconds, own = self.shortest(grains)
        until = None if seconds is None else self.leaves.as_of
        return Days(None, self.last_day, rows, buckets, seconds, until, latest, own)

    def _days(
        self, ranges: Sequence[Leaf], added: tuple[Grain, ...] = (), *, latest: Constant | None = None
    ) -> Days:
        start, end = self.leaves.calendar.start, self.leaves.calendar.end
        known = (grain for grain in self.grains if all(grain in leaf.members for leaf in ranges))
        grains = (*known, *added)
        _, seconds, several = self.shortest(grains)
        if start is not None and end is not None:
            return self.of_period(grains, start, end)
        is_simple = seconds is None and several is None and not added
        has_pieces = self.days_of is not None and is_simple and latest is None
        found = self.days_of(ranges) if has_pieces and self.days_of is not None else None
        if found is not None:
            pieces, piece = found
            return Days(None, self.last_day, pieces, (piece,), None)
        counted = tuple(
            self.counted(leaf, Slot(f"v_rows_{place}", leaf.type)) for place, leaf in enumerate(ranges, 1)
        )
        rows = counted[0] if len(counted) == 1 else Stack(counted)
        return self.of_rows(rows, grains, latest=latest)

    def of_period(self, grains: Sequence[Grain], start: date, end: date) -> Days:
        """Return the days of a period for buckets of some grains."""
        buckets, seconds, _ = self.shortest(grains)
        until = None if seconds is None else self.leaves.as_of
        return Days(start, end - timedelta(days=1), None, buckets, seconds, until)

    @property
    def last_day(self) -> date | None:
        """The last day of the empty buckets, where that is known and rows tell the first alone.

        What is judged is judged until the instant: that no rows come any more is what it has to see.
        """
        calendar = self.leaves.calendar
        if self.leaves.judgement is None or calendar.start is not None or calendar.end is None:
            return None
        return calendar.end - timedelta(days=1)

    @property
    def grains(self) -> tuple[Grain, ...]:
        return tuple(key.member for key in self.leaves.grains if isinstance(key.member, Grain))

    def shortest(self, grains: Sequence[Grain]) -> tuple[tuple[Slot, ...], int | None, str | None]:
        """Return the grains that tell the first and last day, the length of the shortest in seconds, and a
        calendar's own grain among several."""
        short = [grain for grain in grains if grain.name in GRAINS and GRAINS[grain.name].is_instant]
        seconds = min((bucket_seconds(GRAINS[grain.name]) for grain in short), default=None)
        own = [grain.name for grain in grains if self.project.grains[grain.name].calendar is not None]
        if own and len(grains) > 1:
            return tuple(self.key_of[grain] for grain in grains), seconds, own[0]
        return tuple(self.key_of[grain] for grain in short or grains), seconds, None
