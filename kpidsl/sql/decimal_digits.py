"""Decimals of engines that hold 38 digits and round a result of more: which arithmetic would lose some.

A product has one digit more than its factors together, a sum one more before the point than the longer of
the two. Where that is more than 38, digits after the point are given up: of a product all but six at most,
of a sum as of a product on Spark (its `DecimalPrecision`, `adjustPrecisionScale`), and on SQL Server as many
as there is no room for ("Precision, scale, and length").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation
from kpidsl.model.types import Kind, Type
from kpidsl.semantics.bound import Apply, Bound, Constant

_MOST = 38
_LEAST_SCALE = 6
_DIGITS_OF_ROWS = 10
"""How many digits the number of the rows has that are added up."""
WHOLE_DIGITS_OF_SUMS = 28
"""How many digits a sum may have before the point, where one of too many is lost."""
Value = Bound | LeafValue | LevelValue | Operation
Digits = tuple[int, int]
"""How many digits there is room for, and how many of them after the point."""
Result = Callable[[str, Digits, Digits], Digits]


def on_sql_server(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on SQL Server."""
    whole, scale = _due(op, left, right)
    if whole + scale <= _MOST:
        return whole + scale, scale
    if op != "*":
        return _MOST, min(scale, _MOST - min(whole - 1, _MOST))
    return _MOST, _cut(whole, scale)


def on_spark(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Spark, as it is by itself."""
    whole, scale = _due(op, left, right)
    return (whole + scale, scale) if whole + scale <= _MOST else (_MOST, _cut(whole, scale))


def with_room_for(most: int, most_after: int | None = None) -> Result:
    """Return what tells the digits of a result where there is room for so many, wherever the point is.

    RisingWave rounds what is after the point until the others have room; on StarRocks the result is lost.
    `most_after` says how many may stand after the point; none: all of them.
    """

    def result(op: str, left: Digits, right: Digits) -> Digits:
        whole, scale = _due(op, left, right)
        if op == "*":
            whole -= 1  # a product of numbers below 10^a and 10^b is below 10^(a+b)
        kept = min(scale, max(0, most - whole))
        return whole + scale, kept if most_after is None else min(kept, most_after)

    return result


def on_hive(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Hive, where one of too many is null.

    A sum of sums has the type of 38 digits in the end, of whose products six at least stand after the point.
    """
    whole, scale = _due(op, left, right)
    if whole + scale > _MOST:
        return whole + scale, 0
    is_of_sums = max(left[0] - left[1], right[0] - right[1]) >= WHOLE_DIGITS_OF_SUMS
    return whole + scale, min(scale, _LEAST_SCALE) if is_of_sums else scale


def on_doris(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Doris.

    Of a sum of too many digits those after the point give way; how many a product keeps, the session says.
    """
    if op == "*":
        digits, scale = left[0] + right[0], left[1] + right[1]
        return digits, scale if digits <= _MOST else 0
    whole, scale = max(left[0] - left[1], right[0] - right[1]), max(left[1], right[1])
    return whole + scale + 1, scale if whole + scale < _MOST else min(scale, _MOST - whole)


@dataclass(frozen=True, slots=True)
class Room:
    """What an engine has room for: in results, in what is added up, in integers that were computed."""

    result: Result
    most: int = _MOST
    whole_digits_of_sums: int | None = None
    """How many digits a sum has before the point at most; none: all for which there is room."""
    computed_integers: int = 20


def too_long_a_sum(room: Room, lost: str) -> Callable[[str, Type], tuple[str, str] | None]:
    """Return what tells why a sum of decimals may not hold, over 10^10 rows, and what to do instead.

    `lost` says what becomes of one that has too many digits.
    """
    whole_digits = room.whole_digits_of_sums
    assert whole_digits is not None

    def why(function: str, type: Type) -> tuple[str, str] | None:
        if function != "sum" or type.kind is not Kind.DECIMAL:
            return None
        whole = type.precision - type.scale
        if whole + _DIGITS_OF_ROWS <= whole_digits and whole_digits + type.scale <= room.most:
            return None
        return (
            f"a sum of {type} over many rows may need more than {whole_digits} digits before the point, "
            f"{lost}",
            "declare the columns with no more digits than they have",
        )

    return why


def inexact(room: Room) -> Callable[[str, Sequence[Value]], str | None]:
    """Return what tells why arithmetic on decimals would lose digits, or None where it is exact."""

    def why(op: str, args: Sequence[Value]) -> str | None:
        left, right = (_digits(arg, room) for arg in args)
        if left is None or right is None:
            return None
        due = _due(op, left, right)[1]
        digits, scale = room.result(op, left, right)
        if scale >= due:
            return None
        if digits > room.most:
            return f"its result may have {digits} digits, and {room.most} are kept"
        return f"its result has {room.most} digits, of which {scale} stand after the point, not {due}"

    return why


def _due(op: str, left: Digits, right: Digits) -> Digits:
    """Return how many digits a result needs before the point, and how many after it."""
    if op == "*":
        return left[0] - left[1] + right[0] - right[1] + 1, left[1] + right[1]
    return max(left[0] - left[1], right[0] - right[1]) + 1, max(left[1], right[1])


def _cut(whole: int, scale: int) -> int:
    return min(scale, max(_MOST - whole, min(scale, _LEAST_SCALE)))


def _digits(value: Value, room: Room) -> Digits | None:
    """Return the digits for which the engine has room in an exact number."""
    if isinstance(value, Constant) and isinstance(value.value, int | Decimal):
        number = Decimal(value.value).as_tuple()
        scale = max(0, -int(number.exponent))
        return max(len(number.digits) + max(0, int(number.exponent)), scale, 10 if not scale else 1), scale
    if value.type.kind is Kind.INTEGER:
        # 64 bits have 19 digits; Spark gives them room for 20.
        is_computed = isinstance(value, LeafValue | LevelValue | Apply | Operation)
        return (room.computed_integers if is_computed else 20), 0
    if value.type.kind is not Kind.DECIMAL:
        return None
    if isinstance(value, LeafValue | LevelValue):
        scale, whole = value.type.scale, room.whole_digits_of_sums
        return (_MOST if whole is None else whole + scale), scale
    if not isinstance(value, Apply | Operation):
        return value.type.precision, value.type.scale
    parts = [found for arg in value.args if (found := _digits(arg, room)) is not None]
    if value.op in ("+", "-", "*") and len(parts) == 2:
        return room.result(value.op, *parts)
    # One of the parts, as `coalesce` and `case` have it, or one of them rounded.
    scale = value.type.scale
    return max([value.type.precision, *(digits - after + scale for digits, after in parts)]), scale
