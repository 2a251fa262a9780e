"""MySQL and MariaDB, by PyMySQL."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pymysql
from pymysql.connections import Connection as Driver
from pymysql.constants import FIELD_TYPE
from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.errors import EngineError, cannot_open, outside_years, too_slow
from kpidsl.engines.rows import READERS, Reader, boolean_of_bit, timestamp_in_utc
from kpidsl.engines.servers import ServerConnection
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.urls import ServerAddress
from kpidsl.model.types import Kind, Type

_MODE = "STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,ERROR_FOR_DIVISION_BY_ZERO,NO_UNSIGNED_SUBTRACTION"
_MOST_MEMORY = 2**31
"""How many bytes a session may take on MariaDB: else one statement could take all that the machine has."""
_SORTED_BYTES = 65_536
"""How many bytes of a text tell it from others where rows are sorted; by itself the server takes 1,024."""
_ALL_ROWS = 2**64 - 1
"""By a server's own `sql_select_limit`, a result would end after so many rows without a word."""
_SORT_BUFFER = 2**25
"""In how many bytes rows are sorted: it must hold 15 rows, of that many bytes for each text. By itself the
server takes 2 MiB, and refuses to sort by three texts."""

_LATE = (1969, 3024)
"""What MariaDB and MySQL call the failure of a statement that took too long."""

_COLUMNS = """
SELECT column_name, CASE
    WHEN column_type = 'tinyint(1)' THEN 'boolean, tinyint(1)'
    WHEN data_type IN ('enum', 'set') THEN CONCAT('text, ', column_type)
    ELSE column_type END
FROM information_schema.columns
WHERE IF(@@lower_case_table_names = 0, CAST(table_name AS BINARY), LOWER(table_name))
    = IF(@@lower_case_table_names = 0, CAST(%s AS BINARY), LOWER(%s))
    AND table_schema = COALESCE(%s, DATABASE())
ORDER BY table_name, ordinal_position
"""
_TYPES = {
    FIELD_TYPE.DECIMAL: "decimal",
    FIELD_TYPE.NEWDECIMAL: "decimal",
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.TIMESTAMP: "timestamp",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.BIT: "bit",
    FIELD_TYPE.JSON: "json",
    FIELD_TYPE.NULL: "null",
    FIELD_TYPE.ENUM: "text, enum",
    FIELD_TYPE.SET: "text, set",
    FIELD_TYPE.VARCHAR: "varchar",
    FIELD_TYPE.VAR_STRING: "varchar",
    FIELD_TYPE.STRING: "char",
    FIELD_TYPE.TINY_BLOB: "text",
    FIELD_TYPE.BLOB: "text",
    FIELD_TYPE.MEDIUM_BLOB: "text",
    FIELD_TYPE.LONG_BLOB: "text",
}
"""What the protocol calls the types of a result's columns; a text without a length passes for bytes there."""
_TABLES = """
SELECT CASE WHEN table_schema = DATABASE() THEN '' ELSE table_schema END, table_name
FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
"""


def open_mysql(address: ServerAddress, read_only: bool) -> Mysql:
    """Return a connection whose session is in UTC and, where asked, only reads."""
    told = _told(address)
    timeout = address.parts.get("statement_timeout")
    try:
        connection = pymysql.connect(**told)
        try:
            _set_up(connection, timeout, read_only)
        except pymysql.Error:
            connection.close()
            raise
        # From now on a statement may take as long as it takes.
        connection._read_timeout = None
    except (pymysql.Error, UnicodeError, OSError) as error:
        raise cannot_open(address.shown, address.without_secrets(_message(error))) from None
    return Mysql(connection, told, timeout)


def _told(address: ServerAddress) -> dict[str, Any]:
    """Return what the driver is told to open a connection."""
    parts = {name: value for name, value in address.parts.items() if value}
    told: dict[str, Any] = {"charset": "utf8mb4", "autocommit": True, "program_name": "kpidsl"}
    told["connect_timeout"] = int(parts.get("connect_timeout", "10"))
    # By itself the driver waits for ever for a server that takes a connection and says nothing.
    told["read_timeout"] = told["connect_timeout"]
    for name, as_told in (("user", "user"), ("dbname", "database")):
        if name in parts:
            told[as_told] = parts[name]
    if "password" in parts:
        # Of a text the driver makes Latin-1, or says which of its letters is none.
        told["password"] = parts["password"].encode()
    host = parts.get("host", "localhost")
    if host.startswith("/"):
        told["unix_socket"] = host
    else:
        told["host"] = host
        told["port"] = int(parts.get("port", "3306"))
    return told | _encryption(address, parts)


