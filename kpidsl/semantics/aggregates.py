"""Binding of aggregates: their home, their arguments and conditions on its rows, their time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import UNKNOWN
from kpidsl.semantics import aggregate_errors, errors, time_errors
from kpidsl.semantics.bound import BROKEN, Aggregate, Bound, Constant, ParameterRef
from kpidsl.semantics.functions import AGGREGATES, CONTEXTUAL, SEQUENCES, VALUES, Function
from kpidsl.semantics.named_examples import examples_of
from kpidsl.semantics.nested import nested
from kpidsl.semantics.rows import RowBinder, RowNames
from kpidsl.semantics.scalars import InValuesBinding, ScalarBinder
from kpidsl.semantics.unavailable import is_left_out
from kpidsl.source import Span
from kpidsl.syntax import tree
from kpidsl.syntax.tree import Expr


def holders(project: Project, column: str) -> tuple[str, ...]:
    """Return the datasets that have a column of that name."""
    return tuple(name for name, dataset in project.datasets.items() if column in dataset.columns)


class AggregateBinder(ScalarBinder):
    """Binds the aggregates of a formula; what else stands there is for a subclass to say."""

    has_window = True
    """Whether the aggregates stand in a context that has a window to speak of."""

    def __init__(self, rows: RowNames, sink: Sink, *, empty_is_null: bool) -> None:
        super().__init__(sink)
        self.rows = rows
        self.project = rows.project
        self.empty_is_null = empty_is_null
        self.sets: InValuesBinding | None = None
        """Binds what the rows of an aggregate are asked of sets."""

    def aggregate(self, expr: tree.Call) -> Bound:
        function = VALUES if expr.function == VALUES.name else AGGREGATES[expr.function]
        if not self.has_arity(expr, function):
            return BROKEN
        # A `where` may follow any argument; all of them hold for the rows.
        arguments = [a.operand if isinstance(a, tree.Where) else a for a in expr.arguments]
        conditions = [a.condition for a in expr.arguments if isinstance(a, tree.Where)]
        home = self._home(expr, arguments[0])
        if home is None:
            return BROKEN
        binder = RowBinder(self.rows, home, self.sink)
        binder.has_window = self.has_window
        at = binder.time = self._at(expr, RowBinder(self.rows, home, self.sink))
        binder.in_values = self.sets
        argument = arguments[0]
        values: tuple[Bound, ...] = ()
        if isinstance(argument, tree.Name) and argument.parts == (home,):
            if expr.function != "count":
                columns = self._usable_columns(home, function)
                _, comma, rest = function.example.removesuffix(")").partition(",")
                if function.most == 1:
                    comma = rest = ""
                self.sink.report(
                    aggregate_errors.whole_dataset(argument.span, expr.function, home, columns, comma + rest)
                )
                return BROKEN
        else:
            values = tuple(map(binder.bind, arguments))
        required = tuple(binder.required)
        condition = self._all_of([binder.condition(c) for c in conditions], expr.span)
        parts = (*values, condition, at)
        if any(part is not None and part.type is UNKNOWN for part in parts):
            return BROKEN
        types = tuple(value.type for value in values)
        found = function.typing(types)
        if found is None:
            span = argument.span if len(arguments) == 1 else expr.span
            self.sink.report(errors.mismatch(span, expr.function, types, function.example))
            return BROKEN
        if not self._is_computable(expr, home, values, at):
            return BROKEN
        value, *others = values or (None,)
        unit = self.rows.units.of_aggregate(expr.function, home, values)
        return Aggregate(
            expr.function,
            home,
            value,
            condition,
            at,
            self.empty_is_null,
            found,
            expr.span,
            tuple(others),
            required,
            unit,
        )

    def _all_of(self, conditions: Sequence[Bound], span: Span) -> Bound | None:
        if len(conditions) < 2:
            return conditions[0] if conditions else None
        return self.apply("and", tuple(conditions), span)

    def _is_computable(self, expr: tree.Call, home: str, values: Sequence[Bound], at: Bound | None) -> bool:
        """Tell, and report otherwise, whether an aggregate has what it needs beside values of a type."""
        if expr.function == "percentile" and not isinstance(values[1], ParameterRef):
            # A parameter's value is looked at when a query gives it.
            return is_fraction(values[1], expr.arguments[1].span, self.sink)
        if expr.function in ("first", "last") and at is None:
            dataset = self.project.datasets[home]
            if dataset.time is None:
                end = "earliest" if expr.function == "first" else "latest"
                because = f"`{expr.function}` takes the value at the {end} time"
                self.sink.report(time_errors.no_time(expr.span, dataset, because))
                return False
        return True

    def _usable_columns(self, home: str, function: Function) -> tuple[str, ...]:
        """Return the columns that an aggregate takes, those that are no key first."""
        dataset = self.project.datasets[home]
        fitting = [c.name for c in dataset.columns.values() if function.typing((c.type,)) is not None]
        keys = {own for join in dataset.joins.values() for _, own in join.keys} | set(dataset.key)
        return tuple(sorted(fitting, key=lambda name: name in keys))

    def combining(self, dataset: str, column: str) -> str:
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
        names = list(_names_on_row(argument))
        if isinstance(argument, tree.Name) and argument.parts[0] in self.project.datasets:
            return argument.parts[0]
        for name in names:
            if len(name.parts) > 1 and name.parts[0] in self.project.datasets:
                return name.parts[0]
        if any(("datasets", name.parts[0]) in self.project.rejected for name in names):
            return None
        for node in _on_row(argument):
            if isinstance(node, tree.Call) and (node.function in AGGREGATES or node.function in CONTEXTUAL):
                self.sink.report(nested(node, self.project))
                return None
        for name in names:
            if len(name.parts) == 1 and name.parts[0] in self.project.metrics:
                self.sink.report(nested(name, self.project))
                return None
        dotted = next((name for name in names if len(name.parts) > 1), None)
        for name in names:
            if is_left_out(self.project, name.span, self.sink, ("datasets", name.parts[0])):
                return None
        if dotted is not None:
            self.sink.report(errors.unknown(dotted.span, "dataset", dotted.parts[0], self.project.datasets))
            return None
        short = names[0].parts[0] if names else None
        if (
            isinstance(argument, tree.Name)
            and expr.function == "count"
            and short
            and not holders(self.project, short)
        ):
            self.sink.report(errors.unknown(argument.span, "dataset", short, self.project.datasets))
            return None
        candidates = holders(self.project, short) if short else ()
        examples = examples_of(self.project)
        example = examples.dataset if expr.function == "count" else examples.number
        self.sink.report(aggregate_errors.no_home(argument.span, expr.function, candidates, short, example))
        return None

    def _at(self, expr: tree.Call, binder: RowBinder) -> Bound | None:
        at: Bound | None = None
        for modifier in expr.modifiers:
            if modifier.word != "at":
                self.misplaced(modifier, expr)
                return BROKEN
            name = modifier.names[0]
            at = binder.name(name)
            if at.type is not UNKNOWN and not at.type.is_time:
                self.sink.report(time_errors.not_time(name.span, name.text, at.type))
                return BROKEN
        return at


def _on_row(expr: Expr) -> Iterator[Expr]:
    """Yield the parts of a row formula; inside a set or a sequence they are on other rows."""
    yield expr
    if isinstance(expr, tree.Call) and expr.function in SEQUENCES:
        return
    for child in (expr.operand,) if isinstance(expr, tree.InSet) else tree.children(expr):
        yield from _on_row(child)


def _names_on_row(expr: Expr) -> Iterator[tree.Name]:
    return (node for node in _on_row(expr) if isinstance(node, tree.Name))


def is_fraction(value: Bound, span: Span, sink: Sink) -> bool:
    """Tell, and report otherwise, whether a value is a number from 0 to 1 that is known by now."""
    found = value.value if isinstance(value, Constant) else None
    if not isinstance(found, int | Decimal | float) or isinstance(found, bool):
        sink.report(aggregate_errors.fraction(span, None))
        return False
    if not 0 <= found <= 1:
        sink.report(aggregate_errors.fraction(span, found))
        return False
    return True
