"""Where rows lie that hold over an interval: those that hold at the last instant of their context's window.

With a time grain in the group that is another instant in each bucket, whether or not the window is moved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.contexts.bounds import Bounds
from kpidsl.contexts.inside import LeafWindow, Placed, holding
from kpidsl.contexts.placing import NOWHERE, OPEN, Placing, Step, of_query, operands
from kpidsl.contexts.windows import Change, InBucket
from kpidsl.semantics.bound import Bound, Constant, During, Grain
from kpidsl.semantics.periods import Window


@dataclass(frozen=True, slots=True)
class Holding(Placing):
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
        whole, as_of = self._period(period, is_cut=is_cut)
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
            end = self._last(placed.bounds, moves, now) or self.windows.as_of
            if end is None:
                return replace(placed, conditions=(), bounds=OPEN)
            if not grains:
                time, until = (self.windows.exactly(one, (end,)) for one in (time, until))
                return replace(placed, conditions=holding(time, until, end), bounds=Bounds(None, end))
            window = LeafWindow(time, Bounds(None, end), None, None, moves)
        bounds = Bounds(None, self._last(window.bounds, moves, now))
        cut = None if window.cut is None else Bounds(None, self._last(window.cut, moves, now))
        ends = (bounds.end, None if cut is None else cut.end)
        time, until = (self.windows.exactly(one, ends) for one in (time, until))
        return Placed((), LeafWindow(time, bounds, window.is_cut, cut, moves, until), placed.edges)

    def _last(self, bounds: Bounds | None, moves: tuple[Change, ...], now: Constant | None) -> Bound | None:
        """Return the end of a window, which is cut at `now` though it was made after the cut."""
        end = None if bounds is None else self.windows.settled(bounds).end
        is_late = any(isinstance(move, During | InBucket) for move in moves)
        if end is None or now is None or not is_late or now in operands(end, "least"):
            return end
        return self.windows.least([end, now])
