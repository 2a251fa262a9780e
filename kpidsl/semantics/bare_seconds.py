"""Elapsed times compared with bare numbers, which are seconds: days are what a spreadsheet makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kpidsl.diagnostics import Diagnostic
from kpidsl.semantics import unit_errors
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.elapsed import is_elapsed
from kpidsl.semantics.unit_facts import PLAIN
from kpidsl.syntax import tree


def beside_elapsed(values: Sequence[Bound], parts: Sequence[tree.Expr]) -> Diagnostic | None:
    """Return the warning of a comparison of an elapsed time with a number that names no unit, or None.

    `values` are the bound `parts`. Zero is zero in every unit. A column or metric that declares a unit says
    what its numbers are, and so does `date - date`, which is a number of days.
    """
    if not any(map(_is_in_seconds, values)):
        return None
    for value, part in zip(values, parts, strict=True):
        if isinstance(value, Constant) and value.unit is PLAIN and value.value:
            assert isinstance(value.value, int | float | Decimal)
            return unit_errors.bare_seconds(part.span, value.value)
    return None


def _is_in_seconds(value: Bound) -> bool:
    """Tell whether a value is an elapsed time as it comes; what divides it by 60 makes minutes of it."""
    return is_elapsed(value.unit) and not (isinstance(value, Apply) and value.op in ("*", "/"))
