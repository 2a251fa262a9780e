"""Sets in which values are sought, each as one select: every value once in each group."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.plan.nodes import Values
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.reading import IS_IN, Beside, reading
from kpidsl.sql.scope import Scope, named_by, under


def values(scope: Scope, node: Values, beside: Beside, span: Span) -> str:
    """Add the CTE of a set and return its name."""
    rows, query = reading(scope, node, beside, span)
    value = rows.as_one_of(node.value.value, node.value.slot.type)
    columns = [under(rows.as_one_of(key.value, key.slot.type), key.slot) for key in node.keys]
    columns.append(under(value, node.value.slot))
    if not node.includes_null:
        nodes.also_where(query, nodes.is_not_null(value.copy()))
    count = len(columns)
    if node.includes_null:
        columns.append(nodes.alias(exp.true(), IS_IN))
    if node.first is None:
        query.set("distinct", exp.Distinct())
    else:
        earliest = exp.Min(this=rows.value(node.first.value))
        columns.append(under(earliest, node.first.slot))
        query.set("group", exp.Group(expressions=[nodes.integer(place + 1) for place in range(count)]))
    query.set("expressions", columns)
    return scope.add(_name(node), query)


def _name(node: Values) -> str:
    return (
        named_by(f"{node.dataset}_values", tuple(key.slot for key in node.keys))
        if node.keys
        else (f"{node.dataset}_values")
    )
