"""Amazon Redshift, by psycopg: it speaks PostgreSQL's protocol, and is a warehouse of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from kpidsl.engines import tables
from kpidsl.engines.postgres import types_of
from kpidsl.engines.rows import READERS, Reader, timestamp_in_utc
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.warehouses import WarehouseConnection
from kpidsl.model.types import Kind

_FAILURES = (psycopg.Error, OSError, UnicodeError)

_SETTINGS = {
    "timezone": "'UTC'",
    "datestyle": "'ISO, YMD'",
    # By itself it writes the first 15 digits of a float: with two more it is the same float when it is read.
    "extra_float_digits": "2",
}

# These views know late-bound views and external tables, too.
_COLUMNS = """
SELECT column_name, CASE
    WHEN data_type = 'numeric' THEN 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
    ELSE data_type END
FROM svv_columns
WHERE LOWER(table_name) = LOWER(%s) AND LOWER(table_schema) = LOWER(COALESCE(%s, current_schema()))
ORDER BY ordinal_position
"""
_TABLES = """
SELECT CASE WHEN table_schema = current_schema() THEN '' ELSE table_schema END, table_name FROM svv_tables
WHERE table_schema <> 'information_schema' AND table_schema NOT LIKE 'pg!_%' ESCAPE '!'
"""


class Redshift(WarehouseConnection):
    """A connection to Redshift, whose session is in UTC."""

    dialect = "redshift"
    failures = _FAILURES
    readers: Mapping[Kind, Reader] = {**READERS, Kind.TIMESTAMP: timestamp_in_utc}

    @staticmethod
    def reached(asked: Mapping[str, str]) -> psycopg.Connection[Any]:
        given: dict[str, Any] = {name: value for name, value in asked.items() if name != "statement_timeout"}
        told = {"connect_timeout": "10", "port": "5439", "sslmode": "require", **given}
        # Its name for UTF-8 is one that psycopg does not know.
        written = make_conninfo("", **told, application_name="kpidsl", client_encoding="UTF8")
        # It has no DEALLOCATE ALL, which comes with prepared statements.
        return psycopg.connect(written, autocommit=True, prepare_threshold=None)

    def set_up(self, asked: Mapping[str, str]) -> None:
        settings = dict(_SETTINGS)
        if "statement_timeout" in asked:
            settings["statement_timeout"] = str(max(1, round(seconds_of(asked["statement_timeout"]) * 1000)))
        for name, value in settings.items():
            self._connection.execute(f"SET {name} TO {value}".encode())

    def stop(self, running: Any) -> None:  # noqa: ARG002
        self._connection.cancel_safe(timeout=5)

    def is_lost(self, error: Exception) -> bool:  # noqa: ARG002
        return bool(self._connection.closed)

    @classmethod
    def told(cls, error: Exception) -> str:
        return str(error)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        # The values are put into the text by the driver, which knows how this connection reads a backslash.
        with psycopg.ClientCursor(self._connection) as cursor:
            return cursor.execute(_COLUMNS, [name, outer[-1] if outer else None]).fetchall()

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(tables.no_rows_of(sql).encode())
            return [(name, str(type_)) for name, type_ in types_of(cursor.description or ())]

    def listed(self) -> list[tuple[Any, ...]]:
        return self.ask(_TABLES)[1]
