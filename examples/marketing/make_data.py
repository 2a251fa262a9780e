"""Build the roastery's data: data/roastery.duckdb beside this file, the same rows each time.

Run: python examples/marketing/make_data.py [SCALE]
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

import duckdb
from roastery.tables import COLUMNS
from roastery.world import tables

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


if __name__ == "__main__":
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print(build(Path(__file__).resolve().parent / "data" / "roastery.duckdb", scale))
