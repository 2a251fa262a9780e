"""What is known of a bound value without asking any data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.functions import number_type
from kpidsl.semantics.unit_rules import exact_number

_OPERATIONS: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": Fraction.__add__,
    "-": Fraction.__sub__,
    "*": Fraction.__mul__,
}


def known(bound: Bound | None) -> Fraction | None:
    """Return the number that a value is whatever the data, or None where that is not known."""
    match bound:
        case Constant(value=int() | Decimal() | float() as value) if not isinstance(value, bool):
            return Fraction(value)
        case Apply(op="negative", args=(x,)):
            number = known(x)
            return None if number is None else -number
        case Apply(op="abs", args=(x,)):
            number = known(x)
            return None if number is None else abs(number)
        case Apply(op="+" | "-" | "*" | "/" as op, args=(x, y)):
            a, b = known(x), known(y)
            if a is None or b is None or (op == "/" and b == 0):
                return None
            return a / b if op == "/" else _OPERATIONS[op](a, b)
        case _:
            return None


def settled(bound: Bound) -> Bound:
    """Return a value as a constant where it is known and exact."""
    number = known(bound)
    return bound if number is None else (constant(number, bound) or bound)


def constant(number: Fraction, like: Bound) -> Constant | None:
    """Return a number in the unit of a value, or None where its digits have no end."""
    exact = exact_number(number)
    return None if exact is None else Constant(exact, number_type(exact), like.unit)


def exact_share(share: Fraction) -> Constant:
    """Return a share that was written with an end as a constant."""
    exact = exact_number(share)
    assert exact is not None
    return Constant(exact, number_type(exact))


def text_of(number: Fraction) -> str:
    """Return a number as it is read."""
    exact = exact_number(number)
    return (
        f"{float(number):g}" if exact is None else f"{exact:f}" if isinstance(exact, Decimal) else str(exact)
    )


def percent_of(number: Fraction, sign: str = "%") -> str:
    """Return a fraction in percent, or by another sign in points."""
    return text_of(number * 100) + sign
