"""Which rows of an aggregate a context holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kpidsl.syntax import tree as t

from .aggregates import Leaf
from .buckets import Calendar
from .members import Member
from .moments import Moment, Time, instant_of
from .windows import Window

BOUNDS = ("period_start", "period_end", "as_of")


@dataclass(frozen=True, slots=True)
class Frame:
    """Which rows of a leaf a context holds: those with these members, in this window.

    `until`: where it ends that is bounded by nothing else. `grains`: a row's own buckets of these have begun.
    `spread`: over which buckets a window without a start is spread.
    """

    members: tuple[tuple[Member, Any], ...]
    window: Window
    until: Moment | None = None
    grains: tuple[str, ...] = ()
    spread: str = ""

    def has_begun(self, moment: Time, calendar: Calendar, as_of: Moment | None) -> bool:
        """Tell whether a time is one of what there is by `as_of`, in a bucket of those it is spread over."""
        if self.until is not None and instant_of(moment, calendar.zone) >= self.until:
            return False
        is_widened = (self.window.start is None) != (self.window.end is None)
        if self.spread and is_widened and calendar.bucket(moment, self.spread) is None:
            return False
        if as_of is None or not self.grains:
            return True
        own = [(grain, calendar.bucket(moment, grain)) for grain in self.grains]
        begins = calendar.beginning(
            [(grain, start) for grain, start in own if start is not None], self.window
        )
        return begins is None or begins < as_of


def without_sets(leaf: Leaf) -> Leaf:
    """Leave out the conditions that only a known group can decide."""
    kept = tuple(
        where
        for where in leaf.wheres
        if not any(
            isinstance(node, t.InSet) or (isinstance(node, t.Name) and node.text in BOUNDS)
            for node in t.walk(where)
        )
    )
    return leaf if kept == leaf.wheres else replace(leaf, wheres=kept)
