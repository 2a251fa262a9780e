"""Decimals of engines that hold so many digits: which arithmetic would lose some, and how it loses none.

Many engines give the result of arithmetic on decimals a type by the operands' types: a product has one
digit more than its factors together, a sum one more before the point than the longer of the two. Where that
is more than there are, digits after the point are given up: of a product all but six at most, of a sum as of
a product on Spark (its `DecimalPrecision`, `adjustPrecisionScale`), and on SQL Server as many as there is no
room for ("Precision, scale, and length"). As a rule the values need no such type: what they can be at most,
the declared digits tell (`contexts.magnitudes`), so that an operand is cast to as many digits as it needs,
which loses nothing. Where a result itself may need more than there are, it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation
from kpidsl.contexts.magnitudes import Largest, Value, product, total
from kpidsl.model.types import MOST_DIGITS, Kind
from kpidsl.semantics.bound import Apply, Constant, ResultValue

_LEAST_SCALE = 6
DIGITS_OF_EXASOL = 36
Digits = tuple[int, int]
"""How many digits there is room for, and how many of them after the point."""
Result = Callable[[str, Digits, Digits], Digits]
Sizes = Callable[[Value], Largest | None]
"""What tells the largest value of an expression, or None of one that is no exact number."""
_ARITHMETIC = ("+", "-", "*")

FEWER_DIGITS = "declare columns with no more digits than they have, integers too: `decimal(6,0)`"
"""What to do where a result may need too many."""


def on_sql_server(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on SQL Server."""
    whole, scale = _due(op, left, right)
    if whole + scale <= MOST_DIGITS:
        return whole + scale, scale
    if op != "*":
        return MOST_DIGITS, min(scale, MOST_DIGITS - min(whole - 1, MOST_DIGITS))
    return MOST_DIGITS, _cut(whole, scale)


