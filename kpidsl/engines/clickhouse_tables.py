"""A connection to ClickHouse, whatever the driver: its queries, its tables, and how new ones are made."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.connection import ClosedAtTheEnd
from kpidsl.engines.errors import EngineError, statement_failed, unexpected_width
from kpidsl.engines.fitting import fitted_table
from kpidsl.engines.interruption import interruptible
from kpidsl.model.types import Kind, Type
from kpidsl.model.zones import is_utc

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

_TABLES = """
SELECT CASE WHEN t.database = currentDatabase() THEN '' ELSE t.database END, t.name
FROM system.tables AS t
WHERE t.database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') AND NOT t.is_temporary
"""
_COLUMNS = """
SELECT c.name, c.type, timezone() FROM system.columns AS c
WHERE c.database = {database} AND c.table = {table} ORDER BY c.position
"""
_TYPES = {
    Kind.BOOLEAN: "Bool",
    Kind.INTEGER: "Int64",
    Kind.FLOAT: "Float64",
    Kind.TEXT: "String",
    Kind.DATE: "Date32",
    Kind.TIMESTAMP: "DateTime64(6, 'UTC')",
}
_MOMENT = re.compile(
    r"DateTime64\((?P<digits>\d)(?:, '(?P<zone>[^']*)')?\)|DateTime(?!64)(?:\('(?P<own>[^']*)'\))?"
)
_BEFORE = re.compile(r"^.*?Code: \d+\. DB::Exception: ")
_BEHIND = re.compile(r" In scope .*|[.:]? ?\([A-Z_]+\)(?: \(version .*)?$")


class ClickhouseConnection(ClosedAtTheEnd):
    """A connection to ClickHouse; a subclass says how statements reach it."""

    dialect = "clickhouse"

    def __init__(self, failures: tuple[type[Exception], ...]) -> None:
        self._driver_failures = failures

    # what differs

    @abstractmethod
    def arrow(self, sql: str) -> pa.Table:
        """Return the rows of a query as the driver gives them."""

    @abstractmethod
    def execute(self, sql: str) -> None:
        """Execute a statement that returns nothing."""

    @abstractmethod
    def cancel(self) -> None:
        """Ask for the running statement to be stopped."""

    @abstractmethod
    def failure(self, error: Exception) -> EngineError:
        """Return what a driver's failure comes to."""

    # what both have

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        found = self._stoppable(lambda: self.arrow(sql))
        if found.num_columns != len(columns):
            raise unexpected_width(self.dialect, len(columns), found.num_columns)
        return fitted_table(found, columns)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        found = self._stoppable(lambda: self.arrow(sql))
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def describe(self, parts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        *outer, table = (exp.Literal.string(part).sql(self.dialect) for part in parts)
        database = outer[-1] if outer else "currentDatabase()"
        found = self.fetch(_COLUMNS.format(database=database, table=table))
        return tuple((str(name), shown_type(str(type_), str(zone))) for name, type_, zone in found) or None

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        zone = self.fetch("SELECT timezone()")[0][0]
        found = self.fetch(f"DESCRIBE ({sql})")
        return tuple((str(name), shown_type(str(type_), str(zone))) for name, type_, *_ in found)

    def tables(self) -> tuple[str, ...]:
        found = self.fetch(_TABLES)
        return tuple(sorted(f"{schema}.{name}" if schema else str(name) for schema, name in found))

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        stored = tables.stored_rows(columns, rows)
        by_column = list(zip(*stored, strict=True)) if stored else [()] * len(columns)
        typed = [
            (name, exp.DataType.build(self.column_type(type_, values), dialect=self.dialect))
            for (name, type_), values in zip(columns, by_column, strict=True)
        ]
        create = tables.create_table_node(parts, typed)
        engine = exp.EngineProperty(this=exp.Var(this="Memory"))
        create.set("properties", exp.Properties(expressions=[engine]))
        with self._failures():
            if len(parts) > 1:
                self.execute(tables.create_schema_node(parts[:-1]).sql(self.dialect))
            self.execute(create.sql(self.dialect))
            if stored:
                written = [exp.Tuple(expressions=list(map(_written, row))) for row in stored]
                rows_of_it = exp.Values(expressions=written)
                insert = exp.Insert(this=tables.table_node(parts), expression=rows_of_it)
                self.execute(insert.sql(self.dialect))

    def column_type(self, type_: Type, values: Sequence[object]) -> str:  # noqa: ARG002
        """Return the type of a new table's column that is to hold some values."""
        return f"Nullable({type_name(type_)})"

    def _stoppable(self, work: Callable[[], T]) -> T:
        with self._failures():
            return interruptible(work, self.cancel)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn the driver's failures into `EngineError`."""
        try:
            yield
        except self._driver_failures as error:
            raise self.failure(error) from None
        except UnicodeError as error:
            raise statement_failed(self.dialect, error) from None


def told_by(error: object) -> str:
    """Return a driver's message from where ClickHouse's own begins, as far as its end."""
    text = " ".join(str(error).split())
    return _BEFORE.sub("", _BEHIND.sub("", text)) or type(error).__name__


def type_name(type_: Type) -> str:
    """Return ClickHouse's name of a type of the language."""
    if type_.kind is Kind.DECIMAL:
        return f"Decimal({type_.precision}, {type_.scale})"
    return _TYPES[type_.kind]


def shown_type(type_: str, server_zone: str) -> str:
    """Return a column's type with the zone that its times are shown in, where this is not UTC."""

    def shown(match: re.Match[str]) -> str:
        zone = match["zone"] or match["own"] or server_zone
        digits = match["digits"]
        told = [digits] if digits else []
        told += [] if is_utc(zone) else [f"'{zone}'"]
        name = "DateTime64" if digits else "DateTime"
        return f"{name}({', '.join(told)})" if told else name

    return _MOMENT.sub(shown, type_)


def _written(value: object) -> exp.Expr:
    match value:
        case None:
            return exp.Null()
        case bool():
            return exp.Boolean(this=value)
        case int():
            return exp.Literal.number(str(value))
        case _:
            return exp.Literal.string(str(value))
