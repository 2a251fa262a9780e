"""Tables as folders of Parquet files, laid out as Spark's own warehouse is: `shop.db/orders`, `orders`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn, arrow_schema
from kpidsl.model.types import Type

_DATABASE = ".db"


def stored_tables(warehouse: Path) -> Iterator[tuple[tuple[str, ...], Path]]:
    """Yield the name and the folder of each table in a warehouse's folder, sorted."""
    for folder in _folders(warehouse):
        if folder.suffix != _DATABASE:
            if _has_files(folder):
                yield (folder.name,), folder
            continue
        for table in _folders(folder):
            if _has_files(table):
                yield (folder.stem, table.name), table


def _folders(parent: Path) -> list[Path]:
    return sorted(one for one in parent.iterdir() if one.is_dir() and not one.name.startswith((".", "_")))


def _has_files(folder: Path) -> bool:
    return any(folder.rglob("*.parquet"))


def written_file(
    files: Path,
    parts: tuple[str, ...],
    columns: Sequence[tuple[str, Type]],
    rows: Iterable[Sequence[object]],
) -> Path:
    """Write a table's rows and return their folder."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stored = tables.stored_rows(columns, rows)
    schema = arrow_schema([ResultColumn(name, type_) for name, type_ in columns])
    by_column = list(zip(*stored, strict=True)) if stored else [()] * len(columns)
    arrays = [pa.array(values, field.type) for values, field in zip(by_column, schema, strict=True)]
    folder = files.joinpath(*(f"{part}{_DATABASE}" for part in parts[:-1]), parts[-1])
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), folder / "rows.parquet")
    return folder
