"""Arrow columns as an engine returned them, brought to the types that the checker fixed."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from kpidsl.engines.columns import ResultColumn, arrow_schema
from kpidsl.engines.errors import too_large, unexpected_value
from kpidsl.model.types import Kind

_INTEGER_DIGITS = 20
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_MICROSECONDS = 86_400_000_000


def fitted_table(table: pa.Table, columns: Sequence[ResultColumn]) -> pa.Table:
    """Return the table with the columns' names and types, or raise for the first that does not fit."""
    schema = arrow_schema(columns)
    fitted = [
        _fitted(array, column, field.type)
        for array, column, field in zip(table.columns, columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(fitted, schema=schema)


def _fitted(array: pa.ChunkedArray, column: ResultColumn, due: pa.DataType) -> pa.ChunkedArray:
    if not _may_become(array.type, column.type.kind):
        raise unexpected_value(column.name, str(column.type), str(array.type))
    try:
        if pa.types.is_integer(array.type) and column.type.kind is Kind.DECIMAL:
            array = array.cast(pa.decimal128(_INTEGER_DIGITS, 0))
        # Only floats may lose digits: that is what they are.
        fitted = array.cast(due, safe=column.type.kind is not Kind.FLOAT)
        fitted.validate(full=True)
    except pa.ArrowInvalid:
        raise too_large(column.name, str(column.type)) from None
    if column.type.kind is Kind.FLOAT:
        fitted = without_negative_zeros(fitted)
    if column.type.is_time:
        _refuse_endless(fitted, column)
    if (
        column.type.kind is Kind.DATE
        and pa.types.is_timestamp(array.type)
        and fitted.cast(array.type) != array
    ):
        raise unexpected_value(column.name, str(column.type), "times of day")
    return fitted


def without_negative_zeros(floats: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return floats of which none is `-0.0`: only some engines tell it from 0, and no question does."""
    return pc.add(floats, 0.0)


def _may_become(found: pa.DataType, due: Kind) -> bool:
    """Say whether a column may be cast: an inexact number never passes for an exact one."""
    types = pa.types
    if types.is_null(found):
        return True
    match due:
        case Kind.BOOLEAN:
            return bool(types.is_boolean(found))
        case Kind.INTEGER | Kind.DECIMAL:
            return bool(types.is_integer(found) or types.is_decimal(found))
        case Kind.FLOAT:
            return bool(types.is_integer(found) or types.is_decimal(found) or types.is_floating(found))
        case Kind.TEXT:
            values = found.value_type if types.is_dictionary(found) else found
            return bool(types.is_string(values) or types.is_large_string(values))
        case Kind.DATE | Kind.TIMESTAMP:
            return bool(types.is_date(found) or types.is_timestamp(found))
        case _:
            return False


def _refuse_endless(array: pa.ChunkedArray, column: ResultColumn) -> None:
    """Refuse days outside the years 1 to 9999, such as `infinity`: Python has no date for them."""
    is_date = column.type.kind is Kind.DATE
    unit = 1 if is_date else _MICROSECONDS
    ends = pc.min_max(array.cast(pa.int32() if is_date else pa.int64()).cast(pa.int64()))
    first, last = ends["min"].as_py(), ends["max"].as_py()
    if first is not None and (first < _FIRST_DAY * unit or last >= (_LAST_DAY + 1) * unit):
        raise too_large(column.name, str(column.type))
