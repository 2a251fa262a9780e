"""Γ: what a formula is evaluated in."""

from __future__ import annotations

from dataclasses import dataclass

from kpidsl.contexts.placing import Step
from kpidsl.semantics.bound import Amount, Bound, Grain, Member
from kpidsl.semantics.periods import Window
from kpidsl.source import Span


@dataclass(frozen=True, slots=True)
class Context:
    """Γ: what a formula is evaluated in."""

    group: tuple[Member, ...]
    filter: tuple[Bound, ...]
    window: Window
    window_span: Span | None = None
    steps: tuple[Step, ...] = ()
    """Changes of the window, the outermost first."""
    maturities: tuple[Amount, ...] = ()
    """How old rows must be, by each metric around: the longest counts."""
    gathered: tuple[Member, ...] = ()
    """Members that are in the group as one: the others of the query's ranking."""

    @property
    def grains(self) -> tuple[Grain, ...]:
        return tuple(member for member in self.group if isinstance(member, Grain))
