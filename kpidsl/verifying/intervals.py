"""Validity intervals against the data: two rows of one key may not hold at one time."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Interval, Join
from kpidsl.plan.reading import rows_with
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
    dialect = DIALECTS[connection.dialect]
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
    found = sorted(set(connection.fetch(emit(twice, dialect))), key=str)
    if found:
        example = ", ".join(f"{name} = {value}" for name, value in zip(names, found[0], strict=True))
        sink.report(errors.overlapping(interval.start_span, join.target, join.name, example, len(found)))
