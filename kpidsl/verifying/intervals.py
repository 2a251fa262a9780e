"""Intervals against the data: none ends before it begins, and two rows of one key never hold at one time."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Interval, Join
from kpidsl.model.types import BOOLEAN
from kpidsl.plan.reading import rows_with
from kpidsl.semantics.bound import Apply
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.emit import emit
from kpidsl.sql.histories import steps
from kpidsl.sql.nodes import Node
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Places, Scope
from kpidsl.verifying import errors

_HELD = "held"


def overlaps(
    checked: CheckedProject, join: Join, interval: Interval, connection: Connection, sink: Sink
) -> None:
    """Report keys for which two rows of a join's target hold at once: a row would find both.

    Of intervals in the order of their starts, two overlap only if two neighbours do. One that ends
    before it begins never holds and is nobody's neighbour.
    """
    dialect, before = DIALECTS[connection.dialect], sink.errors
    target = checked.datasets[join.target]
    scope = Scope(checked, dialect, Places({}, {}), sink)
    rows = RowExpressions(checked, join.target, dialect, scope.tables, sink, join.keys_span)
    wanted = () if target.condition is None else (target.condition,)
    held = rows.select(rows_with(join.target, wanted))

    def column(name: str) -> Node:
        return rows.column_at(rows.aliases[()], join.target, name, plain=True)

    names = [theirs for theirs, _ in join.keys]
    keys, start, end = [column(name) for name in names], column(interval.start), column(interval.end)
    ever = nodes.compare(exp.LTE if interval.closed else exp.LT, start, end)
    held = held.where(nodes.any_of([nodes.is_null(end.copy()), ever]), copy=False)
    next_start = exp.Window(
        this=nodes.call("LEAD", start.copy()),
        partition_by=[key.copy() for key in keys],
        order=exp.Order(expressions=[exp.Ordered(this=start.copy(), nulls_first=False)]),
    )
    named = {**{f"k_{n}": key for n, key in enumerate(keys)}, "ends": end.copy(), "next_start": next_start}
    held.set("expressions", [nodes.alias(node, name) for name, node in named.items()])
    ends, following = nodes.column(_HELD, "ends"), nodes.column(_HELD, "next_start")
    still = nodes.compare(exp.GTE if interval.closed else exp.GT, ends, following)
    outer = [nodes.column(_HELD, f"k_{n}") for n in range(len(keys))]
    known = [nodes.is_not_null(node.copy()) for node in (*outer, following)]
    both = nodes.all_of([*known, nodes.any_of([nodes.is_null(ends.copy()), still])])
    twice = exp.select(*outer).from_(held.subquery(_HELD)).where(both)
    scope.ctes[:0] = steps(scope)
    twice.set("with_", scope.with_clause())
    if sink.errors > before:
        return
    found = sorted(set(connection.fetch(emit(twice, dialect))), key=str)
    if found:
        example = ", ".join(f"{name} = {value}" for name, value in zip(names, found[0], strict=True))
        sink.report(errors.overlapping(interval.start_span, join.target, join.name, example, len(found)))


def reversed_ends(checked: CheckedProject, name: str, connection: Connection, sink: Sink) -> None:
    """Report rows of a dataset that end before they begin: they hold at no instant."""
    dataset, dialect = checked.datasets[name], DIALECTS[connection.dialect]
    definition = dataset.definition
    if dataset.time is None or dataset.until is None:
        return
    assert definition.time is not None
    assert definition.until is not None
    scope = Scope(checked, dialect, Places({}, {}), sink)
    rows = RowExpressions(checked, name, dialect, scope.tables, sink, definition.until.span)
    before = sink.errors
    ends = Apply("<", (dataset.until, dataset.time), BOOLEAN)
    wanted = (ends,) if dataset.condition is None else (dataset.condition, ends)
    found = rows.select(rows_with(name, wanted))
    keys = [rows.column_at(rows.aliases[()], name, column, plain=True) for column in definition.key]
    found.set("expressions", [nodes.alias(key, f"k_{n}") for n, key in enumerate(keys)])
    scope.ctes[:0] = steps(scope)
    found.set("with_", scope.with_clause())
    if sink.errors > before:
        return
    told = sorted(connection.fetch(emit(found, dialect)), key=str)
    if told:
        example = ", ".join(f"{key} = {value}" for key, value in zip(definition.key, told[0], strict=True))
        names = (definition.time.text, definition.until.text)
        sink.report(errors.ends_before(definition.until.span, name, names, example, len(told)))
