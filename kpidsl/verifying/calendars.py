"""Calendars against the data: no day twice, and none missing between the first and the last."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Calendar
from kpidsl.sql import nodes
from kpidsl.sql.calendars import calendar_source
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.emit import emit
from kpidsl.sql.physical import physical
from kpidsl.verifying import errors

_DAYS = "days"


def days_of(calendar: Calendar, connection: Connection, sink: Sink) -> None:
    """Report days that stand twice in a calendar, and those that are missing in it."""
    dialect = DIALECTS[connection.dialect]
    if calendar.sql is not None and calendar.sql.dialect != dialect.name:
        return
    day = physical(_DAYS, calendar.columns[calendar.day].physical)
    query = exp.Select(
        expressions=[nodes.alias(day, "day"), nodes.alias(exp.Count(this=exp.Star()), "times")],
        from_=exp.From(this=calendar_source(calendar, _DAYS, dialect, sink)),
        where=exp.Where(this=nodes.is_not_null(day.copy())),
        group=exp.Group(expressions=[day.copy()]),
    )
    found = {_day(value): int(times) for value, times in connection.fetch(emit(query, dialect))}
    twice = sorted(day for day, times in found.items() if times > 1)
    if twice:
        sink.report(errors.duplicate_day(calendar.day_span, calendar.name, twice[0], len(twice)))
    if found:
        first, last = min(found), max(found)
        every = (first + timedelta(days=n) for n in range((last - first).days))
        missing = [day for day in every if day not in found]
        if missing:
            sink.report(errors.missing_day(calendar.day_span, calendar.name, missing[0], len(missing)))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
