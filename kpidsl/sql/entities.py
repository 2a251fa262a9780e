"""Aggregates over values of entities: the values as one select, then an aggregate over its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from kpidsl.contexts.leaves import Scalar
from kpidsl.contexts.magnitudes import Largest
from kpidsl.plan.nodes import Completed, EntityMeasure, Measure, OverEntities, Slot
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Member, RowColumn
from kpidsl.semantics.conditions import is_present
from kpidsl.sql import nodes
from kpidsl.sql.aggregates import Grouped, grouped
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.joined import Joined
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Scope, named, named_by, slot_of, under, union
from kpidsl.sql.slots import SlotExpressions


class _Columns(Expressions):
    """Lowers expressions over the columns of a CTE; `sizes` has the largest values of some of them."""

    def __init__(self, scope: Scope, name: str, sizes: Mapping[str, Largest]) -> None:
        span = scope.places.first
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, span)
        self.name = name
        self.sizes = sizes

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
        size = None if scope.dialect.room is None else expressions.size(measure.value)
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


def completed(scope: Scope, node: Completed, rows: str, parts: Sequence[str]) -> str:
    """Add the CTEs of groups with the entities of coarser parts and return the last one's name."""
    around = exp.Select(expressions=[slot_of(rows, slot) for slot in node.around])
    around.set("from_", exp.From(this=named(rows)))
    around.set("distinct", exp.Distinct())
    groups = scope.add("groups", around) if node.around else None
    found: list[exp.Query] = []
    for name, part in zip(parts, node.parts, strict=True):
        shared = [slot for slot in part.key_slots if slot in node.around]
        columns = [
            slot_of(groups if slot in node.around and groups else name, slot) for slot in node.key_slots
        ]
        query = exp.Select(expressions=columns, from_=exp.From(this=named(name)))
        if groups is not None:
            on = scope.same(groups, name, shared)
            join = exp.Join(this=named(groups), kind="" if on else "CROSS")
            if on:
                join.set("on", nodes.all_of(on))
            query.set("joins", [join])
        found.append(query)
    entities = scope.add("entities", union(found))
    keys = [slot_of(entities, slot) for slot in node.key_slots]
    there = exp.Select(expressions=[slot_of(rows, slot) for slot in node.key_slots])
    there.set("from_", exp.From(this=named(rows)))
    all_of_them = exp.Select(expressions=keys, from_=exp.From(this=named(entities)))
    added = scope.add("added", exp.Except(this=all_of_them, expression=there, distinct=True))
    slots = (*node.key_slots, *node.value_slots)
    own = exp.Select(expressions=[slot_of(rows, slot) for slot in slots], from_=exp.From(this=named(rows)))
    more: list[Node] = [slot_of(added, slot) for slot in node.key_slots]
    more.extend(map(scope.of_nothing, node.value_slots))
    return scope.add(
        "completed", union([own, exp.Select(expressions=more, from_=exp.From(this=named(added)))])
    )


def _over_column(
    measure: EntityMeasure, name: str, values: dict[Scalar, Slot], keys: Mapping[Member, Slot]
) -> Measure:
    def column(slot: Slot) -> RowColumn:
        return RowColumn((), name, slot.name, slot.type)

    value = None if measure.value is None else column(values[measure.value])
    tested = tuple(is_present(column(keys[key.member])) for key in measure.tested)
    return Measure(measure.slot, measure.function, value, measure.others, tested, measure.empty_is_null)
