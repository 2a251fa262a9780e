"""Binding of formulas over aggregates, and of conditions on a context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Project
from kpidsl.model.grains import EDGES, PARTS
from kpidsl.model.types import BOOLEAN, UNKNOWN, Type
from kpidsl.semantics import aggregate_errors, errors, moves, per_entity, query_errors, sets, time_errors
from kpidsl.semantics.aggregates import AggregateBinder, holders
from kpidsl.semantics.bound import (
    BROKEN,
    Bound,
    Bucketed,
    ColumnMember,
    DimensionMember,
    Filtered,
    Grain,
    Member,
    MemberValue,
    MetricRef,
    Part,
    PathMember,
    Total,
)
from kpidsl.semantics.column_ways import column_ways, near_column
from kpidsl.semantics.conditions_inside import told_inside
from kpidsl.semantics.declared_types import local
from kpidsl.semantics.functions import AGGREGATES, CONTEXTUAL, VALUES, common
from kpidsl.semantics.listed_values import union
from kpidsl.semantics.meanings import filter_or_parameter
from kpidsl.semantics.near_metrics import unknown_metric
from kpidsl.semantics.rows import RowNames
from kpidsl.semantics.scalars import ScalarBinder
from kpidsl.semantics.shared_names import is_rejected, shared_names
from kpidsl.semantics.terms import everyday_name
from kpidsl.semantics.time_habits import grain_as_period, grain_in_french, of_another_time
from kpidsl.semantics.times import check_hours, role, type_of
from kpidsl.semantics.unavailable import is_left_out, no_dataset
from kpidsl.semantics.unit_facts import UnitFact, quotient_of_one
from kpidsl.source import Span
from kpidsl.syntax import print_formula, tree

_NAMED_IN_FORMULAS = ("metrics", "kpis", "parameters")


class MemberTypes:
    """The types of dimensions and paths, each worked out once."""

    def __init__(self, rows: RowNames) -> None:
        self.rows = rows
        self._known: dict[Member, Type] = {}

    def of(self, member: Member, span: Span, sink: Sink) -> Type:
        known = self._known.get(member)
        if known is None:
            known = self._known[member] = self._work_out(member, span, sink)
        return known

    def _work_out(self, member: Member, span: Span, sink: Sink) -> Type:
        project = self.rows.project
        match member:
            case DimensionMember(name=name):
                dimension = project.dimensions[name]
                if dimension.type is not None:
                    return dimension.type
                sources = [source for source in dimension.sources if source in project.datasets]
                found = [local(self.rows.member(s, member, span, Sink(), span).type) for s in sources]
                return common([type_ for type_ in found if type_ is not UNKNOWN]) or UNKNOWN
            case PathMember(dataset=head, steps=steps, column=column):
                return local(self.rows.walk(project.datasets[head], steps, column, span, sink).type)
            case Bucketed(member=inner) | Part(member=DimensionMember() | PathMember() as inner):
                time = self.of(inner, span, sink)
                if time is UNKNOWN:
                    return UNKNOWN
                if not time.is_time:
                    sink.report(time_errors.not_time(span, inner.text, time))
                    return UNKNOWN
                fits = check_hours(member, time, inner.text, span, sink)
                return type_of(project, member) if fits else UNKNOWN
            case ColumnMember(value=value):
                return local(value.type)
            case Grain() | Part():
                return type_of(project, member)

    def listed(self, member: Member, span: Span) -> tuple[str, ...] | None:
        """Return the texts that a member can be beside null, or None where nothing lists them."""
        project = self.rows.project
        match member:
            case DimensionMember(name=name):
                sources = [
                    source for source in project.dimensions[name].sources if source in project.datasets
                ]
                found = (self.rows.member(source, member, span, Sink(), span) for source in sources)
                return union(map(self.rows.listed, found)) if sources else None
            case PathMember(dataset=head, steps=steps, column=column):
                return self.rows.listed(self.rows.walk(project.datasets[head], steps, column, span, Sink()))
            case _:
                return None

    def unit_of(self, member: Member, span: Span) -> UnitFact | None:
        """Return the unit of a member's values: that of the column, or of what the first dataset gives."""
        project = self.rows.project
        match member:
            case DimensionMember(name=name):
                sources = [
                    source for source in project.dimensions[name].sources if source in project.datasets
                ]
                return self.rows.member(sources[0], member, span, Sink(), span).unit if sources else None
            case PathMember(dataset=head, steps=steps, column=column):
                return self.rows.walk(project.datasets[head], steps, column, span, Sink()).unit
            case _:
                return None


def _report_once(told: Diagnostic, sink: Sink) -> None:
    """Report what is wrong with a text, unless the same has been said of it."""
    for other in reversed(sink.reported):
        if other.primary.span.source != told.primary.span.source:
            break
        if (other.rule, other.message) == (told.rule, told.message):
            return
    sink.report(told)


