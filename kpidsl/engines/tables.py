"""Tables that are created for tests: the statements, and the values that a typed column may hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Context, Decimal

from sqlglot import exp

from kpidsl.engines.errors import STATEMENT, EngineError, unstorable_value
from kpidsl.model.types import Kind, Type

_KINDS = {
    Kind.BOOLEAN: exp.DataType.Type.BOOLEAN,
    Kind.INTEGER: exp.DataType.Type.BIGINT,
    Kind.DECIMAL: exp.DataType.Type.DECIMAL,
    Kind.FLOAT: exp.DataType.Type.DOUBLE,
    Kind.TEXT: exp.DataType.Type.TEXT,
    Kind.DATE: exp.DataType.Type.DATE,
    Kind.TIMESTAMP: exp.DataType.Type.TIMESTAMP,
}
_LARGEST_INTEGER = 2**63
_WIDE = Context(prec=1000)


def identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def table_node(parts: tuple[str, ...]) -> exp.Table:
    """Return a table by its name's one, two or three parts."""
    if not 1 <= len(parts) <= 3:
        raise EngineError(STATEMENT, f"a table's name has one to three parts, not {len(parts)}")
    keys = ("this", "db", "catalog")
    return exp.Table(**{key: identifier(part) for key, part in zip(keys, reversed(parts), strict=False)})


def no_rows_of(sql: str) -> str:
    """Return a query that has the columns of another, and none of its rows."""
    return f"SELECT * FROM ({sql}) AS described LIMIT 0"


def type_node(type_: Type) -> exp.DataType:
    parameters = (type_.precision, type_.scale) if type_.kind is Kind.DECIMAL else ()
    return exp.DataType(
        this=_KINDS[type_.kind],
        expressions=[exp.DataTypeParam(this=exp.Literal.number(size)) for size in parameters],
    )


def declared_node(type_: Type) -> exp.DataType:
    """Return a type spelled as the language spells it, for an engine that keeps any declaration."""
    return exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=str(type_).upper())


def create_table_node(parts: tuple[str, ...], columns: Sequence[tuple[str, exp.DataType]]) -> exp.Create:
    definitions = [exp.ColumnDef(this=identifier(name), kind=kind) for name, kind in columns]
    return exp.Create(this=exp.Schema(this=table_node(parts), expressions=definitions), kind="TABLE")


def create_schema_node(parts: tuple[str, ...]) -> exp.Create:
    keys = ("db", "catalog")
    named = exp.Table(**{key: identifier(part) for key, part in zip(keys, reversed(parts), strict=False)})
    return exp.Create(this=named, kind="SCHEMA", exists=True)


def attach_file_node(file: str, name: str, read_only: bool) -> exp.Attach:
    named = exp.Alias(this=exp.Literal.string(file), alias=identifier(name))
    options = [exp.AttachOption(this=exp.Var(this="READ_ONLY"))] if read_only else []
    return exp.Attach(this=named, expressions=options)


def attach_memory_node(name: str) -> exp.Attach:
    memory = exp.Alias(this=exp.Literal.string(":memory:"), alias=identifier(name))
    return exp.Attach(this=memory)


def stored_rows(columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]) -> list[list[object]]:
    """Return the rows with each value in its column's Python form; refuse what does not fit exactly."""
    return [
        [stored_value(name, type_, value) for (name, type_), value in zip(columns, row, strict=True)]
        for row in rows
    ]


def stored_value(column: str, type_: Type, value: object) -> object:
    """Return a value as bool, int, Decimal, float, str, date or naive datetime, as its type asks."""
    if value is None:
        return None
    stored: object | None
    if isinstance(value, bool):
        stored = value if type_.kind is Kind.BOOLEAN else None
    else:
        stored = _unless_boolean(type_, value)
    if stored is None:
        raise unstorable_value(column, str(type_), value)
    return stored


def _unless_boolean(type_: Type, value: object) -> object | None:
    match type_.kind, value:
        case Kind.INTEGER, int() if -_LARGEST_INTEGER <= value < _LARGEST_INTEGER:
            return value
        case Kind.DECIMAL, int() | Decimal():
            return _decimal(type_, Decimal(value))
        case Kind.FLOAT, int() | float() | Decimal():
            return float(value)
        case Kind.TEXT, str() if _is_unicode(value):
            return value
        case Kind.TIMESTAMP, datetime() if value.tzinfo is None:
            return value
        case Kind.TIMESTAMP, date() if not isinstance(value, datetime):
            return datetime.combine(value, time())
        case Kind.DATE, date() if not isinstance(value, datetime):
            return value
    return None


def _decimal(type_: Type, value: Decimal) -> Decimal | None:
    if not value.is_finite():
        return None
    sign, digits, exponent = value.normalize(_WIDE).as_tuple()
    assert isinstance(exponent, int)
    shift = exponent + type_.scale
    if shift < 0 or len(digits) + shift > type_.precision:
        return None if any(digits) else Decimal((0, (0,), -type_.scale))
    return Decimal((sign, digits + (0,) * shift, -type_.scale))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
