"""ClickHouse in this process, by chdb: a database in memory, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import chdb
import pyarrow as pa
from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.clickhouse_tables import ClickhouseConnection, told_by
from kpidsl.engines.errors import EngineError, connection_closed, statement_failed
from kpidsl.engines.urls import FileAddress
from kpidsl.model.types import Type


def open_chdb(_address: FileAddress, _read_only: bool) -> Chdb:
    """Return a connection to a database in memory, which holds nothing but what it is given."""
    driver: Any = chdb
    return Chdb(driver.connect(":memory:"))


class Chdb(ClickhouseConnection):
    """A connection to the one engine that a process has; what was created by it is gone when it is closed."""

    def __init__(self, connection: Any) -> None:
        super().__init__((RuntimeError, chdb.ChdbError))
        self._connection = connection
        self._created: list[tuple[str, ...]] = []
        self._is_closed = False

    def arrow(self, sql: str) -> pa.Table:
        found = self._query(sql, "Arrow").bytes()
        return pa.ipc.open_file(pa.py_buffer(found)).read_all() if found else pa.table({})

    def execute(self, sql: str) -> None:
        self._query(sql, "Null")

    def cancel(self) -> None:
        """It cannot be asked: chdb runs one statement at a time."""

    def failure(self, error: Exception) -> EngineError:
        if self._is_closed:
            return connection_closed(self.dialect)
        return statement_failed(self.dialect, told_by(error))

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        self._created.append(parts)
        super().create_table(parts, columns, rows)

    def close(self) -> None:
        if self._is_closed:
            return
        for parts in self._created:
            drop = exp.Drop(tables=[tables.table_node(parts)], kind="TABLE", exists=True)
            self.execute(drop.sql(self.dialect))
        self._is_closed = True

    def _query(self, sql: str, form: str) -> Any:
        if self._is_closed:
            raise RuntimeError("closed")
        sql.encode()
        return self._connection.query(sql, form)
