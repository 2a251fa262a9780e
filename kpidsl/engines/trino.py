"""Trino, by its own client: over HTTP, a page of rows after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
import trino
from sqlglot import exp
from trino import exceptions as failures
from trino.auth import BasicAuthentication, JWTAuthentication

from kpidsl.engines.errors import cannot_open, no_user
from kpidsl.engines.rows import READERS, Reader, timestamp_in_utc
from kpidsl.engines.urls import ServerAddress, seconds_of
from kpidsl.engines.warehouses import WarehouseConnection, reason
from kpidsl.model.types import Kind

_FAILURES = (failures.Error, failures.HttpError, requests.RequestException, OSError, ValueError)
_UNREACHABLE = (failures.TrinoConnectionError, requests.RequestException, OSError)
_ANSWERED_WITHIN = 30.0
_PORTS = {True: 443, False: 8080}

_COLUMNS = """
SELECT column_name, data_type FROM {catalog}.information_schema.columns
WHERE table_schema = {schema} AND table_name = {name} ORDER BY ordinal_position
"""
_TABLES = """
SELECT CASE WHEN table_schema = {schema} THEN '' ELSE table_schema END, table_name
FROM {catalog}.information_schema.tables WHERE table_schema <> 'information_schema'
"""


def open_trino(address: ServerAddress, read_only: bool) -> Trino:  # noqa: ARG001
    """Return a connection whose session is in UTC. It is asked for nothing but rows."""
    asked = {name: value for name, value in address.parts.items() if value}
    if "user" not in asked:
        raise no_user("trino")
    is_secure = asked.get("secure", "true") != "false"
    settings = {}
    if "statement_timeout" in asked:
        settings["query_max_run_time"] = f"{max(1, round(seconds_of(asked['statement_timeout']) * 1000))}ms"
    try:
        connection = trino.dbapi.connect(
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
        opened = Trino(connection, address)
        try:
            opened.ask("SELECT current_timezone()")
        except _FAILURES:
            opened.close()
            raise
    except _FAILURES as error:
        raise cannot_open(address.shown, address.without_secrets(_message(error))) from None
    return opened


def _auth(asked: Mapping[str, str]) -> Any:
    if "token" in asked:
        return JWTAuthentication(asked["token"])
    return BasicAuthentication(asked["user"], asked["password"]) if "password" in asked else None


class Trino(WarehouseConnection):
    """A connection to Trino."""

    dialect = "trino"
    readers: Mapping[Kind, Reader] = {**READERS, Kind.TIMESTAMP: timestamp_in_utc}

    def __init__(self, connection: Any, address: ServerAddress) -> None:
        super().__init__(connection, _FAILURES, address)
        self._running: Any = None
        self._is_cancelled = False

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        self._is_cancelled = False
        cursor = self._running = self._connection.cursor()
        try:
            cursor.execute(sql)
            found = cursor.fetchall()
            if self._is_cancelled:
                # The driver takes the rows that had come for all there are.
                raise failures.OperationalError("the query was cancelled")
            return len(cursor.description or ()), [tuple(row) for row in found]
        finally:
            self._running = None

    def cancel(self) -> None:
        cursor = self._running
        if cursor is not None:
            self._is_cancelled = True
            try:
                cursor.cancel()
            except _FAILURES:
                # It is over, or cannot be reached: then its own wait ends with what is to be told.
                return

    def is_lost(self, error: Exception) -> bool:
        return isinstance(error, _UNREACHABLE)

    def told(self, error: Exception) -> str:
        return _message(error)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        known = (self._address.parts["dbname"], self._address.parts["schema"])
        catalog, schema, name = (*known[: 3 - len(parts)], *parts)
        if not catalog or not schema:
            return []
        # Names have no capitals there.
        asked = _COLUMNS.format(
            catalog=_identifier(catalog), schema=_text(schema.lower()), name=_text(name.lower())
        )
        return [(column, _type_text(str(type_))) for column, type_ in self.ask(asked)[1]]

    def listed(self) -> list[tuple[Any, ...]]:
        catalog, schema = self._address.parts["dbname"], self._address.parts["schema"]
        if not catalog:
            return []
        return self.ask(_TABLES.format(catalog=_identifier(catalog), schema=_text(schema.lower())))[1]


def _type_text(type_: str) -> str:
    """Return a column's type; a text of one length is told from those that are as long as they are."""
    return f"padded {type_}" if type_.startswith("char") else type_


def _identifier(name: str) -> str:
    return exp.Identifier(this=name.lower(), quoted=True).sql("trino")


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("trino")


def _message(error: Exception) -> str:
    """Return a failure's own text; the driver wraps what happened on the way in what it tried."""
    if isinstance(error, failures.TrinoQueryError):
        return str(error.message)
    return reason(error.__context__ or error) if isinstance(error, _UNREACHABLE) else reason(error)
