"""Aggregates over values of entities: the values as one select, then an aggregate over its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from kpidsl.contexts.leaves import Scalar
from kpidsl.contexts.magnitudes import Largest
from kpidsl.plan.nodes import (
    Aggregate,
    Completed,
    Crossed,
    EntityMeasure,
    Measure,
    OverEntities,
    Slot,
    Spread,
    Stack,
    WindowSpine,
)
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Member, RowColumn
from kpidsl.semantics.conditions import is_present
from kpidsl.sql import nodes
from kpidsl.sql.aggregates import Grouped, grouped
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.joined import Joined
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Scope, named, named_by, select_of, slot_of, under, union
from kpidsl.sql.slots import SlotExpressions


class _Columns(Expressions):
    """Lowers expressions over the columns of a CTE; `sizes` has the largest values of some of them."""

    def __init__(self, scope: Scope, name: str, sizes: Mapping[str, Largest]) -> None:
        span = scope.places.first
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, span)
        self.name = name
        self.sizes = sizes

    has_declared_columns = False

    def size_of_atom(self, atom: Value) -> Largest | None:
        return self.sizes.get(atom.column) if isinstance(atom, RowColumn) else None

    def atom(self, value: Value) -> Node:
        assert isinstance(value, RowColumn)
        return nodes.column(self.name, value.column)


def name_of_entities(entities: Sequence[Slot]) -> str:
    return "_".join(("per", *(slot.name.removeprefix("e_") for slot in entities)))


def over_entities(scope: Scope, node: OverEntities, rows: Joined | None, *, zero: bool) -> str:
    """Add the CTEs of an aggregate over entities and return the last one's name.

    `rows` are the entities', None where no fact gives any.
    """
    keys = dict(node.members)
    wanted = [*node.keys, *(keys[key.member] for measure in node.measures for key in measure.tested)]
    taken = {slot.name for slot in wanted}
    query = exp.Select() if rows is None else rows.select()

    def column(slot: Slot) -> Node:
        return scope.no_value(slot.type) if rows is None else rows.column(slot)

    columns = [under(column(slot), slot) for slot in dict.fromkeys(wanted)]
    values: dict[Scalar, Slot] = {}
    sizes: dict[str, Largest] = {}
    for measure in node.measures:
        if measure.value is None or measure.value in values:
            continue
        slot = Slot(unique_name("value", taken), measure.value.type)
        values[measure.value] = slot
        span = scope.places.of(measure.slot.name)
        expressions = SlotExpressions(scope, node.slots, column, span, keys)
        found = expressions.as_one_of(measure.value, slot.type)
        size = expressions.size(measure.value)
        if size is not None:
            sizes[slot.name] = size
        columns.append(under(scope.no_value(slot.type) if isinstance(found, exp.Null) else found, slot))
    if not columns:
        columns.append(nodes.alias(nodes.integer(1), unique_name("entity", taken)))
    query.set("expressions", columns)
    if rows is None:
        query.set("where", exp.Where(this=exp.false()))
    stem = name_of_entities(node.entities)
    name = scope.add(f"values_{stem}", query)
    over = exp.Select(from_=exp.From(this=named(name)))
    measures = [_over_column(measure, name, values, keys) for measure in node.measures]
    groups = Grouped(
        named_by(stem, node.keys), stem, [(s, slot_of(name, s)) for s in node.keys], measures, node.needs_rows
    )
    return grouped(scope, groups, _Columns(scope, name, sizes), over, zero=zero)


def completed(scope: Scope, node: Completed, rows: str, parts: Sequence[str], buckets: str | None) -> str:
    """Add the CTEs of groups with the entities of coarser parts and return the last one's name.

    `buckets` are those in the window of each group, where entities are told by some.
    """
    groups = _groups(scope, rows, node.around) if node.around else None
    found = [_of_part(scope, node, name, part, groups) for name, part in zip(parts, node.parts, strict=True)]
    entities = scope.add("entities", union(found))
    all_of_them = select_of(entities, [slot_of(entities, slot) for slot in node.key_slots])
    if node.within is not None and buckets is not None:
        all_of_them.set("joins", [_to_buckets(scope, node.within, entities, buckets)])
    there = select_of(rows, [slot_of(rows, slot) for slot in node.key_slots])
    added = scope.add("added", exp.Except(this=all_of_them, expression=there, distinct=True))
    own = select_of(rows, [slot_of(rows, slot) for slot in (*node.key_slots, *node.value_slots)])
    more: list[Node] = [slot_of(added, slot) for slot in node.key_slots]
    more.extend(map(scope.of_nothing, node.value_slots))
    return scope.add("completed", union([own, select_of(added, more)]))


def spread(scope: Scope, node: Spread, rows: str, buckets: str) -> str:
    """Add the CTE of groups in each window that holds their bucket and return its name."""
    own = set(node.input.key_slots)
    columns = [slot_of(rows if slot in own else buckets, slot) for slot in node.keys]
    query = select_of(rows, [*columns, *(slot_of(rows, slot) for slot in node.value_slots)])
    of = node.within.of
    shared = [slot for slot in (*of.key_slots, *(key.slot for key in of.buckets)) if slot in own]
    query.set("joins", [_to_groups(scope, buckets, rows, shared)])
    return scope.add("in_windows", query)


def crossed(scope: Scope, node: Crossed, rows: str, parts: Sequence[str], buckets: str | None) -> str:
    """Add the CTEs of entities in each of the groups of some rows and return the last one's name."""
    groups = _groups(scope, rows, node.around) if node.around else None
    if not node.parts:
        assert node.within is not None
        assert buckets is not None
        columns = [
            slot_of(groups if slot in node.around and groups else buckets, slot) for slot in node.key_slots
        ]
        query = select_of(buckets, columns)
        if groups is not None:
            shared = [slot for slot in node.within.of.key_slots if slot in node.around]
            query.set("joins", [_to_groups(scope, groups, buckets, shared)])
        return scope.add("crossed", query)
    found = [_of_part(scope, node, name, part, groups) for name, part in zip(parts, node.parts, strict=True)]
    entities = scope.add("crossed", union(found, distinct=len(found) > 1))
    if node.within is None or buckets is None:
        return entities
    inside = select_of(entities, [slot_of(entities, slot) for slot in node.key_slots])
    inside.set("joins", [_to_buckets(scope, node.within, entities, buckets)])
    return scope.add("crossed_in_windows", inside)


