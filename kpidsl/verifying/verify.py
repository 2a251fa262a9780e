"""Definitions against the data that a connection holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection, connect
from kpidsl.model.definitions import Calendar, Column, Dataset, Identifier
from kpidsl.model.types import Kind
from kpidsl.model.zones import is_utc
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql.dialects import DIALECTS, Dialect
from kpidsl.sql.physical import stored
from kpidsl.verifying import errors
from kpidsl.verifying.bound import help_for_another_type, help_for_missing, place_of
from kpidsl.verifying.calendars import comparable_days_of, days_of
from kpidsl.verifying.intervals import overlaps, reversed_ends
from kpidsl.verifying.keys import keys_shared, null_keys
from kpidsl.verifying.listed_values import unlisted_values
from kpidsl.verifying.stored_values import values_of

_FAMILIES = {
    Kind.BOOLEAN: ("BOOL",),
    Kind.INTEGER: ("INT", "LONG", "SHORT"),
    Kind.DECIMAL: ("DECIMAL", "NUMERIC", "INT"),
    Kind.FLOAT: ("DOUBLE", "FLOAT", "REAL", "DECIMAL", "NUMERIC", "INT"),
    Kind.TEXT: ("CHAR", "TEXT", "STRING", "CLOB", "ENUM", "UUID"),
    Kind.DATE: ("DATE",),
    Kind.TIMESTAMP: ("TIMESTAMP", "DATETIME"),
}
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\((\d+),\s*(\d+)\)", re.I)


def verify(checked: CheckedProject, url: str, base: Path, sink: Sink) -> None:
    """Report where a connection's tables, columns, types and keys are not as declared."""
    with connect(url, base=base) as connection:
        project = checked.project
        written = [d.sql for d in project.datasets.values()] + [c.sql for c in project.calendars.values()]
        as_declared = all(sql is None or sql.dialect == connection.dialect for sql in written)
        filtered: list[Dataset] = []
        for dataset in project.datasets.values():
            before = sink.errors
            has_key = dataset.table is None or _columns(connection, dataset, dataset.key, sink)
            if sink.errors == before:
                values_of(dataset, connection, sink)
            as_declared = as_declared and sink.errors == before
            if has_key and dataset.where is not None:
                filtered.append(dataset)
            elif has_key:
                _keys(checked, dataset, connection, sink)
        for calendar in project.calendars.values():
            before = sink.errors
            days = (calendar.day,) if calendar.comparable is None else (calendar.day, calendar.comparable)
            has_days = calendar.table is None or _columns(connection, calendar, days, sink)
            if sink.errors == before:
                values_of(calendar, connection, sink)
                has_days = has_days and sink.errors == before
            as_declared = as_declared and sink.errors == before
            if has_days:
                days_of(calendar, connection, sink)
                comparable_days_of(calendar, connection, sink)
        if as_declared:
            for dataset in filtered:
                # Its `where` may read columns of any dataset.
                _keys(checked, dataset, connection, sink)
            for dataset in project.datasets.values():
                unlisted_values(checked, dataset, connection, sink)
            # What is wrong with keys and days hides no interval; a column that is not there would.
            _intervals(checked, connection, sink)


def _intervals(checked: CheckedProject, connection: Connection, sink: Sink) -> None:
    for dataset in checked.project.datasets.values():
        reversed_ends(checked, dataset.name, connection, sink)
        for join in dataset.joins.values():
            if join.interval is not None:
                overlaps(checked, join, join.interval, connection, sink)


def _columns(connection: Connection, dataset: Dataset | Calendar, key: tuple[str, ...], sink: Sink) -> bool:
    """Report missing and mistyped columns; tell whether the key can be looked at."""
    assert dataset.table is not None
    dialect = DIALECTS[connection.dialect]
    table = ".".join(part.text for part in dataset.table)
    found = described(dataset.table, connection)
    if found is None:
        sink.report(errors.missing_table(dataset.table_span, dataset.name, table, connection.tables()))
        return False
    types = types_by_name(found, dialect)
    complete = True
    for column in dataset.columns.values():
        if column.is_derived:
            continue
        engine_type = types.get(stored(column.physical, dialect.folds_names))
        if engine_type is None:
            help = help_for_missing(dataset, column, [name for name, _ in found])
            at = place_of(dataset, column)
            sink.report(errors.missing_column(at, table, column.physical.text, help))
            complete = complete and column.name not in key
        elif is_of_another_type(column.as_stored, engine_type, dialect):
            help = errors.help_for_type(column, dialect)
            declared = str(column.type)
            at = place_of(dataset, column)
            sink.report(errors.column_type(at, column.name, declared, engine_type, help))
        elif not _fits(column.as_stored, engine_type, connection.dialect):
            declared = str(column.as_stored.type)
            told = help_for_another_type(dataset, column, engine_type)
            at = place_of(dataset, column)
            sink.report(errors.column_type(at, column.name, declared, engine_type, told))
    return complete


def described(table: Sequence[Identifier], connection: Connection) -> Sequence[tuple[str, str]] | None:
    """Return the columns of a table with the engine's text for their types, None where there is no table."""
    folds_names = DIALECTS[connection.dialect].folds_names
    return connection.describe(tuple(stored(part, folds_names) for part in table))


def types_by_name(found: Sequence[tuple[str, str]], dialect: Dialect) -> dict[str, str]:
    """Return the types of a table's columns by the names with which `stored` finds them."""
    return {name if dialect.folds_names else name.lower(): type for name, type in found}


def is_of_another_type(column: Column, engine_type: str, dialect: Dialect) -> bool:
    """Tell whether a column would be read without an error, and compared otherwise than declared."""
    zone = column.type.zone
    if (
        dialect.times_are_instants
        and column.type.kind is Kind.TIMESTAMP
        and zone is not None
        and is_utc(zone)
    ):
        # Whatever zone they are shown in, they are read in UTC.
        return False
    return any(word in engine_type for word in dialect.other_types.get(column.type.kind, ()))


def _fits(column: Column, engine_type: str, dialect: str) -> bool:
    families = _FAMILIES.get(column.type.kind)
    if families is None:
        return True
    upper = engine_type.upper()
    is_loose = column.type.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.BOOLEAN)
    if DIALECTS[dialect].times_are_text and (not upper or is_loose):
        # SQLite has no such types: the declared name is whatever the author chose.
        return not upper or any(family in upper for family in (*families, "TEXT", "INT", "NUM", "CHAR"))
    if column.type.kind is Kind.DATE and "TIME" in upper:
        return False
    match = _DECIMAL.search(upper)
    if column.type.kind is Kind.DECIMAL and match is not None and int(match[2]) > column.type.scale:
        return False
    return any(family in upper for family in families)


def _keys(checked: CheckedProject, dataset: Dataset, connection: Connection, sink: Sink) -> None:
    """Report keys that several rows share, and key columns that are null."""
    before = sink.errors
    nulls = null_keys(checked, dataset, connection, sink)
    if sink.errors > before:
        # Written in SQL of another dialect, which is told.
        return
    for name, count in nulls.items():
        sink.report(errors.null_key(dataset.key_span, dataset.name, name, count))
    found = keys_shared(checked, dataset, connection, sink)
    if found:
        example = ", ".join(f"{name} = {value}" for name, value in zip(dataset.key, found[0], strict=True))
        sink.report(
            errors.duplicate_key(dataset.key_span, dataset.name, ", ".join(dataset.key), example, len(found))
        )
