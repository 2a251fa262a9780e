"""Elapsed times compared with bare numbers, which are seconds: days are what a spreadsheet makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kpidsl.diagnostics import Diagnostic
from kpidsl.semantics import unit_errors
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Constant, Filtered, Moved, PerEntity, Ripe, Total
from kpidsl.semantics.unit_facts import PLAIN
from kpidsl.syntax import tree

_OF_THEIR_PARTS = ("+", "-", "negative", "abs", "round", "floor", "ceil", "least", "greatest", "coalesce")
_OF_THEIR_VALUES = ("sum", "avg", "min", "max", "median", "percentile", "first", "last", "weighted_avg")


def beside_elapsed(values: Sequence[Bound], parts: Sequence[tree.Expr]) -> Diagnostic | None:
    """Return the warning of a comparison of an elapsed time with a number that names no unit, or None.

    `values` are the bound `parts`. Zero is zero in every unit. A column or metric that declares a unit says
    what its numbers are, and so does `date - date`, which is a number of days.
    """
    if not any(map(_is_elapsed, values)):
        return None
    for value, part in zip(values, parts, strict=True):
        if isinstance(value, Constant) and value.unit is PLAIN and value.value:
            assert isinstance(value.value, int | float | Decimal)
            return unit_errors.bare_seconds(part.span, value.value)
    return None


def _is_elapsed(value: Bound) -> bool:
    match value:
        case Apply(op="elapsed"):
            return True
        case Apply(op=op, args=args) if op in _OF_THEIR_PARTS:
            return any(map(_is_elapsed, args))
        case Aggregate(function=function, argument=x) if x is not None and function in _OF_THEIR_VALUES:
            return _is_elapsed(x)
        case PerEntity(function=function, operand=x) if function in _OF_THEIR_VALUES:
            return _is_elapsed(x)
        case Filtered(operand=x) | Total(operand=x) | Moved(operand=x) | Ripe(operand=x):
            return _is_elapsed(x)
        case _:
            return False
