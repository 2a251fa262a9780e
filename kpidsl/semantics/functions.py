"""The table of scalar functions and aggregates: arity and typing as data.

A typing rule takes the argument types and returns the result type, or None where they do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpidsl.model.types import (
    BOOLEAN,
    FLOAT,
    IN_UTC,
    INTEGER,
    MOST_DIGITS,
    NULL,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Kind,
    Type,
    decimal,
)

Typing = Callable[[Sequence[Type]], Type | None]


def as_decimal(t: Type) -> Type:
    """Return the decimal type that holds every value of an exact type (integers: 19 digits)."""
    return t if t.kind is Kind.DECIMAL else decimal(19, 0)


LARGEST_INTEGER = 2**63 - 1


def number_type(value: int | Decimal | float) -> Type:
    """Return the type of a number that stands in a formula."""
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, int):
        return INTEGER if abs(value) <= LARGEST_INTEGER else decimal(MOST_DIGITS, 0)
    _, digits, exponent = value.as_tuple()
    scale = max(0, -int(exponent))
    return decimal(min(MOST_DIGITS, max(len(digits), scale + 1)), scale)


def common(types: Sequence[Type]) -> Type | None:
    """Return the least type that holds the values of all, or None; nulls fit anywhere.

    Laws: the order of the types does not matter, `NULL` is the identity, `UNKNOWN` absorbs.
    """
    if UNKNOWN in types:
        return UNKNOWN
    distinct = [t for t in dict.fromkeys(types) if t != NULL]
    if len(distinct) < 2:
        return distinct[0] if distinct else NULL
    if all(t.is_numeric for t in distinct):
        if FLOAT in distinct:
            return FLOAT
        exact = [as_decimal(t) for t in distinct]
        scale = max(t.scale for t in exact)
        whole = max(t.precision - t.scale for t in exact)
        return decimal(min(MOST_DIGITS, whole + scale), scale)
    if all(t.is_time for t in distinct):
        # A date beside a timestamp is its midnight. Two zones meet in instants: the hour that clocks show
        # twice is told apart by them alone.
        return TIMESTAMP if all(t.zone is None for t in distinct) else IN_UTC
    return None


def _sum(types: Sequence[Type]) -> Type | None:
    if not all(t.is_numeric or t in (NULL, UNKNOWN) for t in types):
        return None
    result = common(types)
    if result is not None and result.kind is Kind.DECIMAL:
        return decimal(min(MOST_DIGITS, result.precision + 1), result.scale)
    return result


def _product(types: Sequence[Type]) -> Type | None:
    if not all(t.is_numeric or t in (NULL, UNKNOWN) for t in types):
        return None
    if UNKNOWN in types:
        return UNKNOWN
    if NULL in types or FLOAT in types:
        return FLOAT if FLOAT in types else next((t for t in types if t is not NULL), NULL)
    if all(t.kind is Kind.INTEGER for t in types):
        return INTEGER
    a, b = map(as_decimal, types)
    if a.scale + b.scale > MOST_DIGITS:
        return None
    return decimal(min(MOST_DIGITS, a.precision + b.precision), a.scale + b.scale)


def _quotient(types: Sequence[Type]) -> Type | None:
    return FLOAT if all(t.is_numeric or t in (NULL, UNKNOWN) for t in types) else None


def _same_number(types: Sequence[Type]) -> Type | None:
    return types[0] if types[0].is_numeric or types[0] in (NULL, UNKNOWN) else None


def _rounded(types: Sequence[Type]) -> Type | None:
    number = types[0]
    if number.kind is Kind.DECIMAL:
        # 99.95 rounded to one digit has a digit more before the point.
        return decimal(min(MOST_DIGITS, number.precision + 1), number.scale)
    return _same_number(types)


def _whole(types: Sequence[Type]) -> Type | None:
    number = types[0]
    if number.kind is Kind.DECIMAL:
        return decimal(min(MOST_DIGITS, number.precision - number.scale + 1), 0)
    return _same_number(types)


def _comparison(types: Sequence[Type]) -> Type | None:
    joined = common(types)
    return None if joined is None else BOOLEAN


def _ordered(types: Sequence[Type]) -> Type | None:
    joined = common(types)
    return joined if joined is not None and joined.kind is not Kind.BOOLEAN else None


def _takes(result: Type, *accepted: Kind) -> Typing:
    def typing(types: Sequence[Type]) -> Type | None:
        fits = all(t.kind in accepted or t in (NULL, UNKNOWN) for t in types)
        return result if fits else None

    return typing


def _substring(types: Sequence[Type]) -> Type | None:
    fits = _takes(TEXT, Kind.TEXT)(types[:1]) and _takes(INTEGER, Kind.INTEGER)(types[1:])
    return TEXT if fits else None


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function: how many arguments it takes and what it gives."""

    name: str
    least: int
    most: int
    typing: Typing
    example: str
    is_strict: bool = True
    """Null as soon as one argument is null."""


