"""Which columns have a part in a formula's value: those of joins, times, sets and conditions included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpidsl.diagnostics import Sink
from kpidsl.model.types import UNKNOWN
from kpidsl.semantics import set_facts
from kpidsl.semantics.bound import (
    Aggregate,
    Bound,
    Children,
    Derived,
    Filtered,
    Grain,
    MemberValue,
    MetricRef,
    Part,
    Partner,
    PerEntity,
    RowColumn,
    RowSequence,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.histories import parts_of_form
from kpidsl.semantics.walks import sets_asked


def time_of(aggregate: Aggregate, project: CheckedProject) -> Bound | None:
    """Return the time by which an aggregate's rows are placed."""
    return aggregate.at if aggregate.at is not None else project.datasets[aggregate.dataset].time


def until_of(aggregate: Aggregate, project: CheckedProject) -> Bound | None:
    """Return until when an aggregate's rows hold, where it reads what holds at an instant."""
    return project.datasets[aggregate.dataset].until if aggregate.at is None else None


def order_of(aggregate: Aggregate, project: CheckedProject) -> tuple[Bound, ...]:
    """Return the time and the key by which an aggregate's rows have a first and a last."""
    time = time_of(aggregate, project)
    if aggregate.function not in ("first", "last") or time is None:
        return ()
    definition = project.project.datasets[aggregate.dataset]
    columns = (definition.columns[name] for name in definition.key)
    return (time, *(project.rows.column(definition.name, column) for column in columns))


def columns_read(bound: Bound, project: CheckedProject) -> Mapping[str, tuple[str, ...]]:
    """Return every column that has a part in a formula's value, by dataset."""
    found: dict[str, dict[str, None]] = {}
    _add_all(bound, (), project, found)
    return {dataset: tuple(columns) for dataset, columns in found.items()}


def columns_of_row(bound: Bound, home: str, project: CheckedProject) -> Mapping[str, tuple[str, ...]]:
    """Return every column that has a part in a value on a dataset's row, by dataset."""
    found: dict[str, dict[str, None]] = {}
    _add_columns(bound, home, project, found)
    return {dataset: tuple(columns) for dataset, columns in found.items()}


def columns_of_join(home: str, join: str, project: CheckedProject) -> Mapping[str, tuple[str, ...]]:
    """Return every column by which a join finds its partner, by dataset; its target is among these."""
    found: dict[str, dict[str, None]] = {}
    _add_joins((join,), home, project, found)
    found.setdefault(project.project.datasets[home].joins[join].target, {})
    return {dataset: tuple(columns) for dataset, columns in found.items()}


def _add_all(
    bound: Bound,
    around: tuple[Bound, ...],
    project: CheckedProject,
    found: dict[str, dict[str, None]],
) -> None:
    """Add what a formula's aggregates read in a context, and what the sets do in which values are sought."""
    for aggregate, conditions in _in_context(bound, around, project):
        condition = project.datasets[aggregate.dataset].condition
        parts = [aggregate, time_of(aggregate, project), until_of(aggregate, project), condition]
        for condition in conditions:
            parts.extend(_on_rows(condition, aggregate.dataset, project))
        for part in parts:
            if part is not None:
                _add_columns(part, aggregate.dataset, project, found)
        for one in sets_asked(aggregate):
            _add_all(one.set, conditions, project, found)
        if aggregate.function in ("first", "last"):
            # The key decides among rows of one instant.
            key = project.project.datasets[aggregate.dataset].key
            found.setdefault(aggregate.dataset, {}).update(dict.fromkeys(key))


