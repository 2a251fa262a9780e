"""Γ: what a formula is evaluated in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.contexts.placing import Step, is_moved
from kpidsl.model.hashed_once import HashedOnce, hashed_once
from kpidsl.semantics.bound import (
    Aggregate,
    Amount,
    Bound,
    ColumnMember,
    During,
    Filtered,
    Grain,
    Member,
    Moved,
)
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.periods import Window
from kpidsl.semantics.walks import conjuncts
from kpidsl.source import Span


@hashed_once
@dataclass(frozen=True, slots=True)
class Context(HashedOnce):
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
    among: tuple[Aggregate, ...] = ()
    """Whose rows aggregates of the same datasets read, at the same time: those in which entities count."""
    tested: tuple[Member, ...] = ()
    """Members that `having` added to the group: values of one dataset, of which others know nothing."""
    depth: int = 0
    """How many `per` stand around."""
    is_sought: bool = False
    """Whether it is that of a set. Rows that tell how far plans reach may ask it in buckets after those of
    the result, too."""

    @property
    def grains(self) -> tuple[Grain, ...]:
        return tuple(member for member in self.group if isinstance(member, Grain))

    @property
    def is_moved(self) -> bool:
        return is_moved(self.steps)


def filtered(found: Filtered, context: Context) -> Context:
    """Return the context of what stands under a condition."""
    added = tuple(c for c in conjuncts(found.condition) if c not in context.filter)
    return replace(context, filter=context.filter + added)


def moved(found: Moved, context: Context) -> Context:
    """Return the context of what stands in another window; a fixed one needs no window to start from."""
    step = Step(found.move, found.span)
    is_fixed = isinstance(found.move, During)
    return replace(context, steps=(step,) if is_fixed else (*context.steps, step))


def among_rows(aggregate: Aggregate, among: Aggregate) -> Aggregate:
    """Return an aggregate over those of its rows in which entities are looked for."""
    parts = [part for part in (among.condition, aggregate.condition) if part is not None]
    condition = conjunction(parts) if parts else None
    return replace(aggregate, condition=condition, at=aggregate.at or among.at)


def among_others(aggregate: Aggregate, among: Aggregate, others: Aggregate) -> Aggregate:
    """Return an aggregate over those of its rows that `others` have in the stead of `among`."""
    if among.condition is None or aggregate.condition is None:
        return aggregate
    pushed = conjuncts(among.condition)
    kept = () if others.condition is None else conjuncts(others.condition)
    parts = (*kept, *(part for part in conjuncts(aggregate.condition) if part not in pushed))
    return replace(aggregate, condition=conjunction(parts) if parts else None)


def without_values_of_others(context: Context, dataset: str) -> Context:
    """Return the context of a set, which is one of all values that `having` tests on other rows than its."""
    others = [m for m in context.tested if isinstance(m, ColumnMember) and m.dataset != dataset]
    return replace(context, group=tuple(member for member in context.group if member not in others))
