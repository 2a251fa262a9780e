"""PostgreSQL, by psycopg."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import postgres
from psycopg import sql as written
from psycopg.conninfo import make_conninfo
from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.errors import EngineError, cannot_open, other_letters, too_slow
from kpidsl.engines.servers import ServerConnection
from kpidsl.engines.urls import ServerAddress

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
  || CASE WHEN NOT c.collisdeterministic THEN ' COLLATE ' || c.collname ELSE '' END
FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_TABLES = """
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname END, c.relname
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'
AND n.nspname NOT LIKE 'pg\\_%'
"""

_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    # Rows come as text: a role may have set that floats are written with fewer digits than they have.
    "extra_float_digits": "3",
    "standard_conforming_strings": "on",
}
"""What is read from a session rests on: set for each, whatever the role's or the database's own are."""

_IN_ONE_CASE = "SELECT lower('\u00c9I') = '\u00e9i' AND upper('\u00e9i') = '\u00c9I'"


def open_postgres(address: ServerAddress, read_only: bool) -> Postgres:
    """Return a connection whose session is in UTC and, where asked, only reads."""
    # What is not in the URL, libpq takes from its own places: PGHOST, ~/.pgpass, …
    asked: dict[str, Any] = {name: value for name, value in address.parts.items() if value}
    timeout = asked.pop("statement_timeout", None)
    asked.setdefault("connect_timeout", "10")
    try:
        told = make_conninfo("", **asked, application_name="kpidsl", client_encoding="UTF8")
        connection = psycopg.connect(told, autocommit=True)
        try:
            _set_up(connection, timeout, read_only)
        except psycopg.Error:
            connection.close()
            raise
    except (psycopg.Error, UnicodeError) as error:
        raise cannot_open(address.shown, address.without_secrets(str(error))) from None
    return Postgres(connection, timeout)


def _set_up(connection: psycopg.Connection[Any], timeout: str | None, read_only: bool) -> None:
    for name, value in _SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    if timeout is not None:
        connection.execute("SELECT set_config('statement_timeout', %s, false)", (timeout,))
    if read_only:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")


def types_of(columns: Sequence[psycopg.Column]) -> list[tuple[str, str | int]]:
    """Return the names of a result's columns, with their types as the catalogue calls them, or its number."""
    return [(column.name, _type_of(column)) for column in columns]


def _type_of(column: psycopg.Column) -> str | int:
    known = postgres.types.get(column.type_code)
    if known is None:
        return column.type_code
    has_digits = known.regtype == "numeric" and column.precision is not None
    return f"numeric({column.precision},{column.scale})" if has_digits else known.regtype


class Postgres(ServerConnection):
    """A connection to PostgreSQL."""

    dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[Any], timeout: str | None = None) -> None:
        super().__init__(connection, psycopg.Error)
        self._timeout = timeout

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        # Only LOWER and UPPER ask for the database's own collation.
        if 'COLLATE "default"' in sql and self.fetch(_IN_ONE_CASE) != [(True,)]:
            raise other_letters(self.dialect)
        return super().run(sql, columns)

    def is_closed(self) -> bool:
        return bool(self._connection.closed)

    def cancel(self) -> None:
        self._connection.cancel_safe(timeout=5)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        name = ".".join('"' + part.replace('"', '""') + '"' for part in parts)
        try:
            return list(self._connection.execute(_COLUMNS, (name,)).fetchall())
        except psycopg.errors.FeatureNotSupported:
            # Another database, of which a connection sees nothing.
            return []

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(tables.no_rows_of(sql).encode())
            found = types_of(cursor.description or ())
        return [(name, self._own_type(type_) if isinstance(type_, int) else type_) for name, type_ in found]

    def _own_type(self, number: int) -> str:
        """Return the name of a type that was made in this database, or that an extension has."""
        return str(self._connection.execute("SELECT format_type(%s, NULL)", (number,)).fetchall()[0][0])

    def listed(self) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(_TABLES).fetchall())

    def insert(self, table: exp.Table, rows: Sequence[Sequence[object]]) -> None:
        names = [part.name for part in (table.args.get("db"), table) if part is not None]
        target = written.SQL("COPY {} FROM STDIN").format(written.Identifier(*names))
        with self._connection.cursor() as cursor, cursor.copy(target) as copy:
            for row in rows:
                copy.write_row(row)

    def _told(self, error: Exception) -> EngineError:
        is_stopped = isinstance(error, psycopg.errors.QueryCanceled) and not self.is_closed()
        if is_stopped and self._timeout is not None:
            return too_slow(self.dialect, self._timeout)
        return super()._told(error)
