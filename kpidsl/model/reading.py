"""Readers of YAML values. The schema check has already refused what has the wrong shape, so these
simply leave out what they cannot use."""

from __future__ import annotations

import re
from collections.abc import Callable

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode
from kpidsl.model import errors
from kpidsl.model.definitions import Formula, Identifier, Label, SqlFragment, UnitText
from kpidsl.source import SourceFile, SourceText, Span
from kpidsl.syntax import parse_formula, tree

_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
_REMARK = re.compile(r"[ \t]+(#[^\s#][^\r\n]*)")
_COUNTS = frozenset({"count", "count_distinct", "row_number"})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_UNQUOTED = re.compile(r"[\w$][\w$ -]*")


def text(node: YamlNode | None) -> str | None:
    return node.text if isinstance(node, Scalar) and (node.value is not None or node.quoted) else None


def part(node: YamlNode | None) -> SourceText | None:
    """Return a scalar as a text with its place."""
    return node.content if isinstance(node, Scalar) else None


def is_true(node: YamlNode | None) -> bool:
    return isinstance(node, Scalar) and node.value is True


def texts(node: YamlNode | None) -> tuple[str, ...]:
    """Return a list of texts; a single text counts as a list of one."""
    if isinstance(node, Sequence):
        return tuple(item.text for item in node.items if isinstance(item, Scalar))
    single = text(node)
    return () if single is None else (single,)


def label(node: YamlNode | None) -> Label:
    """Return a text by language; a plain text serves every language (key ``)."""
    if isinstance(node, Mapping):
        return {
            e.key.text: e.value.text
            for e in node
            if isinstance(e.value, Scalar) and not e.key.text.startswith("x-")
        }
    single = text(node)
    return {} if single is None else {"": single}


def synonyms(node: YamlNode | None) -> dict[str, tuple[str, ...]]:
    if isinstance(node, Mapping):
        return {e.key.text: texts(e.value) for e in node}
    return {"": texts(node)} if node is not None else {}


def mapping(node: YamlNode | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None


def place_of_table(span: Span, node: Mapping) -> Span:
    """Return where `table:` is written, else where what has it is defined."""
    table = node.get("table")
    return span if table is None else table.span


def formula(node: YamlNode | None, sink: Sink) -> Formula | None:
    """Return the formula in a scalar; its mistakes are reported at their place inside the file."""
    if not isinstance(node, Scalar):
        return None
    found = Sink()
    parsed = parse_formula(node.content, found)
    remark = _REMARK.match(node.file.text, node.end)
    if remark is not None and not node.style and any(d.code == "formula/syntax" for d in found.reported):
        whole = f"{node.text} {remark[0].strip()}"
        sink.report(errors.cut_by_remark(Span(node.file, remark.start(1), remark.end()), whole))
    else:
        sink.extend(found.reported)
    return Formula(node.text, parsed, node.span)


def type_of_formula(written: str) -> str | None:
    """Return the type of a text that can only be a formula, `…` where that is open; None for other texts."""
    expr = parse_formula(SourceFile("type", written), Sink())
    match expr:
        case tree.Compare() | tree.Logic() | tree.Not() | tree.Between() | tree.Like() | tree.IsNull():
            return "boolean"
        case tree.In() | tree.InSet():
            return "boolean"
        case tree.Call(function=function, arguments=arguments):
            is_formula = any(not isinstance(argument, tree.Number) for argument in arguments)
            return ("integer" if function in _COUNTS else "…") if is_formula else None
        case tree.Arithmetic() | tree.Case() | tree.Negative():
            return "…"
        case _:
            return None


def unit(node: YamlNode | None) -> UnitText | None:
    written = text(node)
    return UnitText(written, node.content) if isinstance(node, Scalar) and written is not None else None


def sql(holder: Mapping, missing: Callable[[Span], None]) -> SqlFragment | None:
    """Return the `sql:` of a dataset or column with the `dialect:` beside it."""
    node = holder.get("sql")
    if not isinstance(node, Scalar):
        return None
    dialect = holder.get("dialect")
    if not isinstance(dialect, Scalar):
        missing(node.span)
        return None
    return SqlFragment(node.text, dialect.text, node.span, dialect.span)


def sql_of(holder: Mapping, sink: Sink) -> SqlFragment | None:
    """Return the same, having reported SQL without a dialect."""
    return sql(holder, lambda at: sink.report(errors.sql_dialect(at, "add `dialect: duckdb` beside it")))


def identifiers(written: str) -> tuple[Identifier, ...] | None:
    """Return the parts of a dotted name such as `shop."Order lines"`, or None where it is none."""
    parts: list[Identifier] = []
    at = 0
    while True:
        match = _PART.match(written, at)
        if match is None:
            return None
        if match[1] is not None:
            parts.append(Identifier(match[1].replace('""', '"'), True))
        elif _UNQUOTED.fullmatch(match[2]):
            parts.append(Identifier(match[2], " " in match[2] or "-" in match[2]))
        else:
            return None
        at = match.end()
        if at == len(written):
            return tuple(parts) if len(parts) <= 3 else None
        if written[at] != ".":
            return None
        at += 1


def table_named(node: YamlNode | None, sink: Sink) -> tuple[Identifier, ...] | None:
    """Return the parts of a table's name; one that no engine reads is reported."""
    written = text(node)
    if written is None or node is None:
        return None
    parts = identifiers(written)
    if parts is None:
        sink.report(errors.bad_table(node.span, written))
    return parts


def column_name(written: str) -> Identifier:
    """Return a table's column by its own name; double quotes around it ask for its exact spelling."""
    if len(written) > 2 and written[0] == written[-1] == '"':
        return Identifier(written[1:-1].replace('""', '"'), True)
    return Identifier(written, not _PLAIN.fullmatch(written))
