"""Aggregates put side by side: stacked over their keys, or with totals over groups of rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.plan.nodes import Aggregate, Stack, Within
from kpidsl.sql import nodes
from kpidsl.sql.aggregates import aggregate
from kpidsl.sql.scope import Scope, named, or_zero, slot_of

_OVER: dict[str, type[exp.Expr]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}


def stack(scope: Scope, inputs: Sequence[Aggregate]) -> str:
    """Add the CTEs that align aggregates on their keys and return the last one's name."""
    names = [aggregate(scope, part, zero=False) for part in inputs]
    keys = [key.slot for key in inputs[0].keys]
    measures = [measure.slot for part in inputs for measure in part.measures]
    parts: list[exp.Query] = []
    for name, part in zip(names, inputs, strict=True):
        own = {measure.slot for measure in part.measures}
        columns = [slot_of(name, slot) for slot in keys]
        for slot in measures:
            columns.append(
                slot_of(name, slot) if slot in own else nodes.alias(scope.no_value(slot.type), slot.name)
            )
        parts.append(exp.Select(expressions=columns, from_=exp.From(this=named(name))))
    union = parts[0]
    for query in parts[1:]:
        union = exp.Union(this=union, expression=query, distinct=False)
    stacked = scope.add("stacked", union)
    columns = [slot_of(stacked, slot) for slot in keys]
    for slot in measures:
        value = exp.Max(this=nodes.column(stacked, slot.name))
        columns.append(nodes.alias(or_zero(value, slot), slot.name))
    combined = exp.Select(expressions=columns, from_=exp.From(this=named(stacked)))
    if keys:
        combined.set("group", exp.Group(expressions=[nodes.column(stacked, slot.name) for slot in keys]))
    return scope.add("combined", combined)


def within(scope: Scope, node: Within, rows: str) -> str:
    """Add the CTE that holds the rows with totals over groups of them and return its name."""
    first, *rest = node.input.inputs if isinstance(node.input, Stack) else (node.input,)
    slots = [*(key.slot for key in first.keys), *(m.slot for part in (first, *rest) for m in part.measures)]
    columns = [slot_of(rows, slot) for slot in slots]
    for total in node.totals:
        windowed = exp.Window(
            this=_OVER[total.function](this=nodes.column(rows, total.source.name)),
            partition_by=[nodes.column(rows, key.name) for key in total.keys],
        )
        columns.append(nodes.alias(windowed, total.slot.name))
    return scope.add("with_totals", exp.Select(expressions=columns, from_=exp.From(this=named(rows))))
