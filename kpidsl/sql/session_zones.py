"""Statements that fail in a session that is not in UTC, as times show what the session's zone makes of them.

    WITH session_zone AS (SELECT 1 / CASE WHEN … = 0 THEN 1 ELSE 0 END AS is_utc FROM "CALENDAR" …)
    SELECT CASE WHEN session_zone.is_utc = 1 THEN CAST(t.at AS TIMESTAMP) END FROM session_zone CROSS JOIN t

No function of Teradata tells a session's zone, which may be a name whose clocks change. How far a day's
midnight is from UTC it tells: where that is nothing on any day of the years 1900 to 2100, the zone is UTC.
Each time that is read asks for it: a condition beside others could be passed over where another one leaves no
row.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.plan.slots import unique_name
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

_MARK, _IS_UTC = "SHOWN_IN_UTC", "is_utc"


def shown_in_utc(time: Node) -> Node:
    """Return a table's column of times, marked for `asked_for_utc`."""
    return nodes.call(_MARK, time)


def asked_for_utc(tree: Node, days: exp.Table, day: Node) -> None:
    """Let each marked time ask for the session's zone, by the days of a calendar; the tree is changed."""
    marks = [call for call in tree.find_all(exp.Anonymous) if call.name == _MARK]
    if not marks:
        return
    name = unique_name("session_zone", {found.alias_or_name for found in tree.find_all(exp.Table, exp.CTE)})
    reading: dict[int, exp.Select] = {}
    for mark in reversed(marks):
        select = mark.find_ancestor(exp.Select)
        assert select is not None
        reading[id(select)] = select
        is_utc = nodes.compare(exp.EQ, nodes.column(name, _IS_UTC), nodes.integer(1))
        mark.replace(nodes.case([(is_utc, nodes.cast(mark.expressions[0], "timestamp"))], None))
    for select in reading.values():
        before = select.args["from_"]
        joins = select.args.get("joins") or []
        zone = exp.Table(this=exp.Identifier(this=name, quoted=False))
        select.set("from_", exp.From(this=zone))
        select.set("joins", [exp.Join(this=before.this, kind="CROSS"), *joins])
    cte = exp.CTE(this=_zone(days, day), alias=nodes.table_alias(name))
    with_ = tree.args.get("with_")
    if with_ is None:
        tree.set("with_", exp.With(expressions=[cte]))
    else:
        with_.set("expressions", [cte, *with_.expressions])


def _zone(days: exp.Table, day: Node) -> exp.Select:
    midnight = nodes.cast(day, "timestamptz")
    hours, minutes = (
        nodes.call("ABS", exp.Extract(this=exp.Var(this=part), expression=midnight.copy()))
        for part in ("TIMEZONE_HOUR", "TIMEZONE_MINUTE")
    )
    most = exp.Max(this=nodes.binary(exp.Add, hours, minutes))
    is_utc = nodes.compare(exp.EQ, most, nodes.integer(0))
    told = nodes.binary(exp.Div, nodes.integer(1), nodes.case([(is_utc, nodes.integer(1))], nodes.integer(0)))
    return exp.Select(expressions=[nodes.alias(told, _IS_UTC)], from_=exp.From(this=days))