def on_spark(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Spark, as it is by itself."""
    whole, scale = _due(op, left, right)
    if whole + scale <= MOST_DIGITS:
        return whole + scale, scale
    return MOST_DIGITS, _cut(whole, scale)


def on_hive(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Hive and on Dremio.

    That six digits after the point stay is said; whether more do of sums is not.
    """
    whole, scale = _due(op, left, right)
    if whole + scale <= MOST_DIGITS:
        return whole + scale, scale
    return MOST_DIGITS, min(scale, _LEAST_SCALE)


def on_drill(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Drill, which cuts those after the point."""
    whole, scale = _due(op, left, right)
    if op == "*":
        whole -= 1
    if whole + scale <= MOST_DIGITS:
        return whole + scale, scale
    return MOST_DIGITS, max(0, MOST_DIGITS - whole)


def on_doris(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Doris.

    Of a sum of too many digits those after the point give way; how many a product keeps, the session says.
    """
    if op == "*":
        digits, scale = left[0] + right[0], left[1] + right[1]
        return min(digits, MOST_DIGITS), scale if digits <= MOST_DIGITS else 0
    whole, scale = max(left[0] - left[1], right[0] - right[1]), max(left[1], right[1])
    if whole + scale < MOST_DIGITS:
        return whole + scale + 1, scale
    return MOST_DIGITS, min(scale, MOST_DIGITS - whole)


def on_exasol(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a sum, a difference or a product on Exasol.

    A product has its factors' digits added up; what one of more than 36 has is not said. A sum has as many
    after the point as its longer part.
    """
    if op != "*":
        whole, scale = _due(op, left, right)
        return min(whole + scale, DIGITS_OF_EXASOL), scale
    digits, scale = left[0] + right[0], left[1] + right[1]
    return min(digits, DIGITS_OF_EXASOL), scale if digits <= DIGITS_OF_EXASOL else 0


@dataclass(frozen=True, slots=True)
class Room:
    """What an engine has room for in exact numbers.

    `result` tells the digits of a result by those of the operands' types; none: wherever the point is, there
    is room for as many as there are, so that the values alone decide.
    """

    result: Result | None = None
    most: int = MOST_DIGITS
    most_after: int | None = None
    """How many digits may stand after the point; none: all of them."""
    rows: int = 10**10
    """How many rows are added up at most."""
    fails: bool = False
    """A result that needs more digits than there are is an error: so it may be tried."""
    has_silent_sums: bool = False
    """What a sum over rows gives is not said even so, where it needs more digits than there are."""
    fails_of_whole_numbers: bool = False
    """A whole number that needs more digits than there are is an error; of others the last ones are rounded
    away. So what may need more is computed in whole numbers: see `whole_numbers`."""
    computed_integers: int = 20
    """How many digits integers have that were computed."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """How arithmetic keeps its digits: what each operand is cast to, or None, and what the result has."""

    casts: tuple[Digits | None, Digits | None]
    digits: Digits
    shifts: tuple[int, int] = (0, 0)
    """How many digits the operands' points go to the right, so that they are whole numbers."""


def is_in_whole_numbers(due: Largest, room: Room) -> bool:
    """Tell whether a result, by its largest value, is computed in whole numbers of its last digit."""
    return room.fails_of_whole_numbers and due.digits > room.most >= due.scale


def too_long_a_sum(due: Largest, room: Room) -> str | None:
    """Return why a sum, by its largest value, may need more digits than there are, or None."""
    is_error = (room.fails and not room.has_silent_sums) or is_in_whole_numbers(due, room)
    told = None if is_error else _without_room(due, room)
    return None if told is None else f"over many rows it may have {told}"


def fitted(op: str, args: Sequence[Value], room: Room, sizes: Sizes) -> Fitted | str | None:
    """Return how arithmetic on decimals keeps its digits, or why it cannot; None where it loses none."""
    if all(arg.type.kind is Kind.INTEGER for arg in args):
        return None
    left, right = (_digits(arg, room, sizes) for arg in args)
    one, other = (sizes(arg) for arg in args)
    if left is None or right is None or one is None or other is None:
        return None
    due = product(one, other) if op == "*" else total(one, other)
    if is_in_whole_numbers(due, room):
        shifts = (one.scale, other.scale) if op == "*" else (due.scale, due.scale)
        return Fitted((None, None), (due.digits, due.scale), shifts)
    told = None if room.fails else _without_room(due, room)
    if told is not None:
        return f"its result may have {told}"
    if room.result is None:
        return Fitted((None, None), (due.digits, due.scale))
    for casts in _ways((left, right), (one, other), room):
        found = room.result(op, casts[0] or left, casts[1] or right)
        if found[1] >= due.scale:
            return Fitted(casts, found)
    kept = room.result(op, left, right)[1]
    return f"its result has {room.most} digits, of which {kept} stand after the point, not {due.scale}"


def fitted_together(args: Sequence[Value], room: Room, sizes: Sizes) -> Sequence[Digits | None] | str:
    """Return what decimals that are compared are cast to, or why they cannot be: a common type must hold all.

    A type of fewer digits after the point would round some of them, so that 53 is no more than 52.5.
    """
    held = [_digits(arg, room, sizes) for arg in args]
    found = [sizes(arg) for arg in args]
    scale = max((one[1] for one in held if one is not None), default=0)
    whole = max((one[0] - one[1] for one in held if one is not None), default=0)
    if whole + scale <= room.most:
        return [None] * len(args)
    needed = max((size.digits - size.scale for size in found if size is not None), default=0)
    if needed + scale <= room.most:
        return [
            (max(size.digits, size.scale), size.scale)
            if one is not None and size is not None and one[0] - one[1] + scale > room.most
            else None
            for one, size in zip(held, found, strict=True)
        ]
    if not room.fails:
        return f"together they may need {needed + scale} digits, and {room.most} are kept"
    return [
        None if one is None or one[0] - one[1] + scale <= room.most else (room.most, scale) for one in held
    ]


def _ways(
    held: tuple[Digits, Digits], sizes: tuple[Largest, Largest], room: Room
) -> Iterator[tuple[Digits | None, Digits | None]]:
    """Yield what the operands may be cast to without a loss, beginning with nothing at all."""
    left, right = (
        (size.digits, size.scale) if size.digits < min(digits, room.most + 1) else None
        for (digits, _), size in zip(held, sizes, strict=True)
    )
    yield None, None
    yield left, None
    yield None, right
    yield left, right


def _without_room(due: Largest, room: Room) -> str | None:
    """Return how many digits a number may have and how many are kept, or None where there is room for all."""
    if due.digits > room.most:
        return f"{due.digits} digits, and {room.most} are kept"
    if room.most_after is not None and due.scale > room.most_after:
        return f"{due.scale} digits after the point, and {room.most_after} are kept"
    return None


def _due(op: str, left: Digits, right: Digits) -> Digits:
    """Return the digits of a result by its operands' types: before the point, and after it."""
    if op == "*":
        return left[0] - left[1] + right[0] - right[1] + 1, left[1] + right[1]
    return max(left[0] - left[1], right[0] - right[1]) + 1, max(left[1], right[1])


def _cut(whole: int, scale: int) -> int:
    return min(scale, max(MOST_DIGITS - whole, min(scale, _LEAST_SCALE)))


def _digits(value: Value, room: Room, sizes: Sizes) -> Digits | None:
    """Return the digits for which the engine has room in an exact number, by the type that it gives it."""
    if isinstance(value, Constant) and isinstance(value.value, int | Decimal):
        number = Decimal(value.value).as_tuple()
        scale = max(0, -int(number.exponent))
        return max(len(number.digits) + max(0, int(number.exponent)), scale, 10 if not scale else 1), scale
    if value.type.kind is Kind.INTEGER:
        # 64 bits have 19 digits; Spark gives them room for 20.
        is_computed = isinstance(value, LeafValue | LevelValue | ResultValue | Apply | Operation)
        return (room.computed_integers if is_computed else 20), 0
    if value.type.kind is not Kind.DECIMAL:
        return None
    if isinstance(value, LeafValue | LevelValue | ResultValue):
        return room.most, value.type.scale
    if not isinstance(value, Apply | Operation):
        return value.type.precision, value.type.scale
    if value.op in _ARITHMETIC:
        how = fitted(value.op, value.args, room, sizes)
        if isinstance(how, Fitted):
            return how.digits
    parts = [found for arg in value.args if (found := _digits(arg, room, sizes)) is not None]
    # One of the parts, as `coalesce` and `case` have it, or one of them rounded.
    scale = value.type.scale
    return max([value.type.precision, *(digits - after + scale for digits, after in parts)]), scale
