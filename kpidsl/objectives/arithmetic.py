"""The language's own arithmetic over columns of a result, typed by the table of functions.

Nulls follow the language: what has a null in it is null, a comparison with null is false.
"""

from __future__ import annotations

from decimal import Decimal

from kpidsl.model.types import BOOLEAN, FLOAT, INTEGER, MOST_DIGITS, NULL, TEXT, Kind
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.functions import FUNCTIONS, OPERATORS, common

RELATIVE_TOLERANCE = Decimal("1e-9")
"""How far two doubles may lie apart, as a part of the second, and be the same number."""

NOTHING = Constant(None, NULL)
TRUE, FALSE = Constant(True, BOOLEAN), Constant(False, BOOLEAN)


def applied(op: str, *args: Bound) -> Bound:
    """Return an operation or a scalar function over values whose types fit."""
    function = OPERATORS[op] if op in OPERATORS else FUNCTIONS[op]
    type_ = function.typing(tuple(arg.type for arg in args))
    assert type_ is not None, f"{op} of {', '.join(str(arg.type) for arg in args)}"
    return Apply(op, args, type_)


def number(value: int) -> Bound:
    return Constant(value, INTEGER)


def text(value: str) -> Bound:
    return Constant(value, TEXT)


def minus(left: Bound, right: Bound) -> Bound:
    """Return a difference: exact, or of doubles where decimals would need more digits than there are.

    Sums have all digits, and a target made of them has more after the point: several engines would round.
    """
    scales = {side.type.scale for side in (left, right) if side.type.kind is Kind.DECIMAL}
    shared = common((left.type, right.type))
    if len(scales) > 1 and shared is not None and shared.precision >= MOST_DIGITS:
        left, right = (Apply("as_type", (side,), FLOAT) for side in (left, right))
    return applied("-", left, right)


def plus(left: Bound, right: Bound) -> Bound:
    return applied("+", left, right)


def over(left: Bound, right: Bound) -> Bound:
    """Return a true quotient: null where the right side is null or 0."""
    return applied("/", left, right)


def is_null(*values: Bound) -> Bound:
    """Return whether one of the values is null."""
    return any_of(*(applied("is_null", value) for value in values))


def any_of(*conditions: Bound) -> Bound:
    return conditions[0] if len(conditions) == 1 else applied("or", *conditions)


def all_of(*conditions: Bound) -> Bound:
    """Return whether all hold; those that surely hold are not asked."""
    if FALSE in conditions:
        return FALSE
    asked = tuple(condition for condition in conditions if condition != TRUE)
    if not asked:
        return TRUE
    return asked[0] if len(asked) == 1 else applied("and", *asked)


def is_one_of(word: Bound, words: tuple[str, ...]) -> Bound:
    """Return whether a text is one of some."""
    if len(words) == 1:
        return applied("=", word, text(words[0]))
    return applied("in", word, *map(text, words))


def negation(condition: Bound) -> Bound:
    return applied("not", condition)


def cases(branches: list[tuple[Bound, Bound]], otherwise: Bound = NOTHING) -> Bound:
    """Return the first value whose condition holds."""
    if not branches:
        return otherwise
    type_ = common([*(value.type for _, value in branches), otherwise.type])
    assert type_ is not None, f"case of {branches} else {otherwise}"
    return Apply("case", (*(part for branch in branches for part in branch), otherwise), type_)


def reaches(value: Bound, least: Bound, *, strictly: bool = False) -> Bound:
    """Return whether a value is at least another: decimals exactly, doubles within the tolerance."""
    if not is_inexact(value, least):
        return applied(">" if strictly else ">=", value, least)
    limit = plus(least, slack(least)) if strictly else minus(least, slack(least))
    return applied(">" if strictly else ">=", value, limit)


def stays_below(value: Bound, most: Bound, *, strictly: bool = False) -> Bound:
    """Return whether a value is at most another: decimals exactly, doubles within the tolerance."""
    if not is_inexact(value, most):
        return applied("<" if strictly else "<=", value, most)
    limit = minus(most, slack(most)) if strictly else plus(most, slack(most))
    return applied("<" if strictly else "<=", value, limit)


def is_near(value: Bound, other: Bound) -> Bound:
    """Return whether two values are equal: decimals exactly, doubles within the tolerance."""
    if not is_inexact(value, other):
        return applied("=", value, other)
    return all_of(reaches(value, other), stays_below(value, other))


def is_inexact(left: Bound, right: Bound) -> bool:
    """Tell whether two values are compared as doubles."""
    found = common((left.type, right.type))
    return found is not None and found.kind is Kind.FLOAT


def slack(value: Bound) -> Bound:
    """Return how far a double may lie from a value and count as equal to it."""
    if isinstance(value, Constant) and isinstance(value.value, int | float | Decimal):
        return Constant(float(abs(Decimal(str(value.value))) * RELATIVE_TOLERANCE), FLOAT)
    return applied("*", Constant(float(RELATIVE_TOLERANCE), FLOAT), applied("abs", value))
