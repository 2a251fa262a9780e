"""An aggregate over a dataset's rows as one select."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.model.types import Type
from kpidsl.plan.nodes import Aggregate, InWindows, KeySlot, Measure, RowsOutside
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.measures import direct, is_native
from kpidsl.sql.nodes import Node
from kpidsl.sql.reading import Beside, reading
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Scope, is_constant, named, named_by
from kpidsl.sql.steps import Steps


def aggregate(scope: Scope, node: Aggregate, beside: Beside, *, zero: bool) -> str:
    """Add the CTE of an aggregate and return its name; `zero` writes sums of nothing as 0."""
    rows, query = reading(scope, node, beside, _place(scope, node.measures[0]))
    keys = [(key, rows.as_one_of(key.value, key.slot.type)) for key in node.keys]
    if not all(is_native(measure, scope.dialect.name) for measure in node.measures):
        return _in_steps(scope, node, rows, query, keys, zero=zero)
    columns = [nodes.alias(_shaped(scope, value, key.slot.type), key.slot.name) for key, value in keys]
    for measure in node.measures:
        rows.span = _place(scope, measure)
        columns.append(nodes.alias(direct(rows, measure, zero=zero), measure.slot.name))
    query.set("expressions", columns)
    varying = [(place, value) for place, (_, value) in enumerate(keys, 1) if not is_constant(value)]
    grouped = [value.copy() for _, value in varying]
    if any(isinstance(found, exp.Case | exp.Select) for value in grouped for found in value.walk()):
        # Whoever reads it need not compare two long expressions.
        grouped = [nodes.integer(place) for place, _ in varying]
    if grouped:
        query.set("group", exp.Group(expressions=grouped))
    elif keys or node.needs_rows:
        # No member varies: without rows there is no group, so no row either.
        query.set("having", _some())
    return scope.add(_name(node), query)


def _in_steps(
    scope: Scope,
    node: Aggregate,
    rows: RowExpressions,
    query: exp.Select,
    keys: Sequence[tuple[KeySlot, Node]],
    *,
    zero: bool,
) -> str:
    """Add the CTEs of an aggregate that the dialect lacks and return the last one's name; see `steps`."""
    given, ranked = (scope.reserve(f"{node.dataset}_{step}") for step in ("rows", "ranked"))
    steps = Steps(rows, keys, given, ranked)
    columns = [nodes.alias(steps.last_step(key.slot.name), key.slot.name) for key in node.keys]
    for measure in node.measures:
        rows.span = _place(scope, measure)
        columns.append(nodes.alias(steps.measure(measure, zero=zero), measure.slot.name))
    query.set("expressions", steps.first_step())
    scope.put(given, query)
    scope.put(ranked, exp.Select(expressions=steps.second_step(), from_=exp.From(this=named(given))))
    last = exp.Select(expressions=columns, from_=exp.From(this=named(ranked)))
    if node.keys:
        grouped = [steps.last_step(key.slot.name) for key in node.keys]
        last.set("group", exp.Group(expressions=grouped))
    elif node.needs_rows:
        last.set("having", _some())
    return scope.add(_name(node), last)


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
