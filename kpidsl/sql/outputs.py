"""The outermost select: members, levels and KPIs under the users' names, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.contexts.leaves import DETAIL, LEVEL_COLUMN, LevelValue, OutputColumn, Scalar
from kpidsl.model.types import INTEGER, TEXT, Kind
from kpidsl.plan.nodes import Slot
from kpidsl.plan.results import Compute, Judge, LevelRows, Levels, Sort
from kpidsl.semantics.bound import Constant, Member
from kpidsl.sql import nodes
from kpidsl.sql.ctes import Ctes
from kpidsl.sql.having import having
from kpidsl.sql.judged import Measured, judged_rows
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, named, under, union
from kpidsl.sql.shown import metric_comment, order, refuse_long_names, written
from kpidsl.sql.slots import SlotExpressions, largest_outputs, own_slot

_LEVEL = Slot("level", TEXT)
_DETAIL, _OTHERS, _TOTAL = range(3)
"""Where a row stands beside those that have a member: after them where it gathers or sums them up."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the result is selected from, and how each column of it is reached.

    `places` tell, for the members that some rows lack, where such rows stand.
    """

    query: exp.Select
    column: Callable[[Slot], Node]
    level: Node | None
    places: Mapping[Slot, Node]


def result(plan: Sort, ctes: Ctes) -> exp.Select:
    """Return the outermost select of a plan; its CTEs are in the scope."""
    compute, scope = plan.compute, ctes.scope
    is_empty = False
    if isinstance(compute.input, Levels):
        rows = _levels(compute.input, compute, ctes)
    else:
        joined = ctes.joined(compute.input)
        if joined is None:
            is_empty = bool(compute.keys)
            rows = _Rows(exp.Select(), lambda slot: scope.no_value(slot.type), None, {})
        else:
            rows = _Rows(joined.select(), joined.column, None, {})
    wanted: list[Node] = [exp.false()] if is_empty else []
    if plan.unfinished is not None:
        own = compute.own if rows.level is None else None
        span = scope.places.first
        expressions = SlotExpressions(scope, compute.slots, rows.column, span, _keys(compute), own)
        wanted.append(expressions.fails(plan.unfinished))
    sizes = largest_outputs(compute, scope)
    if isinstance(plan.input, Judge):
        query, internal, sizes = judged_rows(
            plan, plan.input.judgement, Measured(rows.query, rows.column, wanted, sizes), scope
        )
        wanted = []
    else:
        query = rows.query
        internal = _outputs(query, plan, rows, scope)
    if plan.having is not None:
        wanted.append(having(plan.having, internal, scope, sizes))
    if wanted:
        query.set("where", exp.Where(this=nodes.all_of(wanted)))
    order(query, plan, internal, rows.places)
    if plan.limit is not None:
        nodes.limited(query, plan.limit, with_offset=scope.dialect.drops_limits)
    return query


def _levels(levels: Levels, compute: Compute, ctes: Ctes) -> _Rows:
    """Return the rows of all levels, each level a part of one UNION."""
    lacking = [key for key in compute.keys if any(_place(key, level) for level in levels.levels)]
    marks = {key: Slot(f"t_{key.name[2:]}", INTEGER) for key in lacking}
    parts = [_level(level, compute, marks, ctes) for level in levels.levels]
    name = ctes.scope.add("levels", union(parts))

    def column(slot: Slot) -> Node:
        return nodes.column(name, slot.name)

    places = {key: column(mark) for key, mark in marks.items()}
    return _Rows(exp.Select(from_=exp.From(this=named(name))), column, column(_LEVEL), places)


def _level(level: LevelRows, compute: Compute, marks: Mapping[Slot, Slot], ctes: Ctes) -> exp.Select:
    """Return the rows of one level with the plan's columns: none where no fact gives any."""
    joined = ctes.joined(level.rows)
    has_row = joined is not None or not (level.rows.key_slots or level.gathers)
    query = exp.Select() if joined is None else joined.select()

    def value(slot: Slot) -> Node:
        return ctes.scope.no_value(slot.type) if joined is None else joined.column(slot)

    columns: list[Node] = []
    for key in compute.keys:
        has_it = key in level.rows.key_slots
        columns.append(under(value(key) if has_it else ctes.scope.no_value(key.type), key))
    columns.append(under(nodes.text(level.name), _LEVEL))
    columns.extend(under(nodes.integer(_place(key, level)), mark) for key, mark in marks.items())
    columns.extend(under(value(own), slot) for slot, own in zip(compute.slots, level.values, strict=True))
    for flag, told in zip(compute.flags, level.flags, strict=True):
        columns.append(under(_told(told, compute, value, ctes.scope), _flag(flag)))
    for index, own in enumerate(level.own):
        columns.append(under(_told(own, compute, value, ctes.scope), own_slot(LevelValue(index, own.type))))
    query.set("expressions", columns)
    if not has_row:
        query.set("where", exp.Where(this=exp.false()))
    return query


