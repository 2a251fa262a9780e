"""Warehouses in the cloud: connections that are never written to, whatever their engine would allow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from kpidsl.engines.errors import EngineError, connection_closed, only_queries, statement_failed, too_slow
from kpidsl.engines.interruption import LateError, interruptible
from kpidsl.engines.servers import ServerConnection
from kpidsl.engines.urls import ServerAddress, seconds_of
from kpidsl.model.types import Type

T = TypeVar("T")

_WRITES = re.compile(r"(?i);|\b(?:into|insert|update|delete|merge|exec(?:ute)?)\b")
_WRITING = (exp.Into, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.DDL, exp.Command)
_AN_OBJECT = re.compile(r"^<[^>]*>: |^\w+\([^()]*\): ")


class WarehouseConnection(ServerConnection):
    """A connection to a warehouse. Only queries are sent, and they are stopped when they are late."""

    def __init__(
        self, connection: Any, failures: tuple[type[Exception], ...], address: ServerAddress
    ) -> None:
        super().__init__(connection, failures)
        self._address = address
        self._is_closed = False

    def is_closed(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._connection.close()

    def is_lost(self, error: Exception) -> bool:  # noqa: ARG002
        """Tell whether a failure means that the server cannot be reached any more."""
        return False

    def told(self, error: Exception) -> str:
        """Return what a failure says, in the engine's own words."""
        return reason(error)

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        """Return how many columns a query has, and its rows."""
        return super()._query(sql)

    def _query(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        if self._is_closed:
            raise connection_closed(self.dialect)
        if not is_query(sql, self.dialect):
            raise only_queries(self.dialect)
        return self.ask(sql)

    def _stoppable(self, work: Callable[[], T]) -> T:
        timeout = self._address.parts.get("statement_timeout")
        with self._failures():
            try:
                return interruptible(work, self.cancel, seconds_of(timeout) if timeout else None)
            except LateError:
                raise too_slow(self.dialect, timeout or "") from None

    def _told(self, error: Exception) -> EngineError:
        if self._is_closed:
            return connection_closed(self.dialect)
        told = self._address.without_secrets(self.told(error))
        return (
            connection_closed(self.dialect, told)
            if self.is_lost(error)
            else statement_failed(self.dialect, told)
        )

    # What a warehouse is never asked to do.

    def create_table(
        self,
        parts: tuple[str, ...],  # noqa: ARG002
        columns: Sequence[tuple[str, Type]],  # noqa: ARG002
        rows: Iterable[Sequence[object]],  # noqa: ARG002
    ) -> NoReturn:
        raise only_queries(self.dialect)

    def insert(self, table: exp.Table, rows: Sequence[Sequence[object]]) -> NoReturn:  # noqa: ARG002
        raise only_queries(self.dialect)


def is_query(sql: str, dialect: str) -> bool:
    """Tell whether a statement is one query, and so only reads."""
    try:
        tree = parse_one(sql, dialect=dialect)
    except SqlglotError:
        # What the engine itself says of it is the better message.
        first = sql.lstrip(" \t\n(")[:6].upper()
        return first.startswith(("SELECT", "WITH")) and not _WRITES.search(sql)
    return isinstance(tree, exp.Query) and tree.find(*_WRITING) is None


def reason(error: BaseException) -> str:
    """Return what a failure came of: drivers that speak HTTP wrap what happened in what they tried."""
    *_, last = _causes(error)
    if last.args and isinstance(last.args[0], str):
        return _AN_OBJECT.sub("", last.args[0].strip()) or type(last).__name__
    return _AN_OBJECT.sub("", str(last).strip()) or type(last).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield a failure, then what each was raised for, down to the first."""
    found: object = error
    seen: set[int] = set()
    while isinstance(found, BaseException) and id(found) not in seen:
        yield found
        seen.add(id(found))
        inner = [getattr(found, name, None) for name in ("cause", "reason", "__cause__")]
        found = next((one for one in (*inner, *found.args) if isinstance(one, BaseException)), None)
