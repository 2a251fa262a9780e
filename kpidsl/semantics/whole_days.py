"""Days beside timestamps: a day is the midnight with which it begins, where all of it may be meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.types import Kind
from kpidsl.semantics import time_errors
from kpidsl.semantics.bound import Bound
from kpidsl.syntax import print_formula, tree

_EXCHANGED: dict[str, tree.CompareOp] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_BEFORE_AND_FROM: dict[str, tree.CompareOp] = {"<=": "<", ">": ">="}
"""What is the same but at that midnight, and says that the day itself is not asked."""


def beside_times(
    op: str, values: Sequence[Bound], expr: tree.Compare | tree.In | tree.Between
) -> Diagnostic | None:
    """Return the warning of a comparison in which a day's first midnight stands for the day, or None.

    `values` are what is compared, in the order of the formula. `t < day` and `t >= day` are not doubtful.
    """
    if not _asks_a_midnight(op, [value.type.kind for value in values]):
        return None
    by_day: tree.Expr
    of_midnight = None
    match expr:
        case tree.Compare(left=a, right=b):
            left, right = _days(values, (a, b))
            by_day = replace(expr, left=left, right=right)
            of_midnight = _before_or_from(op, values, expr)
        case tree.In(operand=x, items=items):
            x, *rest = _days(values, (x, *items))
            by_day = replace(expr, operand=x, items=tuple(rest))
        case tree.Between(operand=x, low=low, high=high):
            x, low, high = _days(values, (x, low, high))
            by_day = replace(expr, operand=x, low=low, high=high)
    return time_errors.midnight(expr.span, print_formula(expr), by_day, of_midnight)


def _asks_a_midnight(op: str, kinds: Sequence[Kind]) -> bool:
    first, *others = kinds
    if op in ("=", "!=", "in"):
        return any({first, other} == {Kind.DATE, Kind.TIMESTAMP} for other in others)
    if op == "between":
        low, high = others
        return (first, high) == (Kind.TIMESTAMP, Kind.DATE) or (first, low) == (Kind.DATE, Kind.TIMESTAMP)
    [other] = others
    if first is Kind.DATE:
        op, first, other = _EXCHANGED[op], other, first
    return op in ("<=", ">") and (first, other) == (Kind.TIMESTAMP, Kind.DATE)


def _days(values: Sequence[Bound], parts: Sequence[tree.Expr]) -> list[tree.Expr]:
    """Return the parts with each timestamp cut to its day."""
    return [
        _day_of(part) if value.type.kind is Kind.TIMESTAMP else part
        for value, part in zip(values, parts, strict=True)
    ]


def _day_of(expr: tree.Expr) -> tree.Expr:
    return tree.Call("date_trunc", (tree.Name(("day",), expr.span), expr), (), expr.span, expr.span)


def _before_or_from(op: str, values: Sequence[Bound], expr: tree.Compare) -> tree.Expr | None:
    """Return what is said of the day's midnight without a doubt: `t < day` for `t <= day`."""
    if op in ("=", "!="):
        return None
    is_exchanged = values[0].type.kind is Kind.DATE
    plain = _BEFORE_AND_FROM[_EXCHANGED[op] if is_exchanged else op]
    return replace(expr, op=_EXCHANGED[plain] if is_exchanged else plain)