_MANY = 50

TIME_OPERATIONS = (
    "elapsed",
    "days_between",
    "months_between",
    "seconds_between",
    "whole_part",
    "add_days",
    "add_months",
    "add_seconds",
)
"""Operations between times, and of times with numbers, that engines are asked for."""

OPERATORS: dict[str, Function] = {
    f.name: f
    for f in (
        Function("+", 2, 2, _sum, "a + b"),
        Function("-", 2, 2, _sum, "a - b"),
        Function("*", 2, 2, _product, "a * b"),
        Function("/", 2, 2, _quotient, "a / b"),
        Function("negative", 1, 1, _same_number, "-a"),
        Function("=", 2, 2, _comparison, "a = b", False),
        Function("<", 2, 2, _comparison, "a < b", False),
        Function("<=", 2, 2, _comparison, "a <= b", False),
        Function(">", 2, 2, _comparison, "a > b", False),
        Function(">=", 2, 2, _comparison, "a >= b", False),
        Function("and", 1, _MANY, _takes(BOOLEAN, Kind.BOOLEAN), "a and b", False),
        Function("or", 1, _MANY, _takes(BOOLEAN, Kind.BOOLEAN), "a or b", False),
        Function("not", 1, 1, _takes(BOOLEAN, Kind.BOOLEAN), "not a", False),
        Function("is_null", 1, 1, lambda _: BOOLEAN, "a is null", False),
        Function("in", 2, 10_001, _comparison, "a in (1, 2)", False),
        Function("like", 2, 2, _takes(BOOLEAN, Kind.TEXT), "a like 'b%'", False),
        Function("as_type", 1, 1, lambda types: types[0], "a column's declared type"),
        # Null where a number of rows is more than none, else 0.
        Function("none", 1, 1, _takes(INTEGER, Kind.INTEGER), "no row that lacks what is required"),
        # The natural logarithm of a number above 0, and what it is the logarithm of.
        *(
            Function(name, 1, 1, _takes(FLOAT, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT), f"{name} of a number")
            for name in ("ln", "exp")
        ),
        Function("bucket", 2, 2, lambda types: types[-1], "a time's bucket"),
        *(
            Function(name, 2, 2, lambda types: types[0], f"{name} of two values")
            for name in (*TIME_OPERATIONS, "add_duration", "subtract_duration")
        ),
        *(
            Function(name, 1, 1, _takes(INTEGER, Kind.DATE, Kind.TIMESTAMP), f"{name} of a time")
            for name in ("day_of_year", "week_of_year", "quarter")
        ),
        Function("case", 3, 2 * _MANY + 1, common, "case when a then b else c end", False),
    )
}

FUNCTIONS: dict[str, Function] = {
    f.name: f
    for f in (
        Function("coalesce", 1, _MANY, common, "coalesce(country, 'unknown')", False),
        Function("nullif", 2, 2, lambda ts: None if common(ts) is None else ts[0], "nullif(a, 0)", False),
        Function("abs", 1, 1, _same_number, "abs(a)"),
        Function("least", 2, _MANY, _ordered, "least(a, b)"),
        Function("greatest", 2, _MANY, _ordered, "greatest(a, b)"),
        Function("round", 1, 2, _rounded, "round(a, 2)"),
        Function("floor", 1, 1, _whole, "floor(a)"),
        Function("ceil", 1, 1, _whole, "ceil(a)"),
        Function("lower", 1, 1, _takes(TEXT, Kind.TEXT), "lower(a)"),
        Function("upper", 1, 1, _takes(TEXT, Kind.TEXT), "upper(a)"),
        Function("trim", 1, 1, _takes(TEXT, Kind.TEXT), "trim(a)"),
        Function("length", 1, 1, _takes(INTEGER, Kind.TEXT), "length(a)"),
        Function("concat", 2, _MANY, _takes(TEXT, Kind.TEXT), "concat(a, b)"),
        Function("substring", 3, 3, _substring, "substring(a, 1, 3)"),
        Function("starts_with", 2, 2, _takes(BOOLEAN, Kind.TEXT), "starts_with(a, 'b')", False),
        Function("contains", 2, 2, _takes(BOOLEAN, Kind.TEXT), "contains(a, 'b')", False),
        Function("date_trunc", 2, 2, lambda types: types[1], "date_trunc(month, ordered_at)"),
        Function("date_diff", 3, 3, lambda _: INTEGER, "date_diff(day, ordered_at, shipped_at)"),
        Function("year", 1, 1, _takes(INTEGER, Kind.DATE, Kind.TIMESTAMP), "year(a)"),
        Function("month", 1, 1, _takes(INTEGER, Kind.DATE, Kind.TIMESTAMP), "month(a)"),
        Function("day", 1, 1, _takes(INTEGER, Kind.DATE, Kind.TIMESTAMP), "day(a)"),
        Function("weekday", 1, 1, _takes(INTEGER, Kind.DATE, Kind.TIMESTAMP), "weekday(a)"),
        Function("hour", 1, 1, _takes(INTEGER, Kind.TIMESTAMP), "hour(a)"),
    )
}
CONDITIONS = frozenset(
    {"=", "<", "<=", ">", ">=", "and", "or", "not", "is_null", "in", "like", "starts_with", "contains"}
)
"""Operations whose value is a condition: true or false, never null."""


