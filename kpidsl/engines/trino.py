"""Trino, by its own client: over HTTP, a page of rows after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
import trino
from sqlglot import exp
from trino import exceptions as failures
from trino.auth import BasicAuthentication, JWTAuthentication

from kpidsl.engines import tables
from kpidsl.engines.rows import READERS, Reader, timestamp_in_utc
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.warehouses import WarehouseConnection, of_the_catalogue, reason
from kpidsl.model.types import Kind

_FAILURES = (failures.Error, failures.HttpError, requests.RequestException, OSError, ValueError)
_UNREACHABLE = (failures.TrinoConnectionError, requests.RequestException, OSError)
_ANSWERED_WITHIN = 30.0
_PORTS = {True: 443, False: 8080}

_COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = :schema AND table_name = :name ORDER BY ordinal_position
"""
_TABLES = """
SELECT CASE WHEN table_schema = :schema THEN '' ELSE table_schema END, table_name
FROM information_schema.tables WHERE table_schema <> 'information_schema'
"""


def _auth(asked: Mapping[str, str]) -> Any:
    if "token" in asked:
        return JWTAuthentication(asked["token"])
    return BasicAuthentication(asked["user"], asked["password"]) if "password" in asked else None


class Trino(WarehouseConnection):
    """A connection to Trino, whose session is in UTC."""

    dialect = "trino"
    failures = _FAILURES
    needs_user = True
    readers: Mapping[Kind, Reader] = {**READERS, Kind.TIMESTAMP: timestamp_in_utc}

    @staticmethod
    def reached(asked: Mapping[str, str]) -> trino.dbapi.Connection:
        is_secure = asked.get("secure", "true") != "false"
        settings = {}
        if "statement_timeout" in asked:
            milliseconds = max(1, round(seconds_of(asked["statement_timeout"]) * 1000))
            settings["query_max_run_time"] = f"{milliseconds}ms"
        return trino.dbapi.connect(
            host=asked.get("host", "localhost"),
            port=int(asked.get("port", _PORTS[is_secure])),
            user=asked["user"],
            catalog=asked.get("dbname"),
            schema=asked.get("schema"),
            http_scheme="https" if is_secure else "http",
            auth=_auth(asked),
            verify=asked.get("ca_cert", True),
            source="kpidsl",
            timezone="UTC",
            session_properties=settings,
            request_timeout=float(asked.get("connect_timeout", _ANSWERED_WITHIN)),
        )

    def set_up(self, asked: Mapping[str, str]) -> None:  # noqa: ARG002
        # What the session is goes with each request; the first shows whether anybody is there.
        self.ask("SELECT current_timezone()")

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        # A cursor that is closed asks for its query to be cancelled.
        cursor = self._connection.cursor()
        with self.running(cursor):
            cursor.execute(sql)
            found = cursor.fetchall()
            return len(cursor.description or ()), [tuple(row) for row in found]

    def stop(self, running: trino.dbapi.Cursor) -> None:
        running.cancel()

    def is_lost(self, error: Exception) -> bool:
        return isinstance(error, _UNREACHABLE)

    @classmethod
    def told(cls, error: Exception) -> str:
        """Return a failure's own text; the driver wraps what happened on the way in what it tried."""
        if isinstance(error, failures.TrinoQueryError):
            return str(error.message)
        return reason(error.__context__ or error) if isinstance(error, _UNREACHABLE) else reason(error)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        known = (self._address.parts["dbname"], self._address.parts["schema"])
        catalog, schema, name = (*known[: 3 - len(parts)], *parts)
        if not catalog or not schema:
            return []
        asked = of_the_catalogue(
            _COLUMNS, "trino", within=catalog.lower(), schema=_name(schema), name=_name(name)
        )
        return [(column, _type_text(str(type_))) for column, type_ in self.ask(asked)[1]]

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        with self.running(cursor):
            cursor.execute(tables.no_rows_of(sql))
            cursor.fetchall()
            return [(column[0], _type_text(str(column[1]))) for column in cursor.description or ()]

    def listed(self) -> list[tuple[Any, ...]]:
        catalog, schema = self._address.parts["dbname"], self._address.parts["schema"]
        if not catalog:
            return []
        asked = of_the_catalogue(_TABLES, "trino", within=catalog.lower(), schema=_name(schema))
        return self.ask(asked)[1]


def _type_text(type_: str) -> str:
    """Return a column's type; a text of one length is told from those that are as long as they are."""
    return f"padded {type_}" if type_.startswith("char") else type_


def _name(name: str) -> exp.Expression:
    # Names have no capitals there.
    return exp.Literal.string(name.lower())
