"""When a row's time is inside a window: the window as a condition on its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from kpidsl.contexts.bounds import Bounds, InBuckets, is_day, midnight_or_cut
from kpidsl.contexts.compared import COMPARED_DAY, compared
from kpidsl.contexts.windows import Change
from kpidsl.model.hashed_once import HashedOnce, hashed_once
from kpidsl.model.types import BOOLEAN, DATE, TEXT
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.conditions import conjunction


def within(time: Bound, bounds: Bounds, exact: Bound | None = None) -> tuple[Bound, ...]:
    """Return the conditions for a time to lie in a window; instants are its ends for `exact`, if given."""
    is_whole = len(bounds.only) == 1 and _are_whole(bounds, bounds.only[0])
    ends = Bounds(None, None) if is_whole else bounds
    if bounds.compared is not None:
        days = tuple(part for only in bounds.only for part in _in_buckets(COMPARED_DAY, only))
        return (compared(time, ends, days, bounds.compared),)
    days = tuple(part for only in bounds.only for part in _in_buckets(time, only))
    # A day in a bucket is not before the bucket's name, its first day.
    start = None if any(only.first == ends.start for only in bounds.only) else ends.start
    tested = [] if start is None else [(">=", start)]
    tested += [] if ends.end is None else [("<", end) for end in _ends(time, ends.end)]
    beside = [time if exact is None or is_day(end) else exact for _, end in tested]
    return (*(Apply(op, (at, end), BOOLEAN) for at, (op, end) in zip(beside, tested, strict=True)), *days)


def holding(time: Bound, until: Bound, bounds: Bounds) -> tuple[Bound, ...]:
    """Return the conditions for a row to hold at the last instant of a window, if it has any.

    From a time on and until before another one, or for ever. For dates that instant is a day.
    """
    start, end = bounds.start, bounds.end
    assert end is not None
    each = _ends(time, end)
    is_open = Apply("is_null", (until,), BOOLEAN)
    still = Apply("or", (is_open, *(Apply(">=", (until, one), BOOLEAN) for one in each)), BOOLEAN)
    has_any = (
        ()
        if start is None
        else tuple(Apply("<", (start, one), BOOLEAN) for one in each if not _is_after(one, start))
    )
    return (*has_any, *(Apply("<", (time, one), BOOLEAN) for one in each), still)


def _is_after(end: Bound, start: Bound) -> bool:
    """Tell whether an end is some days after a start."""
    match end:
        case Apply(op="add_days", args=(inner, Constant(value=int() as days))):
            return inner == start and days > 0
        case _:
            return False


def _ends(time: Bound, end: Bound) -> tuple[Bound, ...]:
    """Return the bounds that a time lies before where it lies before an end.

    A date is compared with what clocks show at an instant, and where a day has no midnight, they show a later
    time at its beginning: the date of that day would lie before it.
    """
    both = midnight_or_cut(end) if time.type == DATE else None
    return (end,) if both is None else both


def _in_buckets(time: Bound, only: InBuckets) -> Iterator[Bound]:
    """Yield the conditions for a time to lie in buckets of a calendar."""
    own = Apply("bucket", (Constant(only.grain, TEXT), time), DATE)
    if only.first == only.last:
        yield Apply("=", (own, only.first), BOOLEAN)
        return
    yield Apply(">=", (own, only.first), BOOLEAN)
    yield Apply("<=", (own, only.last), BOOLEAN)


def _are_whole(bounds: Bounds, only: InBuckets) -> bool:
    """Tell whether a window surely is one whole bucket of a calendar."""
    end = Apply("bucket_end", (Constant(only.grain, TEXT), only.last), DATE)
    return bounds.start == only.first == only.last and bounds.end == end


@hashed_once
@dataclass(frozen=True, slots=True)
class LeafWindow(HashedOnce):
    """The window of each bucket, over the bucket's `KeyValue`s, in which a row's `time` must lie.

    Where `as_of` is no midnight, `cut` is the window of the bucket that it cuts, which is told by
    `is_cut`.
    """

    time: Bound | None
    bounds: Bounds
    is_cut: Bound | None
    cut: Bounds | None
    moves: tuple[Change, ...]
    until: Bound | None = None
    """Until when a row holds, where it counts if it holds at the end of the window."""
    exact: Bound | None = None
    """The time as it is compared with ends that are instants, where clocks lead astray."""

    @property
    def condition(self) -> Bound:
        """Return when a row counts in a bucket; without a time in every one."""
        if self.time is None:
            return Constant(True, BOOLEAN)
        whole = self._in(self.time, self.bounds)
        if self.is_cut is None or self.cut is None:
            return conjunction(whole)
        unfinished = conjunction((self.is_cut, *self._in(self.time, self.cut)))
        assert isinstance(self.is_cut, Apply)
        is_whole = replace(self.is_cut, op="<=")
        return Apply("or", (conjunction((is_whole, *whole)), unfinished), BOOLEAN)

    def _in(self, time: Bound, bounds: Bounds) -> tuple[Bound, ...]:
        if self.until is None:
            return within(time, bounds, self.exact)
        return holding(time, self.until, bounds)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where rows lie: conditions on them, or a window for each bucket; `edges` gives the window uncut, which
    few formulas ask for."""

    conditions: tuple[Bound, ...]
    window: LeafWindow | None
    edges: Callable[[], Bounds]
    bounds: Bounds | None = None
    """The window itself where it is that of a period."""
