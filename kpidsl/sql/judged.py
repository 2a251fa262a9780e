"""Judged columns as CTEs: what the query measures, then each layer over what is there before it.

    measured (k_month, v_value, v_target)  ->  compared (…, v_met, v_gap)  ->  judged (…, v_status)

The last layer stands in the outermost select.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.model.types import Type
from kpidsl.plan.nodes import Slot
from kpidsl.plan.results import Compute, Sort
from kpidsl.semantics.judged import Judgement, Layer
from kpidsl.sql import nodes
from kpidsl.sql.having import ResultExpressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, named, under
from kpidsl.sql.shown import metric_comment, refuse_long_names, written
from kpidsl.sql.slots import SlotExpressions

_MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a query's own columns are selected from, how a slot is reached, and which rows there are."""

    query: exp.Select
    column: Callable[[Slot], Node]
    wanted: Sequence[Node]


def judged_rows(
    plan: Sort, judgement: Judgement, measured: Measured, scope: Scope
) -> tuple[exp.Select, dict[str, Node]]:
    """Return the outermost select, and each column's node in it in the form of its type."""
    compute = plan.compute
    source = scope.add(_MEASURED, _measured(compute, measured, scope))
    slots = {grouped.name: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}
    slots |= {column.name: _slot(column.name, column.type) for column in compute.columns}
    kept = judgement.kept
    *inner, last = judgement.layers
    for layer in inner:
        query = exp.Select(from_=exp.From(this=named(source)))
        added = _columns(layer, _Reading(source, slots, scope))
        slots |= {column.name: _slot(column.name, column.type) for column in layer.columns}
        all_columns = exp.Column(this=exp.Star(), table=exp.Identifier(this=source, quoted=False))
        query.set(
            "expressions", [all_columns, *(nodes.alias(node, slots[name].name) for name, node in added)]
        )
        if kept is not None:
            query.set("where", exp.Where(this=_Reading(source, slots, scope).expressions().holds(kept)))
            kept = None
        source = scope.add(layer.name, query)
    reading = _Reading(source, slots, scope)
    internal = {name: reading.column(slot) for name, slot in slots.items()}
    query = exp.Select(from_=exp.From(this=named(source)))
    if kept is not None:
        query.set("where", exp.Where(this=reading.expressions().holds(kept)))
    internal |= dict(_columns(last, reading))
    slots |= {column.name: _slot(column.name, column.type) for column in last.columns}
    query.set("expressions", _shown(compute, judgement, internal, slots, scope))
    return query, internal


class _Reading:
    """Reads the columns of a CTE."""

    def __init__(self, source: str, slots: Mapping[str, Slot], scope: Scope) -> None:
        self.source = source
        self.slots = slots
        self.scope = scope

    def column(self, slot: Slot) -> Node:
        return nodes.column(self.source, slot.name)

    def expressions(self) -> ResultExpressions:
        columns = {name: self.column(slot) for name, slot in self.slots.items()}
        return ResultExpressions(self.scope, columns, self.scope.places.first)


def _columns(layer: Layer, reading: _Reading) -> list[tuple[str, Node]]:
    """Return a layer's columns over those that are read."""
    expressions = reading.expressions()
    return [(column.name, expressions.as_type(column.value, column.type)) for column in layer.columns]


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
    compute: Compute,
    judgement: Judgement,
    internal: Mapping[str, Node],
    slots: Mapping[str, Slot],
    scope: Scope,
) -> list[Node]:
    """Return the columns of the outermost select: the members, and what the judgement shows."""
    comments = {
        column.name: metric_comment(column) for column in compute.columns if column.metric is not None
    }
    comments |= {column.name: column.comment for column in judgement.columns if column.comment is not None}
    outputs = []
    for name in (*(grouped.name for grouped in compute.by), *judgement.shown):
        node = written(internal[name].copy(), slots[name].type, scope)
        shown = nodes.alias(node, name, quoted=True)
        if name in comments:
            shown.add_comments([comments[name]])
        outputs.append(shown)
    refuse_long_names(outputs, scope)
    return outputs
