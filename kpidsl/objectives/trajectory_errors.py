"""What can be wrong with the trajectory of an objective."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

TRAJECTORY = rule("objective/trajectory", "a trajectory on which no value can be placed")


def no_pace(span: Span) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        "a pace is that of a trajectory, and there is none",
        Label(span, "`of: pace`"),
        help="add `trajectory: linear`, or leave `of` out",
    )


def no_shape(span: Span, key: str) -> Diagnostic:
    shape = "checkpoints" if key == "checkpoints" else "linear"
    return Diagnostic(
        TRAJECTORY,
        f"`{key}` is a part of a trajectory, and there is none that has it",
        Label(span, "of no trajectory"),
        help=f"add `trajectory: {shape}`, or leave `{key}` out",
    )


def no_checkpoints(span: Span) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        "`trajectory: checkpoints` goes through days that are given, and none is",
        Label(span, "through which days?"),
        help="add `checkpoints: [{at: 2026-07-01, share: 40%}]`",
    )


def no_sum(span: Span, kpi: str, kind: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"`{kpi}` does not grow in the course of a period: its kind is {kind}",
        Label(span, "nothing is reached by and by"),
        help="leave `trajectory` out: the value so far is compared with the target as it is",
    )


def moved_target(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"`{text}` is cut to the part that has elapsed, and a trajectory takes that part of it once more",
        Label(span, "moves with the day"),
        help="name the days of the whole period: `during(revenue, 2025-01-01, 2026-01-01) * 110%`; "
        "or leave `trajectory` out",
    )


def of_one_period(span: Span, shape: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"`trajectory: {shape}` is that of one period, and there are several",
        Label(span, "of which period?"),
        help="leave `period` out, so that all of `effective` is one, or write `trajectory: linear`",
    )


def of_months(span: Span, period: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"a `{period}` has no counterpart a year before: it begins on another day",
        Label(span, f"which {period}?"),
        help="write a `period` of months, or `trajectory: linear`",
    )


def checkpoint_day(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"`{text}` is no day between the days before it and the end",
        Label(span, "not after the day before it"),
        help="write days in their order, after the first day of `effective` and before its end: `2026-07-01`",
    )


def share(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"`{text}` is no part of the target between the part before it and the whole",
        Label(span, "not between them"),
        help="write shares that grow, from 0% to 100%",
    )


def too_early(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"`{text}` is no part of a way",
        Label(span, "not from 0% to 100%"),
        help="write a part below the whole: `too_early: 10%`",
    )


def no_forecast(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"`{text}` tells nothing of what is yet to come",
        Label(span, "by what?"),
        help="write `forecast: last 28 days`, `forecast: last_year` or `forecast: pace`",
    )


def of_calendar(span: Span, period: str) -> Diagnostic:
    return Diagnostic(
        TRAJECTORY,
        f"how many days of a {period} are left is told by the rows of its calendar alone",
        Label(span, "how many are left?"),
        help="write `forecast: pace`, or a `period` of the civil calendar",
    )
