"""Days beside timestamps: a day is the midnight with which it begins, where all of it may be meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.types import Kind
from kpidsl.semantics import time_errors
from kpidsl.semantics.bound import Apply, Bound, WindowEdge
from kpidsl.syntax import print_formula, tree

_EXCHANGED: dict[str, tree.CompareOp] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_BEFORE_AND_FROM: dict[str, tree.CompareOp] = {"<=": "<", ">": ">="}
"""What is the same but at that midnight, and says that the day itself is not asked."""


def beside_times(values: Sequence[Bound], expr: tree.Compare | tree.In | tree.Between) -> Diagnostic | None:
    """Return the warning of a comparison in which a day's first midnight stands for the day, or None.

    `values` are what is compared, in the order of the formula. `t < day` and `t >= day` are not doubtful.
    """
    if not _asks_a_midnight(expr, [None if _is_a_moment(value) else value.type.kind for value in values]):
        return None
    by_day: tree.Expr
    of_midnight = None
    match expr:
        case tree.Compare(left=a, right=b):
            left, right = _days(values, (a, b))
            by_day = replace(expr, left=left, right=right)
            of_midnight = _before_or_from(values, expr)
        case tree.In(operand=x, items=items):
            x, *rest = _days(values, (x, *items))
            by_day = replace(expr, operand=x, items=tuple(rest))
        case tree.Between():
            by_day, of_midnight = _between(values, expr)
    return time_errors.midnight(expr.span, print_formula(expr), by_day, of_midnight)


def _is_a_moment(value: Bound) -> bool:
    """Tell whether a day is a midnight by what it is: the end of a window, the beginning of a bucket."""
    return isinstance(value, WindowEdge) or (isinstance(value, Apply) and value.op == "bucket")


def _asks_a_midnight(expr: tree.Compare | tree.In | tree.Between, kinds: Sequence[Kind | None]) -> bool:
    first, *others = kinds
    if isinstance(expr, tree.Between):
        low, high = others
        return (first, high) == (Kind.TIMESTAMP, Kind.DATE) or (first, low) == (Kind.DATE, Kind.TIMESTAMP)
    if isinstance(expr, tree.In) or expr.op in ("=", "!="):
        return any({first, other} == {Kind.DATE, Kind.TIMESTAMP} for other in others)
    op, [other] = expr.op, others
    if first is Kind.DATE:
        op, first, other = _EXCHANGED[op], other, first
    return op in ("<=", ">") and (first, other) == (Kind.TIMESTAMP, Kind.DATE)


def _between(values: Sequence[Bound], expr: tree.Between) -> tuple[tree.Expr, tree.Expr | None]:
    """Return a `between` of days, and the two comparisons that end with the midnight."""
    x, low, high = expr.operand, expr.low, expr.high
    is_from_moment = [value.type.kind for value in values[:2]] == [Kind.TIMESTAMP, Kind.TIMESTAMP]
    from_low = tree.Compare(">=", x, low, expr.span)
    if is_from_moment and not expr.negated:
        until_high = tree.Compare("<=", _day_of(x), high, expr.span)
        return tree.Logic("and", (from_low, until_high), expr.span), None
    x, low, high = _days(values, (x, low, high))
    by_day = replace(expr, operand=x, low=low, high=high)
    if expr.negated or values[0].type.kind is not Kind.TIMESTAMP:
        return by_day, None
    before_high = tree.Compare("<", expr.operand, expr.high, expr.span)
    return by_day, tree.Logic("and", (from_low, before_high), expr.span)


def _days(values: Sequence[Bound], parts: Sequence[tree.Expr]) -> list[tree.Expr]:
    """Return the parts with each timestamp cut to its day."""
    return [
        _day_of(part) if value.type.kind is Kind.TIMESTAMP else part
        for value, part in zip(values, parts, strict=True)
    ]


def _day_of(expr: tree.Expr) -> tree.Expr:
    return tree.Call("date_trunc", (tree.Name(("day",), expr.span), expr), (), expr.span, expr.span)


def _before_or_from(values: Sequence[Bound], expr: tree.Compare) -> tree.Expr | None:
    """Return what is said of the day's midnight without a doubt: `t < day` for `t <= day`."""
    op = expr.op
    if op in ("=", "!="):
        return None
    is_exchanged = values[0].type.kind is Kind.DATE
    plain = _BEFORE_AND_FROM[_EXCHANGED[op] if is_exchanged else op]
    return replace(expr, op=_EXCHANGED[plain] if is_exchanged else plain)