def _in_context(
    bound: Bound, conditions: tuple[Bound, ...], project: CheckedProject
) -> Iterator[tuple[Aggregate, tuple[Bound, ...]]]:
    """Yield the aggregates of a formula, each with the conditions on the context that it stands in."""
    match bound:
        case Aggregate():
            yield bound, conditions
        case MetricRef(name=name):
            yield from _in_context(project.metrics[name].bound, conditions, project)
        case Filtered(operand=x, condition=condition):
            yield from _in_context(x, (*conditions, condition), project)
        case PerEntity(operand=x, among=Aggregate()):
            yield set_facts.counted_in(bound), conditions
            yield from _in_context(x, conditions, project)
        case PerEntity(operand=x, members=members, span=span):
            keys = [MemberValue(key, UNKNOWN, span) for key in members if not isinstance(key, Grain)]
            yield from _in_context(x, (*conditions, *keys), project)
        case _:
            for child in children(bound):
                yield from _in_context(child, conditions, project)


def _on_rows(condition: Bound, dataset: str, project: CheckedProject) -> Iterator[Bound]:
    if isinstance(condition, MemberValue):
        member = condition.member
        if isinstance(member, Part) and member.member is None:
            return  # a part of the aggregate's own time
        sink = Sink()
        value = project.rows.member(dataset, member, condition.span, sink, condition.span)
        if not sink.has_errors:
            yield value
    for child in children(condition):
        yield from _on_rows(child, dataset, project)


def _add_columns(bound: Bound, home: str, project: CheckedProject, found: dict[str, dict[str, None]]) -> None:
    if isinstance(bound, RowColumn | Derived | Partner):
        _add_joins(bound.path, home, project, found)
    if isinstance(bound, Derived):
        _add_history(bound, project, found)
    if isinstance(bound, RowColumn):
        found.setdefault(bound.dataset, {})[bound.column] = None
    found.setdefault(home, {})
    if isinstance(bound, RowSequence):
        for step in bound.steps:
            always = project.datasets[step.dataset].condition
            for part in (*step.parts, *(() if always is None else (always,))):
                _add_columns(part, step.dataset, project, found)
    for child in children(bound):
        _add_columns(child, home, project, found)


def _add_joins(
    path: tuple[str, ...], home: str, project: CheckedProject, found: dict[str, dict[str, None]]
) -> None:
    at = project.project.datasets[home]
    for step in path:
        join = at.joins[step]
        for theirs, own in join.keys:
            found.setdefault(at.name, {})[own] = None
            found.setdefault(join.target, {})[theirs] = None
        match = project.datasets[at.name].matches.get(step)
        if match is not None and match.condition is not None:
            _add_match(match.condition, step, at.name, project, found)
        if match is not None and match.pick is not None:
            for value in match.pick.own:
                _add_columns(value, at.name, project, found)
            for value in match.pick.there:
                _add_columns(value, join.target, project, found)
        condition = project.datasets[join.target].condition
        if condition is not None:
            _add_columns(condition, join.target, project, found)
        at = project.project.datasets[join.target]


def _add_match(
    condition: Bound, step: str, home: str, project: CheckedProject, found: dict[str, dict[str, None]]
) -> None:
    """Add what a partner is found by: computed keys, an interval and the own moment."""
    if isinstance(condition, RowColumn):
        found.setdefault(condition.dataset, {})[condition.column] = None
        if condition.path and condition.path != (step,):
            _add_joins(condition.path, home, project, found)
    for child in children(condition):
        _add_match(child, step, home, project, found)


def _add_history(derived: Derived, project: CheckedProject, found: dict[str, dict[str, None]]) -> None:
    """Add what a derived value reads: of the rows that it is over, and the keys by which they are found."""
    form = derived.form
    other = form.aggregate.dataset
    parts = [*parts_of_form(derived), project.datasets[other].condition]
    if form.aggregate.function in ("first", "last") and form.aggregate.at is None:
        parts.append(project.datasets[other].time)
    for part in parts:
        if part is not None:
            _add_columns(part, other, project, found)
    key = dict.fromkeys(project.project.datasets[derived.dataset].key)
    if isinstance(form, Children) or form.order:
        # The key finds the children, and decides among siblings that stand at one place of the order.
        found.setdefault(derived.dataset, {}).update(key)
