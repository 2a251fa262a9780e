"""What can be wrong with a target that is taken from what rivals reach."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

BENCHMARK = rule("objective/benchmark", "a target of rivals' values that cannot be taken as it is written")


def no_way(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        BENCHMARK,
        f"`{text}` does not say which of the rivals' values is the target",
        Label(span, "no such way"),
        help="write `take: median`, `mean` or `leader`, or the share of them that is below it: `75%`",
    )


def lacks_rival(span: Span) -> Diagnostic:
    return Diagnostic(
        BENCHMARK,
        "of each rival the latest value counts, and nothing tells the rivals apart",
        Label(span, "of whom?"),
        help="add `rival: …`, the column that names them",
    )


def takes_nothing(span: Span, key: str) -> Diagnostic:
    return Diagnostic(
        BENCHMARK,
        f"`{key}` is of rivals' values, and nothing says which of them to take",
        Label(span, "without `take`"),
        help="add `take: median`",
    )


def no_time(span: Span, dataset: str) -> Diagnostic:
    return Diagnostic(
        BENCHMARK,
        f"how old a value is, is told by its time, and rows of `{dataset}` have not one time each",
        Label(span, "no one time"),
        help=f"give `{dataset}` a `time` of one column",
    )


def beside(span: Span, key: str) -> Diagnostic:
    return Diagnostic(
        BENCHMARK,
        f"what rivals reach is the target of each period and member itself, and `{key}` says it is of more",
        Label(span, "beside `take`"),
        help=f"leave `{key}` out",
    )
