"""Calendars whose columns are there and of the right type."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Calendar
from kpidsl.model.types import DATE, UNKNOWN
from kpidsl.semantics import errors, time_errors


def check_calendar(calendar: Calendar, sink: Sink) -> None:
    """Report what is wrong with a calendar's columns."""
    what = f"column of `{calendar.name}` called"
    days = [("day", calendar.day, calendar.day_span)]
    if calendar.comparable is not None:
        days.append(("comparable", calendar.comparable, calendar.comparable_span))
    for key, column, span in days:
        found = calendar.columns.get(column)
        if found is None:
            sink.report(errors.unknown(span, what, column, calendar.columns))
        elif found.type not in (DATE, UNKNOWN):
            sink.report(time_errors.calendar_day(span, calendar.name, column, found.type, key))
    for grain, column in calendar.grains.items():
        if column not in calendar.columns:
            sink.report(errors.unknown(calendar.grain_spans[grain], what, column, calendar.columns))
    if calendar.sql is not None:
        # Only projects with SQL of their own pay for importing sqlglot here.
        from kpidsl.semantics.fragments import check_query

        check_query(calendar.sql, sink)
