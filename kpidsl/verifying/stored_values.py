"""Values against the types of their columns, on an engine whose values have types of their own (SQLite).

What is not held as the declared type's values are is no error there: it is passed over, or compared and
added as something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Calendar, Dataset
from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.emit import emit
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import physical
from kpidsl.verifying import errors
from kpidsl.verifying.columns import rows_of

_ROWS = "stored"
_SECOND = 19
"""The length of `2026-08-15 14:30:00`, with which every timestamp begins."""


def values_of(source: Dataset | Calendar, connection: Connection, sink: Sink) -> None:
    """Report columns of a table with values that are not of their declared type."""
    dialect = DIALECTS[connection.dialect]
    if not dialect.times_are_text or (source.sql is not None and source.sql.dialect != dialect.name):
        return
    for declared in source.columns.values():
        column = declared.as_stored
        is_held = _HELD.get(column.type.kind)
        if column.is_derived or is_held is None:
            continue
        value = physical(_ROWS, column.physical)
        known = nodes.call("COALESCE", is_held(value), nodes.integer(0))
        found = exp.Select(
            expressions=[
                nodes.alias(exp.Count(this=exp.Star()), "times"),
                nodes.alias(exp.Min(this=value.copy()), "example"),
            ],
            from_=exp.From(this=rows_of(source, _ROWS)),
            where=exp.Where(this=nodes.all_of([nodes.is_not_null(value.copy()), nodes.not_(known)])),
        )
        times, example = connection.fetch(emit(found, dialect))[0]
        if times:
            sink.report(errors.unreadable_value(source.name, column, int(times), example))


def _is_kind(*kinds: str) -> Callable[[Node], Node]:
    def test(value: Node) -> Node:
        return exp.In(this=_kind(value), expressions=[nodes.text(kind) for kind in kinds])

    return test


def _kind(value: Node) -> Node:
    return nodes.call("TYPEOF", value.copy())


def _boolean(value: Node) -> Node:
    return exp.In(this=value.copy(), expressions=[nodes.integer(0), nodes.integer(1)])


def _date(value: Node) -> Node:
    return nodes.all_of([_is_kind("text")(value), _comes_back("DATE", value)])


def _comes_back(function: str, value: Node) -> Node:
    """Test a text for being what SQLite makes of it: `2026-02-30` is another day to it, `2026-8-5` null."""
    # Without a step, SQLite leaves a day as it is that its month does not have.
    made = nodes.call(function, value.copy(), nodes.text("+0 days"))
    return nodes.compare(exp.EQ, made, value.copy())


def _timestamp(value: Node) -> Node:
    """Test for `2026-08-15 14:30:00`, with a point and up to six digits behind it or nothing."""
    whole = nodes.call("SUBSTR", value.copy(), nodes.integer(1), nodes.integer(_SECOND))
    length = nodes.call("LENGTH", value.copy())
    point = nodes.compare(
        exp.EQ,
        nodes.call("SUBSTR", value.copy(), nodes.integer(_SECOND + 1), nodes.integer(1)),
        nodes.text("."),
    )
    digits = nodes.call("SUBSTR", value.copy(), nodes.integer(_SECOND + 2))
    fraction = nodes.all_of(
        [
            point,
            nodes.compare(exp.GT, length.copy(), nodes.integer(_SECOND + 1)),
            nodes.compare(exp.LTE, length.copy(), nodes.integer(_SECOND + 7)),
            nodes.not_(exp.Glob(this=digits, expression=nodes.text("*[^0-9]*"))),
        ]
    )
    ends = nodes.any_of([nodes.compare(exp.EQ, length, nodes.integer(_SECOND)), fraction])
    return nodes.all_of([_is_kind("text")(value), _comes_back("DATETIME", whole), ends])


_HELD: Mapping[Kind, Callable[[Node], Node]] = {
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _is_kind("integer"),
    Kind.DECIMAL: _is_kind("integer", "real"),
    Kind.FLOAT: _is_kind("integer", "real"),
    Kind.TEXT: _is_kind("text"),
    Kind.DATE: _date,
    Kind.TIMESTAMP: _timestamp,
}
