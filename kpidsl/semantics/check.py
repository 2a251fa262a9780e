"""The checker: a project as written to one where every name is bound and every fact known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kpidsl.diagnostics import Label, Sink
from kpidsl.model.definitions import Dataset, Metric, Project
from kpidsl.model.types import BOOLEAN, UNKNOWN, Kind, Type
from kpidsl.semantics import aggregate_errors, errors, join_errors, time_errors
from kpidsl.semantics.bound import (
    BROKEN,
    Aggregate,
    Amount,
    Bound,
    Constant,
    DimensionMember,
    InValues,
    MetricRef,
    PerEntity,
    children,
)
from kpidsl.semantics.calendars import check_calendar
from kpidsl.semantics.context_filters import check_filters
from kpidsl.semantics.declared_types import local
from kpidsl.semantics.derived import derive
from kpidsl.semantics.filters import NamedFilters
from kpidsl.semantics.formulas import FormulaBinder, MemberTypes, member_named
from kpidsl.semantics.functions import ZERO_OF_NOTHING
from kpidsl.semantics.histories import check_histories
from kpidsl.semantics.joined_keys import check_key, check_units
from kpidsl.semantics.matches import Match, check_circles, is_reversed, key_used, match_of
from kpidsl.semantics.mentions import in_order
from kpidsl.semantics.moves import length_asked
from kpidsl.semantics.parameter_values import default_values
from kpidsl.semantics.rows import RowBinder, RowNames
from kpidsl.semantics.sequence_circles import check_row_circles
from kpidsl.semantics.terms import Demands, check_terms
from kpidsl.semantics.unit_errors import no_number
from kpidsl.semantics.unit_facts import UnitFact, as_declared, seen_as
from kpidsl.semantics.unit_names import place, unit_not_given
from kpidsl.semantics.unit_rules import brought_to
from kpidsl.syntax import tree
from kpidsl.syntax.errors import too_deep, too_many_parts
from kpidsl.syntax.parser import DEEPEST_TREE

if TYPE_CHECKING:
    # Loaded where there are any.
    from kpidsl.semantics.objectives import CheckedObjective, CheckedScorecard

MOST_PARTS = 20_000
"""Nodes of a formula once the metrics in it are written out."""


@dataclass(frozen=True, slots=True)
class CheckedDataset:
    """A dataset with its time column and condition bound on its rows."""

    definition: Dataset
    time: Bound | None
    until: Bound | None
    """Until when a row holds that holds over an interval; the time is then its beginning."""
    condition: Bound | None
    known_at: Bound | None = None
    """What a query's instant tests in the place of the time, where the dataset names it."""
    matches: Mapping[str, Match] = field(default_factory=dict)
    """For each join by more than columns of the two tables, what holds between a row and its partner."""
    settles_after: Amount | None = None
    """How old rows are before they are final."""
    exists: Bound | None = None
    """The part of the condition by which a row exists at the query's instant."""


@dataclass(frozen=True, slots=True)
class CheckedMetric:
    """A metric's bound formula, the datasets that it reads, and how large it is written out."""

    definition: Metric
    bound: Bound
    datasets: frozenset[str]
    depth: int
    parts: int
    maturity: Amount | None = None
    """How old the rows of all its aggregates must be."""

    @property
    def type(self) -> Type:
        return self.bound.type


@dataclass(frozen=True, slots=True)
class CheckedProject:
    """What queries are checked against and compiled from."""

    project: Project
    datasets: Mapping[str, CheckedDataset]
    metrics: Mapping[str, CheckedMetric]
    rows: RowNames = field(compare=False)
    types: MemberTypes = field(compare=False)
    metric_types: Mapping[str, Type] = field(compare=False)
    metric_units: Mapping[str, UnitFact | None] = field(compare=False)
    defaults: Mapping[str, tuple[Constant, ...]] = field(compare=False, default_factory=dict)
    """The values of parameters where a query sets none."""
    demands: Mapping[str, Demands] = field(compare=False, default_factory=dict)
    """What each metric and KPI asks of a query, those in its formula included."""
    objectives: Mapping[str, CheckedObjective] = field(default_factory=dict)
    scorecards: Mapping[str, CheckedScorecard] = field(default_factory=dict)
    """Those in which nothing is wrong; `kpidsl.objectives` checks them."""