def _summed(types: Sequence[Type]) -> Type | None:
    t = types[0]
    if t.kind is Kind.DECIMAL:
        return decimal(MOST_DIGITS, t.scale)
    return t if t.is_numeric or t is UNKNOWN else None


def _averaged(types: Sequence[Type]) -> Type | None:
    return FLOAT if types[0].is_numeric or types[0] is UNKNOWN else None


def _all_averaged(types: Sequence[Type]) -> Type | None:
    return FLOAT if all(_averaged((t,)) for t in types) else None


def _extreme(types: Sequence[Type]) -> Type | None:
    return types[0] if types[0].kind not in (Kind.BOOLEAN, Kind.NULL) else None


def _picked(types: Sequence[Type]) -> Type | None:
    return types[0] if types[0].kind is not Kind.NULL else None


ZERO_OF_NOTHING = ("sum", "count", "count_distinct")
"""The aggregates that are 0, not null, where there are no rows."""

AGGREGATES: dict[str, Function] = {
    f.name: f
    for f in (
        Function("sum", 1, 1, _summed, "sum(orders.amount)"),
        Function("avg", 1, 1, _averaged, "avg(orders.amount)"),
        Function("min", 1, 1, _extreme, "min(orders.ordered_at)"),
        Function("max", 1, 1, _extreme, "max(orders.ordered_at)"),
        Function("count", 1, 1, lambda _: INTEGER, "count(orders)"),
        Function("count_distinct", 1, _MANY, lambda _: INTEGER, "count_distinct(orders.customer_id)"),
        Function("median", 1, 1, _averaged, "median(orders.amount)"),
        Function("percentile", 2, 2, _all_averaged, "percentile(orders.amount, 0.95)"),
        Function("stddev", 1, 1, _averaged, "stddev(orders.amount)"),
        Function("variance", 1, 1, _averaged, "variance(orders.amount)"),
        Function("weighted_avg", 2, 2, _all_averaged, "weighted_avg(orders.rating, weight)"),
        Function("first", 1, 1, _picked, "first(orders.channel)"),
        Function("last", 1, 1, _picked, "last(orders.channel)"),
    )
}
NEIGHBOURS: dict[str, Function] = {
    f.name: f
    for f in (
        Function("row_number", 0, 0, lambda _: INTEGER, "row_number(per customer_id order by ordered_at)"),
        Function("lag", 1, 2, _picked, "lag(amount per customer_id order by ordered_at)"),
        Function("lead", 1, 2, _picked, "lead(amount per customer_id order by ordered_at)"),
    )
}
"""What a row is among others, in a column's formula."""

VALUES = Function("values", 1, 1, _picked, "customer_id in prior(values(orders.customer_id), 1 month)", False)
"""The set of different values; it stands only behind `in`."""
CONTEXTUAL = (
    "total",
    "share",
    "prior",
    "change",
    "growth",
    "rolling",
    "to_date",
    "cumulative",
    "opening",
    "during",
)
SEQUENCES = {
    "followed_by": "followed_by(orders per visitor_id within 7 days)",
    "preceded_by": "preceded_by(visits per visitor_id within 7 days)",
}
"""Conditions on a row about other rows, each with an example."""
SET_FORMS = frozenset(
    [VALUES.name, "total", "prior", "rolling", "to_date", "cumulative", "opening", "during"]
)
"""What may stand behind `in` without brackets: a set, and what changes its context."""
