"""What can be wrong with the rows of an objective's targets."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.source import Span

ROW = rule("objective/row", "a row of targets that matches nothing")
ROWS = rule("objective/rows", "rows of targets of which none says more than the other")


def not_grouped(
    span: Span, name: str, by: Sequence[str], *, is_member: bool, keys: Sequence[str]
) -> Diagnostic:
    if is_member:
        help: str | None = f"write `by: [{', '.join((*by, name))}]`, or leave `{name}` out"
        fact = f"the objective is not judged by `{name}`, so no row of it has one"
    else:
        fact = f"the objective has no member `{name}`"
        shown = ", ".join(f"`{one}`" for one in (*by, *keys))
        help = did_you_mean(name, (*by, *keys)) or f"a row has {shown}"
    return Diagnostic(ROW, fact, Label(span, "no member here"), help=help)


def no_value(span: Span, member: str, text: str, values: Sequence[str]) -> Diagnostic:
    some = ", ".join(f"`{value}`" for value in values[:12])
    return Diagnostic(
        ROW,
        f"no `{member}` is `{text}`: its column lists its values",
        Label(span, "matches nothing"),
        help=did_you_mean(text, values) or f"there is {some}",
    )


def wrong_type(span: Span, member: str, text: str, type: str) -> Diagnostic:
    return Diagnostic(
        ROW,
        f"`{member}` is {type}, and `{text}` is none",
        Label(span, f"{type} is due"),
        help=f"write a value that `{member}` can have",
    )


def left_out(span: Span, members: str, where: Span) -> Diagnostic:
    return Diagnostic(
        ROW,
        f"the `where` of the objective leaves out {members}",
        Label(span, "matches nothing"),
        related=(Label(where, "what is judged"),),
        help="leave the row out, or widen the `where`",
    )


def no_period(
    span: Span, text: str, grain: str | None, example: str | None, *, is_of_whole: bool
) -> Diagnostic:
    """`is_of_whole` tells that a target is that of more periods than one, which share it."""
    if grain is None and is_of_whole:
        fact = "all the days of the objective share its target, so no row is of a period"
        help = "leave `period` out of the row, or say under `allocate` what a target is of: `over: year`"
    elif grain is None:
        fact = "the objective has one period, so no row is of another"
        help = "leave `period` out of the row, or give the objective a `period`"
    else:
        why = "a target is that of one" if is_of_whole else f"the objective is judged {grain} by {grain}"
        fact = f"`{text}` is not one {grain}, and {why}"
        help = f"write one {grain}" + (f", such as `{example}`" if example else "")
        help += "; or days from and until, of whole ones: `2026-07-01..2026-10-01`"
    return Diagnostic(ROW, fact, Label(span, "no period of it"), help=help)


def outside(span: Span, text: str, start: str, end: str) -> Diagnostic:
    return Diagnostic(
        ROW,
        f"the objective holds {start}{end}, and `{text}` is outside that",
        Label(span, "matches nothing"),
        help="move the row's period, or the days under `effective`",
    )


def nothing(span: Span, key: str) -> Diagnostic:
    return Diagnostic(
        ROW,
        f"this row has no `{key}`",
        Label(span, f"no `{key}`"),
        help=f"add `{key}: …` to the row, or remove it",
    )


def period_and_days(span: Span) -> Diagnostic:
    return Diagnostic(
        ROW,
        "this row has a `period`, and days from or until which it holds as well",
        Label(span, "when?"),
        help="keep one of the two",
    )


def no_days(span: Span) -> Diagnostic:
    return Diagnostic(
        ROW,
        "this row ends before it begins",
        Label(span, "no day between"),
        help="`until` is the day after the last: `{from: 2026-07-01, until: 2026-10-01, target: …}`",
    )


def says_nothing(span: Span) -> Diagnostic:
    return Diagnostic(
        ROW,
        "this row names neither a member nor a period, so it holds everywhere",
        Label(span, "of whom?"),
        help="write it as the objective's own, outside `targets`",
    )


def same(span: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        ROWS,
        "two rows are for the same members and the same period",
        Label(span, "again"),
        (Label(first, "first here"),),
        help="keep one of the two",
    )


def overlap(span: Span, first: Span, both: str) -> Diagnostic:
    return Diagnostic(
        ROWS,
        f"neither row says more than the other, and both are for {both}",
        Label(span, "which one?"),
        (Label(first, "or this one"),),
        help=f"add a row for {both}",
    )


def also(span: Span, key: str, kind: str) -> Diagnostic:
    return Diagnostic(
        ROW,
        f"`{key}` means nothing in a row of `kind: {kind}`",
        Label(span, f"has `{key}` too"),
        help=f"leave `{key}` out",
    )
