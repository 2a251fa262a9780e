"""Periods: `2026`, `2026-Q3`, `2026-08`, `2026-W31`, `2026-08-15`, `2026-01-01..2026-04-01`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_EARLIEST_YEAR = 1000
"""Earlier years are slips of the keyboard, and their midnights leave the calendar in some zones."""

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Window:
    """The days [start, end) in the project's zone; None where a side is unbounded."""

    start: date | None = None
    end: date | None = None

    @property
    def is_empty(self) -> bool:
        return self.start is not None and self.end is not None and self.start >= self.end

    @property
    def is_bounded(self) -> bool:
        return self.start is not None or self.end is not None


EVERYTHING = Window()


def parse_period(text: str) -> Window | None:
    """Return the window that a period names, or None where it names none.

    Weeks are ISO weeks (Monday, the first with four days in the year); a range leaves out its end. It
    begins in the year 1000 or later, and ends by 9999-12-31.
    """
    text = text.strip()
    try:
        window = _named(text) or _range(text)
    except (ValueError, OverflowError):
        return None
    if window is None or window.start is None or window.start.year < _EARLIEST_YEAR:
        return None
    return window


def parse_day(text: str) -> date | None:
    """Return the day that a text names, or None where it names none."""
    window = parse_period(text) if _DAY.fullmatch(text) else None
    return None if window is None else window.start


def with_its_last_day(window: Window) -> Window | None:
    """Return the days of a range and the one that ends it, where they are whole months or weeks.

    So reads a range by whoever takes its end for its last day: from the first of a month to the last of one,
    from a Monday to a Sunday after it.
    """
    if window.start is None or window.end is None or window.end == date.max:
        return None
    end = window.end + timedelta(days=1)
    are_months = window.start.day == 1 and end.day == 1
    are_weeks = window.start.weekday() == 0 and (end - window.start).days % 7 == 0
    return Window(window.start, end) if are_months or are_weeks else None


def written(window: Window) -> str:
    """Return how days are written as a period: `2026-Q1`, or as a range where they have no name."""
    assert window.start is not None
    names = periods_with(window.start).values()
    return next((name for name in names if _named(name) == window), f"{window.start}..{window.end}")


def periods_with(day: date) -> dict[str, str]:
    """Return the periods that hold a day, by their grain, the longest first."""
    week = day.isocalendar()
    return {
        "year": f"{day.year:04}",
        "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
        "month": f"{day.year:04}-{day.month:02}",
        "week": f"{week.year:04}-W{week.week:02}",
    }


def _named(text: str) -> Window | None:
    if match := _YEAR.fullmatch(text):
        year = int(match[1])
        return Window(date(year, 1, 1), date(year + 1, 1, 1))
    if match := _QUARTER.fullmatch(text):
        year, quarter = int(match[1]), int(match[2])
        return Window(date(year, 3 * quarter - 2, 1), _month_after(year, 3 * quarter))
    if match := _MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        return Window(date(year, month, 1), _month_after(year, month))
    if match := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return Window(monday, monday + timedelta(days=7))
    if _DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return Window(day, day + timedelta(days=1))
    return None


def _range(text: str) -> Window | None:
    start, separator, end = (part.strip() for part in text.partition(".."))
    if not separator or not _DAY.fullmatch(start) or not _DAY.fullmatch(end):
        return None
    return Window(date.fromisoformat(start), date.fromisoformat(end))


def _month_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)
