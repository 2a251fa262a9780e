"""Negated sets in which a null may be sought: true of every row without a value."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.diagnostics import Sink
from kpidsl.semantics import set_errors
from kpidsl.semantics.bound import Aggregate, Apply, Bound, InValues, RowColumn, children
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.sequence_lints import says_present
from kpidsl.semantics.walks import conjuncts
from kpidsl.source import Span


def null_keys(aggregate: Aggregate, project: CheckedProject, told: set[Span], sink: Sink) -> None:
    """Warn of a column that may be null and is not sought in a set; each is told once.

    An aggregate of that very column skips the nulls, and so says nothing of them.
    """
    always = project.datasets[aggregate.dataset].condition
    asked = [c for c in (always, aggregate.condition) if c is not None]
    known = [part for condition in asked for part in conjuncts(condition)]
    parts = (aggregate.argument, *aggregate.others, aggregate.condition)
    for found in dict.fromkeys(one for part in parts if part is not None for one in _negated(part)):
        key = found.operand
        if not isinstance(key, RowColumn) or found.includes_null or found.span in told:
            continue
        is_key = not key.path and key.column in project.project.datasets[key.dataset].key
        if is_key or key == aggregate.argument or any(says_present(part, key) for part in known):
            continue
        told.add(found.span)
        name = ".".join((*key.path, key.column))
        sink.report(set_errors.null_key(found.span, aggregate.dataset, name))


def _negated(bound: Bound, *, negated: bool = False) -> Iterator[InValues]:
    """Yield the sets in which a condition asks that a value is not."""
    if isinstance(bound, InValues) and negated:
        yield bound
    is_not = isinstance(bound, Apply) and bound.op == "not"
    for child in children(bound):
        yield from _negated(child, negated=negated != is_not)