def member_named(
    name: tree.Name, project: Project, sink: Sink, *, grains: bool, read: frozenset[str] = frozenset()
) -> Member | None:
    """Return what a name in `by`, `across` or a condition on a context stands for.

    What is none is reported once. `read` are the datasets that are known to be read: what they do not
    reach is not offered.
    """
    found = role(name, project, sink)
    if found is not None:
        return found
    if len(name.parts) == 1:
        short = name.parts[0]
        if grains and short in project.grains:
            return Grain(short)
        if short in PARTS:
            return Part(short)
        if short in project.dimensions:
            return DimensionMember(short)
        if grains and short in project.filters:
            sink.report(query_errors.filter_member(name.span, short))
        elif not grains and short in project.grains:
            # `month >= … and month < …` is one span of time, and one mistake.
            _report_once(errors.grain_tested(name.span, short, grain_as_period(name.span)), sink)
        elif not is_rejected(project, short):
            named = () if grains else (*project.filters, *project.parameters)
            candidates = (*project.dimensions, *(project.grains if grains else ()), *PARTS, *named)
            having = holders(project, short)
            if not having:
                what = "dimension or time grain" if grains else "dimension"
                help = (grain_in_french(short) if grains else None) or near_column(
                    project, short, candidates, read
                )
                _report_once(errors.unknown(name.span, what, short, candidates, help), sink)
            else:
                ways = column_ways(project, short, having, read)
                told = query_errors.not_member if grains else errors.not_dimension
                _report_once(told(name.span, short, ways.written, ways.otherwise), sink)
        return None
    head, *steps, column = name.parts
    if head not in project.datasets:
        no_dataset(project, head, name.span, sink, of_another_time(name.parts, project, sorted(read)))
        return None
    return PathMember(head, tuple(steps), column)


