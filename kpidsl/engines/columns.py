"""The columns of a result, and the Arrow type of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from kpidsl.model.types import Kind, Type

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column as the checker fixed it: its name, type and unit.

    `bounds` are the least and the greatest value that can be, None where there is no end. `is_kpi`
    tells values from the members that say of what they are.
    """

    name: str
    type: Type
    unit: str | None = None
    bounds: tuple[Decimal | None, Decimal | None] | None = None
    is_kpi: bool = True


def arrow_type(type_: Type) -> pa.DataType:
    """Return the Arrow type that stands for a type of the language."""
    import pyarrow as pa

    match type_.kind:
        case Kind.BOOLEAN:
            return pa.bool_()
        case Kind.INTEGER:
            return pa.int64()
        case Kind.DECIMAL:
            return pa.decimal128(type_.precision, type_.scale)
        case Kind.FLOAT:
            return pa.float64()
        case Kind.TEXT:
            return pa.string()
        case Kind.DATE:
            return pa.date32()
        case Kind.TIMESTAMP:
            return pa.timestamp("us", tz=type_.shown_in)
        case Kind.NULL:
            return pa.null()
        case Kind.DURATION | Kind.UNKNOWN:
            raise ValueError(f"no column has the type {type_}")


def arrow_schema(columns: Sequence[ResultColumn]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in columns])
