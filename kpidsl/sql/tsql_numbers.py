"""Exact numbers of SQL Server: which sums and products of decimals it would cut.

A result has at most 38 digits. Where more would be needed it gives up digits after the point, and rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation
from kpidsl.model.types import Kind
from kpidsl.semantics.bound import Apply, Bound, Constant

_MOST = 38
_LEAST_SCALE = 6
Value = Bound | LeafValue | LevelValue | Operation


def inexact(op: str, args: Sequence[Value]) -> str | None:
    """Return why arithmetic on decimals would lose digits, or None where it is exact."""
    left, right = map(_digits, args)
    if left is None or right is None:
        return None
    _, scale = _result(op, left, right)
    due = left[1] + right[1] if op == "*" else max(left[1], right[1])
    if scale >= due:
        return None
    return f"its result has {_MOST} digits, of which {scale} stand after the point, not {due}"


def _result(op: str, left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    """Return the digits of a result, and how many of them stand after the point."""
    whole = max(left[0] - left[1], right[0] - right[1]) + 1
    scale = max(left[1], right[1])
    if op == "*":
        whole, scale = left[0] - left[1] + right[0] - right[1] + 1, left[1] + right[1]
    if whole + scale <= _MOST:
        return whole + scale, scale
    if op != "*":
        return _MOST, min(scale, _MOST - min(whole - 1, _MOST))
    kept = min(scale, max(_MOST - whole, min(scale, _LEAST_SCALE)))
    return _MOST, kept


def _digits(value: Value) -> tuple[int, int] | None:
    """Return how many digits the engine has room for in an exact number, and how many after the point."""
    if isinstance(value, Constant) and isinstance(value.value, int | Decimal):
        number = Decimal(value.value).as_tuple()
        scale = max(0, -int(number.exponent))
        return max(len(number.digits) + max(0, int(number.exponent)), scale, 10 if not scale else 1), scale
    if value.type.kind is Kind.INTEGER:
        return 19, 0
    if value.type.kind is not Kind.DECIMAL:
        return None
    if isinstance(value, Apply | Operation) and value.op in ("+", "-", "*"):
        parts = [_digits(arg) for arg in value.args]
        left, right = parts
        return None if left is None or right is None else _result(value.op, left, right)
    if isinstance(value, LeafValue | LevelValue):
        # What is added up has room for as many digits as there are.
        return _MOST, value.type.scale
    return value.type.precision, value.type.scale
