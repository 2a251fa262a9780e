"""Warehouses in the cloud: connections that are never written to, whatever their engine would allow."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from kpidsl.engines.errors import (
    EngineError,
    cannot_open,
    connection_closed,
    no_user,
    only_queries,
    statement_failed,
    too_slow,
)
from kpidsl.engines.interruption import LateError, interruptible
from kpidsl.engines.servers import ServerConnection
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.urls import ServerAddress
from kpidsl.model.types import Type

T = TypeVar("T")

_WRITES = re.compile(r"(?i);|\b(?:into|insert|update|delete|merge|exec(?:ute)?)\b")
_WRITING = (exp.Into, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.DDL, exp.Command)
_AN_OBJECT = re.compile(r"^<[^>]*>: |^\w+\([^()]*\): ")


class WarehouseConnection(ServerConnection):
    """A connection to a warehouse. Only queries are sent, and they are stopped when they are late.

    An engine's module says how its driver is reached (`reached`), what the session is told (`set_up`), how a
    statement is asked (`ask`, which holds it by `running`) and how one that runs is stopped (`stop`).
    """

    failures: ClassVar[tuple[type[Exception], ...]]
    """What the driver raises."""
    helps: ClassVar[Mapping[str, str]] = {}
    """What helps where a connection could not be opened, by words of what is told."""
    needs_user: ClassVar[bool] = False

    def __init__(self, connection: Any, address: ServerAddress) -> None:
        super().__init__(connection, self.failures)
        self._address = address
        self._running: Any = None
        self._is_closed = False
        self._is_cancelled = False

    @classmethod
    def opened(cls, address: ServerAddress, read_only: bool) -> Self:  # noqa: ARG003
        """Return a connection whose session is set up; where that fails, none is left open."""
        asked = {name: value for name, value in address.parts.items() if value}
        if cls.needs_user and "user" not in asked:
            raise no_user(address.engine)
        try:
            found = cls(cls.reached(asked), address)
            try:
                found.set_up(asked)
            except cls.failures:
                found.close()
                raise
        except cls.failures as error:
            told = address.without_secrets(cls.told(error))
            help = next((help for words, help in cls.helps.items() if words in told), None)
            raise cannot_open(address.shown, told, help) from None
        return found

    # what differs

    @staticmethod
    @abstractmethod
    def reached(asked: Mapping[str, str]) -> Any:
        """Return the driver's connection, by what a URL says."""

    @abstractmethod
    def set_up(self, asked: Mapping[str, str]) -> None:
        """Tell the session what our SQL rests on, so that what is not there is told now."""

    @abstractmethod
    def stop(self, running: Any) -> None:
        """Stop the statement that runs, from another thread."""

    @classmethod
    def told(cls, error: Exception) -> str:
        """Return what a failure says, in the engine's own words."""
        return reason(error)

    def is_lost(self, error: Exception) -> bool:  # noqa: ARG002
        """Tell whether a failure means that the server cannot be reached any more."""
        return False

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        """Return how many columns a query has, and its rows."""
        with self._connection.cursor() as cursor, self.running(cursor):
            cursor.execute(sql)
            described = cursor.description
            return len(described or ()), [tuple(row) for row in cursor.fetchall()] if described else []

    # what all have

    @contextmanager
    def running(self, statement: Any) -> Iterator[None]:
        """Hold what `stop` takes for as long as a statement runs."""
        self._running = statement
        try:
            yield
        finally:
            self._running = None

    def cancel(self) -> None:
        running = self._running
        if running is not None:
            self._is_cancelled = True
            try:
                self.stop(running)
            except self.failures:
                # It is over, or cannot be reached: then its own wait ends with what is to be told.
                return

    def is_closed(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._connection.close()

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        self._refuse_writes(sql)
        return super().describe_select(sql)

    def _refuse_writes(self, sql: str) -> None:
        if self._is_closed:
            raise connection_closed(self.dialect)
        if not is_query(sql, self.dialect):
            raise only_queries(self.dialect)

    def _query(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        self._refuse_writes(sql)
        self._is_cancelled = False
        found = self.ask(sql)
        if self._is_cancelled:
            # There are drivers that take the rows that had come for all there are.
            raise statement_failed(self.dialect, "the query was cancelled")
        return found

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


def of_the_catalogue(sql: str, dialect: str, *, within: str | None = None, **values: exp.Expression) -> str:
    """Return a query of the own tables of a server, or of its database, with values where it has `:name`."""
    query = parse_one(sql, dialect=dialect)
    if within is not None:
        for table in query.find_all(exp.Table):
            table.set("catalog", exp.Identifier(this=within, quoted=True))
    # A server may tell capitals in its own names.
    return exp.replace_placeholders(query, **values).sql(dialect, normalize_functions=False)


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
