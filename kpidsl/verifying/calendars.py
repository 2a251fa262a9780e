"""Calendars against the data: no day twice, none missing between the first and the last; comparable days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
    if found and calendar.grains:
        missing = [day for day in _between(min(found), max(found)) if day not in found]
        if missing:
            column = next(iter(calendar.grains.values()))
            sink.report(
                errors.missing_day(calendar.day_span, calendar.name, column, missing[0], len(missing))
            )


def comparable_days_of(calendar: Calendar, connection: Connection, sink: Sink) -> None:
    """Report days without a comparable day among those that have one, and comparable days named twice."""
    dialect = DIALECTS[connection.dialect]
    if calendar.comparable is None or (calendar.sql is not None and calendar.sql.dialect != dialect.name):
        return
    columns = [calendar.columns[name].physical for name in (calendar.day, calendar.comparable)]
    day, comparable = (physical(_DAYS, column) for column in columns)
    query = exp.Select(
        expressions=[nodes.alias(day, "day"), nodes.alias(comparable, "comparable")],
        from_=exp.From(this=calendar_source(calendar, _DAYS, dialect, sink)),
        where=exp.Where(this=nodes.is_not_null(day.copy())),
    )
    rows = [(_day(a), None if b is None else _day(b)) for a, b in connection.fetch(emit(query, dialect))]
    named = {day: other for day, other in rows if other is not None}
    if not named:
        return
    days = {day for day, _ in rows}
    # A day that a calendar with grains lacks is told of as such.
    lacking = [
        day
        for day in _between(min(named), max(named))
        if day not in named and (day in days or not calendar.grains)
    ]
    if lacking:
        sink.report(
            errors.no_comparable_day(calendar.comparable_span, calendar.name, lacking[0], len(lacking))
        )
    counts = Counter(named.values())
    twice = sorted(day for day, times in counts.items() if times > 1)
    if twice:
        sink.report(
            errors.shared_comparable_day(calendar.comparable_span, calendar.name, twice[0], len(twice))
        )


def _between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
