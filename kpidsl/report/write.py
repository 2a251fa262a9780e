"""Results as files: CSV, JSON, Parquet and Arrow."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from kpidsl.report.cells import values
from kpidsl.report.errors import ReportError
from kpidsl.report.result import Result
from kpidsl.report.text import shown_text

Format = Literal["csv", "json", "parquet", "arrow"]
FORMATS: tuple[Format, ...] = get_args(Format)

_QUOTED = frozenset('",\n\r')


def write(result: Result, format: Format, target: Path | None) -> None:
    """Write a result to a file, or to standard output where `target` is None."""
    if target is None:
        sys.stdout.flush()
        _WRITERS[format](result, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    write_whole(target, lambda stream: _WRITERS[format](result, stream))


def write_whole(target: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Fill a file, which appears whole or not at all: it is written beside its place and then renamed.

    A target that is no regular file (a pipe, a terminal) is written to as it is.
    """
    try:
        if target.is_dir():
            raise IsADirectoryError(None, "it is a directory")
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                fill(stream)
            return
        _replace(target.resolve(), fill)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ReportError(f"`{shown_text(str(target))}` could not be written: {reason}") from None


def _replace(target: Path, fill: Callable[[BinaryIO], object]) -> None:
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        with beside.open("xb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _csv(result: Result, stream: BinaryIO) -> None:
    """Null is empty, empty text is `""`, no number loses a digit, dates are ISO, lines end in \\n."""
    stream.write((",".join(_csv_text(column.name) for column in result.columns) + "\n").encode())
    for batch in result.table.to_batches(max_chunksize=10_000):
        arrays = zip(batch.columns, result.columns, strict=True)
        columns = [map(csv_cell, values(array, column.type)) for array, column in arrays]
        lines = "".join(",".join(row) + "\n" for row in zip(*columns, strict=True))
        stream.write(lines.encode())


def csv_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return _csv_text(value)
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime() if value.tzinfo is not None:
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return repr(value)


def _csv_text(text: str) -> str:
    if text and _QUOTED.isdisjoint(text) and text == text.strip():
        return text
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _json(result: Result, stream: BinaryIO) -> None:
    """`{"columns": [{name, type, unit}], "parameters": {…}, "rows": [{…}]}`, a row a line.

    `parameters` is there only where the answer rests on some; see `json_value` for the values.
    """
    columns = [
        {"name": column.name, "type": str(column.type), "unit": column.unit} for column in result.columns
    ]
    used = f'"parameters": {_json_text(dict(result.parameters))}, ' if result.parameters else ""
    stream.write(f'{{"columns": {_json_text(columns)}, {used}"rows": ['.encode())
    separator = "\n"
    for batch in result.table.to_batches(max_chunksize=10_000):
        arrays = zip(batch.columns, result.columns, strict=True)
        for row in zip(*(values(array, column.type) for array, column in arrays), strict=True):
            named = {c.name: json_value(value) for c, value in zip(result.columns, row, strict=True)}
            stream.write((separator + _json_text(named)).encode())
            separator = ",\n"
    stream.write(b"\n]}\n")


def _json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def json_value(value: object) -> object:
    """Return decimals as strings, so that no reader rounds them; dates as ISO.

    JSON has no numbers for what is infinite or not a number: they are the texts that most readers of
    floats know, since null would pass for a value that is missing.
    """
    match value:
        case Decimal():
            return format(value, "f")
        case datetime() if value.tzinfo is not None:
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case _:
            return value


def _parquet(result: Result, stream: BinaryIO) -> None:
    import pyarrow.parquet

    buffer = BytesIO()
    pyarrow.parquet.write_table(result.table, buffer)
    stream.write(buffer.getbuffer())


def _arrow(result: Result, stream: BinaryIO) -> None:
    import pyarrow as pa

    buffer = BytesIO()
    with pa.ipc.new_file(buffer, result.table.schema) as writer:
        writer.write_table(result.table)
    stream.write(buffer.getbuffer())


_WRITERS: dict[Format, Callable[[Result, BinaryIO], None]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "arrow": _arrow,
}
