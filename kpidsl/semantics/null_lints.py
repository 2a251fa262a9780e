"""Negated sequences and sets in which a null may be sought: true of every row without a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from kpidsl.diagnostics import Sink
from kpidsl.semantics import sequence_errors, set_errors
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

_Sought = TypeVar("_Sought", RowSequence, InValues)


def null_keys(aggregate: Aggregate, project: CheckedProject, told: set[Span], sink: Sink) -> None:
    """Warn of negated sequences and sets that are true of rows without a key; each is told once."""
    always = project.datasets[aggregate.dataset].condition
    asked = [c for c in (always, aggregate.condition) if c is not None]
    known = [part for condition in asked for part in conjuncts(condition)]
    for sequence in _negated_in(aggregate, RowSequence):
        if sequence.span not in told and not sequence.includes_null:
            _of_sequence(sequence, aggregate.dataset, known, project, told, sink)
    for found in _negated_in(aggregate, InValues):
        if found.span not in told and not found.includes_null:
            _of_set(found, aggregate, known, project, told, sink)


def _of_sequence(
    sequence: RowSequence,
    dataset: str,
    known: list[Bound],
    project: CheckedProject,
    told: set[Span],
    sink: Sink,
) -> None:
    for name, key in zip(sequence.names, sequence.keys, strict=True):
        if _may_be_null(key, project) and not any(_says_present(part, key) for part in known):
            told.add(sequence.span)
            sink.report(sequence_errors.null_key(sequence.span, sequence.function, dataset, name))
            return


def _of_set(
    found: InValues,
    aggregate: Aggregate,
    known: list[Bound],
    project: CheckedProject,
    told: set[Span],
    sink: Sink,
) -> None:
    """Warn of a column that may be null; an aggregate of that very column skips the nulls anyway."""
    key = found.operand
    if not isinstance(key, RowColumn):
        return
    is_key = not key.path and key.column in project.project.datasets[key.dataset].key
    if is_key or key == aggregate.argument or any(_says_present(part, key) for part in known):
        return
    told.add(found.span)
    name = ".".join((*key.path, key.column))
    sink.report(set_errors.null_key(found.span, aggregate.dataset, name))


def _negated_in(aggregate: Aggregate, kind: type[_Sought]) -> tuple[_Sought, ...]:
    parts = (aggregate.argument, *aggregate.others, aggregate.condition)
    return tuple(dict.fromkeys(one for part in parts if part is not None for one in _negated(part, kind)))


def _negated(bound: Bound, kind: type[_Sought]) -> Iterator[_Sought]:
    """Yield the sequences or sets that a condition asks not to hold."""
    stack = [(bound, False)]
    while stack:
        node, negated = stack.pop()
        if negated and isinstance(node, kind):
            yield node
        is_not = isinstance(node, Apply) and node.op == "not"
        stack.extend((child, negated != is_not) for child in reversed(children(node)))


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


def _says_present(condition: Bound, value: Bound) -> bool:
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