def _encryption(address: ServerAddress, parts: Mapping[str, str]) -> dict[str, Any]:
    """Return what the driver is told of TLS; as for libpq, a root certificate that is named is asked for."""
    given = {name: parts[name] for name in ("sslrootcert", "sslcert", "sslkey") if name in parts}
    mode = parts.get("sslmode", "require" if given else "prefer")
    if mode in ("disable", "prefer"):
        return {"ssl_disabled": mode == "disable"}
    for name, file in given.items():
        if not Path(file).is_file():
            raise cannot_open(address.shown, f"`{name}` names no file")
    try:
        # A context of our own, for by its own arguments the driver takes `require` for `prefer`.
        context = ssl.create_default_context(cafile=given.get("sslrootcert"))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.check_hostname = mode == "verify-full"
        if mode == "require" and "sslrootcert" not in given:
            context.verify_mode = ssl.CERT_NONE
        if "sslcert" in given:
            context.load_cert_chain(given["sslcert"], given.get("sslkey"))
    except OSError as error:
        raise cannot_open(address.shown, f"its certificates do not read: {error}") from None
    return {"ssl": context}


def _set_up(connection: Driver[Any], timeout: str | None, read_only: bool) -> None:
    is_mariadb = "mariadb" in connection.get_server_info().lower()
    settings: list[tuple[str, object]] = [
        ("time_zone", "+00:00"),
        ("sql_mode", _MODE),
        ("max_sort_length", _SORTED_BYTES),
        ("sort_buffer_size", _SORT_BUFFER),
        ("sql_select_limit", _ALL_ROWS),
    ]
    if is_mariadb:
        settings.append(("max_session_mem_used", _MOST_MEMORY))
    if timeout is not None and is_mariadb:
        settings.append(("max_statement_time", seconds_of(timeout)))
    elif timeout is not None:
        settings.append(("max_execution_time", round(seconds_of(timeout) * 1000)))
    with connection.cursor() as cursor:
        for name, value in settings:
            cursor.execute(f"SET SESSION {name} = %s", (value,))
        if read_only:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")


def _message(error: Exception) -> str:
    """Return a failure's own text; the driver puts its number before it."""
    parts = error.args
    return str(parts[1]) if len(parts) == 2 and isinstance(parts[1], str) else str(error)


def _type_text(code: int, _shown: None, length: int, _stored: int, digits: int, *_: object) -> str:
    """Return a column's type; what compares is a number of one digit, as a boolean is."""
    told = _TYPES.get(code, "blob")
    if told == "decimal":
        # A sign is counted, and a point.
        return f"decimal({length - 1 - (digits > 0)},{digits})"
    return f"boolean, {told}(1)" if length == 1 and told.endswith("int") else told


class Mysql(ServerConnection):
    """A connection to MySQL or MariaDB."""

    dialect = "mysql"
    readers: Mapping[Kind, Reader] = {
        **READERS,
        Kind.BOOLEAN: boolean_of_bit,
        Kind.TIMESTAMP: timestamp_in_utc,
    }

    def __init__(self, connection: Driver[Any], told: Mapping[str, Any], timeout: str | None = None) -> None:
        super().__init__(connection, (pymysql.Error, OSError))
        self._ways = told
        self._timeout = timeout

    def is_closed(self) -> bool:
        return not self._connection.open

    def cancel(self) -> None:
        other = pymysql.connect(**self._ways)
        try:
            with other.cursor() as cursor:
                cursor.execute(f"KILL QUERY {int(self._connection.thread_id())}")
        finally:
            other.close()

    def close(self) -> None:
        if self._connection.open:
            self._connection.close()

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        return self._rows(_COLUMNS, (name, name, outer[-1] if outer else None))

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(tables.no_rows_of(sql))
            return [(name, _type_text(*rest)) for name, *rest in cursor.description]

    def listed(self) -> list[tuple[Any, ...]]:
        return self._rows(_TABLES, ())

    def _rows(self, sql: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return list(cursor.fetchall())

    def insert(self, table: exp.Table, rows: Sequence[Sequence[object]]) -> None:
        places = ", ".join(["%s"] * len(rows[0]))
        with self._connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table.sql(self.dialect)} VALUES ({places})", rows)

    def type_node(self, type_: Type) -> exp.DataType:
        if type_.kind is Kind.TIMESTAMP:
            return exp.DataType.build("datetime(6)")
        return tables.type_node(type_)

    def _execute(self, statement: exp.Expression) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement.sql(self.dialect))

    def _told(self, error: Exception) -> EngineError:
        if self._timeout is not None and error.args[:1] and error.args[0] in _LATE:
            return too_slow(self.dialect, self._timeout)
        return outside_years(self.dialect, error) or super()._told(type(error)(_message(error)))
