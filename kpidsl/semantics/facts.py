"""What can be said of a formula without running it: additivity, grain, sample, what it reads.

Everything is worked out from the bound formula, so it holds of what is computed, not of what
somebody meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import Kind, Type
from kpidsl.semantics import additivity, samples
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Children,
    Constant,
    Derived,
    DimensionMember,
    Filtered,
    KeyValue,
    MemberValue,
    MetricRef,
    Moved,
    ParameterRef,
    Part,
    Partner,
    ResultValue,
    RowColumn,
    RowSequence,
    Total,
    WindowEdge,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.histories import parts_of_form
from kpidsl.semantics.walks import of_steps

AGGREGATE_KINDS: dict[str, Additivity] = {
    "sum": Additivity.ADDITIVE,
    "count": Additivity.ADDITIVE,
    "count_distinct": Additivity.DISTINCT,
    "avg": Additivity.RATIO,
    "weighted_avg": Additivity.RATIO,
    "min": Additivity.QUANTILE,
    "max": Additivity.QUANTILE,
    "median": Additivity.QUANTILE,
    "percentile": Additivity.QUANTILE,
    "stddev": Additivity.COMPOSITE,
    "variance": Additivity.COMPOSITE,
    "first": Additivity.COMPOSITE,
    "last": Additivity.COMPOSITE,
}
"""Of what kind each aggregate's value is; one that is not listed is composite."""


@dataclass(frozen=True, slots=True)
class Members:
    """What a figure can be asked by. `names` None is anything: what reads no rows.

    Laws: `meet` is associative, commutative and idempotent, and `ANY` is its identity.
    """

    names: frozenset[str] | None

    def meet(self, other: Members) -> Members:
        """Return what both can be asked by."""
        if self.names is None or other.names is None:
            return other if self.names is None else self
        return Members(self.names & other.names)


ANY = Members(None)


@dataclass(frozen=True, slots=True)
class FormulaFacts:
    """The facts of one formula.

    `keys` is the grain: what makes one row of each dataset. `reads` names every column that has a
    part in the value, by dataset, those of joins, times and dataset-wide conditions included.
    `times` gives the time column of each aggregate's dataset, as bound on its rows.
    """

    type: Type
    additivity: Additivity
    sample: Bound | None
    keys: Mapping[str, tuple[str, ...]]
    reads: Mapping[str, tuple[str, ...]]
    times: tuple[tuple[str, Bound | None], ...]
    grains: tuple[str, ...]
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    parameters: tuple[str, ...]


def facts_of(bound: Bound, project: CheckedProject) -> FormulaFacts:
    """Return the facts of a bound formula."""
    aggregates = tuple(aggregates_of(bound, project))
    members = members_of(aggregates, project)
    datasets = tuple(dict.fromkeys(aggregate.dataset for aggregate in aggregates))
    return FormulaFacts(
        type=bound.type,
        additivity=additivity_of(bound, project),
        sample=samples.sample(bound, project),
        keys={name: project.project.datasets[name].key for name in datasets},
        reads=_reads(bound, project),
        times=tuple(dict.fromkeys((a.dataset, time_of(a, project)) for a in aggregates)),
        grains=tuple(
            name for name in project.project.grains if members.names is not None and name in members.names
        ),
        dimensions=tuple(
            name for name in project.project.dimensions if members.names is not None and name in members.names
        ),
        metrics=tuple(dict.fromkeys(_metrics(bound, project))),
        parameters=tuple(dict.fromkeys(_parameters(bound, project))),
    )


def aggregates_of(bound: Bound, project: CheckedProject) -> Iterator[Aggregate]:
    """Yield the aggregates of a formula with its metrics written out, in order."""
    if isinstance(bound, Aggregate):
        yield bound
    elif isinstance(bound, MetricRef):
        yield from aggregates_of(project.metrics[bound.name].bound, project)
    else:
        for child in children(bound):
            yield from aggregates_of(child, project)


def time_of(aggregate: Aggregate, project: CheckedProject) -> Bound | None:
    """Return the time by which an aggregate's rows are placed."""
    return aggregate.at if aggregate.at is not None else project.datasets[aggregate.dataset].time


def _metrics(bound: Bound, project: CheckedProject) -> Iterator[str]:
    if isinstance(bound, MetricRef):
        yield bound.name
        yield from _metrics(project.metrics[bound.name].bound, project)
    elif not isinstance(bound, Aggregate):
        for child in children(bound):
            yield from _metrics(child, project)


# Additivity.


