"""A plan to one SELECT of a dialect: a CTE for each aggregate, the KPIs in the outermost SELECT.

Inside, every name is made by us and every column qualified; the users' names appear only as the
output's names, always quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from kpidsl.contexts.leaves import LeafValue, OutputColumn
from kpidsl.diagnostics import Sink
from kpidsl.model.types import Kind, Type
from kpidsl.plan.nodes import Aggregate, Attach, Compute, Nothing, Rows, Slot, Sort, Stack, Within
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import Span
from kpidsl.sql import nodes, values
from kpidsl.sql.aggregates import aggregate
from kpidsl.sql.combining import stack, within
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.having import having
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Places, Scope, is_constant, named, or_zero


def lower(plan: Sort, project: CheckedProject, dialect: Dialect, places: Places, sink: Sink) -> exp.Select:
    """Return the plan as one select; what the dialect cannot say is reported."""
    return _Relations(plan, Scope(project, dialect, plan.window, places, sink)).select()


class _SlotExpressions(Expressions):
    """Lowers a KPI's arithmetic over slots."""

    def __init__(
        self, scope: Scope, slots: Sequence[Slot], column: Callable[[Slot], Node], span: Span
    ) -> None:
        super().__init__(scope.dialect, scope.project.project.cut, scope.window, scope.sink, span)
        self.slots = slots
        self.column = column

    def atom(self, value: Value) -> Node:
        assert isinstance(value, LeafValue)
        return self.column(self.slots[value.index])

    def is_narrow(self, atom: Value) -> bool:
        return isinstance(atom, LeafValue) and self.slots[atom.index].is_narrow


class _Relations:
    def __init__(self, plan: Sort, scope: Scope) -> None:
        self.plan = plan
        self.scope = scope

    def select(self) -> exp.Select:
        compute = self.plan.input
        base, attached = _unattached(compute.input)
        name = self._rows(base)
        query = exp.Select()
        if name is not None:
            query.set("from_", exp.From(this=named(name)))
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
        query.set("with_", self.scope.with_clause())
        return query

    def _rows(self, rows: Rows) -> str | None:
        """Add the CTEs that make the rows and return the last one's name; None where there is none."""
        match rows:
            case Aggregate():
                return aggregate(self.scope, rows, zero=True)
            case Stack(inputs=inputs):
                return stack(self.scope, inputs)
            case Within(input=inner):
                name = self._rows(inner)
                assert name is not None
                return within(self.scope, rows, name)
            case Nothing():
                return None
            case Attach():
                raise AssertionError("attached totals are joined by the outermost select")

    def _attach(self, total: Aggregate, base: str, owners: dict[str, str]) -> exp.Join:
        name = aggregate(self.scope, total, zero=False)
        for measure in total.measures:
            owners[measure.slot.name] = name
        if not total.keys:
            return exp.Join(this=named(name), kind="CROSS")
        same = self.scope.dialect.forms["null_safe"]
        on = [
            same(nodes.column(base, key.slot.name), nodes.column(name, key.slot.name)) for key in total.keys
        ]
        return exp.Join(this=named(name), side="LEFT", on=nodes.all_of(on))

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
                return self.scope.no_value(slot.type)
            node = nodes.column(owners[slot.name], slot.name)
            return or_zero(node, slot) if slot.name in attached else node

        outputs: list[Node] = []
        internal: dict[str, Node] = {}
        for grouped, slot in zip(compute.by, compute.keys, strict=True):
            node = column(slot)
            internal[grouped.name] = node
            outputs.append(nodes.alias(self._written(node.copy(), slot.type), grouped.name, quoted=True))
        for output in compute.columns:
            span = self.scope.places.columns[output.name]
            expressions = _SlotExpressions(self.scope, compute.slots, column, span)
            node = expressions.as_type(output.value, output.type)
            internal[output.name] = node
            shown = nodes.alias(self._written(node.copy(), output.type), output.name, quoted=True)
            shown.add_comments([_comment(output)])
            outputs.append(shown)
        query.set("expressions", outputs)
        return internal

    def _having(self, condition: Bound, internal: Mapping[str, Node]) -> Node:
        scope = self.scope
        cut = scope.project.project.cut
        place = next(iter(scope.places.columns.values()))
        return having(condition, internal, scope.dialect, cut, scope.sink, place)

    def _written(self, node: Node, type: Type) -> Node:
        if type.kind is Kind.DECIMAL and type.scale and self.scope.dialect.scaled_decimals:
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
            if is_constant(node):
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


def _comment(output: OutputColumn) -> str:
    metric = output.metric
    if metric is None:
        return f"{output.name}: ad hoc"
    return f"{metric.kind} {output.name}" + (f" {metric.version}" if metric.version else "")
