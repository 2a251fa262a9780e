"""The table of grains: what each is called, how its bucket is cut, which bucket follows, its type.

A bucket of a day and longer is its first local day. A bucket of an hour or a minute is its first
instant: the instants that share the local full hour and the offset from UTC. So the hour that
exists twice is two buckets, and where the clocks jump within an hour a bucket begins at the jump.
Buckets of one grain never overlap and leave no instant out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kpidsl.model.types import DATE, Type, instant

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ZONE_YEARS = (1970, 2040)
FIRST_YEAR, LAST_YEAR = 1900, 2200

Unit = Literal["minute", "hour", "day", "month"]
_UNITS: tuple[Unit, ...] = ("minute", "hour", "day", "month")


@dataclass(frozen=True, slots=True)
class GrainRule:
    """A grain: its buckets are `count` times `unit` long.

    `anchor` says where buckets longer than a day or a month are counted from. A calendar's grain has
    the calendar's name instead: its buckets are what the calendar's rows say, whatever `count` is.
    """

    name: str
    count: int
    unit: Unit
    anchor: Literal["none", "week_start", "year", "fiscal_year"] = "none"
    calendar: str | None = None

    @property
    def is_instant(self) -> bool:
        """Tell whether buckets are instants; else they are days."""
        return self.unit in ("minute", "hour")

    @property
    def length(self) -> tuple[int, int]:
        """How long its buckets are beside those of other grains; of a calendar's own it says nothing."""
        return _UNITS.index(self.unit), self.count

    def type_in(self, zone: str) -> Type:
        """Return the type of the grain's buckets in a project of that zone."""
        return instant(zone) if self.is_instant else DATE


GRAINS: dict[str, GrainRule] = {
    rule.name: rule
    for rule in (
        GrainRule("minute", 1, "minute"),
        GrainRule("hour", 1, "hour"),
        GrainRule("day", 1, "day"),
        GrainRule("week", 7, "day", "week_start"),
        GrainRule("month", 1, "month"),
        GrainRule("quarter", 3, "month", "year"),
        GrainRule("year", 12, "month", "year"),
        GrainRule("fiscal_quarter", 3, "month", "fiscal_year"),
        GrainRule("fiscal_year", 12, "month", "fiscal_year"),
    )
}


EDGES = {
    "period_start": "where the window begins",
    "period_end": "where the window ends",
    "as_of": "the query's instant",
}
"""Names that formulas read as times of their window, with what each is."""

PARTS: dict[str, str] = {
    "weekday": "weekday",
    "hour_of_day": "hour",
    "day_of_month": "day",
    "day_of_year": "day_of_year",
    "week_of_year": "week_of_year",
    "month_of_year": "month",
    "quarter_of_year": "quarter",
}
"""Date parts by name, each with the operation that gives it: integers, of the local time."""

BUCKETS_OF_PARTS: dict[str, tuple[str, str]] = {
    "weekday": ("day", "week"),
    "hour_of_day": ("hour", "day"),
    "day_of_month": ("day", "month"),
    "day_of_year": ("day", "year"),
    "week_of_year": ("week", "year"),
    "month_of_year": ("month", "year"),
    "quarter_of_year": ("quarter", "year"),
}
"""The longest grain of which a bucket has one value of a date part, and that in which values come once."""


def of_calendar(name: str, calendar: str) -> GrainRule:
    """Return the rule of a calendar's grain."""
    return GrainRule(name, 1, "day", calendar=calendar)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a project cuts its buckets.

    `zone_years` are the first and the last year of the changes of zones that are written out.
    """

    zone: str = "UTC"
    week_start: str = "monday"
    fiscal_year_start: int = 1
    zone_years: tuple[int, int] = ZONE_YEARS

    def month_of_anchor(self, rule: GrainRule) -> int:
        """Return the month, from 0, from which a grain's months are counted."""
        return self.fiscal_year_start - 1 if rule.anchor == "fiscal_year" else 0

    @property
    def days_after_week_start(self) -> int:
        """Return how many days a Monday is after the week's first day."""
        return -WEEKDAYS.index(self.week_start) % 7


def bucket_seconds(rule: GrainRule) -> int:
    """Return how long an hour or a minute is."""
    return rule.count * (3600 if rule.unit == "hour" else 60)


def divides(piece: GrainRule, rule: GrainRule) -> bool:
    """Tell whether buckets of a grain are made of whole pieces."""
    if piece.name in (rule.name, "day"):
        return not rule.is_instant and rule.calendar is None
    if piece.calendar is not None or rule.calendar is not None:
        return False
    same_anchor = piece.name == "month" or piece.anchor == rule.anchor
    return piece.unit == rule.unit == "month" and rule.count % piece.count == 0 and same_anchor


def bucket_of_day(rule: GrainRule, day: date, cut: Cut) -> date:
    """Return the first day of the bucket that holds a day; not for calendars, hours and minutes."""
    if rule.unit == "day":
        if rule.count == 1:
            return day
        return day - timedelta(days=(day.weekday() + cut.days_after_week_start) % rule.count)
    months = day.year * 12 + day.month - 1
    months -= (months - cut.month_of_anchor(rule)) % rule.count
    return date(months // 12, months % 12 + 1, 1)
