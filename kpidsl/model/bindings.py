"""`bind:` of a kpidsl.yml: where the rows and columns of a lexicon's datasets are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kpidsl.diagnostics import Sink
from kpidsl.loading import yaml_nodes
from kpidsl.loading.yaml_nodes import Entry, Scalar, Sequence, YamlNode
from kpidsl.model import binding_errors, errors
from kpidsl.model.definitions import Formula, Identifier, SqlFragment, UnitText
from kpidsl.model.reading import column_name, formula, mapping, sql_of, table_named, text, unit
from kpidsl.model.time_settings import zone_named
from kpidsl.model.types import UNKNOWN, Kind, Type, parse_type
from kpidsl.source import Span
from kpidsl.syntax import tree


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column of the table, with what it holds where that is told."""

    name: str
    physical: Identifier
    type: Type | None
    zone: str | None
    unit: UnitText | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """Where a lexicon's column has its values: one of a column of the table, a row formula, and SQL."""

    name: str
    own: OwnColumn | None
    formula: Formula | None
    sql: SqlFragment | None
    span: Span = field(compare=False, repr=False)
    value_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a lexicon's dataset is. `owner` is the lexicon that binds it, empty for the project.

    `lacks` are columns that the table does not have, with the places where that is said; `where` are
    conditions on the table's columns, and only rows that fulfil each are rows of the dataset. `is_absent`
    tells that the project does not have the dataset, whatever a lexicon that it uses binds it to.
    """

    dataset: str
    owner: str
    table: tuple[Identifier, ...] | None
    sql: SqlFragment | None
    columns: Mapping[str, BoundColumn]
    own: Mapping[str, OwnColumn]
    lacks: Mapping[str, Span] = field(compare=False)
    span: Span = field(compare=False, repr=False)
    table_span: Span = field(compare=False, repr=False)
    where: tuple[Formula, ...] = ()
    is_absent: bool = False


def bindings(settings: yaml_nodes.Mapping, owner: str, sink: Sink) -> tuple[Binding, ...]:
    """Return what a kpidsl.yml binds."""
    entries = mapping(settings.get("bind")) or ()
    return tuple(_binding(entry, owner, sink) for entry in entries if not entry.key.text.startswith("x-"))


def laid_over(inner: Binding, outer: Binding) -> Binding:
    """Return a lexicon's binding with what a project says of the same dataset in its place."""
    if outer.is_absent:
        return outer
    has_source = outer.table is not None or outer.sql is not None
    source = outer if has_source else inner
    said = {**outer.columns, **outer.lacks}
    return replace(
        outer,
        table=source.table,
        sql=source.sql,
        table_span=source.table_span,
        columns={**{name: one for name, one in inner.columns.items() if name not in said}, **outer.columns},
        own={**inner.own, **outer.own},
        lacks={**{name: at for name, at in inner.lacks.items() if name not in said}, **outer.lacks},
        where=(*inner.where, *outer.where),
    )


def put_together(found: Iterable[Binding], sink: Sink) -> dict[str, Binding]:
    """Return one binding for each dataset: the project's lies over those of lexicons.

    Two lexicons that bind one dataset are reported where the project does not say which table is meant.
    """
    together: dict[str, Binding] = {}
    clashes: dict[str, tuple[Binding, Binding]] = {}
    for one in found:
        first = together.get(one.dataset)
        if first is None:
            together[one.dataset] = one
        elif not one.owner:
            clash = clashes.pop(one.dataset, None)
            together[one.dataset] = laid_over(first, one) if clash is None else one
        else:
            clashes[one.dataset] = (first, one)
    for first, second in clashes.values():
        sink.report(binding_errors.several(second.span, first.span, first.dataset, first.owner, second.owner))
    return together


def _binding(entry: Entry, owner: str, sink: Sink) -> Binding:
    node = entry.value
    keys = node if isinstance(node, yaml_nodes.Mapping) else yaml_nodes.Mapping({}, node.file, 0, 0)
    flag = node.value if isinstance(node, Scalar) and isinstance(node.value, bool) else None
    source = node if isinstance(node, Scalar) and flag is None else keys.get("table")
    if "table" in keys.entries and "sql" in keys.entries:
        sink.report(errors.no_source(entry.key.span, entry.key.text, True))
    columns = {
        e.key.text: _column(e, sink)
        for e in mapping(keys.get("columns")) or ()
        if not e.key.text.startswith("x-")
    }
    lacks = _lacking(keys.get("lacks"))
    condition = formula(keys.get("where"), sink)
    for name in columns.keys() & lacks.keys():
        sink.report(binding_errors.bound_and_lacking(lacks[name], columns[name].span, name))
    return Binding(
        dataset=entry.key.text,
        owner=owner,
        table=table_named(source, sink),
        sql=sql_of(keys, sink),
        columns={name: column for name, column in columns.items() if name not in lacks},
        own={
            e.key.text: _own(e.key, e.value, sink)
            for e in mapping(keys.get("own")) or ()
            if not e.key.text.startswith("x-")
        },
        lacks=lacks,
        span=entry.key.span,
        table_span=entry.key.span if source is None else source.span,
        where=() if condition is None else (condition,),
        is_absent=flag is False,
    )


def _lacking(node: YamlNode | None) -> dict[str, Span]:
    items = node.items if isinstance(node, Sequence) else (node,)
    return {item.text: item.span for item in items if isinstance(item, Scalar) and item.text}


def _column(entry: Entry, sink: Sink) -> BoundColumn:
    name, node = entry.key.text, entry.value
    at = entry.key.span
    if isinstance(node, yaml_nodes.Mapping):
        told = [key for key in ("column", "expr", "sql") if key in node.entries]
        if len(told) > 1:
            sink.report(errors.column_source(at, name))
        own = None if told and told != ["column"] else _own(entry.key, node, sink)
        return BoundColumn(name, own, formula(node.get("expr"), sink), sql_of(node, sink), at, node.span)
    read = formula(node, sink)
    if read is not None and isinstance(read.expr, tree.Name) and len(read.expr.parts) == 1:
        assert isinstance(node, Scalar)
        own = OwnColumn(read.text.strip(), column_name(read.text.strip()), None, None, None, node.span)
        return BoundColumn(name, own, None, None, at, node.span)
    return BoundColumn(name, None, read, None, at, node.span)


def _own(key: Scalar, node: YamlNode, sink: Sink) -> OwnColumn:
    keys = node if isinstance(node, yaml_nodes.Mapping) else yaml_nodes.Mapping({}, node.file, 0, 0)
    written = keys.get("column")
    physical = column_name(text(written) or key.text)
    zone = zone_named(keys.get("timezone"), sink)
    type_node = node if isinstance(node, Scalar) else keys.get("type")
    name = text(type_node)
    type = None if name is None else parse_type(name) or UNKNOWN
    if type is not None and type.kind is Kind.TIMESTAMP:
        type = Type(Kind.TIMESTAMP, zone=zone)
    place = key.span if written is None else written.span
    return OwnColumn(physical.text, physical, type, zone, unit(keys.get("unit")), place)
