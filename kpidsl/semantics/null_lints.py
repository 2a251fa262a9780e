"""Negated sequences whose key can be null: true of every row without a key."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.diagnostics import Sink
from kpidsl.semantics import sequence_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    InValues,
    RowColumn,
    RowSequence,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.walks import conjuncts
from kpidsl.source import Span


def null_keys(aggregate: Aggregate, project: CheckedProject, told: set[Span], sink: Sink) -> None:
    """Warn of a negated sequence that is true of rows without a key; each is told once."""
    always = project.datasets[aggregate.dataset].condition
    asked = [c for c in (always, aggregate.condition) if c is not None]
    known = [part for condition in asked for part in conjuncts(condition)]
    parts = (aggregate.argument, *aggregate.others, aggregate.condition)
    for sequence in dict.fromkeys(found for part in parts if part is not None for found in _negated(part)):
        if sequence.span in told or sequence.includes_null:
            continue
        for name, key in zip(sequence.names, sequence.keys, strict=True):
            if _may_be_null(key, project) and not any(says_present(part, key) for part in known):
                told.add(sequence.span)
                sink.report(
                    sequence_errors.null_key(sequence.span, sequence.function, aggregate.dataset, name)
                )
                break


def _negated(bound: Bound, *, negated: bool = False) -> Iterator[RowSequence]:
    """Yield the sequences that a condition asks not to hold."""
    if isinstance(bound, RowSequence) and negated:
        yield bound
    is_not = isinstance(bound, Apply) and bound.op == "not"
    for child in children(bound):
        yield from _negated(child, negated=negated != is_not)


def _may_be_null(key: Bound, project: CheckedProject) -> bool:
    match key:
        case RowColumn(path=(), dataset=dataset, column=column):
            return column not in project.project.datasets[dataset].key
        case Constant(value=value):
            return value is None
        case Apply(op="coalesce", args=args):
            return all(_may_be_null(arg, project) for arg in args)
        case _:
            return True


def says_present(condition: Bound, value: Bound) -> bool:
    """Tell whether a condition holds only where a value is present: it says so, or compares it."""
    match condition:
        case Apply(op="not", args=(Apply(op="is_null", args=(x,)),)):
            return x == value
        case Apply(op="=" | "<" | "<=" | ">" | ">=" | "in" | "like", args=args):
            return value in args
        case RowSequence(keys=keys, includes_null=False):
            return value in keys
        case InValues(operand=x, includes_null=False):
            return x == value
        case _:
            return False