def check(project: Project, sink: Sink) -> CheckedProject:
    """Return the checked project; everything that is wrong with it goes to the sink."""
    rows = RowNames(project, sink)
    types = MemberTypes(rows)
    rows.units.read_all()
    filters = NamedFilters(types, sink)
    rows.filter = filters.of
    rows.derive = derive
    datasets = {name: _dataset(rows, dataset, sink) for name, dataset in project.datasets.items()}
    matches = {(name, join): m for name, dataset in datasets.items() for join, m in dataset.matches.items()}
    conditions = {name: dataset.condition for name, dataset in datasets.items()}
    before = sink.errors
    check_circles(project, matches, conditions, sink)
    if sink.errors == before:
        check_row_circles(project, conditions, sink)
    check_histories(datasets, rows, sink)
    _dimensions(rows, sink)
    for calendar in project.calendars.values():
        check_calendar(calendar, sink)
    for name in project.filters:
        filters.of(name)
    metric_types: dict[str, Type] = {}
    metric_units: dict[str, UnitFact | None] = {}
    metrics: dict[str, CheckedMetric] = {}
    for name in in_order(project, sink):
        metric = project.metrics[name]
        metrics[name] = _metric(metric, rows, types, metric_types, metric_units, metrics, sink)
        metric_types[name] = metrics[name].type
        metric_units[name] = _shown_unit(metrics[name])
    for name, metric in project.metrics.items():
        # What is in a circle has been told: nobody complains about it again.
        metrics.setdefault(name, CheckedMetric(metric, BROKEN, frozenset(), 1, 1))
    demands = check_terms(
        project,
        {name: metric.bound for name, metric in metrics.items()},
        lambda name: member_named(name, project, sink, grains=True),
        sink,
    )
    return CheckedProject(
        project=project,
        datasets=datasets,
        metrics=metrics,
        rows=rows,
        types=types,
        metric_types=metric_types,
        metric_units=metric_units,
        defaults=default_values(rows.units, sink),
        demands=demands,
    )


def _dataset(rows: RowNames, dataset: Dataset, sink: Sink) -> CheckedDataset:
    project = rows.project
    for column in dataset.key:
        found = dataset.columns.get(column)
        if found is None or found.is_derived:
            physical = [name for name, other in dataset.columns.items() if not other.is_derived]
            sink.report(
                join_errors.key_column(
                    dataset.key_span, dataset.name, column, physical, computed=found is not None
                )
            )
    for join in dataset.joins.values():
        target = project.datasets.get(join.target)
        if target is None:
            if ("datasets", join.target) not in project.rejected:
                sink.report(errors.unknown(join.target_span, "dataset", join.target, project.datasets))
            continue
        if join.name in project.datasets and join.name != join.target:
            sink.report(join_errors.join_name(join.span, join.name, join.target))
        if is_reversed(dataset, target, join):
            sink.report(join_errors.reversed_keys(join.keys_span, target.name, join.keys))
            continue
        used = key_used(join)
        # A mistyped column is told below as one that is not there.
        misspelt = any(theirs == own and own not in dataset.columns for theirs, own in join.keys)
        is_known = not misspelt and all(column in target.columns for column in target.key)
        is_on_key = join.nearest is not None or sorted(used) == sorted(target.key)
        if join.is_understood and is_known and not is_on_key:
            if join.interval is None:
                sink.report(join_errors.join_key(join, target, used, dataset))
            else:
                sink.report(join_errors.interval_key(join, target, used))
        for pair in join.keys:
            check_key(dataset, target, pair, join.keys_span, rows.units, sink)
    for definition in dataset.columns.values():
        rows.column(dataset.name, definition)
    if dataset.sql is not None or any(column.sql for column in dataset.columns.values()):
        _fragments(dataset, sink)
    matches = {
        join.name: match
        for join in dataset.joins.values()
        if (match := match_of(rows, dataset, join, sink)) is not None
    }
    time, until = _times(rows, dataset, sink)
    return CheckedDataset(
        dataset,
        time,
        until,
        _condition(rows, dataset, sink),
        _time(rows, dataset, dataset.known_at, sink),
        matches,
        length_asked(dataset.settles_after, "settles_after", project, sink),
    )


