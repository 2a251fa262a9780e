"""What a literal of a formula is: its value, its type, and the unit of a quantity."""

from __future__ import annotations

from decimal import Context, Decimal

from kpidsl.diagnostics import Label, Sink
from kpidsl.model.types import BOOLEAN, DATE, NULL, TEXT
from kpidsl.semantics.bound import BROKEN, Constant
from kpidsl.semantics.functions import number_type
from kpidsl.semantics.unit_facts import PLAIN, UnitFact
from kpidsl.semantics.unit_text import read_quantity_unit
from kpidsl.semantics.units import FRACTION, POINTS, in_currency
from kpidsl.source import Span
from kpidsl.syntax import tree

_EXACT = Context(prec=200)
"""Python's own context would round what has more than 28 digits."""


def literal(expr: tree.Number | tree.Text | tree.Date | tree.Boolean | tree.Null) -> Constant:
    """Return the value of a literal: `2.5%` is 0.025 and `0.5pp` is 0.005, both exact."""
    match expr:
        case tree.Number(value=value, suffix=suffix):
            if suffix:
                value = value / 100 if isinstance(value, float) else _EXACT.scaleb(Decimal(value), -2)
                unit = FRACTION if suffix == "%" else POINTS
                fact = UnitFact(unit, (Label(expr.span, f"`{expr.span.excerpt()}` is in `{unit}`"),))
                return Constant(value, number_type(value), fact)
            return Constant(value, number_type(value), PLAIN)
        case tree.Text(value=text):
            return Constant(text, TEXT)
        case tree.Date(value=day):
            return Constant(day, DATE)
        case tree.Boolean(value=truth):
            return Constant(truth, BOOLEAN)
        case tree.Null():
            return Constant(None, NULL)


def quantity(expr: tree.Quantity, sink: Sink, currency: str | None = None) -> Constant:
    """Return a number with its unit, money's `currency`, or `BROKEN` after reporting an unknown one."""
    word = Span(expr.span.source, expr.span.end - len(expr.unit), expr.span.end)
    unit = read_quantity_unit(expr.unit, word, sink)
    if unit is None:
        return BROKEN
    unit, value = in_currency(unit, currency), expr.value
    if unit.is_fraction:
        value = value / 100 if isinstance(value, float) else _EXACT.scaleb(Decimal(value), -2)
    fact = UnitFact(unit, (Label(expr.span, f"`{expr.span.excerpt()}` is in `{unit}`"),))
    return Constant(value, number_type(value), fact)


def negated_number(value: int | Decimal | float) -> int | Decimal | float:
    """Return a number with its sign changed, exact however many digits it has."""
    return _EXACT.minus(value) if isinstance(value, Decimal) else -value
