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
from kpidsl.semantics import additivity, samples, set_facts
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Derived,
    DimensionMember,
    Filtered,
    InValues,
    KeyValue,
    MemberValue,
    MetricRef,
    Moved,
    ParameterRef,
    Partner,
    PerEntity,
    ResultValue,
    RowColumn,
    RowSequence,
    Total,
    WindowEdge,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.histories import parts_of_form
from kpidsl.semantics.reads import columns_read, time_of
from kpidsl.semantics.walks import of_steps, sets_inside

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
        reads=columns_read(bound, project),
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


def _metrics(bound: Bound, project: CheckedProject) -> Iterator[str]:
    if isinstance(bound, MetricRef):
        yield bound.name
        yield from _metrics(project.metrics[bound.name].bound, project)
    else:
        inside = sets_inside(bound) if isinstance(bound, Aggregate) else children(bound)
        for part in inside:
            yield from _metrics(part, project)


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
        case PerEntity():
            is_stock = samples.is_stock(bound, project)
            return Additivity.SEMI_ADDITIVE if is_stock else Additivity.PER_ENTITY
        case WindowEdge():
            return Additivity.OVER_TIME if _is_end(bound) else Additivity.CONSTANT
        case KeyValue():
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


def _is_end(bound: Bound) -> bool:
    """Tell whether a value is an end of the window, which the parts of a period do not share."""
    return isinstance(bound, WindowEdge) and bound.which != "as_of"


def _within(bound: Bound) -> Iterator[Bound]:
    for child in children(bound):
        yield child
        yield from _within(child)


def _is_zero(bound: Bound) -> bool:
    return isinstance(bound, Constant) and bound.value is not True and bound.value == 0


def _of_aggregate(aggregate: Aggregate, project: Project) -> Additivity:
    argument = aggregate.argument
    sets = tuple(set_facts.sets_of(aggregate))
    if any(map(set_facts.is_moved, sets)):
        return Additivity.COHORT
    if any(map(_is_end, _within(aggregate))):
        return Additivity.OVER_TIME
    if (
        aggregate.function == "count_distinct"
        and isinstance(argument, RowColumn)
        and not argument.path
        and project.datasets[aggregate.dataset].key == (argument.column,)
    ):
        # Different keys are different rows.
        kind = Additivity.ADDITIVE
    else:
        kind = AGGREGATE_KINDS.get(aggregate.function, Additivity.COMPOSITE)
    # A set is another one in each group, so that what belongs to it does not add up.
    if sets and kind is Additivity.ADDITIVE:
        return Additivity.COMPOSITE
    # A row that holds over an interval counts at every instant of it.
    is_stock = aggregate.at is None and project.datasets[aggregate.dataset].until is not None
    return Additivity.SEMI_ADDITIVE if is_stock and kind is Additivity.ADDITIVE else kind


# What it can be asked by, and what it reads.


def members_of(aggregates: Iterable[Aggregate], project: CheckedProject) -> Members:
    """Return the grains and dimensions that every aggregate has."""
    found = ANY
    for aggregate in dict.fromkeys(aggregates):
        grains = grains_of(time_of(aggregate, project), project.project)
        found = found.meet(Members(frozenset((*grains, *dimensions_of(aggregate.dataset, project)))))
        for one in set_facts.sets_of(aggregate):
            found = found.meet(_members_of_set(one, project))
    return found


def _members_of_set(found: InValues, project: CheckedProject) -> Members:
    """Return the grains and dimensions that a set has, or that it need not have."""
    rows = set_facts.rows_of(found)
    time = time_of(rows, project)
    grains = tuple(project.project.grains) if time is None else grains_of(time, project.project)
    whole = set_facts.is_total(found)
    dimensions = tuple(project.project.dimensions) if whole else dimensions_of(rows.dataset, project)
    return Members(frozenset((*grains, *dimensions)))


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
    elif isinstance(bound, InValues):
        yield from _parameters(bound.set, project)
    for child in children(bound):
        yield from _parameters(child, project)
