"""Whether a figure has rows of data in a group, with a value or without: a formula over counts.

A mean of nulls has no sample, and its rows are there all the same: the group is in the result of any query.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kpidsl.model.types import BOOLEAN, INTEGER
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Filtered,
    Grain,
    Member,
    MetricRef,
    Moved,
    PerEntity,
    Ripe,
    Total,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.conditions import disjunction


def has_rows(bound: Bound, project: CheckedProject, members: Sequence[Member]) -> Bound | None:
    """Return whether some aggregate that keeps all members has rows; None where there is no such aggregate.

    It is true, or false or null.
    """
    counts = tuple(dict.fromkeys(_counts(bound, project, members)))
    if not counts:
        return None
    return disjunction([Apply(">", (count, Constant(0, INTEGER)), BOOLEAN) for count in counts])


def _counts(bound: Bound, project: CheckedProject, members: Sequence[Member]) -> Iterator[Bound]:
    """Yield how many rows, or entities, each aggregate has in its own context."""
    match bound:
        case Aggregate():
            yield replace(
                bound,
                function="count",
                argument=None,
                others=(),
                required=(),
                empty_is_null=False,
                type=INTEGER,
                unit=None,
            )
        case MetricRef(name=name, span=span):
            metric = project.metrics[name]
            for count in _counts(metric.bound, project, members):
                yield count if metric.maturity is None else Ripe(count, name, INTEGER, span)
        case Filtered(operand=x):
            for count in _counts(x, project, members):
                yield replace(bound, operand=count, type=INTEGER, unit=None)
        case Moved(operand=x):
            for count in _counts(x, project, members):
                yield replace(bound, operand=count, type=INTEGER, unit=None)
        case Total(operand=x, across=across):
            dropped = [one for one in members if not isinstance(one, Grain)] if across is None else across
            if not any(member in dropped for member in members):
                yield from _counts(x, project, members)
        case PerEntity(operand=x):
            inner = has_rows(x, project, members)
            if inner is not None:
                yield replace(
                    bound,
                    function="count",
                    operand=inner,
                    others=(),
                    empty_is_null=False,
                    type=INTEGER,
                    unit=None,
                )
        case _:
            for child in children(bound):
                yield from _counts(child, project, members)
