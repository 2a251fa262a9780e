"""What the outermost select shows: values as they are written, in their order, under names that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from kpidsl.contexts.leaves import OutputColumn
from kpidsl.model.types import Kind, Type
from kpidsl.plan.nodes import Slot
from kpidsl.plan.results import Sort
from kpidsl.sql import errors, nodes, values
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, is_constant


def written(node: Node, type: Type, scope: Scope) -> Node:
    """Return a value in the form in which a result has it."""
    if type.shown_in is not None:
        return scope.times().shown(node)
    if type.kind is Kind.TEXT and scope.dialect.shown_text is not None:
        return scope.dialect.shown_text(node)
    if type.kind is Kind.DECIMAL and type.scale and scope.dialect.scaled_decimals:
        return values.written_decimal(nodes.atom(node), type.scale)
    return node


def order(query: exp.Select, plan: Sort, internal: Mapping[str, Node], places: Mapping[Slot, Node]) -> None:
    """Put a result's rows in order.

    `internal` holds each column in the form of its type, `places` where rows stand that lack a member.
    """
    compute = plan.compute
    asked: dict[str, bool] = {}
    for ordering in plan.order:
        # A column that is named again would only decide ties that it has decided already.
        asked.setdefault(ordering.name, ordering.descending)
    ordered: list[Node] = []

    def put(node: Node, *, descending: bool = False) -> None:
        if not is_constant(node):
            ordered.append(exp.Ordered(this=node.copy(), desc=descending, nulls_first=False))

    for name, descending in asked.items():
        put(internal[name], descending=descending)
    # Ties, and what was not asked for: by the groups, so that the same rows come in the same order,
    # a row that gathers or sums up others after them.
    slots = {grouped.name: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}
    for grouped in plan.by:
        slot = slots.get(grouped.name)
        if slot is not None and slot in places:
            ordered.append(places[slot].copy())
        if grouped.name not in asked:
            put(internal[grouped.name])
    if ordered:
        query.set("order", exp.Order(expressions=ordered))


def refuse_long_names(outputs: Sequence[Node], scope: Scope) -> None:
    """Report names that are longer than the dialect's can be."""
    most = scope.dialect.name_bytes
    for shown in outputs:
        if most is not None and len(shown.alias.encode()) > most:
            span = scope.places.columns.get(shown.alias, scope.places.first)
            scope.sink.report(errors.long_name(span, shown.alias, scope.dialect.name, most))


def metric_comment(output: OutputColumn) -> str:
    """Return what stands beside a KPI's column: its name and version."""
    metric = output.metric
    if metric is None:
        return f"{output.name}: ad hoc"
    version = f" {metric.version}" if metric.version else ""
    period = f", {output.period}" if output.period is not None else ""
    return f"{metric.kind} {metric.name}{version}{period}"
