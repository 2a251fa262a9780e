"""Periods as people write them elsewhere, to the period that is meant."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date

from kpidsl.semantics.periods import parse_day, parse_period

_MONTHS = (
    "january janvier", "february fevrier février", "march mars", "april avril", "may mai", "june juin",
    "july juillet", "august aout août", "september septembre", "october octobre", "november novembre",
    "december decembre décembre",
)  # fmt: skip
_NAMES = [name.capitalize() for name in (months.split()[0] for months in _MONTHS)]
_LEAST_LETTERS = 3

Reader = Callable[[re.Match[str]], str]


def _days(year: str, month: str, day: str) -> str:
    return f"{year}-{int(month):02}-{int(day):02}"


def _day_or_month_first(found: re.Match[str]) -> str:
    """Return a day written with its year last: where both orders give one, both."""
    one, other, year = found.groups()
    options = dict.fromkeys((_days(year, other, one), _days(year, one, other)))
    return " or ".join(option for option in options if parse_period(option))


def _named_month(name: str, year: str) -> str:
    wanted = name.lower()
    months = [
        number
        for number, names in enumerate(_MONTHS, 1)
        if len(wanted) >= _LEAST_LETTERS and any(each.startswith(wanted) for each in names.split())
    ]
    return f"{year}-{months[0]:02}" if len(months) == 1 else ""


_SHAPES: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(shape, re.IGNORECASE), reader)
    for shape, reader in (
        (r"[QT]([1-4])[-\s/]*(\d{4})", lambda m: f"{m[2]}-Q{m[1]}"),
        (r"(\d{4})[-\s/]*[QT]([1-4])", lambda m: f"{m[1]}-Q{m[2]}"),
        (r"[WS](\d{1,2})[-\s/]*(\d{4})", lambda m: f"{m[2]}-W{int(m[1]):02}"),
        (r"(\d{4})[-\s/]*[WS](\d{1,2})", lambda m: f"{m[1]}-W{int(m[2]):02}"),
        (r"(\d{1,2})[-/.\s](\d{4})", lambda m: f"{m[2]}-{int(m[1]):02}"),
        (r"(\d{4})[-/.\s]?(\d{1,2})", lambda m: f"{m[1]}-{int(m[2]):02}"),
        (r"(\d{4})[-/.\s](\d{1,2})[-/.\s](\d{1,2})", lambda m: _days(m[1], m[2], m[3])),
        (r"(\d{4})(\d{2})(\d{2})", lambda m: _days(m[1], m[2], m[3])),
        (r"(\d{1,2})[-/.\s](\d{1,2})[-/.\s](\d{4})", _day_or_month_first),
        (r"([^\W\d_]+)\.?[-\s]+(\d{4})", lambda m: _named_month(m[1], m[2])),
        (r"(\d{4})[-\s]+([^\W\d_]+)\.?", lambda m: _named_month(m[2], m[1])),
    )
)
_RANGE = re.compile(
    r"(?:from\s+|between\s+)?(\S+)\s*(?:\.{2,3}|\s(?:to|until|and|-|–)\s)\s*(\S+)", re.IGNORECASE
)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"\d{4}-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_NO_QUARTER = re.compile(r"\d{4}-Q\d+")
_LAST = re.compile(r"(?:last|past|previous)\s+(day|week|month|quarter|year)", re.IGNORECASE)
_NOW = re.compile(
    r"(?:(?:this|current|next)[\s_-]+(?:day|week|month|quarter|year)|today|yesterday|now|"
    r"[ymqw]td|(?:year|month|quarter|week)[\s_-]+to[\s_-]+date)",
    re.IGNORECASE,
)
"""Periods that the clock tells."""
_YEAR = re.compile(r"(?<![\d-])\d{4,}")
_SOME_YEAR = "2020"
"""A leap year with 53 weeks."""


def period_meant(text: str) -> str | None:
    """Return the period that a text means, ready to paste: two with `or` between where it may be either."""
    last = _LAST.fullmatch(text)
    if last is not None or text.lower() == "yesterday":
        return f"last 1 {'day' if last is None else last[1].lower()}"
    for shape, read in _SHAPES:
        found = shape.fullmatch(text)
        meant = "" if found is None else read(found)
        if meant and meant != text and all(map(parse_period, meant.split(" or "))):
            return meant
    return _range_meant(text)


def day_meant(text: str) -> str | None:
    """Return the day that a text means, as `period_meant` does."""
    meant = period_meant(text)
    return meant if meant is not None and all(map(parse_day, meant.split(" or "))) else None


def _range_meant(text: str) -> str | None:
    """Return a range without its last day, from one whose ends are periods: both ends are meant."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    ends = [period_meant(end) or end for end in found.groups()]
    first, last = (parse_period(end) for end in ends)
    if first is None or last is None or first.start is None or last.end is None or first.start >= last.end:
        return None
    return f"{first.start}..{last.end}"


def is_out_of_range(text: str) -> bool:
    """Tell whether a text would be a period in other years: `9999`, `0026-08`, `12026-01-15`."""
    return parse_period(text) is None and parse_period(_YEAR.sub(_SOME_YEAR, text)) is not None


def of_the_clock(text: str) -> str | None:
    """Return the help for a period that the clock tells, `this month`; None for any other text."""
    if not _NOW.fullmatch(text.strip()):
        return None
    return (
        "a period names its days, so that the number can be computed again: write `2026-08` or `2026`, "
        "or `last 30 days`, which go up to the query's instant"
    )


def why_none(text: str) -> str | None:
    """Return why a text of the right form is no period: `February 2026 has 28 days`."""
    if _NO_QUARTER.fullmatch(text):
        return "a year has the quarters Q1 to Q4"
    day, month = _DAY.fullmatch(text), _MONTH.match(text)
    if month is not None and not 1 <= int(month[1]) <= len(_NAMES):
        return "a year has the months 01 to 12"
    week = _WEEK.fullmatch(text)
    if week is not None and int(week[1]) >= date.min.year:
        # The 28th of December is in the last of a year's ISO weeks.
        weeks = date(int(week[1]), 12, 28).isocalendar().week
        return f"{week[1]} has {weeks} weeks" if not 1 <= int(week[2]) <= weeks else None
    if day is None or int(day[1]) < date.min.year:
        return None
    year, number = int(day[1]), int(day[2])
    days = monthrange(year, number)[1]
    return f"{_NAMES[number - 1]} {year} has {days} days" if not 1 <= int(day[3]) <= days else None
