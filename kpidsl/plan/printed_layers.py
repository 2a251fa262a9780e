"""What is judged of a result, as lines of a printed plan."""

from __future__ import annotations

from typing import assert_never

from kpidsl.semantics.bound import Bound
from kpidsl.semantics.judged import AmongRows, AnyLayer, Collected, Layer, Running, Runs
from kpidsl.semantics.printing import print_bound


def print_layer(layer: AnyLayer) -> str:
    """Return a layer of judged columns as a line."""
    match layer:
        case Layer():
            columns = [f"{column.name} = {_judged(column.value)}" for column in layer.columns]
            return f"Judge {layer.name}: " + "; ".join(columns)
        case Runs():
            return f"Run {layer.name}: " + "; ".join(_running(column) for column in layer.columns)
        case Collected():
            columns = [f"{one.name} = {one.function}({print_bound(one.value)})" for one in layer.columns]
            return f"Collect {layer.name} by ({', '.join(layer.keys)}): " + "; ".join(columns)
        case _:
            assert_never(layer)


def _judged(value: Bound | AmongRows) -> str:
    if not isinstance(value, AmongRows):
        return print_bound(value)
    least = ", least first" if value.is_least_best else ""
    return f"{value.function}({value.column}{least} per {', '.join(value.within) or '-'})"


def _running(column: Running) -> str:
    way = "" if column.order is None else f" {'from' if column.is_from else 'to'} {column.order}"
    return f"{column.name} = sum({print_bound(column.value)} per {', '.join(column.per) or '-'}{way})"
