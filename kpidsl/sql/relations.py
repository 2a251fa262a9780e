"""A plan to one SELECT of a dialect: a CTE for each aggregate, the KPIs in the outermost SELECT.

Inside, every name is made by us and every column qualified; the users' names appear only as the
output's names, always quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.contexts.leaves import LeafValue, OutputColumn
from kpidsl.diagnostics import Sink
from kpidsl.model.types import Kind, Type
from kpidsl.plan.nodes import Aggregate, Attach, Compute, Measure, Nothing, Rows, Slot, Sort, Stack, Within
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import Span
from kpidsl.sql import nodes, values
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.expressions import Expressions, Value
from kpidsl.sql.having import having
from kpidsl.sql.nodes import Node
from kpidsl.sql.rows import RowExpressions

_ZERO_OVER_NOTHING = ("sum", "count", "count_distinct")


@dataclass(frozen=True, slots=True)
class Places:
    """Where in the formulas the plan's slots and columns come from, by their names."""

    slots: Mapping[str, Span]
    columns: Mapping[str, Span]


def lower(plan: Sort, project: CheckedProject, dialect: Dialect, places: Places, sink: Sink) -> exp.Select:
    """Return the plan as one select; what the dialect cannot say is reported."""
    return _Relations(plan, project, dialect, places, sink).select()


class _SlotExpressions(Expressions):
    """Lowers a KPI's arithmetic over slots."""

    def __init__(
        self, relations: _Relations, slots: Sequence[Slot], column: Callable[[Slot], Node], span: Span
    ) -> None:
        super().__init__(
            relations.dialect, relations.project.project.cut, relations.plan.window, relations.sink, span
        )
        self.slots = slots
        self.column = column

    def atom(self, value: Value) -> Node:
        assert isinstance(value, LeafValue)
        return self.column(self.slots[value.index])


