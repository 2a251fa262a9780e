"""Required columns: what a row formula reads, however far, and lacks."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.syntax import tree as t

from .definitions import AGGREGATES
from .rows import Place, Rows

BEYOND = (*AGGREGATES, "followed_by", "preceded_by", "row_number", "lag", "lead")
"""Calls that read more than the row."""


def lacks_required(rows: Rows, expr: t.Expr, home: str, place: Place) -> bool:
    """Tell whether a row formula reads, however far, a required column that is null for this row."""
    return any(_name_lacks_required(rows, name.parts, home, place) for name in _own_names(expr))


def _name_lacks_required(rows: Rows, parts: tuple[str, ...], home: str, place: Place) -> bool:
    definitions = rows.definitions
    if len(parts) == 1 and parts[0] not in definitions.datasets[home].columns:
        (name,) = parts
        if name in definitions.dimensions:
            path, listed = definitions.source_of(name, home)
            there = rows.walk(home, place, path)
            return lacks_required(rows, definitions.dimensions[name][listed], *there)
        if name in definitions.filters:
            return lacks_required(rows, definitions.filters[name], home, place)
        return False
    dataset, at, name = rows.end_of((home, *parts) if len(parts) == 1 else parts, home, place)
    column = definitions.datasets[dataset].columns.get(name)
    if column is None:
        return False
    if column.required and rows.column(dataset, at, name) is None:
        return True
    return column.expr is not None and lacks_required(rows, column.expr, dataset, at)


def _own_names(expr: t.Expr) -> Iterator[t.Name]:
    """Yield the names that a row formula itself reads: not those of sequences, sets and other rows."""
    match expr:
        case t.Name(parts=(name,)) if name in ("period_start", "period_end", "as_of"):
            pass
        case t.Name():
            yield expr
        case t.InSet(operand=x):
            yield from _own_names(x)
        case t.Call(function=name) if name in BEYOND:
            pass
        case t.Call(function="date_trunc" | "date_diff", arguments=(_, *times)):
            for x in times:
                yield from _own_names(x)
        case _:
            for x in t.children(expr):
                yield from _own_names(x)