class MemberBinder(ScalarBinder):
    """Binds a condition on a context: its names are dimensions and paths.

    `read` are the datasets that are known to be read under it.
    """

    def __init__(
        self, project: Project, types: MemberTypes, sink: Sink, read: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(sink)
        self.project = project
        self.types = types
        self.read = read

    @property
    def defined(self) -> Project:
        return self.project

    def name(self, expr: tree.Name) -> Bound:
        meaning = filter_or_parameter(expr, self.types.rows, self)
        if meaning is not None:
            return meaning
        member = member_named(expr, self.project, self.sink, grains=False, read=self.read)
        if member is None:
            return BROKEN
        found = self.types.of(member, expr.span, self.sink)
        if found is UNKNOWN:
            return BROKEN
        return MemberValue(member, found, expr.span, self.types.unit_of(member, expr.span))

    def listed(self, value: Bound) -> tuple[str, ...] | None:
        if isinstance(value, MemberValue):
            return self.types.listed(value.member, value.span)
        return self.types.rows.listed(value)

    def knows(self, name: str) -> bool:
        known = (self.project.metrics, self.project.datasets, *shared_names(self.project))
        return any(name in names for names in known) or bool(
            holders(self.project, name) or [other for _, other in self.project.rejected if other == name]
        )


class FormulaBinder(AggregateBinder):
    """Binds a formula of a metric, a KPI or a query.

    `metric_types` gives the type of each metric that has been checked before this one, `bound_of` its
    formula.
    """

    def __init__(
        self,
        rows: RowNames,
        types: MemberTypes,
        metric_types: Mapping[str, Type],
        metric_units: Mapping[str, UnitFact | None],
        sink: Sink,
        *,
        empty_is_null: bool,
        bound_of: Callable[[str], Bound],
    ) -> None:
        super().__init__(rows, sink, empty_is_null=empty_is_null)
        self.types = types
        self.bound_of = bound_of
        self.metric_types = metric_types
        self.metric_units = metric_units
        self.sets = partial(sets.in_values, self)
        self.takes_sets = False
        """Whether a set is bound, so that `values` may stand here."""

    @property
    def defined(self) -> Project:
        return self.project

    def listed(self, value: Bound) -> tuple[str, ...] | None:
        return self.rows.listed(value)

    def name(self, expr: tree.Name) -> Bound:
        project = self.project
        if len(expr.parts) > 1:
            head = expr.parts[0]
            if head in project.datasets:
                self.sink.report(
                    aggregate_errors.missing_aggregate(
                        expr.span, expr.text, head, self.combining(head, expr.parts[-1])
                    )
                )
            else:
                no_dataset(project, head, expr.span, self.sink)
            return BROKEN
        name = expr.parts[0]
        parameter = self.parameter(expr, self.rows.units)
        if parameter is not None and name in project.metrics:
            meanings = ("a parameter", "a metric or KPI")
            self.sink.report(errors.ambiguous(expr.span, name, meanings, "rename one of the two"))
            return BROKEN
        if parameter is not None:
            return parameter
        if name in self.metric_types:
            found = self.metric_types[name]
            return (
                BROKEN if found is UNKNOWN else MetricRef(name, found, expr.span, self.metric_units.get(name))
            )
        sections = ("metrics", "kpis", "parameters")
        if name in project.metrics or any((section, name) in project.rejected for section in sections):
            return BROKEN
        if name in EDGES:
            return moves.edge(name, expr.span)
        if is_left_out(project, expr.span, self.sink, ("kpis", name)):
            return BROKEN
        having = holders(project, name)
        if having:
            self.sink.report(
                aggregate_errors.missing_aggregate(
                    expr.span, f"{having[0]}.{name}", having[0], self.combining(having[0], name)
                )
            )
        elif name in project.dimensions:
            source = next(iter(project.dimensions[name].sources), "row")
            self.sink.report(aggregate_errors.missing_aggregate(expr.span, name, source, "count_distinct"))
        elif name in project.datasets:
            self.sink.report(aggregate_errors.missing_aggregate(expr.span, name, name, "count"))
        elif (everyday := everyday_name(project, name, expr.span)) is not None:
            self.sink.report(everyday)
        else:
            self.sink.report(unknown_metric(expr.span, name, project, (*project.parameters, *EDGES)))
        return BROKEN

    def where(self, expr: tree.Where) -> Bound:
        if expr.loose:
            self.sink.report(_loose(expr))
            return BROKEN
        operand = self.bind(expr.operand)
        found = Sink()
        condition = MemberBinder(self.project, self.types, found).condition(expr.condition)
        self.sink.extend(
            told_inside(expr, operand, self.project, diagnostic) for diagnostic in found.reported
        )
        if operand.type is UNKNOWN or condition.type is not BOOLEAN:
            return BROKEN
        return Filtered(operand, condition, operand.type, expr.span, operand.unit)

    def call(self, expr: tree.Call) -> Bound:
        if expr.function == VALUES.name and self.takes_sets:
            return sets.values(self, expr)
        if expr.function in moves.ARGUMENTS:
            return moves.moved(self, expr)
        if expr.function in CONTEXTUAL:
            return self._total(expr)
        if expr.function in AGGREGATES:
            is_of_entities = per_entity.is_of_entities(expr)
            return per_entity.of_entities(self, expr) if is_of_entities else self.aggregate(expr)
        return self.scalar_call(expr)

    def member_named(self, name: tree.Name, read: frozenset[str] = frozenset()) -> Member | None:
        """Return what a name in `across` or `per` stands for, over rows of the datasets `read`."""
        return member_named(name, self.project, self.sink, grains=True, read=read)

    def set_of(self, expr: tree.Call) -> Bound:
        """Return a set with what is around it."""
        return sets.set_of(self, expr)

    def _total(self, expr: tree.Call) -> Bound:
        if len(expr.arguments) != 1:
            others = [other.text for other in expr.arguments[1:] if isinstance(other, tree.Name)]
            example = f"{expr.function}(revenue across {', '.join(others) or 'channel'})"
            self.sink.report(aggregate_errors.arity(expr, 1, 1, example))
            return BROKEN
        across: list[Member] = []
        for modifier in expr.modifiers:
            if modifier.word != "across":
                self.misplaced(modifier, expr)
                return BROKEN
            for name in modifier.names:
                member = self.member_named(name)
                if member is None:
                    return BROKEN
                if self.types.of(member, name.span, self.sink) is UNKNOWN:
                    return BROKEN
                across.append(member)
        operand = self.bind(expr.arguments[0])
        if operand.type is UNKNOWN:
            return BROKEN
        total = Total(
            operand,
            tuple(across) if expr.modifiers else None,
            expr.function == "share",
            operand.type,
            expr.span,
            operand.unit,
        )
        if expr.function == "total":
            return total
        if not operand.type.is_numeric:
            self.sink.report(
                errors.mismatch(expr.span, "share", (operand.type,), "share(revenue across channel)")
            )
            return BROKEN
        part = self.apply("/", (operand, total), expr.span)
        return replace(part, unit=quotient_of_one(part.unit, expr.span, "a share is a fraction"))


def _loose(expr: tree.Where) -> Diagnostic:
    """Return the report of a `where` behind an operator, with each formula that may be meant."""
    operand = expr.operand
    whole = print_formula(replace(expr, loose=False))
    if not _rests_on_rows(operand):
        alone = print_formula(operand)
        return errors.where_on_constant(expr.span, alone, alone)
    if isinstance(operand, tree.Arithmetic) and _rests_on_rows(operand.left):
        if not _rests_on_rows(operand.right):
            return errors.where_on_constant(expr.span, print_formula(operand.right), whole)
        last = replace(expr, operand=operand.right, loose=False)
        return errors.loose_where(expr.span, whole, print_formula(replace(operand, right=last)))
    return errors.bare_where(expr.span, whole)


def _rests_on_rows(expr: tree.Expr) -> bool:
    return any(isinstance(node, tree.Name | tree.Call) for node in tree.walk(expr))
