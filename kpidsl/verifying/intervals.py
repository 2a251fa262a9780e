"""Intervals against the data: none ends before it begins, and two rows of one key never hold at one time."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Interval, Join
from kpidsl.model.types import BOOLEAN
from kpidsl.semantics.bound import Apply
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.rows import RowExpressions
from kpidsl.verifying import errors
from kpidsl.verifying.kept import fetched

_HELD = "held"


def overlaps(
    checked: CheckedProject, join: Join, interval: Interval, connection: Connection, sink: Sink
) -> None:
    """Report keys for which two rows of a join's target hold at once: a row would find both.

    Of intervals in the order of their starts, two overlap only if two neighbours do. One that ends
    before it begins never holds and is nobody's neighbour.
    """
    names = [theirs for theirs, _ in join.keys]

    def twice(held: exp.Select, rows: RowExpressions) -> exp.Select:
        def column(name: str) -> Node:
            return rows.column_at(rows.aliases[()], join.target, name, plain=True)

        keys, start, end = [column(name) for name in names], column(interval.start), column(interval.end)
        ever = nodes.compare(exp.LTE if interval.closed else exp.LT, start, end)
        held = held.where(nodes.any_of([nodes.is_null(end.copy()), ever]), copy=False)
        next_start = exp.Window(
            this=nodes.call("LEAD", start.copy()),
            partition_by=[key.copy() for key in keys],
            order=exp.Order(expressions=[exp.Ordered(this=start.copy(), nulls_first=False)]),
        )
        named = {f"k_{n}": key for n, key in enumerate(keys)}
        named |= {"ends": end.copy(), "next_start": next_start}
        held.set("expressions", [nodes.alias(node, name) for name, node in named.items()])
        ends, following = nodes.column(_HELD, "ends"), nodes.column(_HELD, "next_start")
        still = nodes.compare(exp.GTE if interval.closed else exp.GT, ends, following)
        outer = [nodes.column(_HELD, f"k_{n}") for n in range(len(keys))]
        known = [nodes.is_not_null(node.copy()) for node in (*outer, following)]
        both = nodes.all_of([*known, nodes.any_of([nodes.is_null(ends.copy()), still])])
        return exp.select(*outer).from_(held.subquery(_HELD)).where(both)

    found = sorted(set(fetched(checked, join.target, join.keys_span, connection, sink, twice)), key=str)
    if found:
        example = ", ".join(f"{name} = {value}" for name, value in zip(names, found[0], strict=True))
        sink.report(errors.overlapping(interval.start_span, join.target, join.name, example, len(found)))


def reversed_ends(checked: CheckedProject, name: str, connection: Connection, sink: Sink) -> None:
    """Report rows of a dataset that end before they begin: they hold at no instant."""
    dataset = checked.datasets[name]
    definition = dataset.definition
    if dataset.time is None or dataset.until is None:
        return
    assert definition.time is not None
    assert definition.until is not None
    ends = Apply("<", (dataset.until, dataset.time), BOOLEAN)

    def of_keys(kept: exp.Select, rows: RowExpressions) -> exp.Select:
        keys = [rows.column_at(rows.aliases[()], name, column, plain=True) for column in definition.key]
        kept.set("expressions", [nodes.alias(key, f"k_{n}") for n, key in enumerate(keys)])
        return kept

    rows = fetched(checked, name, definition.until.span, connection, sink, of_keys, wanted=(ends,))
    told = sorted(rows, key=str)
    if told:
        example = ", ".join(f"{key} = {value}" for key, value in zip(definition.key, told[0], strict=True))
        names = (definition.time.text, definition.until.text)
        sink.report(errors.ends_before(definition.until.span, name, names, example, len(told)))
