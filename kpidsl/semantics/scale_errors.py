"""Warnings of values on another scale than the one on which they are shown."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

SCALED_FRACTION = rule("unit/scaled-fraction", "a fraction multiplied by a hundred", "warning")


def percent(span: Span, number: int, shown: str, rounding: Span | None, *, is_named: bool) -> Diagnostic:
    """`shown` is the formula without the number, `rounding` the place of a `round` around it."""
    also = f" in place of `{rounding.excerpt()}`: what is shown is rounded" if rounding is not None else ""
    score = '; a score that is no percentage has a `format:` of its own, such as `"0.0"`' if is_named else ""
    return Diagnostic(
        SCALED_FRACTION,
        f"a fraction is shown in percent by itself, and multiplied by {number} it is shown {number} times "
        "too large",
        Label(span, f"{2 * number}% where 2% are meant"),
        help=f"write `{shown}`{also}{score}",
    )


def counts(span: Span, number: int, shown: str, unit: str, per: tuple[str, str] | None) -> Diagnostic:
    """`per` is the formula of so many per thousand, and its unit."""
    percent = "; `unit: percent` in a definition shows it as a percentage" if number == 100 else ""
    many = f"; so many per {number} are `{per[0]}`, in `{per[1]}`" if per is not None else ""
    return Diagnostic(
        SCALED_FRACTION,
        f"the unit shown beside it is `{unit}`, and multiplied by {number} it is {number} times too large",
        Label(span, f"not in `{unit}`"),
        help=f"write `{shown}`{percent}{many}",
    )
