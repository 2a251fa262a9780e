"""What to write in kpidsl.yml where a lexicon's dataset and the table that it is bound to differ."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from kpidsl.diagnostics import nearest
from kpidsl.engines.stored_types import type_of_engine
from kpidsl.engines.tables import type_node
from kpidsl.model.definitions import Calendar, Column, Dataset
from kpidsl.model.types import Kind
from kpidsl.source import Span
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.physical import identifier
from kpidsl.verifying import errors


def place_of(source: Dataset | Calendar, column: Column) -> Span:
    """Return where a column is said: of a lexicon's that is not bound itself, where its dataset is."""
    at = source.bound_at if isinstance(source, Dataset) else None
    is_lexicons = column.span.location().path == source.span.location().path
    return at if at is not None and is_lexicons else column.span


def help_for_missing(source: Dataset | Calendar, column: Column, present: Iterable[str]) -> str:
    """Return what to write for a column that the table does not have."""
    present, name = tuple(present), column.physical.text
    if not isinstance(source, Dataset) or source.bound_at is None:
        return errors.help_for_column(name, present)
    taken = {one.physical.text for one in source.columns.values() if not one.is_derived and one is not column}
    close = nearest(name, [one for one in present if one not in taken])
    its = close[0] if close else "…"
    if column.is_beside:
        where = f"`{_as_written(column)}: {_mapping(column, its, str(column.type))}` under `own:`"
        lacks = "bind what is computed from it to something else"
    else:
        is_typed = column.stored is not None
        value = _mapping(column, its, str(column.as_stored.type)) if is_typed else its
        where = f"`{column.name}: {value}` under `columns:`"
        lacks = f"`lacks: [{column.name}]` where the table does not have it"
        if column.name in source.key:
            lacks = "bind another table: this column is part of the key"
    known = "" if close else f"; its columns are {errors.shown_columns(present)}"
    return f"write {where} of `{source.name}`, below `bind:` in kpidsl.yml, or {lacks}{known}"


def help_for_another_type(
    source: Dataset | Calendar, column: Column, engine_type: str, dialect: Dialect
) -> str:
    """Return what to write for a column whose table, or select, has another type."""
    if source.sql is not None:
        return f"write `{_cast(column, dialect)}` in the select, or declare the type that it has"
    if not isinstance(source, Dataset) or source.bound_at is None:
        return "declare the type that the table has, or mend the table"
    where = f"of `{source.name}`, below `bind:` in kpidsl.yml"
    found, declared = type_of_engine(engine_type), column.type
    written, under = column.name, "columns"
    if column.is_beside:
        written, under = _as_written(column), "own"
    name = column.physical.text
    may_be_told = found is not None and (
        column.is_beside
        or (found.is_numeric and declared.is_numeric)
        or (found.kind is Kind.INTEGER and declared.kind is Kind.TEXT)
    )
    if may_be_told:
        mapping = _mapping(column, "" if name == written else name, str(found))
        return f"write `{written}: {mapping}` under `{under}:` {where}"
    formula = None
    if column.name in source.key:
        table = "…" if source.table is None else ".".join(part.text for part in source.table)
        select = f"select *, cast({name} as {declared}) as {column.name} from {table}"
        return f"it is part of the key, so let a select give it: `sql: {select}`, with `dialect: …`, {where}"
    if found is not None and (declared.kind, found.kind) == (Kind.DATE, Kind.TIMESTAMP):
        formula = f"date_trunc(day, {name})"
    elif found is not None and (declared.kind, found.kind) == (Kind.BOOLEAN, Kind.INTEGER):
        formula = f"{name} = 1"
    if formula is None:
        return f"bind `{column.name}` {where}, to a column or a row formula of type {declared}"
    return f"write `{column.name}: {formula}` under `columns:` {where}, with `own: {{{name}: {found}}}`"


def _cast(column: Column, dialect: Dialect) -> str:
    """Return what gives a select's column the declared type."""
    name = identifier(column.physical)
    cast = exp.Cast(this=exp.Column(this=name), to=type_node(column.as_stored.type))
    return exp.Alias(this=cast, alias=name.copy()).sql(dialect.name)


def _as_written(column: Column) -> str:
    """Return the name by which formulas of a binding read a column of the table."""
    return column.name.removeprefix("own_").rstrip("_")


def _mapping(column: Column, physical: str, type: str) -> str:
    parts = {"column": physical, "type": f'"{type}"' if "," in type else type}
    if column.type.zone is not None:
        parts["timezone"] = column.type.zone
    if column.is_beside and column.unit is not None:
        parts["unit"] = column.unit.text
    return "{" + ", ".join(f"{key}: {value}" for key, value in parts.items() if value) + "}"