def _fragments(dataset: Dataset, sink: Sink) -> None:
    # Only projects with SQL of their own pay for importing sqlglot here.
    from kpidsl.semantics.fragments import check_expression, check_query

    if dataset.sql is not None:
        check_query(dataset.sql, sink)
    for column in dataset.columns.values():
        if column.sql is not None:
            check_expression(column.sql, sink)


def _condition(rows: RowNames, dataset: Dataset, sink: Sink) -> Bound | None:
    """Return the dataset-wide `where` bound on its rows, or None where there is none."""
    if dataset.where is None or dataset.where.expr is None:
        return None
    binder = RowBinder(rows, dataset.name, sink)
    bound = binder.condition(dataset.where.expr)
    return bound if bound.type is BOOLEAN else None


def _time(rows: RowNames, dataset: Dataset, name: tree.Name | None, sink: Sink) -> Bound | None:
    if name is None:
        return None
    bound = RowBinder(rows, dataset.name, sink).name(name)
    if bound.type is UNKNOWN:
        return None
    if not bound.type.is_time:
        sink.report(time_errors.not_time(name.span, name.text, bound.type))
        return None
    return bound


def _times(rows: RowNames, dataset: Dataset, sink: Sink) -> tuple[Bound | None, Bound | None]:
    """Return a row's time, and until when it holds; two ends of different kinds are reported."""
    time = _time(rows, dataset, dataset.time, sink)
    until = _time(rows, dataset, dataset.until, sink)
    if dataset.until is None or time is None or until is None:
        return (time, None) if dataset.until is None else (None, None)
    if time.type.kind is not until.type.kind:
        assert dataset.time is not None
        sink.report(
            time_errors.two_kinds(
                dataset.until.span, (dataset.time.text, dataset.until.text), (time.type, until.type)
            )
        )
        return None, None
    return time, until


def _dimensions(rows: RowNames, sink: Sink) -> None:
    project = rows.project
    for name, dimension in project.dimensions.items():
        expected: Type | None = dimension.type
        first, first_at = "as declared", dimension.span
        unit: UnitFact | None = None
        for source, formula in dimension.sources.items():
            span = dimension.source_spans[source]
            if source not in project.datasets:
                if ("datasets", source) not in project.rejected:
                    sink.report(join_errors.dimension_dataset(span, source, project.datasets))
                continue
            value = rows.member(source, DimensionMember(name), span, sink, span)
            found = local(value.type)
            if found is UNKNOWN or found.kind is Kind.NULL:
                continue
            unit = unit or value.unit
            if not check_units(f"dimension {name}", (unit, value.unit), formula.span, sink):
                continue
            if expected is None or expected is UNKNOWN:
                expected, first, first_at = found, f"on `{source}`", span
            elif not _meet(found, expected, declared=dimension.type is not None):
                sink.report(
                    join_errors.dimension_type(formula.span, name, found, source, expected, first, first_at)
                )


def _meet(found: Type, expected: Type, *, declared: bool) -> bool:
    """Tell whether a dimension's values on two datasets are of one type; a declared one loses no digit."""
    if found.is_exact and expected.is_exact:
        return not declared or found.scale <= expected.scale
    return found.kind is expected.kind


