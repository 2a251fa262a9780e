"""SQL Server, by mssql-python, which brings Microsoft's own driver."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import mssql_python
from sqlglot import exp

from kpidsl.engines.errors import cannot_open
from kpidsl.engines.rows import READERS, Reader, boolean_of_bit, timestamp_in_utc
from kpidsl.engines.urls import ServerAddress, seconds_of
from kpidsl.engines.warehouses import WarehouseConnection
from kpidsl.model.types import Kind

_FAILURES = (mssql_python.Error, RuntimeError, OSError, ValueError)
_LOST = ("Communication link failure", "Connection not open", "Connection failure")

_SETTINGS = (
    "SET NOCOUNT, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, "
    "QUOTED_IDENTIFIER, ANSI_NULL_DFLT_ON ON",
    "SET NUMERIC_ROUNDABORT OFF",
    "SET LANGUAGE us_english",
    "SET DATEFORMAT ymd",
    "SET DATEFIRST 1",
    "SET TEXTSIZE 2147483647",
    "SET ROWCOUNT 0",
)
"""What a statement may rest on, whatever the server's and the login's own defaults are."""

_COLUMNS = """
SELECT c.name, CASE TYPE_NAME(c.system_type_id)
    WHEN 'bit' THEN 'boolean, bit'
    WHEN 'char' THEN 'padded char'
    WHEN 'nchar' THEN 'padded nchar'
    WHEN 'timestamp' THEN 'rowversion'
    WHEN 'money' THEN 'decimal(19,4), money'
    WHEN 'smallmoney' THEN 'decimal(10,4), smallmoney'
    WHEN 'decimal' THEN CONCAT('decimal(', c.precision, ',', c.scale, ')')
    WHEN 'numeric' THEN CONCAT('numeric(', c.precision, ',', c.scale, ')')
    ELSE TYPE_NAME(c.system_type_id) END
FROM {database}sys.columns AS c
JOIN {database}sys.objects AS o ON o.object_id = c.object_id
JOIN {database}sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND LOWER(o.name) = LOWER({name}) AND LOWER(s.name) = LOWER({schema})
ORDER BY c.column_id
"""
_TABLES = """
SELECT CASE WHEN s.name = SCHEMA_NAME() THEN '' ELSE s.name END, o.name
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
"""


def open_sqlserver(address: ServerAddress, read_only: bool) -> SqlServer:  # noqa: ARG001
    """Return a connection whose session has the settings that our SQL rests on. It is asked only for rows."""
    asked = {name: value for name, value in address.parts.items() if value}
    told = {
        "Server": f"tcp:{asked.get('host', 'localhost')},{asked.get('port', '1433')}",
        "Encrypt": {"true": "yes", "false": "no"}.get(asked.get("encrypt", ""), "yes"),
        "TrustServerCertificate": "yes" if asked.get("trust_server_certificate") == "true" else "no",
        "ApplicationIntent": "ReadOnly",
        # A connection that is lost is told of: another would lack the settings.
        "ConnectRetryCount": "0",
    }
    for name, as_told in (("user", "UID"), ("password", "PWD"), ("dbname", "Database")):
        if name in asked:
            told[as_told] = asked[name]
    try:
        connection = mssql_python.connect(
            autocommit=True, timeout=int(asked.get("connect_timeout", "10")), **told
        )
        opened = SqlServer(connection, address)
        try:
            if "statement_timeout" in asked:
                # In whole seconds; what is shorter is stopped from here.
                connection.timeout = math.ceil(seconds_of(asked["statement_timeout"]))
            for statement in _SETTINGS:
                opened.ask(statement)
        except _FAILURES:
            opened.close()
            raise
    except _FAILURES as error:
        raise cannot_open(address.shown, address.without_secrets(_message(error))) from None
    return opened


class SqlServer(WarehouseConnection):
    """A connection to SQL Server."""

    dialect = "tsql"
    readers: Mapping[Kind, Reader] = {
        **READERS,
        Kind.BOOLEAN: boolean_of_bit,
        Kind.TIMESTAMP: timestamp_in_utc,
    }

    def __init__(self, connection: Any, address: ServerAddress) -> None:
        super().__init__(connection, _FAILURES, address)
        self._running: Any = None

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        cursor = self._running = self._connection.cursor()
        try:
            cursor.execute(sql)
            described = cursor.description
            rows = [tuple(row) for row in cursor.fetchall()] if described else []
            return len(described or ()), rows
        finally:
            self._running = None
            cursor.close()

    def cancel(self) -> None:
        """Ask for the statement to be stopped: the driver's own call is meant for another thread."""
        handle = getattr(self._running, "hstmt", None)
        if handle is not None:
            handle._cancel()

    def is_lost(self, error: Exception) -> bool:
        return getattr(error, "driver_error", "").startswith(_LOST)

    def told(self, error: Exception) -> str:
        return _message(error)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        database = f"{exp.Identifier(this=outer[0], quoted=True).sql('tsql')}." if len(outer) == 2 else ""
        schema = _text(outer[-1]) if outer else "SCHEMA_NAME()"
        return self.ask(_COLUMNS.format(database=database, name=_text(name), schema=schema))[1]

    def listed(self) -> list[tuple[Any, ...]]:
        return self.ask(_TABLES)[1]


def _text(value: str) -> str:
    return exp.National(this=value).sql("tsql")


def _message(error: Exception) -> str:
    """Return a failure's own text, without the names of the parts that handed it on."""
    told = str(getattr(error, "ddbc_error", "") or getattr(error, "driver_error", "") or error)
    return told.rpartition("]")[2].strip() if told.startswith("[") else told
