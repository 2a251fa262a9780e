"""Sets in which values are sought, each as one select in the end: every value once in each group."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.plan.nodes import EntityValues, Values
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.joined import Joined
from kpidsl.sql.reading import IS_IN, VALUE, Beside, reading
from kpidsl.sql.scope import Scope, named_by, under
from kpidsl.sql.slots import SlotExpressions


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


def entity_values(scope: Scope, node: EntityValues, rows: Joined, span: Span) -> str:
    """Add the CTE of a set of entities that a condition holds for and return its name."""
    query = rows.select()
    entity = rows.column(node.entity)
    columns = [under(rows.column(slot), slot) for slot in node.keys]
    columns.append(nodes.under(entity, VALUE))
    if node.includes_null:
        columns.append(nodes.alias(exp.true(), IS_IN))
    else:
        nodes.also_where(query, nodes.is_not_null(entity.copy()))
    expressions = SlotExpressions(scope, node.slots, rows.column, span, dict(node.members))
    nodes.also_where(query, expressions.holds(node.holds))
    query.set("expressions", columns)
    return scope.add(_name(node), query)


def _name(node: Values | EntityValues) -> str:
    stem = f"{node.dataset}_values"
    return named_by(stem, node.key_slots) if node.key_slots else stem
