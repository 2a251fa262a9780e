"""What can be wrong where a window is moved or widened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.semantics.errors import listed
from kpidsl.semantics.time_habits import GRAINS_IN_FRENCH
from kpidsl.source import Span

AMOUNT = rule("window/amount", "a window moved by something that is no length of time")
DURING = rule("window/during", "a fixed window that is not two dates")
UNBOUNDED = rule("window/unbounded", "a window moved that has no end, or no beginning")
WEEK_BY_MONTHS = rule("window/week-by-months", "weeks moved by months or years")
CALENDAR = rule("window/calendar", "a window moved by buckets of a calendar that it is not made of")
NO_COMPARABLE_DAYS = rule("window/no-comparable-days", "comparable days, and no calendar that names them")
PER_COMPARABLE = rule("window/per-comparable", "`per day` of comparable days")
TOTAL_IN_BUCKETS = rule(
    "window/total-in-buckets", "a total across the grain that tells which buckets `per` goes through"
)
EDGE_OF_HOURS = rule("window/edge-within-day", "the day on which a window begins, asked of hours")
NO_AS_OF = rule("query/no-as-of", "something that depends on the query's instant, and none is given")


_IN_WORDS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_COUNT_PERIODS = ("prior", "change", "growth")
"""Moves of which a mere number may be one of periods."""
_SHORT_UNITS = {
    **dict.fromkeys(("s", "sec"), "second"),
    "min": "minute",
    **dict.fromkeys(("h", "hr"), "hour"),
    "d": "day",
    **dict.fromkeys(("w", "wk"), "week"),
    **dict.fromkeys(("mo", "mon", "mth"), "month"),
    **dict.fromkeys(("q", "qtr"), "quarter"),
    **dict.fromkeys(("y", "yr"), "year"),
}
_SHORT = re.compile(rf"'?([1-9]\d{{0,3}})\s*({'|'.join(_SHORT_UNITS)})s?\.?'?", re.IGNORECASE)
_NEARLY = re.compile(
    rf"'?-?(?:([1-9]\d{{0,2}}|an?|{'|'.join(_IN_WORDS)})\s+)?(?:fiscal_)?((?:second|minute|hour|day|week|month|quarter|year)s?)'?"
)


def amount(
    span: Span, function: str, text: str, calendar_grains: Sequence[str], *, has_period: bool = True
) -> Diagnostic:
    listed = ["28 days", "1 week", "3 months", "1 year"] if has_period else ["3 days", "12 hours", "1 month"]
    if has_period and function != "rolling":
        listed.append("1 period")
    listed.extend(f"1 {grain}" for grain in calendar_grains[:2])
    meant = _meant(text)
    if function not in _COUNT_PERIODS and re.fullmatch(r"[1-9]\d{0,3}", text):
        meant = "1 day" if text == "1" else f"{text} days"
    return Diagnostic(
        AMOUNT,
        f"`{text}` is no length of time that `{function}` takes",
        Label(span, "no whole length of time"),
        help=f"write `{meant}`"
        if meant is not None
        else "write a whole number and a unit: " + ", ".join(f"`{one}`" for one in listed),
    )


def other_order(span: Span, function: str, value: str, amount: str) -> Diagnostic:
    return Diagnostic(
        AMOUNT,
        f"`{function}` takes what is moved first, and how far after it",
        Label(span, "the other way round"),
        help=f"write `{function}({value}, {amount})`",
    )


def amount_too_long(span: Span, text: str, most: str) -> Diagnostic:
    return Diagnostic(
        AMOUNT,
        f"`{text}` is more than {most}, which leads beyond the calendar",
        Label(span, "too long"),
        help=f"write at most `{most}`",
    )


def amount_of_parameter(span: Span, name: str, text: str) -> Diagnostic:
    return Diagnostic(
        AMOUNT,
        f"`{name}` is `{text}`, and a window moves by whole lengths of time",
        Label(span, "no whole length of time"),
        help="give it a whole number and a unit: `28 days`, `1 week`, `3 months`, `1 year`",
    )


def comparable_amount(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        AMOUNT,
        f"comparable days are those of one year before, and `{text}` is not one year",
        Label(span, "not one year"),
        help="write `1 year comparable`",
    )


def no_comparable_days(span: Span, calendars: Sequence[str]) -> Diagnostic:
    where = f"the calendar `{calendars[0]}`" if len(calendars) == 1 else "a calendar"
    return Diagnostic(
        NO_COMPARABLE_DAYS,
        "no calendar says with which day of the year before a day compares",
        Label(span, "comparable with what?"),
        help=f"add `comparable: comparable_date` to {where}: the date column that names for each day the "
        "day of the year before; or leave the word out",
    )


def per_comparable(span: Span, grain: str) -> Diagnostic:
    return Diagnostic(
        PER_COMPARABLE,
        f"comparable days make no {grain}s of their own for `per {grain}`",
        Label(span, "comparable days here"),
        help=f"compare inside: `avg(prior(count(orders), 1 year comparable) per {grain})`",
    )


_FRENCH = re.compile(rf"(\d+) +({'|'.join(GRAINS_IN_FRENCH)})", re.IGNORECASE)


def _meant(text: str) -> str | None:
    """Return the length of time that is written otherwise: `month`, `'1 year'`, `-28 days`, `two days`."""
    found = _NEARLY.fullmatch(text)
    short = _SHORT.fullmatch(text)
    if short is not None:
        unit = _SHORT_UNITS[short[2].lower().rstrip("s")]
        return f"{short[1]} {unit if short[1] == '1' else unit + 's'}"
    if found is None:
        french = _FRENCH.fullmatch(text)
        return None if french is None else f"{french[1]} {GRAINS_IN_FRENCH[french[2]]}"
    count = found[1] or "1"
    if not count.isdigit():
        count = str(_IN_WORDS.index(count) + 1) if count in _IN_WORDS else "1"
    return f"{count} {found[2]}"


def during(span: Span, text: str) -> Diagnostic:
    inside = text.strip("'")
    return Diagnostic(
        DURING,
        f"`during` takes two dates, and `{text}` is none",
        Label(span, "not a date"),
        help=f"write `{inside}`: dates stand without quotes"
        if _DATE.fullmatch(inside)
        else "write `during(revenue, 2025-01-01, 2026-01-01)`: the first day, and the day after the last",
    )


def no_days(span: Span, start: date, end: date) -> Diagnostic:
    help = f"write `{end}, {start}`" if end < start else "the second date is the day after the last one"
    return Diagnostic(
        DURING,
        f"from {start} to {end} there is no day: the second date is not in the window",
        Label(span, "ends before it begins" if end < start else "ends where it begins"),
        help=help,
    )


def unbounded(span: Span, function: str, *, as_of: bool) -> Diagnostic:
    help = "group by a time grain such as `month`, or give a period: `--period 2026`"
    if as_of:
        help += ", or the instant at which it ends: `--as-of 2026-08-15`"
    written = span.excerpt().partition("(")[0].strip()
    if written in ("change", "growth"):
        function = written
    message = f"`{function}` needs a window to start from, and here the whole history is one"
    if function in ("period_start", "period_end"):
        message = f"`{function}` is an end of the window, and the whole history has none"
    return Diagnostic(UNBOUNDED, message, Label(span, "no window here"), help=help)


def no_beginning(span: Span) -> Diagnostic:
    return Diagnostic(
        UNBOUNDED,
        "`opening` is what was there when a window begins, and here it begins with history",
        Label(span, "nothing is before this window"),
        help="take away the `cumulative` or the `opening` around it",
    )


def week_by_months(span: Span, text: str, grain: str, weeks: int) -> Diagnostic:
    return Diagnostic(
        WEEK_BY_MONTHS,
        f"{grain}s do not fall on the same days {text} earlier",
        Label(span, "months and years are no number of weeks"),
        help=f"write `{weeks} weeks`",
    )


def calendar(span: Span, text: str, grain: str) -> Diagnostic:
    return Diagnostic(
        CALENDAR,
        f"`{text}` counts buckets of `{grain}`, and the window is not one of these",
        Label(span, "another window"),
        help=f"group by `{grain}`, or move by days or weeks",
    )


def no_one_period(span: Span, text: str, grains: Sequence[str]) -> Diagnostic:
    lengths = "`28 days`" if "week" in grains else "`28 days` or `1 month`"
    return Diagnostic(
        CALENDAR,
        f"`{text}` counts buckets of the shortest of {listed(grains)}, and only the calendar knows which",
        Label(span, "a bucket of which?"),
        help=f"write a length of time in its place, as {lengths}",
    )


def total_in_buckets(span: Span, dropped: str, move: str, grain: str) -> Diagnostic:
    return Diagnostic(
        TOTAL_IN_BUCKETS,
        f"`{move}` goes by the {dropped}, and without the {dropped} its window has other {grain}s",
        Label(span, f"drops the {dropped}"),
        help=f"leave `{dropped}` out of `across`: each {grain} has its own rows, whatever the {dropped}",
    )


def edge_of_hours(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        EDGE_OF_HOURS,
        f"`{name}` is a day, and the windows of this query begin and end within days",
        Label(span, "not a day here"),
        help="group by `day` or a longer grain",
    )


def no_as_of(span: Span, what: str) -> Diagnostic:
    return Diagnostic(
        NO_AS_OF,
        f"{what} depends on the instant that the query is asked for, and there is none",
        Label(span, "relative to an instant"),
        help="add `--as-of 2026-08-15`; `run` takes the present instant by itself",
    )
