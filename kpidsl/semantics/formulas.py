"""Binding of formulas over aggregates, and of conditions on a context."""

from __future__ import annotations

from collections.abc import Mapping

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import BOOLEAN, UNKNOWN, Type
from kpidsl.semantics import errors
from kpidsl.semantics.bound import (
    Aggregate,
    Bound,
    DimensionMember,
    Filtered,
    Grain,
    Member,
    MemberValue,
    MetricRef,
    PathMember,
    Total,
)
from kpidsl.semantics.functions import AGGREGATES, CONTEXTUAL, common
from kpidsl.semantics.rows import RowBinder, RowNames, local
from kpidsl.semantics.scalars import BROKEN, OWNERS, ScalarBinder
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.source import Span
from kpidsl.syntax import print_formula, tree
from kpidsl.syntax.tree import Expr


def holders(project: Project, column: str) -> tuple[str, ...]:
    """Return the datasets that have a column of that name."""
    return tuple(name for name, dataset in project.datasets.items() if column in dataset.columns)


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
            case Grain():
                raise AssertionError("grains are not values of conditions")

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


def member_named(name: tree.Name, project: Project, sink: Sink, *, grains: bool) -> Member | None:
    """Return what a name in `by`, `across` or a condition on a context stands for."""
    if len(name.parts) == 1:
        short = name.parts[0]
        if grains and short in project.grains:
            return Grain(short)
        if short in project.dimensions:
            return DimensionMember(short)
        if ("dimensions", short) not in project.rejected:
            candidates = (*project.dimensions, *(project.grains if grains else ()))
            having = holders(project, short)
            if not having:
                what = "dimension or time grain" if grains else "dimension"
                sink.report(errors.unknown(name.span, what, short, candidates))
            else:
                sink.report((errors.not_member if grains else errors.not_dimension)(name.span, short, having))
        return None
    head, *steps, column = name.parts
    if head not in project.datasets:
        if ("datasets", head) not in project.rejected:
            sink.report(errors.unknown(name.span, "dataset", head, project.datasets))
        return None
    return PathMember(head, tuple(steps), column)


class MemberBinder(ScalarBinder):
    """Binds a condition on a context: its names are dimensions and paths."""

    def __init__(self, project: Project, types: MemberTypes, sink: Sink) -> None:
        super().__init__(sink)
        self.project = project
        self.types = types

    def name(self, expr: tree.Name) -> Bound:
        member = member_named(expr, self.project, self.sink, grains=False)
        if member is None:
            return BROKEN
        found = self.types.of(member, expr.span, self.sink)
        if found is UNKNOWN:
            return BROKEN
        return MemberValue(member, found, expr.span, self.types.unit_of(member, expr.span))

    def knows(self, name: str) -> bool:
        known = (self.project.dimensions, self.project.metrics, self.project.datasets)
        return any(name in names for names in known) or bool(
            holders(self.project, name) or [other for _, other in self.project.rejected if other == name]
        )

    def call(self, expr: tree.Call) -> Bound:
        if expr.function in AGGREGATES or expr.function in CONTEXTUAL:
            self.sink.report(errors.nested(expr.span, expr.function))
            return BROKEN
        return self.scalar_call(expr)

    def where(self, expr: tree.Where) -> Bound:
        self.sink.report(errors.misplaced_where(expr.span))
        return BROKEN


