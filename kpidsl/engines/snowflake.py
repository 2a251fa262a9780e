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
from kpidsl.engines.rows import READERS, Reader, timestamp_in_utc
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.warehouses import WarehouseConnection, of_the_catalogue, reason
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

_TOLD = {
    "host": "account",
    "user": "user",
    "dbname": "database",
    "schema": "schema",
    "warehouse": "warehouse",
    "role": "role",
}
"""The parts of a URL that the driver is told, and what it calls them."""

_NAMES = """
SELECT table_catalog, table_schema, table_name FROM information_schema.tables
WHERE UPPER(table_name) = UPPER(:name) AND UPPER(table_schema) = UPPER(COALESCE(:schema, CURRENT_SCHEMA()))
ORDER BY table_schema, table_name LIMIT 1
"""
_TABLES = """
SELECT CASE WHEN table_schema = CURRENT_SCHEMA() THEN '' ELSE table_schema END, table_name
FROM information_schema.tables WHERE table_schema <> 'INFORMATION_SCHEMA'
"""


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
    """A connection to Snowflake, whose session has the parameters that our SQL rests on."""

    dialect = "snowflake"
    failures = _FAILURES
    needs_user = True
    readers: Mapping[Kind, Reader] = {**READERS, Kind.TIMESTAMP: timestamp_in_utc}

    @staticmethod
    def reached(asked: Mapping[str, str]) -> Any:
        told = {as_told: asked[name] for name, as_told in _TOLD.items() if name in asked}
        return snowflake.connector.connect(
            **told,
            **_way_in(asked),
            application="kpidsl",
            login_timeout=int(asked.get("connect_timeout", "30")),
            session_parameters={"CLIENT_TELEMETRY_ENABLED": False},
            # What is left running when a connection is closed is nobody's any more.
            enable_server_session_keep_alive_auto_detection=False,
        )

    def set_up(self, asked: Mapping[str, str]) -> None:
        settings = dict(_SETTINGS)
        if "statement_timeout" in asked:
            # In whole seconds; what is shorter is stopped from here.
            settings["STATEMENT_TIMEOUT_IN_SECONDS"] = str(math.ceil(seconds_of(asked["statement_timeout"])))
        written = " ".join(f"{name} = {value}" for name, value in settings.items())
        with self._connection.cursor() as cursor:
            cursor.execute(f"ALTER SESSION SET {written}")

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        with self._connection.cursor() as cursor:
            number = cursor.execute_async(sql)["queryId"]
            with self.running(number):
                cursor.get_results_from_sfqid(number)
                rows = cursor.fetchall()
                return len(cursor.description or ()), rows

    def stop(self, running: str) -> None:
        self._connection.cursor().abort_query(running)

    def is_lost(self, error: Exception) -> bool:
        return isinstance(error, failures.OperationalError | OSError)

    @classmethod
    def told(cls, error: Exception) -> str:
        """Return a failure's own text, without the numbers before and the identifiers behind it."""
        told = getattr(error, "raw_msg", None)
        return " ".join(str(told).split()) if told else reason(error)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        database = _as_stored(outer[0]) if len(outer) == 2 else None
        schema = exp.Literal.string(outer[-1]) if outer else exp.null()
        asked = of_the_catalogue(
            _NAMES, "snowflake", within=database, name=exp.Literal.string(name), schema=schema
        )
        names = self.ask(asked)[1]
        if not names:
            return []
        table = exp.Describe(this=tables.table_node(tuple(map(str, names[0]))), kind="TABLE")
        return self._types_by(table.sql("snowflake"))

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            number = cursor.execute_async(tables.no_rows_of(sql))["queryId"]
            with self.running(number):
                cursor.get_results_from_sfqid(number)
                cursor.fetchall()
        # The driver's own description has no collations.
        return self._types_by(f"DESCRIBE RESULT '{number}'")

    def _types_by(self, described: str) -> list[tuple[Any, ...]]:
        return [(row[0], _type_text(str(row[1]))) for row in self.ask(described)[1]]

    def listed(self) -> list[tuple[Any, ...]]:
        return self.ask(_TABLES)[1]


def _type_text(type_: str) -> str:
    """Return a column's type; a number without digits after the point is an integer, too."""
    match = _NUMBER.fullmatch(type_)
    if match is None:
        return type_.lower()
    return f"numeric({match[1]},{match[2]})" + (", int" if match[2] == "0" else "")


def _as_stored(name: str) -> str:
    # What nobody quotes is in capitals there.
    return name.upper() if name.islower() else name
