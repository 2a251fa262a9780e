"""The roastery as a file of DuckDB."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import duckdb

from .tables import COLUMNS
from .world import tables

TYPES = {"text": "varchar", "integer": "bigint", "float": "double"}
_NULL = r"\N"  # an empty text is a value: a query that the search engine keeps back


def build(target: Path, scale: float = 1.0) -> str:
    """Write the database and return a line that counts its rows."""
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    counted = []
    with duckdb.connect(str(target)) as connection, tempfile.TemporaryDirectory() as folder:
        connection.execute("create schema marketing")
        for name, rows in tables(scale).items():
            columns = ", ".join(f'"{column}" {TYPES.get(type_, type_)}' for column, type_ in COLUMNS[name])
            connection.execute(f"create table marketing.{name} ({columns})")
            path = Path(folder) / f"{name}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                written = csv.writer(file)
                written.writerows([_NULL if value is None else value for value in row] for row in rows)
            connection.execute(f"copy marketing.{name} from '{path}' (header false, nullstr '{_NULL}')")
            counted.append(f"{len(rows):,} {name}")
    return f"{target.name}: {', '.join(counted)}"
