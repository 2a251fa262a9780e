"""The columns of a dataset or a calendar against those that its table has, or its select."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.engines.errors import STATEMENT, EngineError
from kpidsl.model.definitions import Calendar, Column, Dataset
from kpidsl.model.types import Kind
from kpidsl.model.zones import is_utc
from kpidsl.semantics.fragments import query_tree
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS, Dialect
from kpidsl.sql.emit import emit
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import physical, stored, table
from kpidsl.verifying import errors
from kpidsl.verifying.bound import help_for_another_type, help_for_missing, place_of

_FAMILIES = {
    Kind.BOOLEAN: ("BOOL",),
    Kind.INTEGER: ("INT", "LONG", "SHORT"),
    Kind.DECIMAL: ("DECIMAL", "NUMERIC", "INT"),
    Kind.FLOAT: ("DOUBLE", "FLOAT", "REAL", "DECIMAL", "NUMERIC", "INT"),
    Kind.TEXT: ("CHAR", "TEXT", "STRING", "CLOB", "ENUM", "UUID"),
    Kind.DATE: ("DATE",),
    Kind.TIMESTAMP: ("TIMESTAMP", "DATETIME"),
}
_OF_NULLS = ("NULL", '"NULL"', "NULLABLE(NOTHING)", "VOID", "UNKNOWN")
"""What engines call the type of a column that is nothing but null."""
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\((\d+),\s*(\d+)\)", re.I)
_ROWS = "stored"


def columns_of(source: Dataset | Calendar, key: tuple[str, ...], connection: Connection, sink: Sink) -> bool:
    """Report missing and mistyped columns; tell whether the key can be looked at.

    Of a select, that the engine refuses it is reported, and each column whose values it cannot compute.
    """
    if source.sql is not None and source.sql.dialect != connection.dialect:
        # It is told where the key is asked for.
        return True
    try:
        found = described(source, connection)
    except EngineError as failure:
        if source.sql is None or failure.rule is not STATEMENT:
            raise
        sink.report(errors.refused_select(source.sql.span, source.name, failure.message))
        return False
    if found is None:
        assert source.table is not None
        name = ".".join(part.text for part in source.table)
        sink.report(errors.missing_table(source.table_span, source.name, name, connection.tables()))
        return False
    before = sink.errors
    is_complete = _compared(source, found, key, connection, sink)
    if source.sql is not None and sink.errors == before:
        report_unreadable(source, connection, sink)
        return is_complete and sink.errors == before
    return is_complete


def _compared(
    source: Dataset | Calendar,
    found: Sequence[tuple[str, str]],
    key: tuple[str, ...],
    connection: Connection,
    sink: Sink,
) -> bool:
    dialect = DIALECTS[connection.dialect]
    types = types_by_name(found, dialect)
    is_complete = True
    for column in read_of(source):
        at = place_of(source, column)
        engine_type = types.get(stored(column.physical, dialect.folds_names))
        if engine_type is None:
            help = help_for_missing(source, column, [name for name, _ in found])
            sink.report(errors.missing_column(at, errors.where_rows_are(source), column.physical.text, help))
            is_complete = is_complete and column.name not in key
        elif (wrong := mistyped(source, column, engine_type, dialect)) is not None:
            declared, told = wrong
            is_select = source.sql is not None
            sink.report(errors.column_type(at, column.name, declared, engine_type, told, is_select))
    return is_complete


def read_of(source: Dataset | Calendar) -> Sequence[Column]:
    """Return the columns that the table, or the select, has to give."""
    return [column for column in source.columns.values() if not column.is_derived]


def mistyped(
    source: Dataset | Calendar, column: Column, engine_type: str, dialect: Dialect
) -> tuple[str, str] | None:
    """Return what a column is declared to be, and what would be right, where the engine has another type."""
    if is_of_another_type(column.as_stored, engine_type, dialect):
        return str(column.type), errors.help_for_type(column, dialect)
    if _fits(column.as_stored, engine_type, dialect):
        return None
    return str(column.as_stored.type), help_for_another_type(source, column, engine_type, dialect)


def described(source: Dataset | Calendar, connection: Connection) -> Sequence[tuple[str, str]] | None:
    """Return the columns of a table or a select, with the engine's types; None where there is no table."""
    dialect = DIALECTS[connection.dialect]
    if source.sql is not None:
        return connection.describe_select(emit(_every_row(source), dialect))
    parts = source.table or ()
    if dialect.tells_capitals:
        return connection.describe(tuple(part.text for part in parts))
    return connection.describe(tuple(stored(part, dialect.folds_names) for part in parts))


def report_unreadable(source: Dataset | Calendar, connection: Connection, sink: Sink) -> None:
    """Report the columns of which the engine cannot compute a value: text of a file, or a cast that fails.

    All values are read. Where no column is to blame alone, it is the select, or nothing is reported.
    """
    columns = read_of(source)
    whole = _failure_of(source, columns, connection) if columns else None
    if whole is None:
        return
    told = [(column, _failure_of(source, [column], connection)) for column in columns]
    failing = [(column, failure) for column, failure in told if failure is not None]
    if len(failing) in range(1, max(len(columns), 2)):
        for column, failure in failing:
            at = place_of(source, column)
            sink.report(errors.uncomputed_value(at, source.name, column, failure, source.sql is None))
    elif source.sql is not None:
        sink.report(errors.refused_select(source.sql.span, source.name, whole))


def _failure_of(source: Dataset | Calendar, columns: Sequence[Column], connection: Connection) -> str | None:
    """Return what an engine says of reading all values of some columns, None where it can."""
    counts = [
        nodes.alias(exp.Count(this=physical(_ROWS, column.physical)), f"c_{n}")
        for n, column in enumerate(columns)
    ]
    query = exp.Select(expressions=counts, from_=exp.From(this=rows_of(source, _ROWS)))
    try:
        connection.fetch(emit(query, DIALECTS[connection.dialect]))
    except EngineError as failure:
        if failure.rule is not STATEMENT:
            raise
        return failure.message
    return None


def rows_of(source: Dataset | Calendar, alias: str) -> Node:
    """Return where the rows come from, written in the connection's dialect."""
    if source.sql is not None:
        return nodes.subquery(query_tree(source.sql), alias)
    return table(source.table or (), alias)


def _every_row(source: Dataset | Calendar) -> exp.Select:
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=rows_of(source, _ROWS)))


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
    return dialect.compares_otherwise(column.type.kind, engine_type)


def _fits(column: Column, engine_type: str, dialect: Dialect) -> bool:
    families = _FAMILIES.get(column.type.kind)
    if families is None:
        return True
    upper = engine_type.upper()
    if upper in _OF_NULLS:
        return True
    is_loose = column.type.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.BOOLEAN)
    if dialect.times_are_text and (not upper or is_loose):
        # SQLite has no such types: the declared name is whatever the author chose.
        return not upper or any(family in upper for family in (*families, "TEXT", "INT", "NUM", "CHAR"))
    if column.type.kind is Kind.DATE and "TIME" in upper:
        return False
    match = _DECIMAL.search(upper)
    if column.type.kind is Kind.DECIMAL and match is not None and int(match[2]) > column.type.scale:
        return False
    return any(family in upper for family in families)
