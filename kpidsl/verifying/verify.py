"""Definitions against the data that a connection holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection, connect
from kpidsl.engines.errors import STATEMENT, EngineError
from kpidsl.model.definitions import Calendar, Dataset
from kpidsl.semantics.check import CheckedProject
from kpidsl.verifying import errors
from kpidsl.verifying.calendars import comparable_days_of, days_of
from kpidsl.verifying.columns import columns_of, report_unreadable
from kpidsl.verifying.intervals import overlaps, reversed_ends
from kpidsl.verifying.keys import keys_shared, null_keys
from kpidsl.verifying.listed_values import unlisted_values
from kpidsl.verifying.stored_values import values_of


def verify(checked: CheckedProject, url: str, base: Path, sink: Sink) -> None:
    """Report where a connection's tables and selects, their columns, types and keys are not as declared."""
    with connect(url, base=base) as connection:
        project = checked.project
        written = [d.sql for d in project.datasets.values()] + [c.sql for c in project.calendars.values()]
        as_declared = all(sql is None or sql.dialect == connection.dialect for sql in written)
        filtered: list[Dataset] = []
        for dataset in project.datasets.values():
            before = sink.errors
            has_key = columns_of(dataset, dataset.key, connection, sink)
            if sink.errors == before:
                values_of(dataset, connection, sink)
            as_declared = as_declared and sink.errors == before
            if has_key and dataset.where is not None:
                filtered.append(dataset)
            elif has_key:
                as_declared &= _keys(checked, dataset, connection, sink)
        for calendar in project.calendars.values():
            before = sink.errors
            days = (calendar.day,) if calendar.comparable is None else (calendar.day, calendar.comparable)
            has_days = columns_of(calendar, days, connection, sink)
            if sink.errors == before:
                values_of(calendar, connection, sink)
                has_days = has_days and sink.errors == before
            as_declared = as_declared and sink.errors == before
            if has_days:
                as_declared &= _days(calendar, connection, sink)
        if as_declared:
            for dataset in filtered:
                # Its `where` may read columns of any dataset.
                as_declared &= _keys(checked, dataset, connection, sink)
        if as_declared:
            for dataset in project.datasets.values():
                with _blamed(dataset, connection, sink):
                    unlisted_values(checked, dataset, connection, sink)
            # What is wrong with keys and days hides no interval; a column that is not there would.
            _intervals(checked, connection, sink)


@contextmanager
def _blamed(source: Dataset | Calendar, connection: Connection, sink: Sink) -> Iterator[list[str]]:
    """Report the columns whose values made a question fail, and yield what has failed; else it is raised."""
    failed: list[str] = []
    before = sink.errors
    try:
        yield failed
    except EngineError as failure:
        if failure.rule is STATEMENT:
            report_unreadable(source, connection, sink)
        if sink.errors == before:
            raise
        failed.append(failure.message)


def _days(calendar: Calendar, connection: Connection, sink: Sink) -> bool:
    """Report days that are missing or stand twice; tell whether they could be asked for."""
    with _blamed(calendar, connection, sink) as failed:
        days_of(calendar, connection, sink)
        comparable_days_of(calendar, connection, sink)
    return not failed


def _intervals(checked: CheckedProject, connection: Connection, sink: Sink) -> None:
    for dataset in checked.project.datasets.values():
        reversed_ends(checked, dataset.name, connection, sink)
        for join in dataset.joins.values():
            if join.interval is not None:
                overlaps(checked, join, join.interval, connection, sink)


def _keys(checked: CheckedProject, dataset: Dataset, connection: Connection, sink: Sink) -> bool:
    """Report keys that several rows share, and key columns that are null; tell whether they could be read."""
    before = sink.errors
    with _blamed(dataset, connection, sink) as failed:
        nulls = null_keys(checked, dataset, connection, sink)
        if sink.errors > before:
            # Written in SQL of another dialect, which is told.
            return True
        found = keys_shared(checked, dataset, connection, sink)
    if failed:
        return False
    for name, count in nulls.items():
        sink.report(errors.null_key(dataset.key_span, dataset.name, name, count))
    if found:
        example = ", ".join(f"{name} = {value}" for name, value in zip(dataset.key, found[0], strict=True))
        sink.report(
            errors.duplicate_key(dataset.key_span, dataset.name, ", ".join(dataset.key), example, len(found))
        )
    return True