class _Relations:
    def __init__(
        self, plan: Sort, project: CheckedProject, dialect: Dialect, places: Places, sink: Sink
    ) -> None:
        self.plan = plan
        self.project = project
        self.dialect = dialect
        self.sink = sink
        self.spans = places.slots
        self.column_spans = places.columns
        self.ctes: list[tuple[str, exp.Query]] = []
        self.taken = _table_names(project)
        self.zeroes: set[str] = set()

    def select(self) -> exp.Select:
        compute = self.plan.input
        base, attached = _unattached(compute.input)
        self._count_zeroes(compute.input)
        name = self._rows(base)
        query = exp.Select()
        if name is not None:
            query.set("from_", exp.From(this=_named(name)))
        owners: dict[str, str] = {slot.name: name or "" for slot in (*compute.keys, *compute.slots)}
        # Without rows to attach it to, a total has nothing to show.
        joins = [self._attach(total, name, owners) for total in attached] if name is not None else []
        if joins:
            query.set("joins", joins)
        internal = self._outputs(query, compute, owners)
        wanted: list[Node] = [exp.false()] if name is None and compute.keys else []
        if self.plan.having is not None:
            wanted.append(self._having(self.plan.having, internal))
        if wanted:
            query.set("where", exp.Where(this=nodes.all_of(wanted)))
        self._order(query, internal)
        if self.ctes:
            expressions = [
                exp.CTE(this=body, alias=exp.TableAlias(this=exp.Identifier(this=cte, quoted=False)))
                for cte, body in self.ctes
            ]
            query.set("with_", exp.With(expressions=expressions))
        return query

    # aggregates

    def _rows(self, rows: Rows) -> str | None:
        """Add the CTEs that make the rows and return the last one's name; None where there is none."""
        match rows:
            case Aggregate():
                return self._aggregate(rows, zero=True)
            case Stack(inputs=inputs):
                return self._stack(inputs)
            case Within(input=inner, totals=totals):
                name = self._rows(inner)
                assert name is not None
                slots = _slots(inner)
                query = exp.Select()
                columns = [nodes.alias(nodes.column(name, slot.name), slot.name) for slot in slots]
                for total in totals:
                    function = (
                        exp.Sum
                        if total.function == "sum"
                        else exp.Min
                        if total.function == "min"
                        else exp.Max
                    )
                    windowed = exp.Window(
                        this=function(this=nodes.column(name, total.source.name)),
                        partition_by=[nodes.column(name, key.name) for key in total.keys],
                    )
                    columns.append(nodes.alias(windowed, total.slot.name))
                query.set("expressions", columns)
                query.set("from_", exp.From(this=_named(name)))
                return self._add("with_totals", query)
            case Nothing():
                return None
            case Attach():
                raise AssertionError("attached totals are joined by the outermost select")

    def _add(self, wanted: str, query: exp.Query) -> str:
        name = unique_name(wanted, self.taken)
        self.ctes.append((name, query))
        return name

    def _aggregate(self, aggregate: Aggregate, *, zero: bool) -> str:
        span = self.spans[aggregate.measures[0].slot.name]
        rows = RowExpressions(
            self.project, aggregate.dataset, self.dialect, self.plan.window, self.sink, span
        )
        query = rows.select(aggregate.input)
        keys = [(key, rows.as_one_of(key.value, key.slot.type)) for key in aggregate.keys]
        columns = [nodes.alias(self._shaped(node, key.slot.type), key.slot.name) for key, node in keys]
        for measure in aggregate.measures:
            rows.span = self.spans[measure.slot.name]
            columns.append(nodes.alias(self._measure(rows, measure, zero), measure.slot.name))
        query.set("expressions", columns)
        grouped = [node.copy() for key, node in keys if not _is_constant(node)]
        if grouped:
            query.set("group", exp.Group(expressions=grouped))
        elif keys:
            # All members are constants: without rows there is no group, so no row either.
            some = nodes.compare(exp.GT, exp.Count(this=exp.Star()), nodes.integer(0))
            query.set("having", exp.Having(this=some))
        return self._add(
            "_by_".join((aggregate.dataset, "_".join(k.slot.name[2:] for k in aggregate.keys) or "all")),
            query,
        )

    def _shaped(self, node: Node, type: Type) -> Node:
        """Return a key so that both sides of a UNION have one type, a lone null too."""
        if isinstance(node, exp.Null) and not self.dialect.scaled_decimals:
            return nodes.cast(node, sql_type(type))
        return node

    def _measure(self, rows: RowExpressions, measure: Measure, zero: bool) -> Node:
        node = self._function(rows, measure)
        if measure.conditions:
            wanted = nodes.all_of([rows.holds(condition) for condition in measure.conditions])
            node = exp.Filter(this=node, expression=exp.Where(this=wanted))
        if measure.function in _ZERO_OVER_NOTHING:
            if measure.empty_is_null and measure.function != "sum":
                return exp.Nullif(this=node, expression=nodes.integer(0))
            if measure.function == "sum" and not measure.empty_is_null and zero:
                return exp.Coalesce(this=node, expressions=[nodes.integer(0)])
        return node

    def _function(self, rows: RowExpressions, measure: Measure) -> Node:
        argument = measure.argument
        if argument is None:
            return exp.Count(this=exp.Star())
        if measure.function == "count":
            return exp.Count(this=rows.value(argument))
        if measure.function == "count_distinct":
            return exp.Count(this=exp.Distinct(expressions=[rows.value(argument)]))
        kinds: dict[str, type[exp.Expr]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}
        return kinds[measure.function](this=rows.as_type(argument, measure.slot.type))

    def _stack(self, inputs: Sequence[Aggregate]) -> str:
        names = [self._aggregate(aggregate, zero=False) for aggregate in inputs]
        keys = [key.slot for key in inputs[0].keys]
        measures = [measure.slot for aggregate in inputs for measure in aggregate.measures]
        parts: list[exp.Query] = []
        for name, aggregate in zip(names, inputs, strict=True):
            own = {measure.slot for measure in aggregate.measures}
            columns = [nodes.alias(nodes.column(name, slot.name), slot.name) for slot in keys]
            for slot in measures:
                node = nodes.column(name, slot.name) if slot in own else self._no_value(slot)
                columns.append(nodes.alias(node, slot.name))
            parts.append(exp.Select(expressions=columns, from_=exp.From(this=_named(name))))
        union = parts[0]
        for part in parts[1:]:
            union = exp.Union(this=union, expression=part, distinct=False)
        stacked = self._add("stacked", union)
        columns = [nodes.alias(nodes.column(stacked, slot.name), slot.name) for slot in keys]
        for slot in measures:
            node = exp.Max(this=nodes.column(stacked, slot.name))
            columns.append(nodes.alias(self._or_zero(node, slot), slot.name))
        query = exp.Select(expressions=columns, from_=exp.From(this=_named(stacked)))
        if keys:
            query.set("group", exp.Group(expressions=[nodes.column(stacked, slot.name) for slot in keys]))
        return self._add("combined", query)

    def _no_value(self, slot: Slot) -> Node:
        return exp.Null() if self.dialect.scaled_decimals else nodes.cast(exp.Null(), sql_type(slot.type))

    def _or_zero(self, node: Node, slot: Slot) -> Node:
        return exp.Coalesce(this=node, expressions=[nodes.integer(0)]) if slot.name in self.zeroes else node

    def _count_zeroes(self, rows: Rows) -> None:
        """Remember which slots are 0, not null, where nothing was aggregated."""
        for aggregate in _aggregates(rows):
            for measure in aggregate.measures:
                if measure.function in _ZERO_OVER_NOTHING and not measure.empty_is_null:
                    self.zeroes.add(measure.slot.name)

    def _attach(self, total: Aggregate, base: str, owners: dict[str, str]) -> exp.Join:
        name = self._aggregate(total, zero=False)
        for measure in total.measures:
            owners[measure.slot.name] = name
        if not total.keys:
            return exp.Join(this=_named(name), kind="CROSS")
        same = self.dialect.forms["null_safe"]
        on = [
            same(nodes.column(base, key.slot.name), nodes.column(name, key.slot.name)) for key in total.keys
        ]
        return exp.Join(this=_named(name), side="LEFT", on=nodes.all_of(on))

    # outputs

    def _outputs(self, query: exp.Select, compute: Compute, owners: Mapping[str, str]) -> dict[str, Node]:
        """Add the result's columns and return each one's node in the form of its type."""
        attached = {
            name
            for name, owner in owners.items()
            if owner != owners.get(compute.keys[0].name if compute.keys else "", owner)
        }

        def column(slot: Slot) -> Node:
            if not owners[slot.name]:
                return self._no_value(slot)
            node = nodes.column(owners[slot.name], slot.name)
            return self._or_zero(node, slot) if slot.name in attached else node

        outputs: list[Node] = []
        internal: dict[str, Node] = {}
        for grouped, slot in zip(compute.by, compute.keys, strict=True):
            node = column(slot)
            internal[grouped.name] = node
            outputs.append(nodes.alias(self._written(node.copy(), slot.type), grouped.name, quoted=True))
        for output in compute.columns:
            expressions = _SlotExpressions(self, compute.slots, column, self.column_spans[output.name])
            node = expressions.as_type(output.value, output.type)
            internal[output.name] = node
            shown = nodes.alias(self._written(node.copy(), output.type), output.name, quoted=True)
            shown.add_comments([_comment(output)])
            outputs.append(shown)
        query.set("expressions", outputs)
        return internal

    def _having(self, condition: Bound, internal: Mapping[str, Node]) -> Node:
        cut = self.project.project.cut
        place = next(iter(self.column_spans.values()))
        return having(condition, internal, self.dialect, cut, self.sink, place)

    def _written(self, node: Node, type: Type) -> Node:
        if type.kind is Kind.DECIMAL and type.scale and self.dialect.scaled_decimals:
            return values.written_decimal(nodes.atom(node), type.scale)
        return node

    def _order(self, query: exp.Select, internal: Mapping[str, Node]) -> None:
        asked: dict[str, bool] = {}
        for ordering in self.plan.order:
            # A column that is named again would only decide ties that it has decided already.
            asked.setdefault(ordering.name, ordering.descending)
        # Ties, and what was not asked for: by the groups, so that the same rows come in the same order.
        for grouped in self.plan.input.by:
            asked.setdefault(grouped.name, False)
        ordered = []
        for name, descending in asked.items():
            node = internal[name].copy()
            if _is_constant(node):
                continue
            ordered.append(exp.Ordered(this=node, desc=descending, nulls_first=False))
        if ordered:
            query.set("order", exp.Order(expressions=ordered))
        if self.plan.limit is not None:
            query.set("limit", exp.Limit(expression=nodes.integer(self.plan.limit)))


