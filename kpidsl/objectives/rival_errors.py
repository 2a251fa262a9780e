"""What can be wrong with objectives that compare members with each other."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

RIVALS = rule("objective/rivals", "members that cannot be compared with each other as it is written")


def nobody(span: Span, name: str, kind: str) -> Diagnostic:
    return Diagnostic(
        RIVALS,
        f"`kind: {kind}` compares members, and `{name}` has none",
        Label(span, "which members?"),
        help="add `by: [channel]`, the members that are ranked",
    )


def not_in_by(span: Span, name: str, by: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        RIVALS,
        f"`{name}` is no member of `by`, so that no row is of one {name}",
        Label(span, "not in `by`"),
        help=f"add `{name}` to `by`" + (f", or write `among: {by[0]}`" if by else ""),
    )


def no_direction(span: Span, kpi: str, direction: str, defined: Span) -> Diagnostic:
    return Diagnostic(
        RIVALS,
        f"who is first is told by the KPI's `direction`, and that of `{kpi}` is `{direction}`",
        Label(span, "which way is better?"),
        (Label(defined, f"`direction: {direction}`"),),
        help=f"write `direction: up` or `direction: down` at `{kpi}`",
    )


def both(span: Span, target: Span) -> Diagnostic:
    return Diagnostic(
        RIVALS,
        "`target` promises a rank and `share` a part of the whole",
        Label(span, "the other promise"),
        (Label(target, "the target"),),
        help="leave one of the two out, or write two objectives",
    )


def no_rank(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        RIVALS,
        f"ranks are 1, 2, 3 and so on, and `{text}` is none",
        Label(span, "a whole number is due"),
        help="write the last rank that is good enough: `target: 3`; a part of the whole is a `share: 30%`",
    )


def no_part(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        RIVALS,
        f"a share is above 0 % and at most 100 %, and `{text}` is not",
        Label(span, "no part of the whole"),
        help="write a number such as `30%`",
    )


def adds_up_to_nothing(span: Span, kpi: str, kind: str) -> Diagnostic:
    return Diagnostic(
        RIVALS,
        f"`{kpi}` is {kind}: what its members have does not add up to a whole of which one has a share",
        Label(span, "share of what?"),
        help="promise a rank: `target: 3`",
    )
