"""How far a context's window reaches, whatever rows lie in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.contexts.bounds import OPEN, Bounds, InBuckets
from kpidsl.contexts.inside import LeafWindow
from kpidsl.contexts.lacking import Lacking
from kpidsl.contexts.placing import NOWHERE, Step, is_moved, of_query
from kpidsl.contexts.windows import is_fixed
from kpidsl.model.types import BOOLEAN, TIMESTAMP
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, Member, Prior
from kpidsl.semantics.periods import Window


@dataclass(frozen=True, slots=True)
class Reaching(Lacking):
    """Places aggregates, and tells of the windows in which they are placed."""

    def begun(
        self, time: Bound, gathered: tuple[Member, ...], period: Window, *, lies_ahead: bool
    ) -> tuple[Bound, ...]:
        """Return what a row of the others meets where these are buckets: its own has begun by `as_of`."""
        grains = tuple(member for member in gathered if isinstance(member, Grain))
        whole, as_of = self.windows.of_period(period), self.windows.as_of
        if not grains or as_of is None:
            return ()
        if whole.start is not None and self.windows.least([as_of, whole.start]) == as_of:
            return (Constant(False, BOOLEAN),)
        start = self._of_row(time, grains, (), whole).start
        if not lies_ahead or start is None:
            return ()
        return self._begun_by_now(time, start, period, grains)

    def buckets_between(
        self, grains: tuple[Grain, ...], steps: tuple[Step, ...], period: Window, *, lies_ahead: bool
    ) -> Bounds | None:
        """Return the window whose buckets `per` goes through, or None after reporting that there is none.

        It is the context's, cut at `as_of`. Where rows may lie ahead (`lies_ahead`) nothing is cut before
        it is moved: only buckets that begin at or after `as_of` are left out.
        """
        resolved = self._resolved(grains, steps, period)
        if resolved is None:
            return None
        whole, as_of = self._period(period, resolved, is_cut=True)
        base, cut = of_query(grains), self.windows.cut
        if not base:
            placed = self._in_period(NOWHERE, resolved, whole, None if lies_ahead else as_of)
            if placed is None:
                return None
            bounds = placed.bounds or OPEN
            return cut(bounds, as_of) if lies_ahead else bounds
        moves = tuple(step.move for step in resolved)
        if lies_ahead or not is_moved(resolved):
            bounds = self._clipped(base, whole)
            until = as_of if is_fixed(moves) or self.windows.cuts(as_of, base) else None
            if lies_ahead:
                return cut(self.windows.moved(bounds, moves, None), until)
            return self.windows.moved(cut(bounds, until), moves, None)
        window = self._in_buckets(NOWHERE, base, moves, whole, as_of).window
        assert window is not None
        is_cut, cut_window, bounds = window.is_cut, window.cut, window.bounds
        if is_cut is None or cut_window is None:
            return bounds
        return Bounds(
            _either(is_cut, cut_window.start, bounds.start),
            _either(is_cut, cut_window.end, bounds.end),
            tuple(
                InBuckets(
                    one.grain,
                    _known_either(is_cut, one.first, other.first),
                    _known_either(is_cut, one.last, other.last),
                )
                for one, other in zip(cut_window.only, bounds.only, strict=True)
            ),
        )

    def edges(self, grains: tuple[Grain, ...], steps: tuple[Step, ...], period: Window) -> Bounds | None:
        """Return a context's window, uncut, or None after reporting that there is none."""
        resolved = self._resolved(grains, steps, period)
        if resolved is None:
            return None
        whole = self.windows.of_period(period)
        base = of_query(grains)
        if base:
            moves = tuple(step.move for step in resolved)
            return self._uncut(self._clipped(base, whole), moves)
        placed = self._in_period(NOWHERE, resolved, whole, None)
        return None if placed is None else placed.edges()

    def reached(
        self, grains: tuple[Grain, ...], steps: tuple[Step, ...], period: Window, *, is_cut: bool
    ) -> LeafWindow | None:
        """Return a context's window with its ends as they are, or None after reporting that there is none.

        One that is moved back is cut before; where none is, what `as_of` cuts off changes nothing here: then
        the window is uncut.
        """
        resolved = self._resolved(grains, steps, period)
        if resolved is None:
            return None
        moves = tuple(step.move for step in resolved)
        goes_back = any(isinstance(move, Prior) for move in moves)
        whole, as_of = self._period(period, resolved, is_cut=is_cut and goes_back)
        base = of_query(grains)
        if base:
            window = self._in_buckets(NOWHERE, base, moves, whole, as_of).window
            assert window is not None
        else:
            placed = self._in_period(NOWHERE, resolved, whole, as_of)
            if placed is None:
                return None
            window = LeafWindow(NOWHERE, placed.bounds or OPEN, None, None, moves)
        settled = self.windows.settled
        return replace(
            window,
            bounds=settled(window.bounds),
            cut=None if window.cut is None else settled(window.cut),
        )


def _either(condition: Bound, one: Bound | None, other: Bound | None) -> Bound | None:
    return one if one is None or other is None else _known_either(condition, one, other)


def _known_either(condition: Bound, one: Bound, other: Bound) -> Bound:
    if one == other:
        return one
    type_ = one.type if one.type == other.type else TIMESTAMP
    return Apply("case", (condition, one, other), type_)
