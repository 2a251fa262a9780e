"""What can be wrong with objectives by which members or segments are not to differ."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

PARITY = rule("objective/parity", "members or segments that cannot be compared as it is written")


def nobody(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        PARITY,
        f"`kind: parity` compares members or a segment with a reference, and `{name}` has none of both",
        Label(span, "whom?"),
        help="add `by: [channel]`, the members that are compared, or a condition as `segment`",
    )


def among_segments(span: Span) -> Diagnostic:
    return Diagnostic(
        PARITY,
        "with a `segment` no members are compared with each other",
        Label(span, "beside `segment`"),
        help="leave `among` or `segment` out",
    )


def best_of_one(span: Span) -> Diagnostic:
    return Diagnostic(
        PARITY,
        "`best` is the best of several members, and a `segment` is one",
        Label(span, "of which?"),
        help="write a condition, or `overall`",
    )


def no_direction(span: Span, kpi: str, direction: str, defined: Span) -> Diagnostic:
    return Diagnostic(
        PARITY,
        f"which side is worse is told by the KPI's `direction`, and that of `{kpi}` is `{direction}`",
        Label(span, "which way is better?"),
        (Label(defined, f"`direction: {direction}`"),),
        help=f"write `direction: up` or `direction: down` at `{kpi}`, or compare both sides",
    )


def kept(span: Span, member: str) -> Diagnostic:
    return Diagnostic(
        PARITY,
        f"every row keeps its own `{member}`, so that in the others there is no such reference",
        Label(span, "not compared"),
        help=f"add `{member}` to `among`, or leave it out of the condition",
    )
