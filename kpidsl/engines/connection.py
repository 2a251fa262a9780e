"""What every engine's connection can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from kpidsl.engines.columns import ResultColumn
from kpidsl.model.types import Type

if TYPE_CHECKING:
    import pyarrow as pa


class Connection(Protocol):
    """An open connection. Every failure is an `EngineError`; Ctrl-C stops the running statement."""

    @property
    def dialect(self) -> str:
        """Return the dialect in which the engine takes its statements."""
        ...

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        """Return the rows of a query with exactly the types of `columns`, matched by position.

        A value that does not fit its type is an error: nothing is rounded or cut.
        """
        ...

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query as the engine's own driver gives them."""
        ...

    def describe(self, parts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        """Return each column of a table with the engine's text for its type, or None: no such table."""
        ...

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        """Return each column of a query's rows with the engine's text for its type, empty: it has none.

        The rows are not computed; a query that the engine refuses is an `EngineError`.
        """
        ...

    def tables(self) -> tuple[str, ...]:
        """Return the tables and views as `table:` names them, sorted."""
        ...

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        """Create a typed table (and the schema that it names) and fill it."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ClosedAtTheEnd(ABC):
    """What is closed at the end of a `with`, however that is left."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
