"""Units: how they are written, what a formula gives, and the conversions that this asks for.

`in_units` turns a formula into one that says every conversion as a multiplication, so that everything
else computes with plain numbers. What adds or compares values of units that do not go together is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from kpidsl.syntax import tree as t

from .definitions import AGGREGATES
from .table import OracleRefuses


class UnitsClash(OracleRefuses):
    """Values of units that no conversion brings together are added or compared."""


Unit = Mapping[str, int]
"""The power of each word: EUR/order is {EUR: 1, order: -1}. A fraction is {}."""

FAMILIES: tuple[dict[str, Fraction], ...] = (
    {
        "microsecond": Fraction(1, 10**6),
        "millisecond": Fraction(1, 1000),
        "second": Fraction(1),
        "minute": Fraction(60),
        "hour": Fraction(3600),
        "day": Fraction(86_400),
        "week": Fraction(604_800),
    },
    {"month": Fraction(1), "quarter": Fraction(3), "year": Fraction(12)},
)
TIMES = ("date", "timestamp")

Known = Callable[[t.Name | t.Call], tuple[Unit | None, str]]
"""Gives the unit and the type of a name, or of an aggregate."""


def unit_named(text: str) -> Unit:
    """Read `EUR/order`, `GB*hour`, `1/day`, `EUR^2`, `percent`."""
    unit: dict[str, int] = {}
    sign = 1
    for word in re.split(r"([*/])", text.replace(" ", "")):
        if word in ("*", "/"):
            sign = 1 if word == "*" else -1
            continue
        name, _, power = word.partition("^")
        if name not in ("1", "percent", "pp"):
            unit[name] = unit.get(name, 0) + sign * int(power or 1)
    return {word: power for word, power in unit.items() if power}


def unit_of_quantity(text: str) -> Unit:
    """Read the unit behind a number, in the plural too."""
    known = {word for family in FAMILIES for word in family}
    if text.endswith("s") and (text[:-1] in known or text not in known):
        text = text[:-1]
    return unit_named(text)


def size_of(unit: Unit) -> Fraction:
    """Return what one of a unit is, in the first units of its families."""
    size = Fraction(1)
    for word, power in unit.items():
        size *= next((family[word] for family in FAMILIES if word in family), Fraction(1)) ** power
    return size


def scaled(expr: t.Expr, factor: Fraction) -> t.Expr:
    """Return an expression times a factor: a whole number multiplies, its inverse divides."""
    if factor == 1:
        return expr
    span = expr.span
    if factor.numerator != 1:
        expr = t.Arithmetic("*", expr, t.Number(factor.numerator, "", span), span)
    if factor.denominator != 1:
        expr = t.Arithmetic("/", expr, t.Number(factor.denominator, "", span), span)
    return expr


def to_unit(expr: t.Expr, unit: Unit | None, wanted: Unit | None) -> t.Expr:
    """Return an expression in the unit that is wanted, where both are known."""
    return expr if unit is None or wanted is None else scaled(expr, size_of(unit) / size_of(wanted))


def _unit_of_set(expr: t.Expr, known: Known) -> Unit | None:
    """Return the unit of the column that a set's values are of."""
    match expr:
        case t.Call(function="values"):
            return known(expr)[0]
        case t.Where(operand=x) | t.Call(arguments=(x, *_)):
            return _unit_of_set(x, known)
        case _:
            return None


def in_units(expr: t.Expr, known: Known) -> tuple[t.Expr, Unit | None, str]:
    """Return a formula with its conversions spelled out, its unit (None: it takes any), its type."""
    match expr:
        case t.Quantity(value=value, unit=word):
            return t.Number(value, "", expr.span), unit_of_quantity(word), "number"
        case t.Name():
            return expr, *known(expr)
        case t.Date():
            return expr, None, "date"
        case t.Number(suffix=suffix):
            return expr, {} if suffix else None, "number"
        case t.Negative(operand=x):
            inner, unit, kind = in_units(x, known)
            return replace(expr, operand=inner), unit, kind
        case t.Arithmetic():
            return _arithmetic(expr, known)
        case t.Compare(left=a, right=b):
            (a, b), _, _ = _together((a, b), known)
            return replace(expr, left=a, right=b), None, "boolean"
        case t.Between(operand=x, low=low, high=high):
            (x, low, high), _, _ = _together((x, low, high), known)
            return replace(expr, operand=x, low=low, high=high), None, "boolean"
        case t.In(operand=x, items=items):
            (x, *rest), _, _ = _together((x, *items), known)
            return replace(expr, operand=x, items=tuple(rest)), None, "boolean"
        case t.InSet(operand=x, set=found):
            inner, unit, _ = in_units(x, known)
            return replace(expr, operand=to_unit(inner, unit, _unit_of_set(found, known))), None, "boolean"
        case t.Like(operand=x) | t.IsNull(operand=x) | t.Not(operand=x):
            return replace(expr, operand=in_units(x, known)[0]), None, "boolean"
        case t.Logic(operands=xs):
            return replace(expr, operands=tuple(in_units(x, known)[0] for x in xs)), None, "boolean"
        case t.Case(branches=branches, otherwise=otherwise):
            tests = [in_units(test, known)[0] for test, _ in branches]
            results = [result for _, result in branches] + ([] if otherwise is None else [otherwise])
            found, unit, kind = _together(tuple(results), known)
            branched = tuple(zip(tests, found, strict=False))
            last = None if otherwise is None else found[-1]
            return replace(expr, branches=branched, otherwise=last), unit, kind
        case t.Where(operand=x):
            inner, unit, kind = in_units(x, known)
            return replace(expr, operand=inner), unit, kind
        case t.Call():
            return _call(expr, known)
        case _:
            return expr, None, "other"


