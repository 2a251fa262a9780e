"""Rows that stand in a statement instead of in a table, for connections that hold no tables of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce

from sqlglot import exp

from kpidsl.model.definitions import Identifier
from kpidsl.model.types import Kind, Type
from kpidsl.semantics.bound import Constant
from kpidsl.sql import nodes
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import identifier
from kpidsl.sql.values import constant, sql_type, typed_null

_CAST = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)


def rows_as_query(
    columns: Mapping[str, Type], rows: Sequence[Sequence[object]], dialect: Dialect
) -> exp.Query:
    """Return a query whose result is the rows, each value of its column's type.

    Needs: at least one column, and values that fit their types. Of no rows it is a query without any.
    """
    if not rows:
        nothing = _select(columns, [None] * len(columns), dialect)
        return nothing.where(nodes.compare(exp.EQ, nodes.integer(1), nodes.integer(0)), copy=False)
    selects: list[exp.Query] = [_select(columns, row, dialect) for row in rows]
    return reduce(lambda a, b: exp.Union(this=a, expression=b, distinct=False), selects)


def _select(columns: Mapping[str, Type], row: Sequence[object], dialect: Dialect) -> exp.Select:
    values = (
        exp.Alias(this=_value(value, type_, dialect), alias=identifier(Identifier(name, False)))
        for (name, type_), value in zip(columns.items(), row, strict=True)
    )
    return exp.Select(expressions=list(values))


def _value(value: object, type_: Type, dialect: Dialect) -> Node:
    if value is None:
        return typed_null(type_, dialect)
    if isinstance(value, str):
        return nodes.text(value)
    assert isinstance(value, int | float | date) or type_.kind is Kind.DECIMAL
    # A time without a zone is one of its column's own.
    found = constant(Constant(value, type_), type_, dialect, type_.zone or "UTC")  # type: ignore[arg-type]
    return nodes.cast(found, sql_type(type_, dialect)) if type_.kind in _CAST else found
