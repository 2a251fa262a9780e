"""What ClickHouse's SQL needs all over a statement, put into the finished tree.

- Counts and row numbers are unsigned there: as `Int64` they meet other integers.
- A type is said by its conversion, `toDate32(…)`: the wide ones, which pass nulls on by themselves.
- LAG and LEAD give a default in place of null where the column may hold none.
- The settings of the statement: what a join does not find is null, and so is an aggregate of nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.clickhouse_lookups import without_correlation
from kpidsl.sql.clickhouse_times import wide_date, wide_moment
from kpidsl.sql.nodes import Node

_SETTINGS = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1,
    "use_variant_as_common_type": 0,
}
_LARGE = 20_000
"""Nodes of a tree that is far from the 50,000 elements which the engine takes by itself."""
_ELEMENTS = {"max_ast_elements": 1_000_000}
_OUTER_JOINS = {"query_plan_convert_outer_join_to_inner_join": 0}
"""The engine takes an outer join whose other side must be there for an inner one, and then does not find a
key that is computed of what may be null (26.9: `Not found column plus(…)`)."""

_Type = exp.DataType.Type

_CONVERSIONS: dict[exp.DType, Callable[[Node], Node]] = {
    _Type.DATE: wide_date,
    _Type.TIMESTAMP: wide_moment,
    _Type.BIGINT: lambda x: nodes.call("toInt64", x),
    _Type.INT: lambda x: nodes.call("toInt64", x),
    _Type.DOUBLE: lambda x: nodes.call("toFloat64", x),
    _Type.TEXT: lambda x: nodes.call("toString", x),
}
_NULLS = {_Type.DATE: "Nullable(Date32)", _Type.TIMESTAMP: "Nullable(DateTime64(6, 'UTC'))"}
_UNSIGNED = ("ROW_NUMBER",)
_WITH_DEFAULTS = ("LAG", "LEAD")


def spelled(tree: Node) -> Node:
    """Return a whole statement as ClickHouse takes it; the tree is used up."""
    without_correlation(tree)
    for node in list(tree.find_all(exp.Cast, exp.Count, exp.RowNumber, exp.Lead, exp.Anonymous, exp.Join)):
        match node:
            case exp.Cast():
                _replace(node, _conversion(node))
            case exp.Count() | exp.RowNumber():
                _as_signed(node)
            case exp.Lead():
                node.set("this", nodes.call("toNullable", node.this))
            case exp.Anonymous(name=name) if name in _UNSIGNED:
                _as_signed(node)
            case exp.Anonymous(name=name) if name in _WITH_DEFAULTS:
                first, *rest = node.expressions
                node.set("expressions", [nodes.call("toNullable", first), *rest])
            case exp.Join() if node.args.get("kind") == "SEMI":
                node.set("side", "LEFT")
            case _:
                pass
    for select in tree.find_all(exp.Select):
        if select.args.get("joins"):
            select.set("expressions", [_by_its_name(column) for column in select.expressions])
    is_large = next(islice(tree.walk(), _LARGE, None), None) is not None
    settings = (
        _SETTINGS | (_ELEMENTS if is_large else {}) | (_OUTER_JOINS if _has_computed_keys(tree) else {})
    )
    tree.set(
        "settings",
        [
            exp.EQ(this=exp.Var(this=name), expression=nodes.integer(value))
            for name, value in settings.items()
        ],
    )
    return tree


def _has_computed_keys(tree: Node) -> bool:
    """Tell whether there is an outer join by a value that is computed."""
    conditions = (join.args.get("on") for join in tree.find_all(exp.Join) if join.args.get("side") == "LEFT")
    keys = (
        side
        for on in conditions
        if on is not None
        for key in on.find_all(exp.EQ, exp.NullSafeEQ)
        for side in (key.this, key.expression)
    )
    return any(not isinstance(side.unnest(), exp.Column) for side in keys)


def _by_its_name(column: Node) -> Node:
    """Return a column of joined rows under its own name, which may be `table.column` there otherwise."""
    return nodes.alias(column, column.name) if isinstance(column, exp.Column) else column


def _replace(node: Node, by: Node) -> None:
    if by is not node:
        node.replace(by)


def _conversion(cast: exp.Cast) -> Node:
    to = cast.to
    if isinstance(cast.this, exp.Null):
        if to.this in _NULLS:
            cast.set("to", exp.DataType.build(_NULLS[to.this], dialect="clickhouse"))
        return cast
    if to.this is _Type.DECIMAL:
        _, scale = to.expressions
        return wide_decimal(cast.this, scale.this.copy())
    convert = _CONVERSIONS.get(to.this)
    return cast if convert is None else convert(cast.this)


def wide_decimal(x: Node, scale: Node) -> Node:
    return nodes.call("toDecimal128", x, scale)


def _as_signed(function: Node) -> None:
    """Put a count as `Int64`, with the FILTER and the OVER that belong to it."""
    whole = function
    while isinstance(whole.parent, exp.Filter | exp.Window) and whole.parent.this is whole:
        whole = whole.parent
    if isinstance(whole.parent, exp.Having | exp.GT) and whole is function:
        return  # compared at its place
    place = exp.Placeholder()
    whole.replace(place)
    place.replace(nodes.call("toInt64", whole))
