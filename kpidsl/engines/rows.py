"""Rows of a driver, as Arrow with the types that the checker fixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from kpidsl.engines.columns import ResultColumn, arrow_schema
from kpidsl.engines.errors import EngineError, too_large, unexpected_value
from kpidsl.model.types import Kind

if TYPE_CHECKING:
    import pyarrow as pa

Reader = Callable[[object, ResultColumn], object]
"""Returns a value as its column's type, or raises."""


def table_of(
    rows: Sequence[tuple[object, ...]], columns: Sequence[ResultColumn], readers: Mapping[Kind, Reader]
) -> pa.Table:
    """Return the rows as Arrow, each value read as its column's type."""
    import pyarrow as pa

    from kpidsl.engines.fitting import without_negative_zeros

    schema = arrow_schema(columns)
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = []
    for column, field, values in zip(columns, schema, by_column, strict=True):
        read = readers[column.type.kind]
        typed = [None if value is None else read(value, column) for value in values]
        try:
            array = pa.array(typed, field.type)
        except (pa.ArrowInvalid, OverflowError):
            raise too_large(column.name, str(column.type)) from None
        arrays.append(without_negative_zeros(array) if column.type.kind is Kind.FLOAT else array)
    return pa.Table.from_arrays(arrays, schema=schema)


def _unexpected(value: object, column: ResultColumn) -> EngineError:
    return unexpected_value(column.name, str(column.type), f"a value of the type {type(value).__name__}")


def _boolean(value: object, column: ResultColumn) -> bool:
    if isinstance(value, bool):
        return value
    raise _unexpected(value, column)


def _integer(value: object, column: ResultColumn) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        # A sum of 64-bit integers may have more digits than these.
        if value.is_finite() and value == value.to_integral_value():
            return int(value)
        raise too_large(column.name, str(column.type))
    raise _unexpected(value, column)


def _decimal(value: object, column: ResultColumn) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise too_large(column.name, str(column.type))
        return value
    raise _unexpected(value, column)


def _float(value: object, column: ResultColumn) -> float:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    raise _unexpected(value, column)


def _text(value: object, column: ResultColumn) -> str:
    if isinstance(value, str):
        return value
    raise _unexpected(value, column)


def _date(value: object, column: ResultColumn) -> date:
    if isinstance(value, datetime):
        if value.time() == time() and value.tzinfo is None:
            return value.date()
    elif isinstance(value, date):
        return value
    raise _unexpected(value, column)


def _timestamp(value: object, column: ResultColumn) -> datetime:
    if isinstance(value, datetime) and (value.tzinfo is None) == (column.type.shown_in is None):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    raise _unexpected(value, column)


def boolean_of_bit(value: object, column: ResultColumn) -> bool:
    """Return a boolean of an engine whose booleans are small integers."""
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise _unexpected(value, column)


def timestamp_in_utc(value: object, column: ResultColumn) -> datetime:
    """Return a timestamp; an instant that comes without a zone is in the session's, which is UTC."""
    if column.type.shown_in is not None and isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return _timestamp(value, column)


def _nothing(value: object, column: ResultColumn) -> None:
    raise _unexpected(value, column)


READERS: Mapping[Kind, Reader] = {
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.TIMESTAMP: _timestamp,
    Kind.NULL: _nothing,
}
"""How values are read that a driver gives as Python's own types."""
