"""Judged columns as CTEs: what the query measures, then each layer over what is there before it.

    measured (k_month, v_value, v_target)  ->  compared (…, v_met, v_gap)  ->  judged (…, v_status)

The last layer stands in the outermost select.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.contexts.magnitudes import Largest
from kpidsl.model.types import INTEGER, Type
from kpidsl.plan.nodes import Slot
from kpidsl.plan.results import Compute, Sort
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.judged import AmongRows, AnyLayer, Collected, Judgement, Layer, Running, Runs
from kpidsl.sql import nodes
from kpidsl.sql.having import ResultExpressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, named, under
from kpidsl.sql.shown import metric_comment, refuse_long_names, written
from kpidsl.sql.slots import SlotExpressions

_MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a query's own columns are selected from, how a slot is reached, and which rows there are.

    `sizes` are the largest values of its columns, where the dialect needs to know.
    """

    query: exp.Select
    column: Callable[[Slot], Node]
    wanted: Sequence[Node]
    sizes: Mapping[str, Largest]


def judged_rows(
    plan: Sort, judgement: Judgement, measured: Measured, scope: Scope
) -> tuple[exp.Select, dict[str, Node], dict[str, Largest]]:
    """Return the outermost select, and each column in the form of its type, with the largest values."""
    compute = plan.compute
    source = scope.add(_MEASURED, _measured(compute, measured, scope))
    slots = {grouped.name: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}
    slots |= {column.name: _slot(column.name, column.type) for column in compute.columns}
    kept, sizes = judgement.kept, dict(measured.sizes)
    *inner, last = judgement.layers
    assert isinstance(last, Layer)
    for layer in inner:
        reading = _Reading(source, slots, scope, sizes)
        query, slots = _collected(layer, reading) if isinstance(layer, Collected) else _added(layer, reading)
        if kept is not None:
            query.set("where", exp.Where(this=reading.expressions().holds(kept)))
            kept = None
        sizes |= _sizes(layer, reading)
        source = scope.add(layer.name, query)
        if judgement.is_long:
            scope.computed.add(source)
    reading = _Reading(source, slots, scope, sizes)
    internal = {name: reading.column(slot) for name, slot in slots.items()}
    query = exp.Select(from_=exp.From(this=named(source)))
    if kept is not None:
        query.set("where", exp.Where(this=reading.expressions().holds(kept)))
    internal |= dict(_columns(last, reading))
    slots |= {column.name: _slot(column.name, column.type) for column in last.columns}
    query.set("expressions", _shown(plan, judgement, internal, slots, scope))
    return query, internal, sizes | _sizes(last, reading)


class _JudgedExpressions(ResultExpressions):
    """Lowers what a judgement adds to the rows of the result."""

    @property
    def narrow(self) -> frozenset[str]:
        own = self.dialect.narrow_judged
        return super().narrow if own is None else own


class _Reading:
    """Reads the columns of a CTE."""

    def __init__(
        self, source: str, slots: Mapping[str, Slot], scope: Scope, sizes: Mapping[str, Largest]
    ) -> None:
        self.source = source
        self.slots = slots
        self.scope = scope
        self.sizes = sizes

    def column(self, slot: Slot) -> Node:
        return nodes.column(self.source, slot.name)

    def select(self, columns: Sequence[Node]) -> exp.Select:
        return exp.Select(expressions=columns, from_=exp.From(this=named(self.source)))

    def among_rows(self, value: AmongRows) -> Node:
        """Return a function over the rows that are alike in some columns."""
        column = self.column(self.slots[value.column])
        keys = [self.slots[name] for name in value.within]
        alike = [self.scope.dialect.window_key(self.column(slot), slot.type) for slot in keys]
        if value.function == "count":
            return exp.Window(this=exp.Count(this=column), partition_by=alike)
        if value.function == "best":
            best = exp.Min(this=column) if value.is_least_best else exp.Max(this=column)
            return exp.Window(this=best, partition_by=alike)
        falls = not value.is_least_best
        # Nulls stand where the dialect puts them: rows without a value are alike among themselves.
        order = exp.Order(expressions=[exp.Ordered(this=column, desc=falls, nulls_first=not falls)])
        return exp.Window(this=nodes.call("RANK"), partition_by=alike, order=order)

    def expressions(self) -> ResultExpressions:
        columns = {name: self.column(slot) for name, slot in self.slots.items()}
        return _JudgedExpressions(self.scope, columns, self.scope.places.first, self.sizes)


def _sizes(layer: AnyLayer, reading: _Reading) -> dict[str, Largest]:
    """Return the largest values of a layer's columns: those of one row, not of several put together."""
    if not isinstance(layer, Layer):
        return {}
    values = {c.name: c.value for c in layer.columns if not isinstance(c.value, AmongRows)}
    return reading.expressions().largest_decimals(values)


