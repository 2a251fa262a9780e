"""The rows that an aggregate or a set reads, as a select without its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from kpidsl.plan.nodes import Aggregate, EntityValues, InWindows, Presences, RowsOutside, SoughtIn, Values
from kpidsl.semantics.bound import InSet
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.compared_days import days_compared
from kpidsl.sql.compared_times import times_compared
from kpidsl.sql.nodes import Node
from kpidsl.sql.rows import RowExpressions, SetColumns
from kpidsl.sql.scope import IS_TOP, Scope, named
from kpidsl.sql.staged import Staged, over
from kpidsl.sql.timed_rows import with_instants

IS_IN = "is_in"
"""Marks the values of a set that may hold null, so that finding null is told from finding nothing."""

VALUE = "v_value"
"""The column that holds a set's values."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The CTEs beside a dataset's rows: that of the ranking whose members are left out, that of the buckets
    in whose windows rows are counted, and those of the sets in which values are sought."""

    top: str | None = None
    buckets: str | None = None
    sets: Mapping[InSet, str] = field(default_factory=dict)


def reading(
    scope: Scope, node: Aggregate | Values | Presences, beside: Beside, span: Span
) -> tuple[RowExpressions, exp.Select]:
    """Return what lowers expressions on the rows, and the select over them."""
    rows = RowExpressions(scope.project, node.dataset, scope.dialect, scope.tables, scope.sink, span)
    rows.sets = {sought.condition: _columns(rows, sought, beside) for sought in node.sought}
    if isinstance(node, Aggregate):
        rows.asked = tuple(condition for measure in node.measures for condition in measure.conditions)
    outside = node.input.input if isinstance(node.input, InWindows) else node.input
    if isinstance(node.input, InWindows):
        assert beside.buckets is not None
        members = node.input.spine.members
        rows.buckets = {member: nodes.column(beside.buckets, slot.name) for member, slot in members}
    if isinstance(outside, RowsOutside):
        assert beside.top is not None
        query = rows.select(outside.input)
        _leave_out(query, rows, outside, beside.top)
    else:
        query = rows.select(outside)
    if isinstance(node.input, InWindows):
        assert beside.buckets is not None
        buckets, on = _in_window(scope, rows, node.input, beside.buckets)
        # What the rows were asked of their buckets stands in the select already.
        over(query, beside.buckets, buckets)
        if rows.times.converts_in_steps:
            on = with_instants(scope, rows, query, on)
        if any(nodes.holds(join, exp.Select) for join in query.args.get("joins") or ()):
            # DuckDB 2.0.1 fails on a join by a range behind one with a select in its condition.
            query.append("joins", exp.Join(this=named(buckets), kind="CROSS"))
            nodes.also_where(query, on)
        else:
            query.append("joins", exp.Join(this=named(buckets), on=on))
    for sought in node.sought:
        query.append("joins", _to_set(rows, sought, beside.sets[sought.condition]))
    return rows, query


def _in_window(scope: Scope, rows: RowExpressions, node: InWindows, buckets: str) -> tuple[str, Node]:
    """Return when a row is in a bucket's window, and the name of the CTE that has what this reads."""
    members = node.spine.members
    slots = [slot for _, slot in members]
    elsewhere = times_compared(node.condition)
    if elsewhere is not None:
        name, on = elsewhere.join(scope, rows, node, buckets)
        rows.buckets = {member: nodes.column(name, slot.name) for member, slot in members}
        return name, on
    compared = days_compared(node.condition)
    staged = Staged(scope, buckets, slots)
    rows.times.stage(staged.once)
    conditions = [rows.holds(node.condition)] if compared is None else compared.days(rows.holds)
    rows.times.stage(None)
    if rows.times.converts_in_steps:
        conditions = [staged.sides_once(condition) for condition in conditions]
    name, conditions = staged.added(conditions)
    if compared is not None:
        name = compared.join(scope, name, slots, conditions, rows.comparable_days())
    rows.buckets = {member: nodes.column(name, slot.name) for member, slot in members}
    return name, conditions[0] if compared is None else compared.on(name, rows)


def _columns(rows: RowExpressions, sought: SoughtIn, beside: Beside) -> SetColumns:
    """Return the columns that tell what is found in a set, under an alias that nothing else has."""
    name = beside.sets[sought.condition]
    alias = rows.alias(name, name)
    values = sought.values
    if isinstance(values, EntityValues):
        return SetColumns(alias, IS_IN if values.includes_null else VALUE, None)
    first = None if values.first is None else values.first.slot.name
    return SetColumns(alias, IS_IN if values.includes_null else VALUE, first)


def _to_set(rows: RowExpressions, sought: SoughtIn, name: str) -> exp.Join:
    """Return the join to a set: a value is there once in a group, so rows don't become more."""
    values, columns = sought.values, rows.sets[sought.condition]
    null_safe = rows.dialect.forms["null_safe"]

    def same(key: str, value: Node, *, plain: bool) -> Node:
        own, value = nodes.column(columns.alias, key), nodes.operand(value, 4)
        return nodes.compare(exp.EQ, own, value) if plain else null_safe(own, value)

    on = [
        same(key.name, rows.as_one_of(value, key.type), plain=plain)
        for key, (value, plain) in zip(values.key_slots, sought.at, strict=True)
    ]
    type = values.entity.type if isinstance(values, EntityValues) else values.value.slot.type
    on.append(same(VALUE, rows.as_type(sought.condition.operand, type), plain=not values.includes_null))
    if sought.until is not None:
        rows.earliest = columns
        on.append(rows.holds(sought.until))
    table = named(name, None if columns.alias == name else columns.alias)
    return exp.Join(this=table, side="LEFT", on=nodes.all_of(on))


def _leave_out(query: exp.Select, rows: RowExpressions, node: RowsOutside, top: str) -> None:
    """Join the ranking's members, of which a row has at most one, and keep the rows that have none."""
    same = rows.dialect.forms["null_safe"]
    on = [
        same(nodes.column(top, key.name), nodes.operand(rows.as_one_of(value, key.type), 4))
        for key, value in zip(node.top.keys, node.values, strict=True)
    ]
    query.append("joins", exp.Join(this=named(top), side="LEFT", on=nodes.all_of(on)))
    nodes.also_where(query, nodes.is_null(nodes.column(top, IS_TOP.name)))
