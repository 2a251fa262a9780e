"""What can be wrong with the arguments of an aggregate."""

from __future__ import annotations

from decimal import Decimal

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span
from kpidsl.syntax.printer import number

FRACTION = rule("aggregate/fraction", "a percentile that is not a number from 0 to 1")


def fraction(span: Span, found: int | Decimal | float | None) -> Diagnostic:
    """`found` is the number that stands there, or None where something else does."""
    shown = 0.95 if found is None or not 1 < found <= 100 else found / 100
    fact = "something else stands here" if found is None else f"`{number(found)}` stands here"
    return Diagnostic(
        FRACTION,
        f"the second argument of `percentile` is a number from 0 to 1, and {fact}",
        Label(span, "not a fraction" if found is None else "not from 0 to 1"),
        help=f"the share of the values that lie below is written like `{float(shown):g}`",
    )
