"""ClickHouse, a server, by clickhouse-connect: over HTTP, with results as Arrow."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from urllib3.exceptions import HTTPError

from kpidsl.engines.clickhouse_tables import ClickhouseConnection, told_by
from kpidsl.engines.errors import (
    EngineError,
    cannot_open,
    connection_closed,
    old_server,
    statement_failed,
)
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.urls import ServerAddress
from kpidsl.engines.warehouses import reason

_FAILURES = (ClickHouseError, HTTPError, OSError)
_UNREACHABLE = (OperationalError, HTTPError, OSError)
_ANSWERED_WITHIN = 10
_LONGEST_ANSWER = 86_400
_PORTS = {True: 8443, False: 8123}

# What the driver writes to nobody's log would be written to the terminal.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())

# What older servers answer otherwise, without a word: they know the days from 1900 to 2299 alone.
_WIDE_DAYS = """
SELECT toString(toDate32('9999-12-31')), toString(dateTrunc('month', toDate32('0500-01-12'))), version()
"""
_KNOWN = ("9999-12-31", "0500-01-01")


SETTINGS: Mapping[str, Any] = {
    "session_timezone": "UTC",
    "join_default_strictness": "ALL",
    "empty_result_for_aggregation_by_empty_set": 0,
    "count_distinct_implementation": "uniqExact",
    "decimal_check_overflow": 1,
    "enable_positional_arguments": 1,
    # Of a user's profile: rows that are cut off.
    "limit": 0,
    "offset": 0,
    # And what its limits do: the sum of those rows that were read until then is not the sum.
    "read_overflow_mode": "throw",
    "read_overflow_mode_leaf": "throw",
    "group_by_overflow_mode": "throw",
    "distinct_overflow_mode": "throw",
    "join_overflow_mode": "throw",
    "set_overflow_mode": "throw",
    "sort_overflow_mode": "throw",
    "transfer_overflow_mode": "throw",
    "result_overflow_mode": "throw",
    "timeout_overflow_mode": "throw",
    "timeout_overflow_mode_leaf": "throw",
}
"""What a statement's numbers rest on, whatever the user's profile says."""


def open_clickhouse(address: ServerAddress, read_only: bool) -> Clickhouse:
    """Return a connection whose statements are in UTC and, where asked, only read."""
    settings = dict(SETTINGS)
    if read_only:
        # Two: read, and choose the settings that a statement names.
        settings["readonly"] = 2
    if address.parts.get("statement_timeout"):
        settings["max_execution_time"] = seconds_of(address.parts["statement_timeout"])
    patience = int(address.parts.get("connect_timeout") or _ANSWERED_WITHIN)
    try:
        # A server that takes a connection and says nothing is found out by a client that does not wait long.
        with Clickhouse(_client(address, settings, patience, patience), address) as first:
            found = first.arrow(_WIDE_DAYS).to_pylist()
        client = _client(address, settings, patience, _LONGEST_ANSWER)
    except _FAILURES as error:
        raise cannot_open(address.shown, address.without_secrets(_told(error))) from None
    *answers, version = found[0].values()
    if tuple(answers) != _KNOWN:
        client.close()
        raise old_server(address.shown, f"ClickHouse {version}", "26.9")
    return Clickhouse(client, address)


def _client(address: ServerAddress, settings: Mapping[str, Any], patience: int, answered_within: int) -> Any:
    asked = {name: value for name, value in address.parts.items() if value}
    is_secure = asked.get("secure", "true") != "false"
    return clickhouse_connect.get_client(
        interface="https" if is_secure else "http",
        host=asked.get("host", "localhost"),
        port=int(asked.get("port", _PORTS[is_secure])),
        username=asked.get("user"),
        password=asked.get("password", ""),
        database=asked.get("dbname"),
        settings=dict(settings),
        connect_timeout=patience,
        send_receive_timeout=answered_within,
        query_limit=0,
        query_retries=0,
        autogenerate_session_id=False,
        tz_source="server",
        client_name="kpidsl",
        ca_cert=asked.get("ca_cert"),
    )


def _told(error: Exception) -> str:
    """Return a failure's own text: what became of a request stands inside what was tried."""
    return told_by(reason(error) if isinstance(error, _UNREACHABLE) else error)


class Clickhouse(ClickhouseConnection):
    """A connection to a server of ClickHouse."""

    def __init__(self, client: Any, address: ServerAddress) -> None:
        super().__init__(_FAILURES)
        self._client = client
        self._address = address
        self._running = ""
        self._is_closed = False

    def arrow(self, sql: str) -> pa.Table:
        self._open()
        self._running = str(uuid4())
        try:
            found = self._client.raw_query(sql, settings={"query_id": self._running}, fmt="Arrow")
        finally:
            self._running = ""
        return pa.ipc.open_file(pa.py_buffer(found)).read_all() if found else pa.table({})

    def execute(self, sql: str) -> None:
        self._open()
        self._client.command(sql)

    def cancel(self) -> None:
        """Ask the server to stop the statement; who may not ask so waits for its end."""
        if self._running:
            try:
                kill = f"KILL QUERY WHERE query_id = '{self._running}' ASYNC"
                self._client.command(kill, settings={"readonly": 0})
            except _FAILURES:
                return

    def failure(self, error: Exception) -> EngineError:
        told = self._address.without_secrets(_told(error))
        if self._is_closed:
            return connection_closed(self.dialect)
        if isinstance(error, _UNREACHABLE):
            return connection_closed(self.dialect, told)
        return statement_failed(self.dialect, told)

    def close(self) -> None:
        self._is_closed = True
        self._client.close()

    def _open(self) -> None:
        if self._is_closed:
            raise OperationalError("closed")
