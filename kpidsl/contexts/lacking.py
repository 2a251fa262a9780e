"""When a calendar lacks the day from which a window is moved or widened: then there is no window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from kpidsl.contexts.bounds import OPEN, Bounds
from kpidsl.contexts.inside import Placed
from kpidsl.contexts.placing import NOWHERE, Placing, Step
from kpidsl.contexts.windows import Change, InBucket
from kpidsl.model.types import BOOLEAN
from kpidsl.semantics.bound import Amount, Apply, Bound, Constant, Grain, Opening, Prior, Rolling, ToDate
from kpidsl.semantics.conditions import conjunction, disjunction, is_present
from kpidsl.semantics.periods import Window

NEVER = Constant(False, BOOLEAN)


@dataclass(frozen=True, slots=True)
class Lacking(Placing):
    """Places aggregates, and tells where there is no window to place them in."""

    def lacking(
        self,
        grains: tuple[Grain, ...],
        steps: tuple[Step, ...],
        period: Window,
        *,
        is_cut: bool,
        is_held: bool,
    ) -> Bound | None:
        """Return when a calendar lacks the days from which a window is moved or widened.

        That is the bucket of the window's last day, where a calendar's own grain widens it, or its comparable
        day, where it is changed further, and for a move back that of its first day, too. What holds at the
        end of a window (`is_held`) rests on the last day anyway. It may be known to be false.
        """
        found: list[Bound] = []
        for place, step in enumerate(steps, 1):
            later = [other.move for other in steps[place:] if not isinstance(other.move, InBucket)]
            lacks = self._what_lacks(step.move, steps[: place - 1], later, is_held=is_held)
            if lacks is None:
                continue
            placed = self.placed(NOWHERE, grains, steps[:place], period, is_cut=is_cut)
            if placed is not None:
                found.append(_in_either(placed, lacks))
        if not found:
            return None
        return disjunction([lack for lack in found if lack != NEVER] or [NEVER])

    def _what_lacks(
        self, move: Change, earlier: Sequence[Step], later: Sequence[Change], *, is_held: bool
    ) -> Callable[[Bounds], Bound] | None:
        """Return what tells of a window that has been changed whether its calendar lacks a day, if it may."""
        match move:
            case Prior(is_compared=True) if later or is_held:
                return partial(self._without_comparable_days, later=later[0] if later else None)
            case Rolling(amount=Amount(unit=unit)) | ToDate(grain=unit) if self.windows.is_own(unit):
                # Before a calendar's first bucket there is nothing, which stays nothing.
                may_be_empty = any(isinstance(step.move, Prior) for step in earlier)
                return partial(_without_last_bucket, may_be_empty=may_be_empty)
            case _:
                return None

    def _without_comparable_days(self, bounds: Bounds, *, later: Change | None) -> Bound:
        """Return when a window lacks the comparable day, of its last day or its first, that comes next."""
        first, last = self.windows.comparable_days(bounds)
        days = [last, first] if isinstance(later, Prior) else [first if isinstance(later, Opening) else last]
        return disjunction([Apply("is_null", (day,), BOOLEAN) for day in days if day is not None])


def _without_last_bucket(bounds: Bounds, *, may_be_empty: bool) -> Bound:
    """Return when a window, widened to buckets of a calendar, ends on a day that the calendar leaves out."""
    (only,) = bounds.only
    last = only.last
    if not isinstance(last, Apply) or last.op != "bucket":
        return NEVER
    assert bounds.end is not None
    is_none = Apply("is_null", (last,), BOOLEAN)
    return conjunction([is_present(bounds.end), is_none]) if may_be_empty else is_none


def _in_either(placed: Placed, lacks: Callable[[Bounds], Bound]) -> Bound:
    """Return what is told of the window of rows: where `as_of` cuts one of several, that of the one."""
    window = placed.window
    if window is None:
        return lacks(placed.bounds or OPEN)
    whole = lacks(window.bounds)
    if window.is_cut is None or window.cut is None or (cut := lacks(window.cut)) == whole:
        return whole
    return Apply("case", (window.is_cut, cut, whole), BOOLEAN)
