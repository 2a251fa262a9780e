"""What can be wrong with times: time columns, grains, date parts, time roles."""

from __future__ import annotations

from datetime import date

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.definitions import Dataset
from kpidsl.model.types import Kind, Type
from kpidsl.source import Span
from kpidsl.syntax import print_formula
from kpidsl.syntax.tree import Expr

NO_TIME = rule("time/no-time-column", "a period or grain over a dataset without a time column")
NOT_TIME = rule("time/not-a-time", "a time column that holds no times")
NO_TIME_OF_DAY = rule("time/no-time-of-day", "an hour or a minute of a date")
TWO_KINDS = rule("time/two-kinds", "an interval from a date until a timestamp, or the other way round")
NO_INSTANT = rule("time/no-instant", "rows that hold over an interval, asked at no instant")
OF_INTERVALS = rule("time/of-intervals", "a date part of rows that hold over an interval")
MIDNIGHT = rule(
    "type/midnight", "a timestamp compared with a day, of which only the first midnight counts", "warning"
)
LAST_DAY = rule(
    "time/last-day", "a range of whole months, or of weeks, but for the day that is named last", "warning"
)
CALENDAR_DAY = rule("calendar/day", "a calendar whose day or comparable day is no date")


def no_time(span: Span, dataset: Dataset, because: str, whole: str | None = None) -> Diagnostic:
    """Tell that rows have no time; `whole` is an aggregate that might be meant to read all of them."""
    return Diagnostic(
        NO_TIME,
        f"`{dataset.name}` has no time column, and {because}",
        Label(span, "rows without time"),
        (Label(dataset.span, "dataset defined here"),),
        help=_with_a_time(dataset, whole),
    )


def _with_a_time(dataset: Dataset, whole: str | None) -> str:
    kinds = (Kind.DATE, Kind.TIMESTAMP)
    times = [c.name for c in dataset.columns.values() if c.type.kind in kinds and not c.is_beside]
    time = times[0] if len(times) == 1 else "…"
    add = f"add `time: {time}` to dataset `{dataset.name}`, or `at {time}` in the aggregate"
    if whole is None:
        return add
    if times:
        return f"{add}; a list that is there at all times is read whole by `cumulative({whole})`"
    # Rooms, seats, car parks: what is there has no moment at which it happened.
    return (
        f"write `cumulative({whole})`, which reads all rows in every window; if they happened at a time, "
        f"declare its column and add `time: …` to dataset `{dataset.name}`"
    )


def no_buckets(span: Span, dataset: Dataset, grain: str) -> Diagnostic:
    """Tell that rows which are read whole say nothing of when buckets begin and end."""
    return Diagnostic(
        NO_TIME,
        f"`{dataset.name}` has no time column, and nothing says from when until when "
        f"the query groups by {grain}",
        Label(span, "of which time?"),
        (Label(dataset.span, "dataset defined here"),),
        help="give a period: `--period 2026`",
    )


def midnight(span: Span, written: str, by_day: Expr, of_midnight: Expr | None) -> Diagnostic:
    """Tell that a day stands for its midnight; `of_midnight` says so without a doubt, where anything does."""
    or_so = "" if of_midnight is None else f", or `{print_formula(of_midnight)}` for that midnight"
    return Diagnostic(
        MIDNIGHT,
        f"`{written}` is about the midnight with which the day begins, not about the whole day",
        Label(span, "a day beside a timestamp is its first midnight"),
        help=f"write `{print_formula(by_day)}` to compare days{or_so}",
    )


def last_day(span: Span, written: str, day: date, meant: str) -> Diagnostic:
    """`day` is the end as written, which is not in the range; `meant` is written for days that have it."""
    return Diagnostic(
        LAST_DAY,
        f"`{written}` leaves out {day}: the end of a range is not in it",
        Label(span, f"without {day}"),
        help=f"write `{meant}` to have that day, too",
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


def two_kinds(span: Span, names: tuple[str, str], types: tuple[Type, Type]) -> Diagnostic:
    kinds = [f"`{name}` is a {type.kind.value}" for name, type in zip(names, types, strict=True)]
    return Diagnostic(
        TWO_KINDS,
        f"{' and '.join(kinds)}: an interval has both ends of one kind",
        Label(span, types[1].kind.value),
        help="name two dates or two timestamps",
    )


def no_instant(span: Span, dataset: Dataset) -> Diagnostic:
    return Diagnostic(
        NO_INSTANT,
        f"rows of `{dataset.name}` hold over intervals, and nothing says at which instant they are asked",
        Label(span, "holds when?"),
        (Label(dataset.span, "dataset defined here"),),
        help="give a period: `--period 2026`, group by a time grain such as `month`, "
        "or give the instant: `--as-of 2026-08-15`",
    )


def no_window(span: Span, dataset: Dataset) -> Diagnostic:
    start = "…" if dataset.time is None else dataset.time.text
    return Diagnostic(
        NO_INSTANT,
        f"rows of `{dataset.name}` hold over intervals, and the whole history is at no instant",
        Label(span, "holds when?"),
        (Label(dataset.span, "dataset defined here"),),
        help=f"write `at {start}` in the aggregate: it takes every row that has begun",
    )


def of_intervals(span: Span, dataset: Dataset, member: str) -> Diagnostic:
    start = "…" if dataset.time is None else dataset.time.text
    return Diagnostic(
        OF_INTERVALS,
        f"rows of `{dataset.name}` hold over intervals, so they have no `{member}`",
        Label(span, "of which instant?"),
        (Label(dataset.span, "dataset defined here"),),
        help=f"ask for that of their beginning, `{dataset.name}.{start}.{member}`, "
        f"or count beginnings: `at {start}` in the aggregate",
    )
