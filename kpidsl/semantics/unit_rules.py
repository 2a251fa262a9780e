"""The units of operations on bound values, with the conversions that they need.

What converts is multiplied here, in the bound tree, so that every later stage sees plain arithmetic.
Values are brought to the finest of their units, by whole numbers, so nothing exact becomes inexact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.types import FLOAT, INTEGER, MOST_DIGITS
from kpidsl.semantics import unit_errors as errors
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Children, Constant, Derived
from kpidsl.semantics.functions import OPERATORS, number_type
from kpidsl.semantics.unit_facts import (
    ONE,
    PLAIN,
    UnitFact,
    difference,
    fits,
    meet,
    multiplied,
    origins_of,
    total,
)
from kpidsl.semantics.units import FRACTION, Unit, currency_of_money
from kpidsl.source import Span
from kpidsl.syntax import printer

_KEEPS = frozenset(["negative", "abs", "round", "floor", "ceil", "as_type"])
_JOINS = frozenset(["+", "-", "least", "greatest", "coalesce", "nullif"])
_COMPARES = frozenset(["=", "<", "<=", ">", ">=", "in"])
_SHOWN = {"case": "case", "in": "in"}

Args = tuple[Bound, ...]


def measured(op: str, args: Args, span: Span, sink: Sink) -> tuple[Args, UnitFact | None, Fraction] | None:
    """Return an operation's arguments in units that fit, the unit of its value, and what the value is still
    multiplied by: 1/3600 for EUR/hour × second. None: a clash has been reported."""
    if op in _KEEPS:
        return args, args[0].unit, ONE
    if op in _JOINS or op in _COMPARES:
        found = joined(op, args, span, sink)
        return None if found is None else (found[0], None if op in _COMPARES else found[1], ONE)
    if op in ("*", "/"):
        return args, *multiplied(args[0].unit, args[1].unit, 1 if op == "*" else -1)
    return args, None, ONE


def joined(op: str, args: Args, span: Span, sink: Sink) -> tuple[Args, UnitFact | None] | None:
    """Return values brought to one unit, and that unit; None after reporting that there is none."""
    known = [(place, arg.unit) for place, arg in enumerate(args) if arg.unit is not None and arg.unit.unit]
    if not known:
        return args, PLAIN if all(arg.unit is PLAIN for arg in args) else None
    first_place, first = known[0]
    unit = first.known()
    if all(fact.unit is unit for _, fact in known) and (op in _COMPARES or unit.powers):
        return args, first
    readings = {first_place: unit}
    for place, fact in known[1:]:
        met = meet(first, fact)
        if met is None:
            _refuse(op, (args[first_place], args[place]), span, sink)
            return None
        readings[first_place], readings[place] = met
    if not readings[first_place].powers:
        return args, _of_fractions(op, args, readings, known)
    target = _finest(args, readings)
    converted = tuple(
        in_unit(arg, target, readings[place]) if place in readings else arg for place, arg in enumerate(args)
    )
    optional = first.optional if all(fact.optional == first.optional for _, fact in known) else None
    return converted, UnitFact(target, origins_of(fact for _, fact in known), optional)


def _of_fractions(
    op: str, args: Args, readings: dict[int, Unit], known: Sequence[tuple[int, UnitFact]]
) -> UnitFact:
    units = list(readings.values())
    unit = units[0]
    if op in ("+", "-") and len(units) == 2:
        whole = isinstance(args[0], Constant) and args[0].value == 1
        unit = total(*units) if op == "+" else difference(units[0], units[1], from_whole=whole)
    elif not all(found.points for found in units):
        unit = FRACTION
    return UnitFact(unit, origins_of(fact for _, fact in known))


def in_unit(value: Bound, target: Unit, reading: Unit | None = None) -> Bound:
    """Return a value of a convertible unit in that unit; `reading` is its unit where it has two."""
    fact = value.unit
    assert fact is not None
    factor = (reading or fact.known()).factor(target)
    if factor == 1:
        return value
    return replace(convert(value, factor), unit=replace(fact, unit=target, optional=None))


def _finest(args: Args, readings: dict[int, Unit]) -> Unit:
    """Return the finest unit of the columns and metrics, or of the constants too where those would not be
    exact in it."""
    columns = [unit for place, unit in readings.items() if not isinstance(args[place], Constant)]
    finest = min(columns or list(readings.values()), key=lambda unit: unit.scale)
    for place, unit in readings.items():
        value = args[place]
        if isinstance(value, Constant) and _scaled(value, unit.factor(finest)) is None:
            return min(readings.values(), key=lambda unit: unit.scale)
    return finest


def _refuse(op: str, sides: tuple[Bound, Bound], span: Span, sink: Sink) -> None:
    facts = [fact for side in sides if (fact := side.unit) is not None]
    a, b = (fact.known() for fact in facts)
    origins = origins_of(facts)
    if a.is_currency and b.is_currency:
        sink.report(errors.currencies(span, op, str(a), str(b), origins))
        return
    sink.report(errors.mismatch(span, op, str(a), str(b), origins, _advice(op, sides, a, b)))


def _advice(op: str, sides: tuple[Bound, Bound], left: Unit, right: Unit) -> str:
    currency = currency_of_money(left, right)
    if currency is not None:
        return errors.say_currency(currency)
    if left.is_time and right.is_time:
        return "months have no fixed number of days: compare both in days, or both in months"
    if (left.is_fraction or right.is_fraction) and op in ("+", "-"):
        sign = "1 + " if op == "+" else "1 - "
        return f"a part of a value is taken by multiplying: `a * ({sign}b)`"
    if right.is_fraction or left.is_fraction:
        return "compare a rate with a fraction: divide the other side by what it is a part of"
    if op not in _COMPARES:
        return "divide one by the other, or mend the `unit:` that is wrong"
    for side, other in ((sides[1], left), (sides[0], right)):
        if isinstance(side, Constant) and isinstance(side.value, int | Decimal | float):
            return _compared(side.value, other)
    return "compare each with values of its own unit, or mend the `unit:` that is wrong"


def _compared(value: int | Decimal | float, unit: Unit) -> str:
    """Return the advice to compare with a number in a unit; a compound one is not written behind a number."""
    word, shown = str(unit), printer.number(value)
    if not word.replace("_", "").isalpha():
        return f"a number alone is in the unit of the other side, `{word}`: write `{shown}`"
    plural = "" if abs(value) == 1 or not word.islower() else "s"
    return f"compare with a quantity in `{word}`: write `{shown} {word}{plural}`"


def convert(value: Bound, factor: Fraction) -> Bound:
    """Return a value multiplied by a factor: exactly where it is exact and the factor has finite digits."""
    if factor == 1:
        return value
    if isinstance(value, Constant):
        scaled = _scaled(value, factor)
        if scaled is not None:
            return scaled
    number = exact_number(factor)
    if number is not None and (value.type.is_exact or factor.denominator == 1):
        times = Constant(number, number_type(number))
        type_ = OPERATORS["*"].typing((value.type, times.type))
        if type_ is not None:
            return Apply("*", (value, times), type_)
    scaled_up = convert(value, Fraction(factor.numerator))
    return Apply("/", (scaled_up, Constant(factor.denominator, INTEGER)), FLOAT)


def _scaled(value: Constant, factor: Fraction) -> Constant | None:
    """Return a constant multiplied, or None where its digits have no end."""
    raw = value.value
    if raw is None:
        return value
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | float):
        return None
    if isinstance(raw, float):
        scaled = float(Fraction(raw) * factor)
        return replace(value, value=scaled)
    number = exact_number(Fraction(raw) * factor)
    return None if number is None else replace(value, value=number, type=number_type(number))


def exact_number(number: Fraction) -> int | Decimal | None:
    """Return a fraction as an integer or an exact decimal of at most 38 digits, if it is one."""
    if number.denominator == 1:
        return number.numerator if abs(number.numerator) < 10**MOST_DIGITS else None
    twos = fives = 0
    rest = number.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    digits = max(twos, fives)
    if rest != 1 or digits > MOST_DIGITS:
        return None
    units = number.numerator * 10**digits // number.denominator
    text = tuple(map(int, str(abs(units))))
    return None if len(text) > MOST_DIGITS else Decimal((int(units < 0), text, -digits))


def brought_to(value: Bound, declared: Unit) -> Bound | None:
    """Return a value in a declared unit, or None where its own unit is another.

    A count of some of the rows may bear a noun of its own: page views are events.
    """
    fact = value.unit
    if fact is None or fact.unit is None:
        return value
    reading = fits(fact, declared)
    if reading is None:
        return value if declared.is_count and _counts_some(value) else None
    return value if not declared.powers else convert(value, reading.factor(declared))


def _counts_some(value: Bound) -> bool:
    """Tell whether a value is a count of the rows that meet a condition, or have a column or a time."""
    found = value.form.aggregate if isinstance(value, Derived) and isinstance(value.form, Children) else value
    return (
        isinstance(found, Aggregate)
        and found.function == "count"
        and any(part is not None for part in (found.argument, found.condition, found.at))
    )
