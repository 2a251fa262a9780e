"""SQLite's values, read as the types that the checker fixed, and typed values, written for SQLite.

SQLite has null, 64-bit integers, doubles, text and bytes. So a boolean is 0 or 1, a date and a
timestamp are ISO text, and a decimal of a result is an integer or exact decimal text. A double
where an integer or a decimal is due is a sum that left the 64 bits: it is never taken for exact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.errors import EngineError, too_large, unexpected_value, unstorable_value
from kpidsl.engines.rows import Reader, table_of
from kpidsl.model.types import Kind, Type

if TYPE_CHECKING:
    import pyarrow as pa

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_INEXACT = re.compile(r"-?[0-9]+(\.[0-9]+)?e[+-]?[0-9]+|-?inf(inity)?", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?", re.ASCII
)

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00", re.ASCII)


def typed_table(rows: Sequence[tuple[object, ...]], columns: Sequence[ResultColumn]) -> pa.Table:
    """Return the rows as Arrow, each value read as its column's type."""
    return table_of(rows, columns, _READERS)


def _unexpected(value: object, column: ResultColumn) -> EngineError:
    found = {float: "a float", int: "an integer", bytes: "bytes"}.get(type(value), f"the text {value!r}")
    return unexpected_value(column.name, str(column.type), found)


def _boolean(value: object, column: ResultColumn) -> bool:
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise _unexpected(value, column)


def _integer(value: object, column: ResultColumn) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        raise too_large(column.name, str(column.type))
    raise _unexpected(value, column)


def _decimal(value: object, column: ResultColumn) -> Decimal:
    if isinstance(value, int) or (isinstance(value, str) and _DECIMAL.fullmatch(value)):
        return Decimal(value)
    if isinstance(value, float) or (isinstance(value, str) and _INEXACT.fullmatch(value)):
        raise too_large(column.name, str(column.type))
    raise _unexpected(value, column)


def _float(value: object, column: ResultColumn) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise _unexpected(value, column)


def _text(value: object, column: ResultColumn) -> str:
    if isinstance(value, str):
        return value
    raise _unexpected(value, column)


def _date(value: object, column: ResultColumn) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _unexpected(value, column)


def _timestamp(value: object, column: ResultColumn) -> datetime:
    pattern = _MOMENT if column.type.shown_in is None else _INSTANT
    if isinstance(value, str) and pattern.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise _unexpected(value, column)


def _nothing(value: object, column: ResultColumn) -> None:
    raise _unexpected(value, column)


_READERS: dict[Kind, Reader] = {
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.TIMESTAMP: _timestamp,
    Kind.NULL: _nothing,
}


def bound_rows(
    columns: Sequence[tuple[str, Type]], rows: Sequence[Sequence[object]]
) -> list[tuple[object, ...]]:
    """Return stored values as what SQLite's driver binds."""
    return [
        tuple(_bound(name, type_, value) for (name, type_), value in zip(columns, row, strict=True))
        for row in rows
    ]


def _bound(name: str, type_: Type, value: object) -> object:
    match value:
        case bool():
            return int(value)
        case Decimal():
            return _number(name, type_, value)
        case float() if value != value:
            # SQLite would keep a null in its place.
            raise unstorable_value(name, str(type_), value)
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return value


def _number(name: str, type_: Type, value: Decimal) -> int | float:
    """Return a decimal as SQLite's number for it; one with more digits than a double keeps is refused."""
    if value == value.to_integral_value() and abs(value) < 2**63:
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise unstorable_value(name, f"{type_} that sqlite keeps exactly", value)
    return number