class FormulaBinder(ScalarBinder):
    """Binds a formula of a metric, a KPI or a query.

    `metric_types` gives the type of each metric that has been checked before this one.
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
    ) -> None:
        super().__init__(sink)
        self.rows = rows
        self.project = rows.project
        self.types = types
        self.metric_types = metric_types
        self.metric_units = metric_units
        self.empty_is_null = empty_is_null

    def name(self, expr: tree.Name) -> Bound:
        project = self.project
        if len(expr.parts) > 1:
            head = expr.parts[0]
            if head in project.datasets:
                self.sink.report(
                    errors.missing_aggregate(
                        expr.span, expr.text, head, self._combining(head, expr.parts[-1])
                    )
                )
            elif ("datasets", head) not in project.rejected:
                self.sink.report(errors.unknown(expr.span, "dataset", head, project.datasets))
            return BROKEN
        name = expr.parts[0]
        if name in self.metric_types:
            found = self.metric_types[name]
            return (
                BROKEN if found is UNKNOWN else MetricRef(name, found, expr.span, self.metric_units.get(name))
            )
        if name in project.metrics or {("metrics", name), ("kpis", name)} & project.rejected:
            return BROKEN
        having = holders(project, name)
        if having:
            self.sink.report(
                errors.missing_aggregate(
                    expr.span, f"{having[0]}.{name}", having[0], self._combining(having[0], name)
                )
            )
        elif name in project.dimensions:
            source = next(iter(project.dimensions[name].sources), "row")
            self.sink.report(errors.missing_aggregate(expr.span, name, source, "count_distinct"))
        elif name in project.datasets:
            self.sink.report(errors.missing_aggregate(expr.span, name, name, "count"))
        else:
            self.sink.report(errors.unknown(expr.span, "metric or KPI", name, project.metrics))
        return BROKEN

    def where(self, expr: tree.Where) -> Bound:
        if expr.loose:
            self.sink.report(_loose(expr))
            return BROKEN
        operand = self.bind(expr.operand)
        condition = MemberBinder(self.project, self.types, self.sink).condition(expr.condition)
        if operand.type is UNKNOWN or condition.type is not BOOLEAN:
            return BROKEN
        return Filtered(operand, condition, operand.type, expr.span, operand.unit)

    def call(self, expr: tree.Call) -> Bound:
        if expr.function in CONTEXTUAL:
            return self._total(expr)
        if expr.function in AGGREGATES:
            return self._aggregate(expr)
        return self.scalar_call(expr)

    def _total(self, expr: tree.Call) -> Bound:
        if len(expr.arguments) != 1:
            example = f"{expr.function}(revenue across channel)"
            self.sink.report(errors.arity(expr.span, expr.function, 1, 1, len(expr.arguments), example))
            return BROKEN
        across: list[Member] = []
        for modifier in expr.modifiers:
            if modifier.word != "across":
                self.sink.report(
                    errors.modifier(modifier.span, modifier.word, expr.function, OWNERS[modifier.word])
                )
                return BROKEN
            for name in modifier.names:
                member = member_named(name, self.project, self.sink, grains=True)
                if member is None:
                    return BROKEN
                if not isinstance(member, Grain) and self.types.of(member, name.span, self.sink) is UNKNOWN:
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
        return self.apply("/", (operand, total), expr.span)

    def _aggregate(self, expr: tree.Call) -> Bound:
        function = AGGREGATES[expr.function]
        if not self.has_arity(expr, function):
            return BROKEN
        argument = expr.arguments[0]
        condition: Expr | None = None
        if isinstance(argument, tree.Where):
            condition = argument.condition
            argument = argument.operand
        home = self._home(expr, argument)
        if home is None:
            return BROKEN
        binder = RowBinder(self.rows, home, self.sink)
        value: Bound | None = None
        if isinstance(argument, tree.Name) and argument.parts == (home,):
            if expr.function != "count":
                columns = self._usable_columns(home, expr.function)
                self.sink.report(errors.whole_dataset(argument.span, expr.function, home, columns))
                return BROKEN
        else:
            value = binder.bind(argument)
        bound_condition = None if condition is None else binder.condition(condition)
        at = self._at(expr, binder)
        parts = (value, bound_condition, at)
        if any(part is not None and part.type is UNKNOWN for part in parts):
            return BROKEN
        found = function.typing((value.type,)) if value is not None else function.typing(())
        if found is None:
            assert value is not None
            self.sink.report(errors.mismatch(argument.span, expr.function, (value.type,), function.example))
            return BROKEN
        unit = self.rows.units.of_aggregate(expr.function, home, () if value is None else (value,))
        return Aggregate(
            expr.function, home, value, bound_condition, at, self.empty_is_null, local(found), expr.span, unit
        )

    def _usable_columns(self, home: str, function: str) -> tuple[str, ...]:
        """Return the columns that an aggregate takes, those that are no key first."""
        dataset = self.project.datasets[home]
        fitting = [
            c.name for c in dataset.columns.values() if AGGREGATES[function].typing((c.type,)) is not None
        ]
        keys = {own for join in dataset.joins.values() for _, own in join.keys} | set(dataset.key)
        return tuple(sorted(fitting, key=lambda name: name in keys))

    def _combining(self, dataset: str, column: str) -> str:
        """Return the aggregate that most likely combines a column's values."""
        definition = self.project.datasets.get(dataset)
        found = definition.columns.get(column) if definition is not None else None
        if definition is None or found is None:
            return "count"
        keys = {own for join in definition.joins.values() for _, own in join.keys} | set(definition.key)
        if column in keys:
            return "count_distinct"
        return "sum" if found.type.is_numeric else "max" if found.type.is_time else "count"

    def _home(self, expr: tree.Call, argument: Expr) -> str | None:
        """Return the first dataset that the argument names."""
        names = [node for node in tree.walk(argument) if isinstance(node, tree.Name)]
        if isinstance(argument, tree.Name) and argument.parts[0] in self.project.datasets:
            return argument.parts[0]
        for name in names:
            if len(name.parts) > 1 and name.parts[0] in self.project.datasets:
                return name.parts[0]
        for node in tree.walk(argument):
            if isinstance(node, tree.Call) and (node.function in AGGREGATES or node.function in CONTEXTUAL):
                self.sink.report(errors.nested(node.span, node.function))
                return None
        for name in names:
            if len(name.parts) == 1 and name.parts[0] in self.project.metrics:
                self.sink.report(errors.nested(name.span, name.parts[0], "a metric"))
                return None
        dotted = next((name for name in names if len(name.parts) > 1), None)
        if dotted is not None:
            if ("datasets", dotted.parts[0]) not in self.project.rejected:
                self.sink.report(
                    errors.unknown(dotted.span, "dataset", dotted.parts[0], self.project.datasets)
                )
            return None
        short = names[0].parts[0] if names else None
        if (
            isinstance(argument, tree.Name)
            and expr.function == "count"
            and short
            and not holders(self.project, short)
        ):
            if ("datasets", short) not in self.project.rejected:
                self.sink.report(errors.unknown(argument.span, "dataset", short, self.project.datasets))
            return None
        candidates = holders(self.project, short) if short else ()
        self.sink.report(errors.no_home(argument.span, expr.function, candidates, short))
        return None

    def _at(self, expr: tree.Call, binder: RowBinder) -> Bound | None:
        at: Bound | None = None
        for modifier in expr.modifiers:
            if modifier.word != "at":
                self.sink.report(
                    errors.modifier(modifier.span, modifier.word, expr.function, OWNERS[modifier.word])
                )
                return BROKEN
            name = modifier.names[0]
            at = binder.name(name)
            if at.type is not UNKNOWN and not at.type.is_time:
                self.sink.report(errors.not_time(name.span, name.text, at.type))
                return BROKEN
        return at


def _loose(expr: tree.Where) -> Diagnostic:
    operand = expr.operand
    condition = print_formula(expr.condition)
    left = print_formula(operand)
    if isinstance(operand, tree.Arithmetic):
        last = print_formula(operand.right)
        return errors.loose_where(
            expr.span, left, last, condition, f"{print_formula(operand.left)} {operand.op}"
        )
    return errors.loose_where(expr.span, left, left, condition, "")
