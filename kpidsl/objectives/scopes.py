"""The conditions under which objectives and their guards are asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpidsl.semantics.bound import Bound
from kpidsl.semantics.objectives import CheckedObjective


def has_one_scope(objectives: Sequence[CheckedObjective]) -> bool:
    """Tell whether all objectives and what guards them have the same condition."""
    first, *others = scopes(objectives)
    return all(other == first for other in others)


def scopes(objectives: Sequence[CheckedObjective]) -> Iterator[Bound | None]:
    """Yield the conditions of objectives and of those that guard them."""
    for objective in objectives:
        yield objective.where
        yield from scopes([guard.objective for guard in objective.guardrails if guard.objective is not None])
