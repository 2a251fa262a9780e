"""What can be wrong with times: time columns, grains, date parts, time roles."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.types import Type
from kpidsl.source import Span

NO_TIME = rule("time/no-time-column", "a period or grain over a dataset without a time column")
NOT_TIME = rule("time/not-a-time", "a time column that holds no times")
NO_TIME_OF_DAY = rule("time/no-time-of-day", "an hour or a minute of a date")
CALENDAR_DAY = rule("calendar/day", "a calendar whose day or comparable day is no date")


def no_time(span: Span, dataset: str, because: str, at: Span) -> Diagnostic:
    return Diagnostic(
        NO_TIME,
        f"`{dataset}` has no time column, and {because}",
        Label(span, "rows without time"),
        (Label(at, "dataset defined here"),),
        help=f"add `time: …` to dataset `{dataset}`, or `at …` in the aggregate",
    )


def not_time(span: Span, name: str, found: Type) -> Diagnostic:
    return Diagnostic(
        NOT_TIME,
        f"`{name}` is {found}, not a date or timestamp",
        Label(span, str(found)),
        help="name a date or timestamp column",
    )


def no_time_of_day(span: Span, member: str, time: str, instead: str) -> Diagnostic:
    return Diagnostic(
        NO_TIME_OF_DAY,
        f"`{time}` is a date, which has no hours, and `{member}` asks for them",
        Label(span, "hours of a date"),
        help=instead,
    )


def calendar_day(span: Span, calendar: str, column: str, found: Type, key: str = "day") -> Diagnostic:
    what = "day" if key == "day" else "comparable day"
    return Diagnostic(
        CALENDAR_DAY,
        f"`{column}` is {found}, and the {what} of the calendar `{calendar}` is a date",
        Label(span, str(found)),
        help="name the column that holds the date",
    )
