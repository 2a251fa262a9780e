"""An aggregate as arithmetic over aggregates that an engine has, and what its rows must not lack.

    avg(x)              sum(x) / count(x)
    weighted_avg(x, w)  sum(x * w) / sum(w where x is not null)
    median(x)           percentile(x, 0.5)
    first(x)            first(x, time, key…)

All of them are in the context of the whole, whatever that is, so this holds under every change of context.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Context, Decimal

from kpidsl.model.types import BOOLEAN, FLOAT, INTEGER, MOST_DIGITS, Kind, Type, decimal
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Constant
from kpidsl.semantics.functions import OPERATORS, as_decimal, number_type

_EXACT = Context(prec=200)


@dataclass(frozen=True, slots=True)
class Parts:
    """`value` is made of constants, operations and simple aggregates. `missing`, where the aggregate
    reads required columns, counts the rows that lack one of them: with such a row the value is null."""

    value: Bound
    missing: Aggregate | None


def parts_of(aggregate: Aggregate, order: tuple[Bound, ...]) -> Parts:
    """Return the parts of an aggregate; `order` is the time and the key of its rows, for first and last."""
    whole = replace(aggregate, required=())
    return Parts(_value(whole, order), _missing(whole, aggregate.required) if aggregate.required else None)


def _value(aggregate: Aggregate, order: tuple[Bound, ...]) -> Bound:
    x = aggregate.argument
    match aggregate.function:
        case "avg":
            # The mean is a sum over a count: exact where the values are, and shared with other leaves.
            # Of nothing it is 0 / 0, which is null.
            assert x is not None
            return _ratio(_sum(aggregate, x), replace(aggregate, function="count", type=INTEGER))
        case "weighted_avg":
            assert x is not None
            (weight,) = aggregate.others
            weighted = _sum(aggregate, _product(x, weight))
            return _ratio(weighted, _sum(_with(aggregate, is_present(x)), weight))
        case "median":
            half = Decimal("0.5")
            return replace(aggregate, function="percentile", others=(Constant(half, number_type(half)),))
        case "percentile":
            return replace(aggregate, others=tuple(map(_shortest, aggregate.others)))
        case "first" | "last":
            return replace(aggregate, others=order)
        case _:
            return aggregate


def _ratio(above: Aggregate, below: Aggregate) -> Apply:
    return Apply("/", (replace(above, empty_is_null=False), replace(below, empty_is_null=False)), FLOAT)


def _sum(aggregate: Aggregate, value: Bound) -> Aggregate:
    found = value.type
    summed = decimal(MOST_DIGITS, found.scale) if found.kind is Kind.DECIMAL else found
    return replace(aggregate, function="sum", argument=value, others=(), type=summed)


def _product(x: Bound, weight: Bound) -> Apply:
    """Return `x * weight`: exact where every product has its digits, else in double precision."""
    exact = OPERATORS["*"].typing((x.type, weight.type))
    fits = exact is not None and _digits(x.type) + _digits(weight.type) <= MOST_DIGITS
    return Apply("*", (x, weight), exact if fits and exact is not None else FLOAT)


def _digits(type: Type) -> int:
    return as_decimal(type).precision if type.is_exact else 0


def _shortest(fraction: Bound) -> Constant:
    """Return a fraction in its only form, so that `0.5`, `50%` and the median's are one leaf.

    A parameter without a value stays null: it is told of once it is known that the query rests on it.
    """
    assert isinstance(fraction, Constant)
    if fraction.value is None:
        return fraction
    value = Decimal(str(fraction.value)).normalize(_EXACT)
    return replace(fraction, value=value, type=number_type(value))


def _missing(aggregate: Aggregate, required: tuple[Bound, ...]) -> Aggregate:
    lacks = tuple(Apply("is_null", (value,), BOOLEAN) for value in required)
    condition = lacks[0] if len(lacks) == 1 else Apply("or", lacks, BOOLEAN)
    counted = replace(aggregate, function="count", argument=None, others=(), type=INTEGER)
    return replace(_with(counted, condition), empty_is_null=False)


def _with(aggregate: Aggregate, condition: Bound) -> Aggregate:
    """Return the aggregate over those of its rows that meet one more condition."""
    own = aggregate.condition
    return replace(aggregate, condition=condition if own is None else Apply("and", (own, condition), BOOLEAN))


def is_present(value: Bound) -> Apply:
    """Return the condition that a value is not null."""
    return Apply("not", (Apply("is_null", (value,), BOOLEAN),), BOOLEAN)
