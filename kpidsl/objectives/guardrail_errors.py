"""What can be wrong with the guardrails of an objective."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

GUARDRAILS = rule("objective/guardrails", "guardrails that cannot hold beside an objective")


def no_condition(span: Span, text: str, found: str) -> Diagnostic:
    return Diagnostic(
        GUARDRAILS,
        f"a guardrail is an objective or a condition, and `{text}` is {found}",
        Label(span, found),
        help=f"compare it with something: `{text} <= …`",
    )


def nothing(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        GUARDRAILS,
        f"`{text}` compares no KPI with anything, so it holds always or never",
        Label(span, "no KPI"),
        help="write the name of an objective, or a condition on KPIs: `refund_rate <= 5%`",
    )


def again(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        GUARDRAILS, f"`{text}` stands here twice", Label(span, "again"), help="leave one of the two out"
    )


def cycle(span: Span, names: Sequence[str]) -> Diagnostic:
    first, *rest = names
    if not rest:
        fact = f"`{first}` is its own guardrail"
    else:
        way = ", which has ".join(f"`{name}`" for name in (*rest, first))
        fact = f"`{first}` has the guardrail {way}"
    return Diagnostic(
        GUARDRAILS,
        f"{fact}: no end",
        Label(span, "leads back"),
        help="leave one of these guardrails out",
    )


def unlike(span: Span, name: str, how: str, owner: str, other: str) -> Diagnostic:
    return Diagnostic(
        GUARDRAILS,
        f"`{name}` is judged {how}, and `{owner}`, which it guards, {other}",
        Label(span, "in other rows"),
        help="give both the same `period` and `by`, or write a condition on its KPI here",
    )


def other_rows(span: Span, name: str, owner: str) -> Diagnostic:
    return Diagnostic(
        GUARDRAILS,
        f"`where` of `{name}` or `{owner}` leaves out members by which they are judged",
        Label(span, "of other members"),
        help="write the same `where` in both",
    )


def fewer_days(span: Span, name: str, owner: str) -> Diagnostic:
    return Diagnostic(
        GUARDRAILS,
        f"`{name}` does not hold on all days of `{owner}`",
        Label(span, "on other days"),
        help=f"let `effective` of `{name}` begin and end with that of `{owner}`, or around it",
    )
