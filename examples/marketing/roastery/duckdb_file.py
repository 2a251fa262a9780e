"""Tables as a file of DuckDB."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from .stored import Stored

_TYPES = {"text": "varchar", "integer": "bigint", "float": "double"}
_NULL = r"\N"  # an empty text is a value: a query that the search engine keeps back


def write(target: Path, tables: Mapping[str, Stored]) -> str:
    """Write the database and return a line that counts its rows."""
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as connection, tempfile.TemporaryDirectory() as folder:
        for name, table in tables.items():
            path = Path(folder) / f"{name}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(
                    [_NULL if value is None else value for value in row] for row in table.rows
                )
            columns = ", ".join(f'"{column}" {_TYPES.get(type_, type_)}' for column, type_ in table.columns)
            stored = f'"{table.schema}"."{table.table}"'
            connection.execute(f'create schema if not exists "{table.schema}"')
            connection.execute(f"create table {stored} ({columns})")
            connection.execute(f"copy {stored} from '{path}' (header false, nullstr '{_NULL}')")
    total = sum(len(table.rows) for table in tables.values())
    largest = ", ".join(f"{len(tables[name].rows):,} {name}" for name in ("sessions", "orders", "customers"))
    return f"{target.name}: {len(tables)} tables with {total:,} rows, of them {largest}"