def _of_part(
    scope: Scope,
    node: Completed | Crossed,
    name: str,
    part: Aggregate | OverEntities | Stack,
    groups: str | None,
) -> exp.Select:
    """Return the entities of a part in each of some groups that have the same keys."""
    columns = [slot_of(groups if slot in node.around and groups else name, slot) for slot in node.key_slots]
    query = select_of(name, columns)
    if groups is not None:
        shared = [slot for slot in part.key_slots if slot in node.around]
        query.set("joins", [_to_groups(scope, groups, name, shared)])
    return query


def _groups(scope: Scope, rows: str, keys: Sequence[Slot]) -> str:
    """Add the CTE of the groups that rows have, and return its name."""
    query = select_of(rows, [slot_of(rows, slot) for slot in keys])
    query.set("distinct", exp.Distinct())
    return scope.add("groups", query)


def _to_groups(scope: Scope, groups: str, rows: str, shared: Sequence[Slot]) -> exp.Join:
    """Return the join of rows with each of some groups that have the same keys."""
    on = scope.same(groups, rows, shared)
    join = exp.Join(this=named(groups), kind="" if on else "CROSS")
    if on:
        join.set("on", nodes.all_of(on))
    return join


def _to_buckets(scope: Scope, spine: WindowSpine, rows: str, buckets: str) -> exp.Join:
    """Return the join of rows with the buckets in their groups' windows."""
    of = spine.of
    on = scope.same(buckets, rows, [*of.key_slots, *(key.slot for key in of.buckets)])
    return exp.Join(this=named(buckets), on=nodes.all_of(on))


def _over_column(
    measure: EntityMeasure, name: str, values: dict[Scalar, Slot], keys: Mapping[Member, Slot]
) -> Measure:
    def column(slot: Slot) -> RowColumn:
        return RowColumn((), name, slot.name, slot.type)

    value = None if measure.value is None else column(values[measure.value])
    tested = tuple(is_present(column(keys[key.member])) for key in measure.tested)
    return Measure(measure.slot, measure.function, value, measure.others, tested, measure.empty_is_null)