def _place(key: Slot, level: LevelRows) -> int:
    if key in level.rows.key_slots:
        return _DETAIL
    return _OTHERS if level.gathers else _TOTAL


def _outputs(query: exp.Select, plan: Sort, rows: _Rows, scope: Scope) -> dict[str, Node]:
    """Add the result's columns and return each one's node in the form of its type: who uses one copies it."""
    compute = plan.compute
    outputs: list[Node] = []
    internal: dict[str, Node] = {}
    for grouped, slot in zip(compute.by, compute.keys, strict=True):
        node = rows.column(slot)
        internal[grouped.name] = node
        shown = written(node, slot.type, scope)
        if plan.null_label is not None and slot.type.kind is Kind.TEXT:
            shown = _labelled(shown, plan.null_label, rows.level)
        outputs.append(nodes.alias(shown, grouped.name, quoted=True))
    if rows.level is not None:
        outputs.append(nodes.alias(rows.level, LEVEL_COLUMN, quoted=True))
    own = compute.own if rows.level is None else None
    expressions = SlotExpressions(scope, compute.slots, rows.column, scope.places.first, _keys(compute), own)
    for output in compute.columns:
        expressions.span = scope.places.columns[output.name]
        node = expressions.as_type(output.value, output.type)
        internal[output.name] = node
        shown = nodes.alias(written(node, output.type, scope), output.name, quoted=True)
        shown.add_comments([metric_comment(output)])
        outputs.append(shown)
    for flag in compute.flags:
        value = (
            rows.column(_flag(flag))
            if rows.level is not None
            else _told(flag.value, compute, rows.column, scope)
        )
        outputs.append(nodes.alias(value, flag.name, quoted=True))
    query.set("expressions", outputs)
    refuse_long_names(outputs, scope)
    return internal


def _keys(compute: Compute) -> dict[Member, Slot]:
    return {grouped.member: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}


def _flag(flag: OutputColumn) -> Slot:
    return Slot(f"f{flag.name}", flag.type)


def _told(value: Scalar, compute: Compute, column: Callable[[Slot], Node], scope: Scope) -> Node:
    """Return what a flag says of a row; a lone null has its type."""
    if isinstance(value, Constant) and value.value is None:
        return scope.no_value(value.type)
    span = scope.places.first
    return SlotExpressions(scope, compute.slots, column, span, _keys(compute), compute.own).value(value)


def _labelled(node: Node, label: str, level: Node | None) -> Node:
    """Return a member with the label in place of null; in rows of another level than detail null stays."""
    if level is None:
        return exp.Coalesce(this=node, expressions=[nodes.text(label)])
    is_detail = nodes.compare(exp.EQ, level.copy(), nodes.text(DETAIL))
    missing = nodes.all_of([nodes.is_null(node), is_detail])
    return nodes.case([(missing, nodes.text(label))], node.copy())
