"""Calendars in SQL: each day with its bucket, found by the local day."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Calendar, Column
from kpidsl.model.grains import GrainRule
from kpidsl.model.types import Kind
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.fragments import query_tree
from kpidsl.sql import nodes
from kpidsl.sql.buckets import BUCKET, COMPARABLE, DAY
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.errors import unsupported
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import physical, table
from kpidsl.sql.times import LookupTables
from kpidsl.sql.values import as_declared

COMPARABLE_DAYS = "comparable_days"


def calendar_table(
    rule: GrainRule, project: CheckedProject, dialect: Dialect, tables: LookupTables, sink: Sink
) -> str:
    """Return the name of a table with each day of the calendar and the first day of its bucket.

    (2026-02-02, 2026-02-01), (2026-02-03, 2026-02-01), …   Days without a bucket are not in it.
    """
    assert rule.calendar is not None
    calendar = project.project.calendars[rule.calendar]
    return tables.query(rule.name, lambda: _days(calendar, rule.name, dialect, sink))


def comparable_table(calendar: Calendar, dialect: Dialect, tables: LookupTables, sink: Sink) -> str:
    """Return the name of a table with each day that has a comparable day, and that one."""
    return tables.query(COMPARABLE_DAYS, lambda: _comparable_days(calendar, dialect, sink))


def calendar_source(calendar: Calendar, alias: str, dialect: Dialect, sink: Sink) -> Node:
    """Return the calendar's table, or the author's select, under an alias."""
    fragment = calendar.sql
    if fragment is None:
        assert calendar.table is not None
        return table(calendar.table, alias)
    if fragment.dialect != dialect.name:
        sink.report(
            unsupported(
                fragment.span,
                f"SQL written for {fragment.dialect}",
                dialect.name,
                "its meaning may differ there",
                f"compile with `--dialect {fragment.dialect}`, or name a table",
            )
        )
    return nodes.subquery(query_tree(fragment), alias)


def _days(calendar: Calendar, grain: str, dialect: Dialect, sink: Sink) -> exp.Select:
    alias = f"{calendar.name}_days"
    day = _key(alias, calendar.columns[calendar.day], dialect)
    key = _key(alias, calendar.columns[calendar.grains[grain]], dialect)
    first = exp.Window(this=exp.Min(this=day.copy()), partition_by=[key])
    inner = exp.Select(
        expressions=[nodes.alias(day, DAY), nodes.alias(first, BUCKET)],
        from_=exp.From(this=calendar_source(calendar, alias, dialect, sink)),
        where=exp.Where(this=nodes.is_not_null(key.copy())),
    )
    named = nodes.subquery(inner, grain)
    bucket = exp.Min(this=nodes.column(grain, BUCKET))
    return exp.Select(
        # A day that stands twice is one day still; `check --connection` tells of it.
        expressions=[nodes.alias(nodes.column(grain, DAY), DAY), nodes.alias(bucket, BUCKET)],
        from_=exp.From(this=named),
        group=exp.Group(expressions=[nodes.column(grain, DAY)]),
    )


def _comparable_days(calendar: Calendar, dialect: Dialect, sink: Sink) -> exp.Select:
    assert calendar.comparable is not None
    alias = f"{calendar.name}_days"
    day = _key(alias, calendar.columns[calendar.day], dialect)
    comparable = _key(alias, calendar.columns[calendar.comparable], dialect)
    return exp.Select(
        # A day that stands twice is one day still; `check --connection` tells of it.
        expressions=[nodes.alias(day, DAY), nodes.alias(exp.Min(this=comparable), COMPARABLE)],
        from_=exp.From(this=calendar_source(calendar, alias, dialect, sink)),
        where=exp.Where(this=nodes.is_not_null(comparable.copy())),
        group=exp.Group(expressions=[day.copy()]),
    )


def _key(alias: str, column: Column, dialect: Dialect) -> Node:
    node = as_declared(physical(alias, column.physical), column.type, dialect)
    if column.type.kind is Kind.TEXT and dialect.in_code_point_order is not None:
        return dialect.in_code_point_order(node)
    form = dialect.columns.get(column.type.kind)
    return node if form is None else form(node)
