"""The outermost select: members, levels and KPIs under the users' names, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.contexts.leaves import DETAIL, LEVEL_COLUMN, LevelValue, OutputColumn, Scalar
from kpidsl.model.types import INTEGER, TEXT, Kind, Type
from kpidsl.plan.nodes import Slot
from kpidsl.plan.results import Compute, LevelRows, Levels, Sort
from kpidsl.semantics.bound import Constant
from kpidsl.sql import errors, nodes, values
from kpidsl.sql.ctes import Ctes
from kpidsl.sql.having import having
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, is_constant, named, under, union
from kpidsl.sql.slots import SlotExpressions, own_slot

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
    compute, scope = plan.input, ctes.scope
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
    query = rows.query
    internal = _outputs(query, plan, rows, scope)
    wanted: list[Node] = [exp.false()] if is_empty else []
    if plan.unfinished is not None:
        own = compute.own if rows.level is None else None
        keys = {grouped.member: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}
        span = scope.places.first
        expressions = SlotExpressions(scope, compute.slots, rows.column, span, keys, own)
        wanted.append(expressions.fails(plan.unfinished))
    if plan.having is not None:
        wanted.append(having(plan.having, internal, scope))
    if wanted:
        query.set("where", exp.Where(this=nodes.all_of(wanted)))
    _order(query, plan, internal, rows.places)
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
    """Add the result's columns and return each one's node in the form of its type."""
    compute = plan.input
    outputs: list[Node] = []
    internal: dict[str, Node] = {}
    for grouped, slot in zip(compute.by, compute.keys, strict=True):
        node = rows.column(slot)
        internal[grouped.name] = node
        shown = _written(node.copy(), slot.type, scope)
        if plan.null_label is not None and slot.type.kind is Kind.TEXT:
            shown = _labelled(shown, plan.null_label, rows.level)
        outputs.append(nodes.alias(shown, grouped.name, quoted=True))
    if rows.level is not None:
        outputs.append(nodes.alias(rows.level, LEVEL_COLUMN, quoted=True))
    keys = {grouped.member: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}
    own = compute.own if rows.level is None else None
    for output in compute.columns:
        span = scope.places.columns[output.name]
        expressions = SlotExpressions(scope, compute.slots, rows.column, span, keys, own)
        node = expressions.as_type(output.value, output.type)
        internal[output.name] = node
        shown = nodes.alias(_written(node.copy(), output.type, scope), output.name, quoted=True)
        shown.add_comments([_comment(output)])
        outputs.append(shown)
    for flag in compute.flags:
        value = (
            rows.column(_flag(flag))
            if rows.level is not None
            else _told(flag.value, compute, rows.column, scope)
        )
        outputs.append(nodes.alias(value, flag.name, quoted=True))
    query.set("expressions", outputs)
    _refuse_long_names(outputs, scope)
    return internal


def _refuse_long_names(outputs: list[Node], scope: Scope) -> None:
    most = scope.dialect.name_bytes
    for shown in outputs:
        if most is not None and len(shown.alias.encode()) > most:
            span = scope.places.columns.get(shown.alias, scope.places.first)
            scope.sink.report(errors.long_name(span, shown.alias, scope.dialect.name, most))


def _flag(flag: OutputColumn) -> Slot:
    return Slot(f"f{flag.name}", flag.type)


def _told(value: Scalar, compute: Compute, column: Callable[[Slot], Node], scope: Scope) -> Node:
    """Return what a flag says of a row; a lone null has its type."""
    if isinstance(value, Constant) and value.value is None:
        return scope.no_value(value.type)
    keys = {grouped.member: slot for grouped, slot in zip(compute.by, compute.keys, strict=True)}
    span = scope.places.first
    return SlotExpressions(scope, compute.slots, column, span, keys, compute.own).value(value)


def _labelled(node: Node, label: str, level: Node | None) -> Node:
    """Return a member with the label in place of null; in rows of another level than detail null stays."""
    if level is None:
        return exp.Coalesce(this=node, expressions=[nodes.text(label)])
    is_detail = nodes.compare(exp.EQ, level.copy(), nodes.text(DETAIL))
    missing = nodes.all_of([nodes.is_null(node), is_detail])
    return nodes.case([(missing, nodes.text(label))], node.copy())


def _written(node: Node, type: Type, scope: Scope) -> Node:
    if type.shown_in is not None:
        return scope.times().shown(node)
    if type.kind is Kind.TEXT and scope.dialect.shown_text is not None:
        return scope.dialect.shown_text(node)
    if type.kind is Kind.DECIMAL and type.scale and scope.dialect.scaled_decimals:
        return values.written_decimal(nodes.atom(node), type.scale)
    return node


def _order(query: exp.Select, plan: Sort, internal: Mapping[str, Node], places: Mapping[Slot, Node]) -> None:
    compute = plan.input
    asked: dict[str, bool] = {}
    for ordering in plan.order:
        # A column that is named again would only decide ties that it has decided already.
        asked.setdefault(ordering.name, ordering.descending)
    ordered: list[Node] = [
        exp.Ordered(this=internal[name].copy(), desc=descending, nulls_first=False)
        for name, descending in asked.items()
    ]
    # Ties, and what was not asked for: by the groups, so that the same rows come in the same order,
    # a row that gathers or sums up others after them.
    for grouped, slot in zip(compute.by, compute.keys, strict=True):
        if slot in places:
            ordered.append(places[slot].copy())
        if grouped.name not in asked:
            ordered.append(exp.Ordered(this=internal[grouped.name].copy(), desc=False, nulls_first=False))
    ordered = [order for order in ordered if not is_constant(order)]
    if ordered:
        query.set("order", exp.Order(expressions=ordered))


def _comment(output: OutputColumn) -> str:
    metric = output.metric
    if metric is None:
        return f"{output.name}: ad hoc"
    version = f" {metric.version}" if metric.version else ""
    period = f", {output.period}" if output.period is not None else ""
    return f"{metric.kind} {metric.name}{version}{period}"
