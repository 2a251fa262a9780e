"""Amazon Redshift, by psycopg: it speaks PostgreSQL's protocol, and is a warehouse of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from kpidsl.engines.errors import cannot_open
from kpidsl.engines.rows import READERS, Reader, timestamp_in_utc
from kpidsl.engines.urls import ServerAddress, seconds_of
from kpidsl.engines.warehouses import WarehouseConnection
from kpidsl.model.types import Kind

_FAILURES = (psycopg.Error, OSError, UnicodeError)

# These views know late-bound views and external tables, too.
_COLUMNS = """
SELECT column_name, CASE
    WHEN data_type = 'numeric' THEN 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
    ELSE data_type END
FROM svv_columns
WHERE LOWER(table_name) = LOWER({name}) AND LOWER(table_schema) = LOWER(COALESCE({schema}, current_schema()))
ORDER BY ordinal_position
"""
_TABLES = """
SELECT CASE WHEN table_schema = current_schema() THEN '' ELSE table_schema END, table_name FROM svv_tables
WHERE table_schema <> 'information_schema' AND table_schema NOT LIKE 'pg!_%' ESCAPE '!'
"""


def open_redshift(address: ServerAddress, read_only: bool) -> Redshift:  # noqa: ARG001
    """Return a connection whose session is in UTC. It is asked for nothing but rows."""
    asked: dict[str, Any] = {name: value for name, value in address.parts.items() if value}
    timeout = asked.pop("statement_timeout", None)
    asked = {"connect_timeout": "10", "port": "5439", "sslmode": "require", **asked}
    try:
        # Its name for UTF-8 is one that psycopg does not know.
        told = make_conninfo("", **asked, application_name="kpidsl", client_encoding="UTF8")
        # It has no DEALLOCATE ALL, which comes with prepared statements.
        connection = psycopg.connect(told, autocommit=True, prepare_threshold=None)
        opened = Redshift(connection, address)
        try:
            connection.execute("SET timezone TO 'UTC'")
            connection.execute("SET datestyle TO 'ISO, YMD'")
            if timeout is not None:
                milliseconds = max(1, round(seconds_of(timeout) * 1000))
                connection.execute(f"SET statement_timeout TO {milliseconds}".encode())
        except psycopg.Error:
            opened.close()
            raise
    except _FAILURES as error:
        raise cannot_open(address.shown, address.without_secrets(str(error))) from None
    return opened


class Redshift(WarehouseConnection):
    """A connection to Redshift."""

    dialect = "redshift"
    readers: Mapping[Kind, Reader] = {**READERS, Kind.TIMESTAMP: timestamp_in_utc}

    def __init__(self, connection: psycopg.Connection[Any], address: ServerAddress) -> None:
        super().__init__(connection, _FAILURES, address)

    def is_lost(self, error: Exception) -> bool:  # noqa: ARG002
        return bool(self._connection.closed)

    def told(self, error: Exception) -> str:
        return str(error)

    def cancel(self) -> None:
        self._connection.cancel_safe(timeout=5)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        schema = _text(outer[-1]) if outer else "NULL"
        return self.ask(_COLUMNS.format(name=_text(name), schema=schema))[1]

    def listed(self) -> list[tuple[Any, ...]]:
        return self.ask(_TABLES)[1]


def _text(value: str) -> str:
    # A backslash escapes there.
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
