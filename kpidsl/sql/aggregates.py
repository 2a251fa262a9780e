"""An aggregate over a dataset's rows as one select."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.types import Type
from kpidsl.plan.nodes import Aggregate, Measure
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Scope, is_constant


def aggregate(scope: Scope, node: Aggregate, *, zero: bool) -> str:
    """Add the CTE of an aggregate and return its name; `zero` writes sums of nothing as 0."""
    span = scope.places.slots[node.measures[0].slot.name]
    rows = RowExpressions(scope.project, node.dataset, scope.dialect, scope.window, scope.sink, span)
    query = rows.select(node.input)
    keys = [(key, rows.as_one_of(key.value, key.slot.type)) for key in node.keys]
    columns = [nodes.alias(_shaped(scope, value, key.slot.type), key.slot.name) for key, value in keys]
    for measure in node.measures:
        rows.span = scope.places.slots[measure.slot.name]
        columns.append(nodes.alias(_measure(rows, measure, zero), measure.slot.name))
    query.set("expressions", columns)
    grouped = [value.copy() for _, value in keys if not is_constant(value)]
    if grouped:
        query.set("group", exp.Group(expressions=grouped))
    elif keys:
        # All members are constants: without rows there is no group, so no row either.
        some = nodes.compare(exp.GT, exp.Count(this=exp.Star()), nodes.integer(0))
        query.set("having", exp.Having(this=some))
    members = "_".join(key.slot.name[2:] for key in node.keys) or "all"
    return scope.add(f"{node.dataset}_by_{members}", query)


def _shaped(scope: Scope, node: Node, type: Type) -> Node:
    """Return a key so that both sides of a UNION have one type, a lone null too."""
    return scope.no_value(type) if isinstance(node, exp.Null) else node


def _measure(rows: RowExpressions, measure: Measure, zero: bool) -> Node:
    node = _function(rows, measure)
    if measure.conditions:
        wanted = nodes.all_of([rows.holds(condition) for condition in measure.conditions])
        node = exp.Filter(this=node, expression=exp.Where(this=wanted))
    if measure.empty_is_null and measure.function in ("count", "count_distinct"):
        return exp.Nullif(this=node, expression=nodes.integer(0))
    if measure.function == "sum" and not measure.empty_is_null and zero:
        return exp.Coalesce(this=node, expressions=[nodes.integer(0)])
    return node


def _function(rows: RowExpressions, measure: Measure) -> Node:
    argument = measure.argument
    if argument is None:
        return exp.Count(this=exp.Star())
    if measure.function == "count":
        return exp.Count(this=rows.value(argument))
    if measure.function == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[rows.value(argument)]))
    kinds: dict[str, type[exp.Expr]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}
    return kinds[measure.function](this=rows.as_type(argument, measure.slot.type))
