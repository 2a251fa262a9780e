"""Snowflake, by its own connector: a statement is started, waited for by its number, and stopped by it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import snowflake.connector
from snowflake.connector import errors as failures
from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.errors import cannot_open, no_user
from kpidsl.engines.rows import READERS, Reader, timestamp_in_utc
from kpidsl.engines.urls import ServerAddress, seconds_of
from kpidsl.engines.warehouses import WarehouseConnection, reason
from kpidsl.model.types import Kind

_NUMBER = re.compile(r"NUMBER\((\d+),\s*(\d+)\)")
_FAILURES = (failures.Error, OSError, ValueError)

_SETTINGS = {
    "TIMEZONE": "'UTC'",
    "TIMESTAMP_TYPE_MAPPING": "'TIMESTAMP_NTZ'",
    "TIMESTAMP_DAY_IS_ALWAYS_24H": "TRUE",
    "DATE_INPUT_FORMAT": "'YYYY-MM-DD'",
    "TIMESTAMP_INPUT_FORMAT": "'AUTO'",
    "WEEK_START": "1",
    "WEEK_OF_YEAR_POLICY": "0",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": "FALSE",
    "DEFAULT_NULL_ORDERING": "'LAST'",
    "ROWS_PER_RESULTSET": "0",
    "QUERY_TAG": "'kpidsl'",
}
"""What a statement may rest on, whatever the account's and the user's own parameters are."""

_NAMES = """
SELECT table_catalog, table_schema, table_name FROM {database}information_schema.tables
WHERE UPPER(table_name) = UPPER({name}) AND UPPER(table_schema) = UPPER(COALESCE({schema}, CURRENT_SCHEMA()))
ORDER BY table_schema, table_name LIMIT 1
"""
_TABLES = """
SELECT CASE WHEN table_schema = CURRENT_SCHEMA() THEN '' ELSE table_schema END, table_name
FROM information_schema.tables WHERE table_schema <> 'INFORMATION_SCHEMA'
"""


def open_snowflake(address: ServerAddress, read_only: bool) -> Snowflake:  # noqa: ARG001
    """Return a connection whose session has the parameters that our SQL rests on. It only reads."""
    asked = {name: value for name, value in address.parts.items() if value}
    if "user" not in asked:
        raise no_user("snowflake")
    settings = dict(_SETTINGS)
    if "statement_timeout" in asked:
        # In whole seconds; what is shorter is stopped from here.
        settings["STATEMENT_TIMEOUT_IN_SECONDS"] = str(math.ceil(seconds_of(asked["statement_timeout"])))
    told: dict[str, Any] = {"account": asked["host"], "user": asked["user"], "application": "kpidsl"}
    for name, as_told in (
        ("dbname", "database"),
        ("schema", "schema"),
        ("warehouse", "warehouse"),
        ("role", "role"),
    ):
        if name in asked:
            told[as_told] = asked[name]
    try:
        connection = snowflake.connector.connect(
            **told,
            **_way_in(asked),
            login_timeout=int(asked.get("connect_timeout", "30")),
            # What is left running when a connection is closed is nobody's any more.
            enable_server_session_keep_alive_auto_detection=False,
        )
        opened = Snowflake(connection, address)
        try:
            written = " ".join(f"{name} = {value}" for name, value in settings.items())
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER SESSION SET {written}")
        except _FAILURES:
            opened.close()
            raise
    except _FAILURES as error:
        raise cannot_open(address.shown, address.without_secrets(_message(error))) from None
    return opened


def _way_in(asked: Mapping[str, str]) -> dict[str, Any]:
    """Return how a user is known: by a token, by a key, or by a password."""
    if "token" in asked:
        return {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": asked["token"]}
    if "key_file" in asked:
        key = {"authenticator": "SNOWFLAKE_JWT", "private_key_file": asked["key_file"]}
        # What stands where a password does is then that of the key.
        return key | ({"private_key_password": asked["password"]} if "password" in asked else {})
    return {"password": asked["password"]} if "password" in asked else {"authenticator": "externalbrowser"}


class Snowflake(WarehouseConnection):
    """A connection to Snowflake."""

    dialect = "snowflake"
    readers: Mapping[Kind, Reader] = {**READERS, Kind.TIMESTAMP: timestamp_in_utc}

    def __init__(self, connection: Any, address: ServerAddress) -> None:
        super().__init__(connection, _FAILURES, address)
        self._running: str | None = None

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        cursor = self._connection.cursor()
        try:
            self._running = cursor.execute_async(sql)["queryId"]
            cursor.get_results_from_sfqid(self._running)
            rows = cursor.fetchall()
            return len(cursor.description or ()), rows
        finally:
            self._running = None
            cursor.close()

    def cancel(self) -> None:
        number = self._running
        if number is not None:
            try:
                self._connection.cursor().abort_query(number)
            except _FAILURES:
                # It is over, or cannot be reached: then its own wait ends with what is to be told.
                return

    def is_lost(self, error: Exception) -> bool:
        return isinstance(error, failures.OperationalError | OSError)

    def told(self, error: Exception) -> str:
        return _message(error)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        database = f"{_identifier(outer[0])}." if len(outer) == 2 else ""
        schema = _text(outer[-1]) if outer else "NULL"
        names = self.ask(_NAMES.format(database=database, name=_text(name), schema=schema))[1]
        if not names:
            return []
        table = tables.table_node(tuple(map(str, names[0]))).sql("snowflake")
        return [(row[0], _type_text(str(row[1]))) for row in self.ask(f"DESCRIBE TABLE {table}")[1]]

    def listed(self) -> list[tuple[Any, ...]]:
        return self.ask(_TABLES)[1]


def _type_text(type_: str) -> str:
    """Return a column's type; a number without digits after the point is an integer, too."""
    match = _NUMBER.fullmatch(type_)
    if match is None:
        return type_.lower()
    return f"numeric({match[1]},{match[2]})" + (", int" if match[2] == "0" else "")


def _identifier(name: str) -> str:
    # What nobody quotes is in capitals there.
    return exp.Identifier(this=name.upper() if name.islower() else name, quoted=True).sql("snowflake")


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("snowflake")


def _message(error: Exception) -> str:
    """Return a failure's own text, without the numbers before and the identifiers behind it."""
    told = getattr(error, "raw_msg", None)
    return " ".join(str(told).split()) if told else reason(error)
