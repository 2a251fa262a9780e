"""SQL warehouses of Databricks, by databricks-sql-connector: a statement is started, then asked how it is."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import urllib3
from databricks import sql
from databricks.sql import exc as failures
from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.errors import no_warehouse
from kpidsl.engines.rows import READERS, Reader, timestamp_in_utc
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.urls import ServerAddress
from kpidsl.engines.warehouses import WarehouseConnection, reason
from kpidsl.model.types import Kind

_FAILURES = (failures.Error, urllib3.exceptions.HTTPError, OSError, ValueError, RuntimeError, ImportError)
_UNREACHABLE = (failures.RequestError, urllib3.exceptions.HTTPError, OSError)
_NOT_THERE = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND", "NO_SUCH_CATALOG", "CATALOG_NOT_FOUND")
_ASK_EVERY = 0.1
_REACHED_WITHIN = "60"
_ANSWERED_WITHIN = 60.0

_SETTINGS = {"ANSI_MODE": "true", "TIMEZONE": "UTC", "LEGACY_TIME_PARSER_POLICY": "EXCEPTION"}
"""What a statement may rest on, whatever the warehouse's own parameters are."""

# What the driver writes to nobody's log would be written to the terminal.
logging.getLogger("databricks").addHandler(logging.NullHandler())


class Databricks(WarehouseConnection):
    """A connection to a SQL warehouse, whose session is in UTC and in ANSI mode."""

    dialect = "databricks"
    failures = _FAILURES
    readers: Mapping[Kind, Reader] = {**READERS, Kind.TIMESTAMP: timestamp_in_utc}

    def __init__(self, connection: Any, address: ServerAddress) -> None:
        super().__init__(connection, address)
        self._catalog = self._schema = ""

    @staticmethod
    def reached(asked: Mapping[str, str]) -> Any:
        if "warehouse" not in asked:
            raise no_warehouse("databricks")
        settings = dict(_SETTINGS)
        if "statement_timeout" in asked:
            # In whole seconds; what is shorter is stopped from here.
            settings["STATEMENT_TIMEOUT"] = str(math.ceil(seconds_of(asked["statement_timeout"])))
        patience = float(asked.get("connect_timeout", _REACHED_WITHIN))
        return sql.connect(
            server_hostname=asked["host"],
            catalog=asked.get("dbname"),
            schema=asked.get("schema"),
            session_configuration=settings,
            user_agent_entry="kpidsl",
            # What is asked, and what fails, is nobody's business but the warehouse's.
            enable_telemetry=False,
            _socket_timeout=max(patience, _ANSWERED_WITHIN),
            _retry_stop_after_attempts_duration=max(1.0, patience),
            **_way(asked),
        )

    def set_up(self, asked: Mapping[str, str]) -> None:  # noqa: ARG002
        ((catalog, schema),) = self.ask("SELECT CURRENT_CATALOG(), CURRENT_SCHEMA()")[1]
        self._catalog, self._schema = str(catalog), str(schema)

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        with self._connection.cursor() as cursor:
            # Where the driver waits for a statement, nobody else can reach the warehouse to stop it.
            cursor.execute_async(sql)
            with self.running(cursor):
                while cursor.is_query_pending():
                    time.sleep(_ASK_EVERY)
                if self._is_cancelled:
                    return 0, []
                return _rows(cursor.get_async_execution_result())

    def stop(self, running: Any) -> None:
        running.cancel()

    def is_lost(self, error: Exception) -> bool:
        return isinstance(error, _UNREACHABLE)

    @classmethod
    def told(cls, error: Exception) -> str:
        """Return a failure's own text: that of the service, or of what happened on the way."""
        if not isinstance(error, failures.RequestError):
            return reason(error)
        told = error.context.get("error-message")
        inner = next((one for one in error.args if isinstance(one, Exception)), error)
        # That it was tried too long is told in the place of why.
        return str(told) if told else reason(inner.__context__ or inner)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        asked = exp.Describe(this=tables.table_node(parts), kind="TABLE").sql("databricks")
        try:
            rows = self.ask(asked)[1]
        except failures.DatabaseError as error:
            if any(word in str(error) for word in _NOT_THERE):
                return []
            raise
        # Behind the columns stands how the table is partitioned.
        names = [str(row[0] or "") for row in rows]
        last = next((at for at, name in enumerate(names) if not name or name.startswith("#")), len(names))
        return [(row[0], _type_text(str(row[1]))) for row in rows[:last]]

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        return [(row[0], _type_text(str(row[1]))) for row in self.ask(f"DESCRIBE QUERY {sql}")[1]]

    def listed(self) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            found = cursor.tables(catalog_name=self._catalog).fetchall_arrow().to_pylist()
        return [
            ("" if one["TABLE_SCHEM"] == self._schema else one["TABLE_SCHEM"], one["TABLE_NAME"])
            for one in found
            if one["TABLE_CAT"] in (self._catalog, None) and one["TABLE_SCHEM"] != "information_schema"
        ]


def _way(asked: Mapping[str, str]) -> dict[str, Any]:
    """Return how a warehouse is reached, and as whom: over what is not HTTPS, as nobody."""
    path = f"/sql/1.0/warehouses/{quote(asked['warehouse'], safe='')}"
    endpoint = asked.get("endpoint", "")
    way: dict[str, Any] = {"http_path": path}
    if endpoint:
        way["_connection_uri"] = endpoint.rstrip("/") + path
        if not endpoint.startswith("https://"):
            return way | {"credentials_provider": _Nobody()}
    # Without a token, a browser asks who one is.
    return way | ({"access_token": asked["token"]} if "token" in asked else {"auth_type": "databricks-oauth"})


class _Nobody:
    """Credentials that are none."""

    def auth_type(self) -> str:
        return "none"

    def __call__(self, *_: object, **__: object) -> Any:
        return dict


def _rows(cursor: Any) -> tuple[int, list[tuple[Any, ...]]]:
    """Return how many columns a result has, and its rows with the types that Arrow has."""
    found = cursor.fetchall_arrow()
    columns = [column.to_pylist() for column in found.columns]
    return len(columns), list(zip(*columns, strict=True))


def _type_text(type_: str) -> str:
    """Return a column's type; what is called a timestamp there is an instant."""
    told = type_.lower()
    return {"timestamp": "timestamp_ltz"}.get(told, told)
