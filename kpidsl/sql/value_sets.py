"""Sets in which values are sought, each as one select in the end: every value once in each group."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.plan.nodes import EntityValues, Values
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.joined import Joined
from kpidsl.sql.nodes import Node
from kpidsl.sql.reading import IS_IN, VALUE, Beside, reading
from kpidsl.sql.scope import Scope, named_by, select_of, under
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
    time = None if node.first is None else rows.value(node.first.value)
    if node.first is not None and time is not None and not _can_group(scope, columns):
        # What is grouped by is a column of a step before.
        query.set("expressions", [*columns, under(time, node.first.slot)])
        name = scope.add(f"{node.dataset}_values_rows", query)
        columns = [nodes.column(name, column.alias_or_name) for column in columns]
        time = nodes.column(name, node.first.slot.name)
        query = select_of(name, [])
    by = [column.this.copy() if isinstance(column, exp.Alias) else column.copy() for column in columns]
    if node.includes_null:
        columns.append(nodes.alias(exp.true(), IS_IN))
    if node.first is None or time is None:
        query.set("distinct", exp.Distinct())
    else:
        columns.append(under(exp.Min(this=time), node.first.slot))
        if scope.dialect.has_places_in_groups:
            by = [nodes.integer(place + 1) for place in range(count)]
        query.set("group", exp.Group(expressions=by))
    query.set("expressions", columns)
    return scope.add(_name(node), query)


def _can_group(scope: Scope, columns: Sequence[Node]) -> bool:
    """Tell whether the dialect groups by these, as they stand in the select."""
    if not scope.dialect.has_selects_in_groups and any(map(scope.reads_selects, columns)):
        return False
    bare = (column.this if isinstance(column, exp.Alias) else column for column in columns)
    return scope.dialect.has_places_in_groups or all(isinstance(value, exp.Column) for value in bare)


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
