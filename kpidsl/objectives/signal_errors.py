"""What can be wrong with objectives by which a value is to be no signal."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

SIGNAL = rule("objective/signal", "a signal of what is not usual that cannot be told as it is written")


def of_a_calendar(span: Span, grain: str) -> Diagnostic:
    return Diagnostic(
        SIGNAL,
        f"signals are told by days, weeks or months, and the buckets of `{grain}` are a calendar's own",
        Label(span, "of a calendar"),
        help="write `period: week`, or another grain of the civil calendar",
    )


def which_periods(span: Span) -> Diagnostic:
    return Diagnostic(
        SIGNAL,
        "what is usual is told either by the periods of some days or by the last ones before each",
        Label(span, "by which periods?"),
        help="write `from` and `until`, or `last: 12`",
    )


def inside_a_period(span: Span, day: str, grain: str) -> Diagnostic:
    return Diagnostic(
        SIGNAL,
        f"`{day}` is inside a {grain}, and whole ones tell what is usual",
        Label(span, f"inside a {grain}"),
        help=f"write the first day of a {grain}",
    )


def few_periods(span: Span, count: int, least: int) -> Diagnostic:
    return Diagnostic(
        SIGNAL,
        f"what is usual is told by {count} periods here, and {least} are the least",
        Label(span, f"{count} periods"),
        help=f"take more of them, or write `min_points: {max(count, 2)}`",
    )


def moving_median(span: Span) -> Diagnostic:
    return Diagnostic(
        SIGNAL,
        "how far periods are from their median is told of fixed days, not of other ones for each period",
        Label(span, "beside `last`"),
        help="write `from` and `until`, or `spread: moving_range`",
    )


def times(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        SIGNAL,
        f"limits are some times the spread away, and `{text}` is no number above zero",
        Label(span, "how many times?"),
        help="write a number such as `3`",
    )


def too_short(span: Span, key: str) -> Diagnostic:
    least = 2 if key == "run" else 3
    return Diagnostic(
        SIGNAL,
        f"a {key} has {least} periods or more",
        Label(span, "too short"),
        help=f"write `{key}: {8 if key == 'run' else 6}`",
    )


def no_direction(span: Span, kpi: str) -> Diagnostic:
    return Diagnostic(
        SIGNAL,
        f"which side is worse is told by the KPI's `direction`, and `{kpi}` has neither `up` nor `down`",
        Label(span, "which way is better?"),
        help="write `side: both`",
    )
