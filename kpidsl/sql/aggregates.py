"""An aggregate over a dataset's rows as one select."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.model.types import Type
from kpidsl.plan.nodes import Aggregate, InWindows, Measure, RowsOutside, Slot
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.measures import direct, is_everywhere, is_native
from kpidsl.sql.nodes import Node
from kpidsl.sql.reading import Beside, reading
from kpidsl.sql.scope import Scope, is_constant, named, named_by
from kpidsl.sql.steps import Steps


def aggregate(scope: Scope, node: Aggregate, beside: Beside, *, zero: bool) -> str:
    """Add the CTE of an aggregate and return its name; `zero` writes sums of nothing as 0."""
    rows, query = reading(scope, node, beside, _place(scope, node.measures[0]))
    rows.in_pieces = node.are_pieces
    keys = [(key.slot, rows.as_one_of(key.value, key.slot.type)) for key in node.keys]
    rows.in_pieces = False
    groups = Grouped(_name(node), node.dataset, keys, node.measures, node.needs_rows)
    return grouped(scope, groups, rows, query, zero=zero)


@dataclass(frozen=True, slots=True)
class Grouped:
    """What is aggregated from rows: under what name, by which keys (each with its value on a row)."""

    name: str
    stem: str
    keys: Sequence[tuple[Slot, Node]]
    measures: Sequence[Measure]
    needs_rows: bool


def grouped(scope: Scope, groups: Grouped, rows: Expressions, query: exp.Select, *, zero: bool) -> str:
    """Add the CTE of groups over the rows of a select and return its name."""
    keys = groups.keys
    varying = [(place, value) for place, (_, value) in enumerate(keys, 1) if not is_constant(value)]
    # Whoever reads it need not compare two long expressions.
    is_long = any(nodes.holds(value, exp.Case, exp.Select) for _, value in varying)
    has_all = all(is_native(measure, scope.dialect) for measure in groups.measures)
    if not has_all or (is_long and not scope.dialect.has_places_in_groups):
        return _in_steps(scope, groups, rows, query, zero=zero)
    columns = [nodes.alias(_shaped(scope, value, slot.type), slot.name) for slot, value in keys]
    for measure in groups.measures:
        rows.span = _place(scope, measure)
        columns.append(nodes.alias(direct(rows, measure, zero=zero), measure.slot.name))
    if not scope.dialect.has_selects_in_aggregates and any(
        scope.reads_selects(found) for column in columns for found in column.find_all(exp.AggFunc)
    ):
        return _in_steps(scope, groups, rows, query, zero=zero)
    if not scope.dialect.has_selects_in_groups and any(scope.reads_selects(value) for _, value in keys):
        return _in_steps(scope, groups, rows, query, zero=zero)
    query.set("expressions", columns)
    if varying:
        by_place = scope.dialect.has_places_in_groups and (is_long or scope.dialect.groups_by_place)
        by = [nodes.integer(place) if by_place else value.copy() for place, value in varying]
        query.set("group", exp.Group(expressions=by))
    elif keys or groups.needs_rows:
        # No member varies: without rows there is no group, so no row either.
        query.set("having", _some())
    return scope.add(groups.name, query)


def _in_steps(scope: Scope, groups: Grouped, rows: Expressions, query: exp.Select, *, zero: bool) -> str:
    """Add the CTEs of an aggregate that takes more than one and return the last one's name; see `steps`."""
    given = scope.reserve(f"{groups.stem}_rows")
    ranked = given if all(map(is_everywhere, groups.measures)) else scope.reserve(f"{groups.stem}_ranked")
    steps = Steps(scope, rows, groups.keys, given, ranked)
    columns = [nodes.alias(steps.last_step(slot.name), slot.name) for slot, _ in groups.keys]
    for measure in groups.measures:
        rows.span = _place(scope, measure)
        columns.append(nodes.alias(steps.measure(measure, zero=zero), measure.slot.name))
    query.set("expressions", steps.first_step())
    scope.put(given, query)
    if ranked != given:
        scope.put(ranked, exp.Select(expressions=steps.second_step(), from_=exp.From(this=named(given))))
    last = exp.Select(expressions=columns, from_=exp.From(this=named(ranked)))
    if groups.keys:
        last.set("group", exp.Group(expressions=[steps.last_step(slot.name) for slot, _ in groups.keys]))
    elif groups.needs_rows:
        last.set("having", _some())
    return scope.add(groups.name, last)


def _place(scope: Scope, measure: Measure) -> Span:
    return scope.places.of((measure.counts_for or measure.slot).name)


def _some() -> exp.Having:
    return exp.Having(this=nodes.compare(exp.GT, exp.Count(this=exp.Star()), nodes.integer(0)))


def _name(node: Aggregate) -> str:
    is_outside = isinstance(node.input, RowsOutside)
    stem = f"other_{node.dataset}" if is_outside else node.dataset
    if isinstance(node.input, InWindows):
        stem += "_in_windows"
    return named_by(stem, node.key_slots)


def _shaped(scope: Scope, node: Node, type: Type) -> Node:
    """Return a key so that both sides of a UNION have one type, a lone null too."""
    return scope.no_value(type) if isinstance(node, exp.Null) else node