def additivity_of(bound: Bound, project: CheckedProject, *, divided: bool = False) -> Additivity:
    """Return whether a formula's values may be added up.

    `divided` tells that it stands in a quotient, where `total` only chooses the rows; standing
    alone it repeats one number in every group.
    """
    match bound:
        case Constant() | ParameterRef():
            return Additivity.CONSTANT
        case Aggregate():
            return _of_aggregate(bound, project.project)
        case MetricRef(name=name):
            return additivity_of(project.metrics[name].bound, project, divided=divided)
        case Filtered(operand=x):
            return additivity_of(x, project, divided=divided)
        case Total(operand=x):
            inner = additivity_of(x, project, divided=divided)
            return inner if divided else additivity.other([inner, Additivity.COMPOSITE])
        case Apply(op="/", args=(a, b)):
            return additivity.quotient(
                additivity_of(a, project, divided=True), additivity_of(b, project, divided=True)
            )
        case Apply(op=op, args=args):
            return _of_operation(op, args, [additivity_of(arg, project, divided=divided) for arg in args])
        case Moved():
            return Additivity.OVER_TIME
        case WindowEdge() | KeyValue():
            return Additivity.CONSTANT
        case RowColumn() | Derived() | Partner() | RowSequence() | MemberValue() | ResultValue():
            return Additivity.COMPOSITE
        case _:
            return additivity.other(
                [Additivity.COMPOSITE, *(additivity_of(child, project) for child in children(bound))]
            )


def _of_operation(op: str, args: tuple[Bound, ...], kinds: list[Additivity]) -> Additivity:
    match op:
        case "+" | "-":
            first, second = args
            if _is_zero(second):
                return kinds[0]
            if op == "+" and _is_zero(first):
                return kinds[1]
            return additivity.plus(*kinds)
        case "*":
            return additivity.product(*kinds)
        case "negative" | "as_type":
            return kinds[0]
        case "coalesce" | "nullif" if len(args) == 2 and _is_zero(args[1]):
            # Groups in which a sum is null or 0 add nothing to the whole either way.
            return kinds[0]
        case _:
            return additivity.other(kinds)


def _is_zero(bound: Bound) -> bool:
    return isinstance(bound, Constant) and bound.value is not True and bound.value == 0


def _of_aggregate(aggregate: Aggregate, project: Project) -> Additivity:
    argument = aggregate.argument
    if (
        aggregate.function == "count_distinct"
        and isinstance(argument, RowColumn)
        and not argument.path
        and project.datasets[aggregate.dataset].key == (argument.column,)
    ):
        # Different keys are different rows.
        return Additivity.ADDITIVE
    return AGGREGATE_KINDS.get(aggregate.function, Additivity.COMPOSITE)


# What it can be asked by, and what it reads.


def members_of(aggregates: Iterable[Aggregate], project: CheckedProject) -> Members:
    """Return the grains and dimensions that every aggregate has."""
    found = ANY
    for aggregate in dict.fromkeys(aggregates):
        grains = grains_of(time_of(aggregate, project), project.project)
        found = found.meet(Members(frozenset((*grains, *dimensions_of(aggregate.dataset, project)))))
    return found


def grains_of(time: Bound | None, project: Project) -> tuple[str, ...]:
    """Return the buckets that a time can be cut into; fiscal ones where they differ from the calendar's."""
    if time is None:
        return ()
    return tuple(
        name
        for name, rule in project.grains.items()
        if (project.fiscal_year_start != 1 or rule.anchor != "fiscal_year")
        and not (rule.is_instant and time.type.kind is Kind.DATE)
    )


def dimensions_of(dataset: str, project: CheckedProject) -> tuple[str, ...]:
    """Return the dimensions that a dataset has or reaches in exactly one way."""
    return tuple(name for name in project.project.dimensions if has_dimension(dataset, name, project))


def has_dimension(dataset: str, name: str, project: CheckedProject) -> bool:
    sink = Sink()
    span = project.project.dimensions[name].span
    project.rows.member(dataset, DimensionMember(name), span, sink, span)
    return not sink.has_errors


def _reads(bound: Bound, project: CheckedProject) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for aggregate, conditions in _in_context(bound, (), project):
        parts = [aggregate, time_of(aggregate, project), project.datasets[aggregate.dataset].condition]
        for condition in conditions:
            parts.extend(_on_rows(condition, aggregate.dataset, project))
        for part in parts:
            if part is not None:
                _add_columns(part, aggregate.dataset, project, found)
        if aggregate.function in ("first", "last"):
            # The key decides among rows of one instant.
            key = project.project.datasets[aggregate.dataset].key
            found.setdefault(aggregate.dataset, {}).update(dict.fromkeys(key))
    return {dataset: tuple(columns) for dataset, columns in found.items()}


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


def _parameters(bound: Bound, project: CheckedProject) -> Iterator[str]:
    if isinstance(bound, ParameterRef):
        yield bound.name
    elif isinstance(bound, MetricRef):
        yield from _parameters(project.metrics[bound.name].bound, project)
    elif isinstance(bound, Derived):
        for part in parts_of_form(bound):
            yield from _parameters(part, project)
    elif isinstance(bound, RowSequence):
        for part in of_steps(bound):
            yield from _parameters(part, project)
    for child in children(bound):
        yield from _parameters(child, project)


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
            for part in (*step.keys, step.time, step.condition, always):
                if part is not None:
                    _add_columns(part, step.dataset, project, found)
    for child in children(bound):
        _add_columns(child, home, project, found)


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