def _metric(
    metric: Metric,
    rows: RowNames,
    types: MemberTypes,
    metric_types: Mapping[str, Type],
    metric_units: Mapping[str, UnitFact | None],
    metrics: Mapping[str, CheckedMetric],
    sink: Sink,
) -> CheckedMetric:
    expr = metric.formula.expr
    if expr is None:
        return CheckedMetric(metric, BROKEN, frozenset(), 1, 1)
    binder = FormulaBinder(
        rows,
        types,
        metric_types,
        metric_units,
        sink,
        empty_is_null=metric.empty == "null",
        bound_of=lambda name: metrics[name].bound,
    )
    maturity = length_asked(metric.terms.maturity, "maturity", rows.project, sink)
    checked = measured(metric, _in_unit(metric, binder.bind(expr), rows, sink), metrics, maturity)
    if checked.depth > DEEPEST_TREE:
        sink.report(too_deep(expr.span, DEEPEST_TREE))
        return CheckedMetric(metric, BROKEN, checked.datasets, 1, 1)
    if checked.parts > MOST_PARTS:
        sink.report(too_many_parts(expr.span, checked.parts, MOST_PARTS))
        return CheckedMetric(metric, BROKEN, checked.datasets, 1, 1)
    check_filters(checked.bound, lambda name: metrics[name].datasets, rows, sink)
    if metric.empty == "null" and checked.type is not UNKNOWN and not _has_own_aggregate(checked.bound):
        sink.report(aggregate_errors.empty_means(metric.span, metric.name))
    return checked


def _in_unit(metric: Metric, bound: Bound, rows: RowNames, sink: Sink) -> Bound:
    """Return a formula's value in the unit that its metric declares, having reported another unit."""
    if metric.unit is None or bound.type is UNKNOWN:
        return bound
    declared = rows.units.written(metric.unit)
    if declared is None:
        return bound
    if not bound.type.is_numeric:
        if bound.type.kind is not Kind.NULL:
            sink.report(no_number(place(metric.unit), metric.name, str(bound.type)))
        return bound
    value = brought_to(bound, declared)
    if value is None:
        assert bound.unit is not None
        sink.report(unit_not_given(metric.unit, f"`{metric.name}`", declared, bound.unit))
        value = bound
    said = Label(place(metric.unit), f"`{metric.name}` is declared in `{declared}`")
    return replace(value, unit=as_declared(bound.unit, declared, said))


def _shown_unit(metric: CheckedMetric) -> UnitFact | None:
    """Return a metric's unit as other formulas see it: the metric first, then where it has it from."""
    fact = metric.bound.unit
    definition = metric.definition
    if fact is None or fact.unit is None or definition.unit is not None:
        return fact
    return seen_as(fact, Label(definition.span, f"`{definition.name}` is in `{fact.unit}`"))


def measured(
    metric: Metric, bound: Bound, metrics: Mapping[str, CheckedMetric], maturity: Amount | None = None
) -> CheckedMetric:
    """Return the metric with the datasets it reads and its size once written out."""
    datasets: set[str] = set()
    deepest, parts = 0, 0
    stack = [(bound, 1)]
    while stack:
        node, depth = stack.pop()
        parts += 1
        if isinstance(node, Aggregate):
            datasets.add(node.dataset)
        elif isinstance(node, MetricRef):
            inner = metrics[node.name]
            datasets |= inner.datasets
            depth += inner.depth
            parts += inner.parts
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in children(node))
        if isinstance(node, InValues):
            stack.append((node.set, depth + 1))
    return CheckedMetric(metric, bound, frozenset(datasets), deepest, parts, maturity)


def _has_own_aggregate(bound: Bound) -> bool:
    if isinstance(bound, Aggregate | PerEntity) and bound.function in ZERO_OF_NOTHING:
        return True
    return any(map(_has_own_aggregate, children(bound)))
