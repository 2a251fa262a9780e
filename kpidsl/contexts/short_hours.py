"""Moves back by buckets of hours or minutes, where changes of clocks cut some short.

prior(x, 1 period)      by hour: the bucket before, however long the two are
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from kpidsl.contexts.bounds import BoundArithmetic, Bounds, instant
from kpidsl.model.grains import bucket_seconds
from kpidsl.model.types import BOOLEAN, IN_UTC
from kpidsl.model.zones import cut_short
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue, Prior
from kpidsl.semantics.conditions import conjunction, disjunction
from kpidsl.semantics.elapsed import SECONDS


@dataclass(frozen=True, slots=True)
class HoursBack(Prior):
    """The bucket that a window is, or what `as_of` leaves of it, moved back by so many buckets of its grain.

    The buckets begin in the period.
    """

    grain: Grain
    period: Bounds
    count: int


@dataclass(frozen=True, slots=True)
class ShortHours:
    """The hours, or minutes, that are short so near to a period that a move back by some meets them."""

    clock: BoundArithmetic
    move: HoursBack

    @property
    def are_there(self) -> bool:
        return bool(self._short())

    @property
    def _length(self) -> int:
        return bucket_seconds(self.clock.project.grains[self.move.grain.name])

    @property
    def _key(self) -> KeyValue:
        project = self.clock.project
        return KeyValue(self.move.grain, project.grains[self.move.grain.name].type_in(project.timezone))

    def _short(self) -> Mapping[datetime, int]:
        """Return how many seconds each short bucket lasts, by its beginning, in order."""
        period = self.move.period
        first, last = self.clock.around(period)
        if isinstance(period.start, Constant):
            first = _earlier(self.clock.moment(period.start), self.move.count * self._length)
        if isinstance(period.end, Constant):
            last = self.clock.moment(period.end)
        return dict(sorted(cut_short(self.clock.project.timezone, self._length, first, last)))

    def moved(self, bounds: Bounds) -> Bounds:
        """Return a bucket's window in an earlier bucket: as far from its beginning, never past its end."""
        if bounds.start is None:
            # What is moved from a bucket up to here ends here at the latest.
            return bounds
        rule, key = self.clock.project.grains[self.move.grain.name], self._key
        there, there_end = self._back(self.move.count), self._back(self.move.count - 1)

        def within(bound: Bound) -> Bound:
            elapsed = Apply("elapsed", (bound, key), SECONDS)
            return self.clock.least([there_end, Apply("add_seconds", (there, elapsed), IN_UTC)])

        start = there if bounds.start == key else within(bounds.start)
        end = self.clock.end_of_instants(rule, key, self.move.period)
        if bounds.end is None or bounds.end == end:
            return Bounds(start, there_end, is_fine=True)
        is_whole = Apply("=", (bounds.end, end), BOOLEAN)
        end = Apply("case", (is_whole, there_end, within(bounds.end)), IN_UTC)
        return Bounds(start, end, is_fine=True)

    def _back(self, count: int) -> Bound:
        """Return where the bucket begins that is so many before a key."""
        key = self._key
        if not count:
            return self.clock.as_instant(key)
        branches: list[Bound] = []
        for seconds, runs in sorted(self._other_lengths(count).items()):
            branches += [self._among(runs), self.clock.add_seconds(key, -seconds)]
        whole = self.clock.add_seconds(key, -count * self._length)
        return Apply("case", (*branches, whole), IN_UTC) if branches else whole

    def _other_lengths(self, count: int) -> Mapping[int, list[tuple[datetime, datetime]]]:
        """Return how long so many buckets last where short ones are among them, and after these which buckets
        come: from one to another, without this."""
        short = self._short()
        edges = {_later(begins, seconds) for begins, seconds in short.items()}
        edges |= {self._after(short, begins, count + 1) for begins in short}
        found: dict[int, list[tuple[datetime, datetime]]] = {}
        for edge, following in pairwise(sorted(edges)):
            seconds = self._lasting_before(short, edge, count)
            if seconds != count * self._length:
                found.setdefault(seconds, []).append((edge, following))
        return found

    def _after(self, short: Mapping[datetime, int], begins: datetime, count: int) -> datetime:
        """Return where the bucket begins that is so many after one."""
        for other, seconds in short.items():
            if other < begins:
                continue
            whole = int((other - begins).total_seconds()) // self._length
            if whole >= count:
                break
            begins, count = _later(other, seconds), count - whole - 1
        return _later(begins, count * self._length)

    def _lasting_before(self, short: Mapping[datetime, int], key: datetime, count: int) -> int:
        """Return how many seconds the buckets last that are so many before one."""
        lasting, end = 0, key
        for begins, seconds in reversed(list(short.items())):
            if begins >= key:
                continue
            whole = int((end - _later(begins, seconds)).total_seconds()) // self._length
            if whole >= count:
                break
            lasting, end, count = lasting + whole * self._length + seconds, begins, count - whole - 1
        return lasting + count * self._length

    def _among(self, runs: list[tuple[datetime, datetime]]) -> Bound:
        """Return the condition that a bucket is in one of some runs of buckets."""
        key, short = self._key, self._short()
        alone = [first for first, end in runs if _later(first, short.get(first, self._length)) == end]
        found: list[Bound] = []
        if alone:
            op = "=" if len(alone) == 1 else "in"
            found.append(Apply(op, (key, *map(instant, alone)), BOOLEAN))
        for first, end in runs:
            if first not in alone:
                within = ((">=", instant(first)), ("<", instant(end)))
                found.append(conjunction([Apply(op, (key, edge), BOOLEAN) for op, edge in within]))
        return disjunction(found)


def _earlier(moment: datetime, seconds: int) -> datetime:
    """Return an instant so long before another, within the calendar."""
    first = datetime(2, 1, 1, tzinfo=UTC)
    return moment - timedelta(seconds=min(seconds, int((moment - first).total_seconds())))


def _later(moment: datetime, seconds: int) -> datetime:
    """Return an instant so long after another, within the calendar."""
    last = datetime(9999, 1, 1, tzinfo=UTC)
    return moment + timedelta(seconds=min(seconds, int((last - moment).total_seconds())))
