"""Calendars whose columns are there and of the right type."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Calendar
from kpidsl.model.types import DATE, UNKNOWN
from kpidsl.semantics import errors, time_errors


def check_calendar(calendar: Calendar, sink: Sink) -> None:
    """Report what is wrong with a calendar's columns."""
    what = f"column of `{calendar.name}` called"
    day = calendar.columns.get(calendar.day)
    if day is None:
        sink.report(errors.unknown(calendar.day_span, what, calendar.day, calendar.columns))
    elif day.type not in (DATE, UNKNOWN):
        sink.report(time_errors.calendar_day(calendar.day_span, calendar.name, calendar.day, day.type))
    for grain, column in calendar.grains.items():
        if column not in calendar.columns:
            sink.report(errors.unknown(calendar.grain_spans[grain], what, column, calendar.columns))
    if calendar.sql is not None:
        # Only projects with SQL of their own pay for importing sqlglot here.
        from kpidsl.semantics.fragments import check_query

        check_query(calendar.sql, sink)
