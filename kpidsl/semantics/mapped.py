"""An expression with what is directly inside it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import is_
from typing import Any, TypeVar

from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Derived,
    Earliest,
    Filtered,
    InSet,
    InValues,
    KeyValue,
    MemberValue,
    MetricRef,
    Moved,
    ParameterRef,
    Partner,
    PerEntity,
    ResultValue,
    Ripe,
    RowColumn,
    RowSequence,
    Total,
    WindowEdge,
)
from kpidsl.semantics.other_rows import Step

_Changed = TypeVar("_Changed", bound=Bound | Step)


def _changed(expr: _Changed, **parts: Any) -> _Changed:
    """Return an expression with some of its parts in the place of its own: itself where all are its own."""
    for name, part in parts.items():
        own = getattr(expr, name)
        if part is not own and not (isinstance(part, tuple) and all(map(is_, part, own))):
            return replace(expr, **parts)
    return expr


def map_children(expr: Bound, change: Callable[[Bound], Bound]) -> Bound:
    """Return the expression with each of those directly inside it changed, on rows of steps and sets too."""

    def some(value: Bound | None) -> Bound | None:
        return None if value is None else change(value)

    match expr:
        case RowSequence(keys=keys, time=time, own=own, steps=steps):
            return _changed(
                expr,
                keys=tuple(map(change, keys)),
                time=change(time),
                own=tuple(map(change, own)),
                steps=tuple(
                    _changed(
                        step,
                        keys=tuple(map(change, step.keys)),
                        time=change(step.time),
                        condition=some(step.condition),
                        own=tuple(map(change, step.own)),
                    )
                    for step in steps
                ),
            )
        case Apply(args=args):
            return _changed(expr, args=tuple(map(change, args)))
        case Partner(value=value):
            return _changed(expr, value=change(value))
        case Filtered(operand=a, condition=b):
            return _changed(expr, operand=change(a), condition=change(b))
        case Total(operand=x) | Moved(operand=x) | Ripe(operand=x):
            return _changed(expr, operand=change(x))
        case InValues(operand=x, set=values):
            return _changed(expr, operand=change(x), set=change(values))
        case InSet(operand=x, at=at):
            return _changed(expr, operand=change(x), at=tuple(map(change, at)))
        case PerEntity(operand=x, others=others, among=among):
            rows = some(among)
            assert rows is None or isinstance(rows, Aggregate)
            return _changed(expr, operand=change(x), others=tuple(map(change, others)), among=rows)
        case Aggregate(argument=argument, others=others, condition=condition, at=at, required=required):
            return _changed(
                expr,
                argument=some(argument),
                others=tuple(map(change, others)),
                condition=some(condition),
                at=some(at),
                required=tuple(map(change, required)),
            )
        case Constant() | ParameterRef() | RowColumn() | Derived() | KeyValue() | Earliest():
            return expr
        case MemberValue() | ResultValue() | MetricRef() | WindowEdge():
            return expr
