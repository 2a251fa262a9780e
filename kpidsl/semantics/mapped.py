"""An expression with what is directly inside it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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


def map_children(expr: Bound, change: Callable[[Bound], Bound]) -> Bound:
    """Return the expression with each of those directly inside it changed, on rows of steps and sets too."""

    def some(value: Bound | None) -> Bound | None:
        return None if value is None else change(value)

    match expr:
        case RowSequence(keys=keys, time=time, own=own, steps=steps):
            return replace(
                expr,
                keys=tuple(map(change, keys)),
                time=change(time),
                own=tuple(map(change, own)),
                steps=tuple(
                    replace(
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
            return replace(expr, args=tuple(map(change, args)))
        case Partner(value=value):
            return replace(expr, value=change(value))
        case Filtered(operand=a, condition=b):
            return replace(expr, operand=change(a), condition=change(b))
        case Total(operand=x) | Moved(operand=x) | Ripe(operand=x):
            return replace(expr, operand=change(x))
        case InValues(operand=x, set=values):
            return replace(expr, operand=change(x), set=change(values))
        case InSet(operand=x, at=at):
            return replace(expr, operand=change(x), at=tuple(map(change, at)))
        case PerEntity(operand=x, others=others, among=among):
            changed = some(among)
            assert changed is None or isinstance(changed, Aggregate)
            return replace(expr, operand=change(x), others=tuple(map(change, others)), among=changed)
        case Aggregate(argument=argument, others=others, condition=condition, at=at, required=required):
            return replace(
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
