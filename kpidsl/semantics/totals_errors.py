"""What can be wrong with totals, top and fill."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.semantics.errors import listed
from kpidsl.source import Span

TOTALS = rule("query/totals", "totals of a kind that there is not, or of more kinds than fit")
TOP = rule("query/top", "a ranking that does not read, or that ranks nothing")
FILL = rule("query/fill", "empty buckets where there are none to add")
OTHERS = rule("query/others", "others from which a formula takes a part of their members")


def totals(span: Span, word: str) -> Diagnostic:
    return Diagnostic(
        TOTALS,
        f"there are no totals called `{word}`",
        Label(span, "unknown totals"),
        help=did_you_mean(word, ("rollup", "cube"))
        or "`rollup` drops the members of `by` from the last to the first, `cube` gives every combination",
    )


def cube(span: Span, members: int, most: int) -> Diagnostic:
    return Diagnostic(
        TOTALS,
        f"a cube over {members} members has {2**members} kinds of rows; the most are {2**most}",
        Label(span, "too many members"),
        help=f"use `rollup`, or group by at most {most} members",
    )


def top(span: Span, text: str, column: str) -> Diagnostic:
    """`column` is one of the result's."""
    count = text if text.isdecimal() and text.strip("0") else "10"
    return Diagnostic(
        TOP,
        f"`{text}` does not say how many, and by what",
        Label(span, "does not read"),
        help=f"write `{count} by {column}`; `{count} by -{column}` for the smallest, "
        f"`{count} by {column} others` with the rest",
    )


def top_column(span: Span, name: str, columns: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        TOP,
        f"the result has no KPI `{name}` to rank by",
        Label(span, "not asked for"),
        help=did_you_mean(name, columns) or f"ask for `{name}` too, or rank by {listed(columns)}",
    )


def top_of_nothing(span: Span) -> Diagnostic:
    return Diagnostic(
        TOP,
        "`top` ranks the members of `by`, and this query has none",
        Label(span, "nothing to rank"),
        help="add `--by` with a dimension, for example `--by channel`",
    )


def fill(span: Span) -> Diagnostic:
    return Diagnostic(
        FILL,
        "`fill` adds the empty buckets of a time grain, and `by` has none",
        Label(span, "no grain"),
        help="add a grain to `by`, for example `--by month`",
    )


def fill_of_ranked_buckets(span: Span, grain: str) -> Diagnostic:
    return Diagnostic(
        FILL,
        f"`top` leaves out buckets of `{grain}` that have rows, and `fill` would show them as empty",
        Label(span, "buckets are ranked"),
        help="leave out `fill`, or group by a dimension too, so that its members are ranked",
    )


def others(span: Span, across: Sequence[str], ranked: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        OTHERS,
        f"a total across {listed(across)} would take the others apart, which are rows of {listed(ranked)}",
        Label(span, "a part of the members"),
        help=f"write `total(… across {', '.join(ranked)})`, or leave out `others`",
    )
