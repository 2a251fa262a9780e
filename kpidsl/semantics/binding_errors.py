"""What can be wrong with the types and units of columns that are bound to others."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.types import Type
from kpidsl.source import Span

TYPE = rule("bind/type", "a column bound to values of another type than the lexicon can read")
UNIT = rule("bind/unit", "a column bound to values whose unit cannot be converted into the lexicon's")


def bound_type(span: Span, column: str, declared: Type, found: Type) -> Diagnostic:
    return Diagnostic(
        TYPE,
        f"`{column}` is {declared}, and what it is bound to is {found}",
        Label(span, f"is {found}"),
        help=f"bind a column of type {declared}, or a row formula that gives one",
    )


def bound_unit(
    span: Span, column: str, declared: str, declared_at: Span, found: str, origins: Sequence[Label]
) -> Diagnostic:
    """`origins` are the places that the unit comes from; the bound text itself is among them."""
    others = tuple(origin for origin in origins if origin.span.location() != span.location())
    return Diagnostic(
        UNIT,
        f"`{column}` is in `{declared}`, and what it is bound to is in `{found}`",
        Label(span, f"is in {found}"),
        (Label(declared_at, f"the lexicon has `{declared}`"), *others),
        help=f"bind a column in `{declared}` or in a unit that converts, or mend the formula",
    )
