"""An aggregate as arithmetic over aggregates that an engine has, and what its rows must not lack.

    avg(x)              sum(x) / count(x)
    weighted_avg(x, w)  sum(x * w) / sum(w where x is not null)
    median(x)           percentile(x, 0.5)
    first(x)            first(x, time, key…)

All of them are in the context of the whole, whatever that is, so this holds under every change of context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Context, Decimal

from kpidsl.contexts.leaves import Operation, Scalar
from kpidsl.model.types import BOOLEAN, FLOAT, INTEGER, MOST_DIGITS, NULL, Kind, Type, decimal
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Constant
from kpidsl.semantics.conditions import is_present, lacking, over_fewer
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
    if not aggregate.required:
        return Parts(_value(aggregate, order), None)
    return Parts(_value(replace(aggregate, required=()), order), lacking(aggregate))


def arithmetic(value: Bound, leaf: Callable[[Aggregate], Scalar]) -> Scalar:
    """Return the parts of an aggregate as arithmetic over leaves, of which `leaf` gives each one's value."""
    match value:
        case Aggregate():
            return leaf(value)
        case Apply(op=op, args=args, type=type):
            return Operation(op, tuple(arithmetic(arg, leaf) for arg in args), type)
        case Constant():
            return value
        case _:
            raise AssertionError(f"{value} as a part of an aggregate")


def null_where_lacking(
    parts: Parts, leaf: Callable[[Aggregate], Scalar], missing: Callable[[Aggregate], Scalar]
) -> Scalar:
    """Return an aggregate as arithmetic over leaves: null where a row lacks what it requires."""
    value = arithmetic(parts.value, leaf)
    if parts.missing is None:
        return value
    lacks = Operation(">", (missing(parts.missing), Constant(0, INTEGER)), BOOLEAN)
    return Operation("case", (lacks, Constant(None, NULL), value), value.type)


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
            return _ratio(weighted, _sum(over_fewer(aggregate, is_present(x)), weight))
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