def _added(layer: Layer | Runs, reading: _Reading) -> tuple[exp.Select, dict[str, Slot]]:
    """Return the rows that are read with a layer's columns beside them, and the slots of all."""
    slots = dict(reading.slots)
    slots |= {column.name: _slot(column.name, column.type) for column in layer.columns}
    added = _columns(layer, reading)
    all_columns = exp.Column(this=exp.Star(), table=exp.Identifier(this=reading.source, quoted=False))
    query = reading.select([all_columns, *(nodes.alias(node, slots[name].name) for name, node in added)])
    return query, slots


def _columns(layer: Layer | Runs, reading: _Reading) -> list[tuple[str, Node]]:
    """Return a layer's columns over those that are read."""
    if isinstance(layer, Runs):
        return [(column.name, _running(column, reading)) for column in layer.columns]
    expressions = reading.expressions()
    return [
        (
            column.name,
            reading.among_rows(column.value)
            if isinstance(column.value, AmongRows)
            else expressions.as_type(column.value, column.type),
        )
        for column in layer.columns
    ]


def _running(column: Running, reading: _Reading) -> Node:
    """Return a sum along the rows of a group."""
    key = reading.scope.dialect.window_key
    slots = [reading.slots[name] for name in column.per]
    window = exp.Window(
        this=_sum(column.value, reading),
        partition_by=[key(reading.column(slot), slot.type) for slot in slots],
    )
    if column.order is not None:
        place = reading.column(reading.slots[column.order])
        # It is never null: where nulls stand is said as engines have it that cannot be told.
        ordered = exp.Ordered(this=place, desc=column.is_from, nulls_first=not column.is_from)
        window.set("order", exp.Order(expressions=[ordered]))
        frame = {"start": "UNBOUNDED", "start_side": "PRECEDING", "end": "CURRENT ROW"}
        window.set("spec", exp.WindowSpec(kind="ROWS", **frame))
    return window


def _sum(value: Bound, reading: _Reading) -> Node:
    return exp.Sum(this=reading.expressions().as_type(value, INTEGER))


def _collected(layer: Collected, reading: _Reading) -> tuple[exp.Select, dict[str, Slot]]:
    """Return the rows that are read, put together by their keys, and the slots of what is left of them."""
    keys = {name: reading.slots[name] for name in layer.keys}
    slots = keys | {column.name: _slot(column.name, column.type) for column in layer.columns}
    columns = [reading.column(slot) for slot in keys.values()]
    for column in layer.columns:
        value: Node
        if column.function == "sum":
            value = exp.Coalesce(this=_sum(column.value, reading), expressions=[nodes.integer(0)])
        else:
            value = exp.Max(this=reading.expressions().as_type(column.value, column.type))
        columns.append(nodes.alias(value, slots[column.name].name))
    query = reading.select(columns)
    if keys:
        query.set("group", exp.Group(expressions=[reading.column(slot) for slot in keys.values()]))
    return query, slots


def _slot(name: str, type_: Type) -> Slot:
    return Slot(f"v_{name}", type_)


def _measured(compute: Compute, measured: Measured, scope: Scope) -> exp.Select:
    """Return the query's own columns, each in the form of its type."""
    keys = {grouped.member: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}
    columns = [under(measured.column(slot), slot) for slot in compute.keys]
    for output in compute.columns:
        span = scope.places.columns[output.name]
        expressions = SlotExpressions(scope, compute.slots, measured.column, span, keys, compute.own)
        value = expressions.as_type(output.value, output.type)
        columns.append(under(value, _slot(output.name, output.type)))
    query = measured.query
    query.set("expressions", columns)
    if measured.wanted:
        query.set("where", exp.Where(this=nodes.all_of(measured.wanted)))
    return query


def _shown(
    plan: Sort,
    judgement: Judgement,
    internal: Mapping[str, Node],
    slots: Mapping[str, Slot],
    scope: Scope,
) -> list[Node]:
    """Return the columns of the outermost select: the members, and what the judgement shows."""
    columns = plan.compute.columns
    comments = {column.name: metric_comment(column) for column in columns if column.metric is not None}
    for layer in judgement.layers:
        if isinstance(layer, Layer):
            comments |= {
                column.name: column.comment for column in layer.columns if column.comment is not None
            }
    outputs = []
    for name in (*(grouped.name for grouped in plan.by), *judgement.shown):
        node = written(internal[name].copy(), slots[name].type, scope)
        shown = nodes.alias(node, name, quoted=True)
        if name in comments:
            shown.add_comments([comments[name]])
        outputs.append(shown)
    refuse_long_names(outputs, scope)
    return outputs
