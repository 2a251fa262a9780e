"""Where rows lie that hold over an interval: those that hold at the last instant of their context's window.

With a time grain in the group that is another instant in each bucket, whether or not the window is moved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.contexts.bounds import OPEN, Bounds, operands
from kpidsl.contexts.inside import LeafWindow, Placed, holding
from kpidsl.contexts.placing import NOWHERE, Step, of_query
from kpidsl.contexts.reaching import Reaching
from kpidsl.contexts.windows import Change, InBucket
from kpidsl.semantics.bound import Bound, Constant, During, Grain
from kpidsl.semantics.periods import Window


@dataclass(frozen=True, slots=True)
class Holding(Reaching):
    """Places aggregates, those of rows that hold over an interval too."""

    def held(
        self,
        time: Bound,
        until: Bound,
        grains: tuple[Grain, ...],
        steps: tuple[Step, ...],
        period: Window,
        *,
        is_cut: bool,
    ) -> Placed | None:
        """Return where rows lie that hold over an interval: those that hold at the end of the window.

        None after reporting a window that there is not; without any end the `bounds` are open.
        """
        resolved = self._resolved(grains, steps, period)
        if resolved is None:
            return None
        whole, as_of = self._period(period, resolved, is_cut=is_cut)
        moves = tuple(step.move for step in resolved)
        base = of_query(grains)
        if base:
            placed = self._in_buckets(time, base, moves, whole, as_of)
        else:
            found = self._in_period(NOWHERE, resolved, whole, as_of)
            if found is None:
                return None
            placed = found
        now = self.windows.as_of if is_cut else None
        window = placed.window
        if window is None:
            bounds = self._ended(placed.bounds or OPEN, moves, now)
            if bounds.end is None:
                bounds = Bounds(None, self.windows.as_of)
            if bounds.end is None:
                return replace(placed, conditions=(), bounds=OPEN)
            if not grains:
                time, until = (self.windows.exactly(one, (bounds.end,)) for one in (time, until))
                return replace(placed, conditions=holding(time, until, bounds), bounds=bounds)
            window = LeafWindow(time, bounds, None, None, moves)
        bounds = self._ended(window.bounds, moves, now)
        cut = None if window.cut is None else self._ended(window.cut, moves, now)
        ends = (bounds.end, None if cut is None else cut.end)
        time, until = (self.windows.exactly(one, ends) for one in (time, until))
        return Placed((), LeafWindow(time, bounds, window.is_cut, cut, moves, until), placed.edges)

    def _ended(self, bounds: Bounds, moves: tuple[Change, ...], now: Constant | None) -> Bounds:
        """Return a window by its end, which is cut at `now` though it was made after the cut.

        Its beginning stays where it may be later than the end: then there is no last instant.
        """
        bounds = self.windows.settled(bounds)
        start, end = bounds.start, bounds.end
        is_late = any(isinstance(move, During | InBucket) for move in moves)
        if end is not None and now is not None and is_late and now not in operands(end, "least"):
            end = self.windows.least([end, now])
        if isinstance(start, Constant) and isinstance(end, Constant):
            is_empty = self.windows.moment(start) >= self.windows.moment(end)
        else:
            is_empty = end is not None and now is not None and now in operands(end, "least")
        if start is None or not is_empty:
            return Bounds(None, end)
        # Of two hours that clocks show alike, the first ends where the second begins.
        return Bounds(self.windows.exactly_itself(start), end)