def _unattached(rows: Rows) -> tuple[Rows, list[Aggregate]]:
    attached: list[Aggregate] = []
    while isinstance(rows, Attach):
        attached.append(rows.total)
        rows = rows.input
    return rows, attached[::-1]


def _aggregates(rows: Rows) -> tuple[Aggregate, ...]:
    match rows:
        case Aggregate():
            return (rows,)
        case Stack(inputs=inputs):
            return inputs
        case Within(input=inner):
            return _aggregates(inner)
        case Attach(input=inner, total=total):
            return (*_aggregates(inner), total)
        case Nothing():
            return ()


def _slots(rows: Aggregate | Stack) -> list[Slot]:
    first, *rest = _aggregates(rows)
    slots = [*(key.slot for key in first.keys), *(measure.slot for measure in first.measures)]
    slots.extend(measure.slot for aggregate in rest for measure in aggregate.measures)
    return slots


def _table_names(project: CheckedProject) -> set[str]:
    names = set(project.datasets)
    for dataset in project.datasets.values():
        for part in dataset.definition.table or ():
            names.add(part.text.lower())
    return names


def _named(name: str) -> exp.Table:
    return exp.Table(this=exp.Identifier(this=name, quoted=False))


def _is_constant(node: Node) -> bool:
    return not any(isinstance(found, exp.Column | exp.AggFunc) for found in node.walk())


def _comment(output: OutputColumn) -> str:
    metric = output.metric
    if metric is None:
        return f"{output.name}: ad hoc"
    return f"{metric.kind} {output.name}" + (f" {metric.version}" if metric.version else "")


_SQL_TYPES = {
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "bigint",
    Kind.FLOAT: "double",
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
}


def sql_type(type: Type) -> str:
    """Return a type's name as sqlglot reads it."""
    if type.kind is Kind.DECIMAL:
        return f"decimal({type.precision}, {type.scale})"
    return _SQL_TYPES.get(type.kind, "text")
