"""SQL Server, by mssql-python, which brings Microsoft's own driver."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import mssql_python
from sqlglot import exp

from kpidsl.engines.errors import statement_failed
from kpidsl.engines.rows import READERS, Reader, boolean_of_bit, timestamp_in_utc
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.warehouses import WarehouseConnection, of_the_catalogue
from kpidsl.model.types import Kind

_FAILURES = (mssql_python.Error, RuntimeError, OSError, ValueError)
_LOST = ("Communication link failure", "Connection not open", "Connection failure")

_PARTS = re.compile(r"^(\[[^\]]*\]\s*)+")
"""The names of the parts that handed a failure on: `[Microsoft][ODBC Driver 18 for SQL Server]`."""

_HELPS = {
    "Failed to load the driver": "it needs libraries of the system; on Debian: "
    "apt-get install libltdl7 libkrb5-3 libgssapi-krb5-2",
    "Error code 0x2749": "nothing answers there: look at the host and the port",
    "Error code 0x2AF9": "there is no host of that name",
    "Timeout error": "the server did not answer in time; `connect_timeout=30` waits longer",
}

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

_TYPE = """CASE TYPE_NAME(c.system_type_id)
    WHEN 'bit' THEN 'boolean, bit'
    WHEN 'char' THEN 'padded char'
    WHEN 'nchar' THEN 'padded nchar'
    WHEN 'timestamp' THEN 'rowversion'
    WHEN 'money' THEN 'decimal(19,4), money'
    WHEN 'smallmoney' THEN 'decimal(10,4), smallmoney'
    WHEN 'decimal' THEN CONCAT('decimal(', c.precision, ',', c.scale, ')')
    WHEN 'numeric' THEN CONCAT('numeric(', c.precision, ',', c.scale, ')')
    ELSE TYPE_NAME(c.system_type_id) END"""
_COLUMNS = f"""
SELECT c.name, {_TYPE}
FROM sys.columns AS c
JOIN sys.objects AS o ON o.object_id = c.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND LOWER(o.name) = LOWER(:name) AND LOWER(s.name) = LOWER(:schema)
ORDER BY c.column_id
"""
_OF_A_SELECT = f"""
SELECT c.name, {_TYPE}, c.error_message
FROM sys.dm_exec_describe_first_result_set(:query, NULL, 0) AS c
WHERE c.is_hidden = 0 ORDER BY c.column_ordinal
"""
_TABLES = """
SELECT CASE WHEN s.name = SCHEMA_NAME() THEN '' ELSE s.name END, o.name
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
"""


class SqlServer(WarehouseConnection):
    """A connection to SQL Server, whose session has the settings that our SQL rests on."""

    dialect = "tsql"
    failures = _FAILURES
    helps = _HELPS
    readers: Mapping[Kind, Reader] = {
        **READERS,
        Kind.BOOLEAN: boolean_of_bit,
        Kind.TIMESTAMP: timestamp_in_utc,
    }

    @staticmethod
    def reached(asked: Mapping[str, str]) -> Any:
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
        return mssql_python.connect(autocommit=True, timeout=int(asked.get("connect_timeout", "10")), **told)

    def set_up(self, asked: Mapping[str, str]) -> None:
        if "statement_timeout" in asked:
            # In whole seconds; what is shorter is stopped from here.
            self._connection.timeout = math.ceil(seconds_of(asked["statement_timeout"]))
        for statement in _SETTINGS:
            self.ask(statement)

    def stop(self, running: Any) -> None:
        """Ask for the statement to be stopped: the driver's own call is meant for another thread."""
        handle = running.hstmt
        if handle is not None:
            handle._cancel()

    def is_lost(self, error: Exception) -> bool:
        return getattr(error, "driver_error", "").startswith(_LOST)

    @classmethod
    def told(cls, error: Exception) -> str:
        """Return a failure's own text, without the names of the parts that handed it on."""
        told = str(getattr(error, "ddbc_error", "") or getattr(error, "driver_error", "") or error)
        return _PARTS.sub("", told).strip()

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        database = outer[0] if len(outer) == 2 else None
        schema = exp.National(this=outer[-1]) if outer else exp.Anonymous(this="SCHEMA_NAME")
        asked = of_the_catalogue(
            _COLUMNS, "tsql", within=database, name=exp.National(this=name), schema=schema
        )
        return self.ask(asked)[1]

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        asked = of_the_catalogue(_OF_A_SELECT, "tsql", query=exp.National(this=sql))
        found = self.ask(asked)[1]
        refused = next((str(told) for *_, told in found if told), None)
        if refused is not None:
            raise statement_failed(self.dialect, refused)
        return [(name, type_) for name, type_, _ in found]

    def listed(self) -> list[tuple[Any, ...]]:
        return self.ask(_TABLES)[1]
