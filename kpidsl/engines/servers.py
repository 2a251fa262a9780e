"""Engines that are servers: one connection over a native driver's rows, whatever the driver.

A driver's module subclasses `ServerConnection` and says how its engine is opened, cancelled and asked
for its tables. Statements are read-only unless the connection was opened to write.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.connection import ClosedAtTheEnd
from kpidsl.engines.errors import EngineError, connection_closed, statement_failed, unexpected_width
from kpidsl.engines.interruption import interruptible
from kpidsl.engines.rows import READERS, Reader, table_of
from kpidsl.model.types import Kind, Type

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


class ServerConnection(ClosedAtTheEnd):
    """A connection to a server by a driver of Python's DB-API."""

    dialect: str
    readers: Mapping[Kind, Reader] = READERS
    """How the driver's values are read."""

    def __init__(self, connection: Any, failures: type[Exception] | tuple[type[Exception], ...]) -> None:
        self._connection = connection
        self._driver_failures = failures

    # what differs

    @abstractmethod
    def is_closed(self) -> bool:
        """Tell whether the connection is gone, closed by us or by the server."""

    @abstractmethod
    def cancel(self) -> None:
        """Ask the server to stop the running statement."""

    @abstractmethod
    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """Return the names and types of a table's columns; none where there is no such table."""

    @abstractmethod
    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the names and types of a query's columns, without computing its rows."""

    @abstractmethod
    def listed(self) -> list[tuple[Any, ...]]:
        """Return schema and name of all tables and views; no schema where none need be named."""

    @abstractmethod
    def insert(self, table: exp.Table, rows: Sequence[Sequence[object]]) -> None:
        """Fill a new table."""

    # what all have

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        found, rows = self._stoppable(lambda: self._query(sql))
        if found != len(columns):
            raise unexpected_width(self.dialect, len(columns), found)
        return table_of(rows, columns, self.readers)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self._stoppable(lambda: self._query(sql))[1]

    def describe(self, parts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        with self._failures():
            rows = self.described(parts)
        return tuple((str(name), str(type_)) for name, type_ in rows) or None

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        rows = self._stoppable(lambda: self.described_select(sql))
        return tuple((str(name), str(type_)) for name, type_ in rows)

    def tables(self) -> tuple[str, ...]:
        with self._failures():
            rows = self.listed()
        return tuple(sorted(f"{schema}.{name}" if schema else str(name) for schema, name in rows))

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        typed = [(name, self.type_node(type_)) for name, type_ in columns]
        stored = tables.stored_rows(columns, rows)
        with self._failures():
            if len(parts) > 1:
                self._execute(tables.create_schema_node(parts[:-1]))
            self._execute(tables.create_table_node(parts, typed))
            if stored:
                self.insert(tables.table_node(parts), stored)

    def type_node(self, type_: Type) -> exp.DataType:
        """Return the type of a column that is created."""
        return tables.type_node(type_)

    def close(self) -> None:
        self._connection.close()

    def _execute(self, statement: exp.Expression) -> None:
        self._connection.execute(statement.sql(self.dialect))

    def _query(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            described = cursor.description
            return len(described or ()), list(cursor.fetchall()) if described else []

    def _stoppable(self, work: Callable[[], T]) -> T:
        with self._failures():
            return interruptible(work, self.cancel)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn the driver's failures into `EngineError`."""
        try:
            yield
        except self._driver_failures as error:
            raise (self._told(error)) from None
        except UnicodeError as error:
            raise statement_failed(self.dialect, error) from None

    def _told(self, error: Exception) -> EngineError:
        if self.is_closed():
            return connection_closed(self.dialect, error)
        return statement_failed(self.dialect, error)
