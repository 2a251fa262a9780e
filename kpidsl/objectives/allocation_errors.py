"""What can be wrong with how an objective's targets are allocated to parts."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

ALLOCATION = rule("objective/allocation", "a target that cannot be divided into parts")


def nothing(span: Span) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        "neither periods nor members share the target",
        Label(span, "among what?"),
        help="add `by: days`, how periods share it; or `across: channel` and `weights`, how members do",
    )


def lacks(span: Span, key: str, why: str, help: str) -> Diagnostic:
    return Diagnostic(ALLOCATION, why, Label(span, f"no `{key}`"), help=help)


def useless(span: Span, key: str, why: str) -> Diagnostic:
    return Diagnostic(ALLOCATION, why, Label(span, "of no use"), help=f"leave `{key}` out")


def no_sum(span: Span, kpi: str, kind: str, *, by_periods: bool) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"`{kpi}` is no sum of its parts, so its target is none either: its kind is {kind}",
        Label(span, "does not add up"),
        help="write `by: copy`: the target of the whole is that of each period"
        if by_periods
        else "leave `allocate` out: the target of the whole is that of each part",
    )


def copied_sum(span: Span, kpi: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"`{kpi}` adds up, so each period has a part of the target and not all of it",
        Label(span, "copies a sum"),
        help="write `by: days`, or `equal`, `business_days`, `last_year`",
    )


def no_grain(span: Span, text: str, grains: Sequence[str]) -> Diagnostic:
    some = ", ".join(f"`{grain}`" for grain in grains)
    return Diagnostic(
        ALLOCATION,
        f"`{text}` is no grain of days that are known beforehand",
        Label(span, "no such grain"),
        help=f"there is {some}; without `over` the target is that of all days of `effective`",
    )


def straddles(span: Span, period: str, day: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"a {period} is on both sides of {day}, where another target begins",
        Label(span, f"cuts a {period}"),
        help=f"let it be the target of days that are whole periods, or have another `period` than `{period}`",
    )


def cut_whole(span: Span, over: str, day: str, start: str, end: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"`effective` cuts a {over} at {day}, whose target would be divided among a part of its days",
        Label(span, f"inside a {over}"),
        help=f"write `{start}` or `{end}`; or leave `over` out: the target is that of all of `effective`",
    )


def cut_period(span: Span, rule: str, period: str, day: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"`effective` cuts a {period} at {day}, and `by: {rule}` tells no part of one",
        Label(span, f"part of a {period}"),
        help="write `by: days`, or days that are whole periods",
    )


def by_days_of_last_year(span: Span, period: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"a {period} has no {period} a year before that is its own",
        Label(span, "not year by year"),
        help="a `period` of months is due for `last_year`; or write `by: days`",
    )


def not_grouped(span: Span, name: str, by: Sequence[str]) -> Diagnostic:
    some = ", ".join(f"`{one}`" for one in by)
    return Diagnostic(
        ALLOCATION,
        f"the objective is not judged by `{name}`",
        Label(span, "no member of `by`"),
        help=f"its members are {some}" if by else f"write `by: {name}`",
    )


def weight_row(span: Span, across: Sequence[str], weight: str | None) -> Diagnostic:
    named = ", ".join(f"{name}: …" for name in across)
    return Diagnostic(
        ALLOCATION,
        "a weight is a number from 0 on"
        if weight is not None
        else "a row of weights names one member of each that share the target, and no other",
        Label(span, f"`{weight}`" if weight is not None else "whose weight?"),
        help=f"write `{{{named}, weight: 2}}`",
    )


def weight_again(span: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        "two rows tell the weight of the same members",
        Label(span, "again"),
        (Label(first, "first here"),),
        help="keep one of the two",
    )


def weighs_nobody(span: Span, members: str, where: Span) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"the `where` of the objective leaves out {members}, which gets no part of the target",
        Label(span, "weighs nobody"),
        (Label(where, "what is judged"),),
        help="leave the row out, or widen the `where`",
    )


def weightless(span: Span) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        "no member weighs more than 0, so none has a part of the target",
        Label(span, "weigh nothing"),
        help="give one of them a weight",
    )


def moved_target(span: Span) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        "the target moves with the period or with what has elapsed of it, and is to be that of a whole",
        Label(span, "moves with the day"),
        help="name the days: `during(revenue, 2025-01-01, 2026-01-01) * 110%`; or leave `allocate` out",
    )


def no_rounding(span: Span, why: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"parts are rounded where all of them are known beforehand, and {why}",
        Label(span, "cannot be rounded"),
        help="leave `round` out: the parts are exact",
    )


def step(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"`{text}` is no amount of which parts can be multiples",
        Label(span, "above 0 is due"),
        help="write `round: 1`, or `round: 0.01`",
    )


def no_multiple(span: Span, target: str, step: str, place: Span) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"`{target}` is no whole multiple of `{step}`, so no parts that are add up to it",
        Label(span, f"not a multiple of {step}"),
        (Label(place, "what the parts are multiples of"),),
        help="change one of the two",
    )


def too_many(span: Span, parts: int, most: int) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"the target has {parts:,} rounded parts, and a query tells {most:,} at most",
        Label(span, "too many parts"),
        help="leave `round` out, or have fewer periods",
    )


def whose_member(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        ALLOCATION,
        f"the target is of all `{name}` together, so that no row is of one of them",
        Label(span, f"one `{name}`"),
        help=f"tell its part under `weights`, or leave `{name}` out of `across`",
    )
