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

    `until`: where the buckets end at the latest that bound the window themselves. `spread`: over which buckets a
    window without a start is spread.
    """

    members: tuple[tuple[Member, Any], ...]
    window: Window
    until: Moment | None = None
    spread: str = ""

    def is_before_its_end(self, moment: Time, calendar: Calendar) -> bool:
        return self.until is None or instant_of(moment, calendar.zone) < self.until


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
