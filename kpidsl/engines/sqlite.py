"""SQLite, from the standard library. Its values have no types but their own: see `sqlite_values`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.connection import ClosedAtTheEnd
from kpidsl.engines.errors import (
    STATEMENT,
    EngineError,
    cannot_open,
    connection_closed,
    outside_years,
    statement_failed,
    unexpected_width,
)
from kpidsl.engines.interruption import interruptible
from kpidsl.engines.sqlite_values import bound_rows, typed_table
from kpidsl.engines.urls import FileAddress
from kpidsl.model.types import Kind, Type

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

_TABLES = """
SELECT name FROM sqlite_master
WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'
ORDER BY name
"""

_IN_UTF_8 = "write it anew, which makes it one of UTF-8: `sqlite3 old.sqlite .dump | sqlite3 new.sqlite`"
_FAILURES = (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError)


def open_sqlite(address: FileAddress, read_only: bool) -> SQLite:
    """Return a connection to a file, read-only where asked, or to a new database in memory."""
    try:
        place = ":memory:"
        if address.file is not None:
            place = f"file:{quote(str(address.file.resolve()))}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(place, uri=True, isolation_level=None, check_same_thread=False)
        # A file is first read here, so that a broken or locked one is refused when it is opened.
        connection.execute("PRAGMA schema_version").fetchone()
        (encoding,) = connection.execute("PRAGMA encoding").fetchone()
    except _FAILURES as error:
        raise cannot_open(address.shown, error) from None
    if encoding != "UTF-8":
        # The bytes of UTF-16 do not stand in the order of code points: `max` would be another text.
        connection.close()
        raise cannot_open(
            address.shown, f"its texts are in {encoding}, by which they are in another order", _IN_UTF_8
        )
    return SQLite(connection)


class SQLite(ClosedAtTheEnd):
    """A connection to SQLite."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        found, rows = self._stoppable(lambda: self._query(sql))
        if found != len(columns):
            raise unexpected_width(self.dialect, len(columns), found)
        return typed_table(rows, columns)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self._stoppable(lambda: self._query(sql))[1]

    def describe(self, parts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        names = (parts[-1], parts[0] if len(parts) == 2 else None)
        with _failures():
            if len(parts) > 2 or (len(parts) == 2 and parts[0].lower() not in self._schemas()):
                return None
            # The second argument is the schema (null: any); hidden columns (1) belong to no table's rows.
            rows = self._connection.execute(
                "SELECT name, type FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1 ORDER BY cid", names
            ).fetchall()
        return tuple((str(name), str(type_)) for name, type_ in rows) or None

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        with _failures():
            cursor = self._connection.execute(tables.no_rows_of(sql))
        # Values have types of their own there.
        return tuple((str(column[0]), "") for column in cursor.description)

    def tables(self) -> tuple[str, ...]:
        with _failures():
            rows = self._connection.execute(_TABLES).fetchall()
        return tuple(str(name) for (name,) in rows)

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        if len(parts) > 2:
            raise EngineError(STATEMENT, "sqlite has no catalogs: a table's name has at most two parts")
        kinds = [(name, _declared(type_)) for name, type_ in columns]
        values = bound_rows(columns, tables.stored_rows(columns, rows))
        row = exp.Tuple(expressions=[exp.Placeholder() for _ in columns])
        insert = exp.Insert(this=tables.table_node(parts), expression=exp.Values(expressions=[row]))
        with _failures():
            if len(parts) == 2 and parts[0].lower() not in self._schemas():
                self._connection.execute(tables.attach_memory_node(parts[0]).sql(self.dialect))
            self._connection.execute(tables.create_table_node(parts, kinds).sql(self.dialect))
            self._connection.execute("BEGIN")
            try:
                self._connection.executemany(insert.sql(self.dialect), values)
            finally:
                self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _schemas(self) -> set[str]:
        rows = self._connection.execute("SELECT name FROM pragma_database_list").fetchall()
        return {row[0].lower() for row in rows}

    def _query(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        cursor = self._connection.execute(sql)
        return len(cursor.description or ()), cursor.fetchall()

    def _stoppable(self, work: Callable[[], T]) -> T:
        with _failures():
            return interruptible(work, self._connection.interrupt)


def _declared(type_: Type) -> exp.DataType:
    """Return the declaration of a column. DECIMAL and BOOLEAN stay readable there, unlike in sqlglot's
    own SQLite types, and have the numeric affinity."""
    readable = type_.kind in (Kind.DECIMAL, Kind.BOOLEAN)
    return tables.declared_node(type_) if readable else tables.type_node(type_)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn the driver's failures into `EngineError`."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        closed = "closed database" in str(error)
        raise (connection_closed("sqlite") if closed else statement_failed("sqlite", error)) from None
    except _FAILURES as error:
        raise (outside_years("sqlite", error) or statement_failed("sqlite", error)) from None
