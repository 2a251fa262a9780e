"""The parameters that a query's leaves rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpidsl.contexts.leaves import AnyLeaf, EntityLeaf, LeafValue, LevelValue, Operation, Scalar, rows_of
from kpidsl.contexts.pushed import Leaves
from kpidsl.contexts.sets import EntitySet, read_by_set, sets_in
from kpidsl.contexts.windows import Change
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import GivenValues
from kpidsl.model.types import NULL
from kpidsl.semantics import parameter_errors
from kpidsl.semantics.bound import (
    Amount,
    Bound,
    Constant,
    Derived,
    KeyValue,
    Prior,
    PushedSet,
    Rolling,
    RowSequence,
    ValueSet,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.histories import derived_in, read_by
from kpidsl.semantics.matches import values_of
from kpidsl.semantics.parameter_values import Values
from kpidsl.semantics.walks import joins_of, of_steps, sequences_of


def used_parameters(leaves: Leaves, project: CheckedProject, values: Values, sink: Sink) -> Values:
    """Return those of the `values` that the query rests on; a parameter that has none is reported."""
    if not project.project.parameters:
        return {}
    named = {constant.parameter for constant in _constants(leaves, project)}
    for name, definition in project.project.parameters.items():
        if name in named and name not in values:
            sink.report(
                parameter_errors.missing(definition.span, name, definition.type, listed=definition.is_list)
            )
    return {name: found for name, found in values.items() if name in named}


def warn_of_unused(given: Sequence[GivenValues], used: Values, sink: Sink) -> None:
    """Warn of parameters that a query gives a value and that change nothing in its answer."""
    for part in given:
        if part.name not in used:
            sink.report(parameter_errors.no_effect(part.span, part.name, tuple(used)))


def _constants(leaves: Leaves, project: CheckedProject) -> Iterator[Constant]:
    joined: dict[tuple[str, str], None] = {}
    rows = [row for whole in leaves.leaves for row in rows_of(whole)]
    for dataset, bound in dict.fromkeys((leaf.dataset, bound) for leaf in rows for bound in leaf.read):
        yield from _on_rows(dataset, bound, project, joined)
    for leaf in rows:
        yield from map(_of_move, leaf.moves)
    for whole in leaves.leaves:
        yield from _of_entities(whole)
    for column in leaves.columns:
        yield from _of_scalar(column.value)
    if leaves.having is not None:
        yield from _inside(leaves.having)


def _of_entities(leaf: AnyLeaf) -> Iterator[Constant]:
    if isinstance(leaf, EntityLeaf):
        if leaf.value is not None:
            yield from _of_scalar(leaf.value)
        for other in leaf.others:
            yield from _inside(other)
        for inner in leaf.inner:
            yield from _of_entities(inner)


def _on_rows(
    dataset: str, bound: Bound, project: CheckedProject, joined: dict[tuple[str, str], None]
) -> Iterator[Constant]:
    yield from _with_histories(bound, project)
    yield from _on_the_way(dataset, bound, project, joined)
    for sought in sets_in(bound):
        for home, read in read_by_set(sought.set):
            for part in read:
                yield from _on_rows(home, part, project, joined)
        yield from _of_set(sought.set)


def _of_set(found: PushedSet) -> Iterator[Constant]:
    match found:
        case ValueSet():
            yield from map(_of_move, found.moves)
        case EntitySet():
            yield from _of_entities(found.of)
            for leaf in rows_of(found.of):
                yield from map(_of_move, leaf.moves)
        case _:
            raise AssertionError(f"{found} as a set")


def _of_move(move: Change) -> Constant:
    """Return a constant for the parameter that a window is moved by, where there is one."""
    amount = move.amount if isinstance(move, Prior | Rolling) else None
    return Constant(None, NULL, parameter=amount.parameter if isinstance(amount, Amount) else None)


def _on_the_way(
    dataset: str, bound: Bound, project: CheckedProject, joined: dict[tuple[str, str], None]
) -> Iterator[Constant]:
    """Yield the constants of what joins and sequences ask, such as the target's own condition."""
    for path in joins_of(bound):
        name = dataset
        for step in path:
            parent = project.datasets[name]
            target = parent.definition.joins[step].target
            condition = project.datasets[target].condition
            asked = [] if condition is None else [(target, condition)]
            match = parent.matches.get(step)
            if match is not None:
                asked.extend((home, value) for home, value in values_of(match, name, target))
            if (name, step) not in joined:
                joined[name, step] = None
                for home, value in asked:
                    yield from _with_histories(value, project)
                    yield from _on_the_way(home, value, project, joined)
            name = target
    for other in (step for sequence in sequences_of(bound) for step in sequence.steps):
        condition = project.datasets[other.dataset].condition
        if condition is not None:
            yield from _with_histories(condition, project)
        for part in (*other.keys, other.time, other.condition, condition):
            if part is not None:
                yield from _on_the_way(other.dataset, part, project, joined)


def _inside(bound: Bound) -> Iterator[Constant]:
    if isinstance(bound, Constant):
        yield bound
    if isinstance(bound, RowSequence):
        for part in of_steps(bound):
            yield from _inside(part)
    for child in children(bound):
        yield from _inside(child)


def _with_histories(bound: Bound, project: CheckedProject) -> Iterator[Constant]:
    """Yield the constants of a row formula and of the derived values that it rests on."""
    yield from _inside(bound)
    seen: set[Derived] = set()
    pending = list(derived_in(bound))
    while pending:
        derived = pending.pop()
        if derived not in seen:
            seen.add(derived)
            for _, read in read_by(derived, project.datasets):
                yield from _inside(read)
                pending.extend(derived_in(read))


def _of_scalar(value: Scalar) -> Iterator[Constant]:
    match value:
        case Constant():
            yield value
        case Operation(args=args):
            for arg in args:
                yield from _of_scalar(arg)
        case LeafValue() | LevelValue() | KeyValue():
            pass