def _together(xs: tuple[t.Expr, ...], known: Known) -> tuple[tuple[t.Expr, ...], Unit | None, str]:
    """Bring values to one unit, the finest of theirs."""
    read = [in_units(x, known) for x in xs]
    units = [unit for _, unit, _ in read if unit is not None]
    kind = next((kind for _, _, kind in read if kind != "other"), "other")
    if not units:
        return tuple(x for x, _, _ in read), None, kind
    if any(_dimension(unit) != _dimension(units[0]) for unit in units):
        raise UnitsClash(f"units that do not go together: {units}")
    finest = min(units, key=size_of)
    return tuple(to_unit(x, unit, finest) for x, unit, _ in read), finest, kind


def _dimension(unit: Unit) -> dict[str, int]:
    """Return what units have in common that convert into each other: the power of each family's first word."""
    found: dict[str, int] = {}
    for word, power in unit.items():
        first = next((next(iter(family)) for family in FAMILIES if word in family), word)
        found[first] = found.get(first, 0) + power
    return {word: power for word, power in found.items() if power}


def _arithmetic(expr: t.Arithmetic, known: Known) -> tuple[t.Expr, Unit | None, str]:
    left, a, kind = in_units(expr.left, known)
    right, b, other = in_units(expr.right, known)
    if expr.op in "+-":
        if kind in TIMES and other in TIMES:
            word = "day" if kind == other == "date" else "second"
            return replace(expr, left=left, right=right), {word: 1}, "number"
        if kind in TIMES:
            return _moved(expr, left, right, b), None, kind
        (left, right), unit, _ = _together((expr.left, expr.right), known)
        return replace(expr, left=left, right=right), unit, "number"
    a, b = _of_factor(expr.left, a), _of_factor(expr.right, b)
    whole = replace(expr, left=left, right=right)
    if a is None or b is None:
        return whole, None, "number"
    sign = 1 if expr.op == "*" else -1
    product, factor = _reduced([*a.items(), *((word, sign * power) for word, power in b.items())])
    return scaled(whole, factor), product, "number"


def _of_factor(written: t.Expr, unit: Unit | None) -> Unit | None:
    """A bare number multiplies without a unit; a value of which no unit is known hides that of the product."""
    while isinstance(written, t.Negative):
        written = written.operand
    return {} if isinstance(written, t.Number) and unit is None else unit


def _reduced(powers: list[tuple[str, int]]) -> tuple[Unit, Fraction]:
    """Return a product with one word of each family, and what it is multiplied by for that."""
    unit: dict[str, int] = {}
    factor = Fraction(1)
    for word, power in powers:
        family = next((f for f in FAMILIES if word in f), {word: Fraction(1)})
        chosen = next((w for w in unit if w in family), word)
        factor *= (family[word] / family[chosen]) ** power
        unit[chosen] = unit.get(chosen, 0) + power
    return {word: power for word, power in unit.items() if power}, factor


def _moved(expr: t.Arithmetic, time: t.Expr, amount: t.Expr, unit: Unit | None) -> t.Expr:
    """Return `time + amount` as a call that names the unit."""
    if unit is None or list(unit.values()) != [1]:
        raise OracleRefuses(f"a time moved by what is no time: {unit}")
    (word,) = unit
    if expr.op == "-":
        amount = t.Negative(amount, expr.span)
    return t.Call("moved", (time, amount, t.Text(word, expr.span)), (), expr.span, expr.span)


def _counted(grain: t.Expr) -> Unit | None:
    """Return what boundaries of a grain are counted in; those of a calendar of one's own are no unit."""
    word = grain.text.removeprefix("fiscal_") if isinstance(grain, t.Name) else ""
    return {word: 1} if any(word in family for family in FAMILIES) else None


def _call(call: t.Call, known: Known) -> tuple[t.Expr, Unit | None, str]:
    match call.function:
        case "total" | "prior" | "rolling" | "to_date" | "cumulative" | "opening" | "during" | "change":
            inner, unit, kind = in_units(call.arguments[0], known)
            return replace(call, arguments=(inner, *call.arguments[1:])), unit, kind
        case "share" | "growth":
            inner, _, _ = in_units(call.arguments[0], known)
            return replace(call, arguments=(inner, *call.arguments[1:])), {}, "number"
        case "followed_by" | "preceded_by":
            return call, None, "boolean"
        case "row_number":
            return call, None, "number"
        case name if name in (*AGGREGATES, "lag", "lead"):
            # Its argument stands in rows, where its names have their own units.
            return call, *known(call)
        case "coalesce" | "nullif" | "least" | "greatest":
            found, unit, kind = _together(call.arguments, known)
            return replace(call, arguments=found), unit, kind
        case "abs" | "floor" | "ceil" | "round":
            inner, unit, kind = in_units(call.arguments[0], known)
            return replace(call, arguments=(inner, *call.arguments[1:])), unit, kind
        case "date_trunc" | "date_diff":
            grain, *times = call.arguments
            read = tuple(in_units(x, known)[0] for x in times)
            hours = isinstance(grain, t.Name) and grain.text in ("hour", "minute")
            whole = replace(call, arguments=(grain, *read))
            if call.function == "date_diff":
                return whole, _counted(grain), "number"
            return whole, None, "timestamp" if hours else "date"
        case _:
            return (
                replace(call, arguments=tuple(in_units(x, known)[0] for x in call.arguments)),
                None,
                "other",
            )
