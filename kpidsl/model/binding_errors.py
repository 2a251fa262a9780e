"""What can be wrong with bindings before the names in them are looked up."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

TWICE = rule("bind/column-twice", "a column that a binding has twice")
SEVERAL = rule("bind/several", "a dataset that two lexicons bind")


def bound_and_lacking(lacking: Span, bound: Span, column: str) -> Diagnostic:
    return Diagnostic(
        TWICE,
        f"`{column}` is bound, and told to be lacking",
        Label(lacking, "told to be lacking"),
        (Label(bound, "bound here"),),
        help="keep one of the two",
    )


def several(second: Span, first: Span, dataset: str, one: str, other: str) -> Diagnostic:
    return Diagnostic(
        SEVERAL,
        f"`{one}` and `{other}` both bind `{dataset}`",
        Label(second, f"bound by `{other}`"),
        (Label(first, f"bound by `{one}`"),),
        help=f"say under `bind:` of the project where `{dataset}` is, or use one of the two",
    )
