"""What is in a row formula: the joins that it walks, its conditions, its sequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kpidsl.model.definitions import Project
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Derived,
    InSet,
    InValues,
    KeyValue,
    Lapse,
    MemberValue,
    Partner,
    RowColumn,
    RowSequence,
    children,
)
from kpidsl.semantics.mapped import map_children
from kpidsl.source import Span


def joins_of(expr: Bound) -> tuple[tuple[str, ...], ...]:
    """Return the join paths that a row formula walks, each once, in order of appearance."""
    found: dict[tuple[str, ...], None] = {}
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (RowColumn, Derived, Partner)) and node.path:
            found[node.path] = None
        stack.extend(reversed(children(node)))
    return tuple(found)


def steps_of(values: Iterable[Bound]) -> tuple[tuple[str, ...], ...]:
    """Return the join paths of row formulas and all their beginnings, each once and after its own."""
    paths = (path for value in values for path in joins_of(value))
    return tuple(dict.fromkeys(path[:length] for path in paths for length in range(1, len(path) + 1)))


def conjuncts(condition: Bound) -> tuple[Bound, ...]:
    """Return the parts of a condition that all must hold."""
    if isinstance(condition, Apply) and condition.op == "and":
        return tuple(part for arg in condition.args for part in conjuncts(arg))
    return (condition,)


def used_at(condition: Bound, name: str, span: Span) -> Bound:
    """Return a filter's condition as it stands where the filter is named."""

    def here(bound: Bound) -> Bound:
        if isinstance(bound, MemberValue):
            return replace(bound, span=span, filter=name)
        return map_children(bound, here)

    return here(condition)


def of_steps(sequence: RowSequence) -> tuple[Bound, ...]:
    """Return the expressions on the rows that a sequence looks for, and how far it looks."""
    parts = (x for step in sequence.steps for x in step.parts)
    far = (x.amount if isinstance(x, Lapse) else x for x in (sequence.start, sequence.end) if x is not None)
    return (*parts, *far)


def sequences_of(expr: Bound) -> tuple[RowSequence, ...]:
    """Return the sequences in a row formula, each once; not those in their steps."""
    found: dict[RowSequence, None] = {}
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, RowSequence):
            found[node] = None
        else:
            stack.extend(reversed(children(node)))
    return tuple(found)


def inside(bound: Bound) -> Iterator[Bound]:
    """Yield a formula and all that stands in it."""
    stack = [bound]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def sets_asked(bound: Bound) -> Iterator[InValues]:
    """Return the sets in which values of an aggregate's rows are sought; not those that these rest on."""
    return (node for node in inside(bound) if isinstance(node, InValues))


def sets_inside(aggregate: Aggregate) -> tuple[Bound, ...]:
    """Return the sets that an aggregate's rows are asked of, each a formula in its context."""
    return tuple(found.set for found in sets_asked(aggregate))


def datasets_of(project: Project, home: str, bound: Bound) -> Iterator[str]:
    """Yield the datasets whose rows a row formula of `home` reads."""
    for path in joins_of(bound):
        at = project.datasets[home]
        for join in path:
            at = project.datasets[at.joins[join].target]
            yield at.name
    for sequence in sequences_of(bound):
        for step in sequence.steps:
            yield step.dataset
            for part in step.parts:
                yield from datasets_of(project, step.dataset, part)


def is_of_row_alone(expr: Bound) -> bool:
    """Tell whether a value rests on a row and its partners alone: no sequence, no set, no bucket."""
    if isinstance(expr, RowSequence | InSet | KeyValue):
        return False
    return all(map(is_of_row_alone, children(expr)))
