"""What can be wrong with targets that are to add up to that of the whole."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

RECONCILE = rule("objective/reconcile", "targets of members that do not add up to that of the whole")


def apart(span: Span, found: str, total: str, whole: str, days: str, place: Span | None) -> Diagnostic:
    others = () if place is None else (Label(place, f"the target of `{whole}`"),)
    return Diagnostic(
        RECONCILE,
        f"the targets of the members add up to {found}, and that of `{whole}` is {total}{days}",
        Label(span, "do not add up"),
        others,
        help="change one of them, or write how far they may be apart: `tolerance: 1%`",
    )


def unlike(span: Span, whole: str, why: str, help: str) -> Diagnostic:
    return Diagnostic(RECONCILE, f"`{whole}` {why}", Label(span, "not its whole"), help=help)


def no_members(span: Span) -> Diagnostic:
    return Diagnostic(
        RECONCILE,
        "the objective is judged by no members, so it has no targets that add up",
        Label(span, "of whom?"),
        help="add `by: [channel]`, or leave `reconcile` out",
    )


def no_sum(span: Span, kpi: str, kind: str) -> Diagnostic:
    return Diagnostic(
        RECONCILE,
        f"`{kpi}` does not add up, so its targets do not either: its kind is {kind}",
        Label(span, "does not add up"),
        help="leave `reconcile` out",
    )


def unknown_sum(span: Span, why: str) -> Diagnostic:
    return Diagnostic(
        RECONCILE,
        f"what the targets add up to is not known: {why}",
        Label(span, "no sum"),
        help="have rows of `targets` that name one member each, with numbers; or `target_from` alone",
    )


def tolerance(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        RECONCILE,
        f"`{text}` is no distance",
        Label(span, "from 0 on"),
        help="write `tolerance: 1%`, or an amount",
    )
