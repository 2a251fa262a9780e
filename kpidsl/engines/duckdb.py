"""DuckDB, embedded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
from sqlglot import exp

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn, arrow_schema
from kpidsl.engines.connection import ClosedAtTheEnd
from kpidsl.engines.duckdb_types import types_of
from kpidsl.engines.errors import (
    cannot_open,
    connection_closed,
    statement_failed,
    unexpected_width,
)
from kpidsl.engines.fitting import fitted_table
from kpidsl.engines.interruption import interruptible
from kpidsl.engines.urls import FileAddress
from kpidsl.model.types import Type

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is fetched from outside, and no Python variable passes for a table.
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
}
_FILES_OF_ROWS = (".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx", ".gz")
_ROWS = "kpidsl_rows"
_FILE = "kpidsl_file"
_TABLES = """
SELECT schema_name, table_name FROM duckdb_tables()
WHERE NOT internal AND database_name = current_database()
UNION ALL
SELECT schema_name, view_name FROM duckdb_views()
WHERE NOT internal AND database_name = current_database()
"""
_VIEWS = r"""
SELECT count(*) FROM duckdb_views()
WHERE NOT internal AND regexp_matches(sql, '(?i)\b(join|where|having|qualify)\b')
"""
"""How many views there are that may be or hold what an outer join is misjudged by: docs/decisions/0259."""
_LEAVE_OUT = "SET disabled_optimizers = '{}'"


def open_duckdb(address: FileAddress, read_only: bool) -> DuckDB:
    """Return a connection to a file, read-only where asked, or to a new database in memory."""
    try:
        if address.file is None:
            connection = duckdb.connect(":memory:", config=_SETTINGS)
        else:
            connection = _open_file(address.file.resolve(), read_only)
        connection.execute("SET TimeZone = 'UTC'")
    except (duckdb.Error, UnicodeError) as error:
        raise cannot_open(address.shown, error, _way_out(address, str(error))) from None
    return DuckDB(connection, may_have_views=address.file is not None)


def _way_out(address: FileAddress, said: str) -> str | None:
    """Return what to do about a file that does not open, where that is known."""
    file = address.file
    if "different configuration" in said:
        return "it is open in this process: close that connection first, `connection.close()`"
    if "lock on file" in said.lower():
        return "another program has it open for writing: close it there, or ask a copy of the file"
    if file is None or file.suffix.lower() not in _FILES_OF_ROWS:
        return None
    database = file.with_suffix(".duckdb").name
    made = f"create table {file.stem} as from '{file.name}'"
    return (
        "it is a file of rows and no database: make one in Python, "
        f"`import duckdb; duckdb.connect('{database}').execute(\"{made}\")`, and write `duckdb:///{database}`"
    )


def _open_file(file: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Return a connection to a file, under another name where one of its schemas is called like it.

    DuckDB calls a database by its file's name, so in `shop.duckdb` the table `shop.orders` would be
    refused as ambiguous.
    """
    connection = duckdb.connect(str(file), read_only=read_only, config=_SETTINGS)
    schemas = connection.execute("SELECT DISTINCT schema_name FROM duckdb_schemas()").fetchall()
    if (file.stem,) not in schemas:
        return connection
    connection.close()
    connection = duckdb.connect(":memory:", config=_SETTINGS)
    connection.execute(tables.attach_file_node(str(file), _FILE, read_only).sql("duckdb"))
    connection.execute(exp.Use(this=tables.table_node((_FILE,))).sql("duckdb"))
    return connection


class DuckDB(ClosedAtTheEnd):
    """A connection to DuckDB."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, may_have_views: bool) -> None:
        self._connection = connection
        self._may_have_views = may_have_views

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        arrow = self._stoppable(sql, lambda: self._connection.sql(sql).to_arrow_table())
        if arrow.num_columns != len(columns):
            raise unexpected_width("duckdb", len(columns), arrow.num_columns)
        return fitted_table(arrow, columns)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self._stoppable(sql, lambda: self._connection.execute(sql).fetchall())

    def describe(self, parts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        every = exp.select("*").from_(tables.table_node(parts)).sql(self.dialect)
        with _failures():
            try:
                rows = self._connection.sql(every)
            except duckdb.CatalogException:
                return None
            return types_of(rows)

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        return self._stoppable(sql, lambda: types_of(self._connection.sql(sql)))

    def tables(self) -> tuple[str, ...]:
        with _failures():
            rows = self._connection.execute(_TABLES).fetchall()
        return tuple(sorted(name if schema == "main" else f"{schema}.{name}" for schema, name in rows))

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        typed = [(name, tables.type_node(type_)) for name, type_ in columns]
        with _failures():
            if len(parts) == 3 and parts[0] not in self._catalogs():
                self._execute(tables.attach_memory_node(parts[0]))
            if len(parts) > 1:
                self._execute(tables.create_schema_node(parts[:-1]))
            self._execute(tables.create_table_node(parts, typed))
            self._connection.register(_ROWS, _arrow_rows(columns, rows))
            try:
                every = exp.select("*").from_(tables.table_node((_ROWS,)))
                self._execute(exp.Insert(this=tables.table_node(parts), expression=every))
            finally:
                self._connection.unregister(_ROWS)

    def close(self) -> None:
        self._connection.close()

    def _catalogs(self) -> set[str]:
        return {
            row[0]
            for row in self._connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
        }

    def _execute(self, statement: exp.Expression) -> None:
        self._connection.execute(statement.sql(self.dialect))

    def _stoppable(self, sql: str, work: Callable[[], T]) -> T:
        with _failures():
            # The driver answers text that is not Unicode with an error of its own making.
            sql.encode()
            if self._may_have_views:
                self._mind_views()
            return interruptible(work, self._connection.interrupt)

    def _mind_views(self) -> None:
        """Do without DuckDB's statistics where a view may mislead them: a statement does not show it."""
        found = self._connection.execute(_VIEWS).fetchone()
        has_views = found is not None and found[0] > 0
        self._connection.execute(_LEAVE_OUT.format("statistics_propagation" if has_views else ""))


@contextmanager
def _failures() -> Iterator[None]:
    """Turn the driver's failures into `EngineError`."""
    try:
        yield
    except duckdb.ConnectionException as error:
        raise (
            connection_closed("duckdb") if "closed" in str(error) else statement_failed("duckdb", error)
        ) from None
    except (duckdb.Error, UnicodeError) as error:
        raise statement_failed("duckdb", _of_a_file(str(error)) or error) from None


def _of_a_file(told: str) -> str | None:
    """Return in one line what is wrong in a file of rows, of which only the first lines tell."""
    if "CSV Error" not in told:
        return None
    said, _, _ = told.strip().partition("\n\n")
    return "; ".join(line.strip() for line in said.splitlines())


def _arrow_rows(columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]) -> pa.Table:
    """Return rows as an Arrow table; its columns have generated names, so that any name may be declared."""
    import pyarrow as pa

    named = [ResultColumn(f"c{place}", type_) for place, (_, type_) in enumerate(columns)]
    stored = tables.stored_rows(columns, rows)
    schema = arrow_schema(named)
    by_column = list(zip(*stored, strict=True)) if stored else [()] * len(named)
    arrays = [pa.array(values, field.type) for values, field in zip(by_column, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
