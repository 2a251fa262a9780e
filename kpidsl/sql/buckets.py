"""Looking up a calendar's days and buckets in the table that holds them."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

DAY, BUCKET, NUMBER, COMPARABLE = "day", "bucket", "number", "comparable"
MOMENT, FOUND = "moment", "found"


Lookup = Callable[[str, str, str, Node], Node]
"""Returns the value of a table's column in the row whose other column has a value, or null: the table, the
other column, the column, the value."""


def looked_up(name: str, by: str, column: str, key: Node) -> Node:
    """Return what a query finds in a table's one row for a key."""
    return _one(name, column, nodes.compare(exp.EQ, nodes.column(name, by), key))


def as_map(name: str, by: str, column: str) -> exp.Select:
    """Return one row with a map from one column of a table to another: to the greatest of several."""
    greatest = exp.Select(
        expressions=[nodes.column(name, by), nodes.alias(exp.Max(this=nodes.column(name, column)), column)],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        where=exp.Where(this=nodes.is_not_null(nodes.column(name, by))),
        group=exp.Group(expressions=[nodes.column(name, by)]),
    )
    pair = nodes.call("STRUCT", nodes.column(name, by), nodes.column(name, column))
    pairs = nodes.call("MAP_FROM_ENTRIES", nodes.call("COLLECT_LIST", pair))
    return exp.Select(
        expressions=[nodes.alias(pairs, FOUND)], from_=exp.From(this=nodes.subquery(greatest, name))
    )


def in_map(name: str, key: Node) -> Node:
    """Return what a map has for a key, from a table that holds it in one row."""
    return nodes.call("TRY_ELEMENT_AT", exp.Subquery(this=_rows(name, nodes.column(name, FOUND), None)), key)


def numbered(name: str) -> exp.Select:
    """Return the buckets of a calendar's table with their numbers, in order."""
    bucket = nodes.column(name, BUCKET)
    order = exp.Order(expressions=[exp.Ordered(this=bucket.copy(), desc=False)])
    number = exp.Window(this=exp.RowNumber(), order=order)
    return exp.Select(
        expressions=[nodes.alias(bucket, BUCKET), nodes.alias(number, NUMBER)],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        group=exp.Group(expressions=[bucket.copy()]),
    )


def shifted(
    name: str, bucket: Node, count: Node, at_least: Callable[..., Node] | None, found: Lookup
) -> Node:
    """Return the bucket that is so many after another one, from a table of numbered buckets.

    With `at_least`, which makes the greater of two values, what is before the first bucket is the first.
    """
    here = found(name, BUCKET, NUMBER, bucket)
    number = nodes.binary(exp.Add, here, count)
    if at_least is not None:
        number = at_least(number, nodes.integer(1))
    return found(name, NUMBER, BUCKET, number)


def moment_of(name: str) -> Node:
    """Return what a table of one row has."""
    return exp.Subquery(this=_rows(name, nodes.column(name, MOMENT), None))


def is_comparable(name: str, day: Node, inside: Node) -> Node:
    """Return whether a day is the comparable day of one for which a condition on the table is true."""
    days = _rows(name, nodes.column(name, COMPARABLE), inside)
    return exp.In(this=nodes.operand(day, 4), query=exp.Subquery(this=days))


def is_comparable_at(name: str, day: Node, there: Node, inside: Node) -> Node:
    """Return whether a day is the comparable day of one for which a condition is true.

    The condition is on that day and on `there`, the time that is looked at on it, under the name `MOMENT`.
    """
    comparable = nodes.compare(exp.EQ, nodes.column(name, COMPARABLE), day)
    found = _rows(name, nodes.alias(there, MOMENT), comparable)
    found.append("expressions", nodes.column(name, DAY))
    moments = exp.Select(
        expressions=[nodes.integer(1)],
        from_=exp.From(this=nodes.subquery(found, name)),
        where=exp.Where(this=inside),
    )
    return exp.Exists(this=moments)


def is_comparable_where(name: str, day: Node, there: Node, inside: Node) -> Node:
    """Return the same with the time in the place of its name, so that no select stands inside another."""
    for moment in list(inside.find_all(exp.Column)):
        if moment.name == MOMENT and moment.table == name:
            moment.replace(exp.Paren(this=there.copy()))
    comparable = nodes.compare(exp.EQ, nodes.column(name, COMPARABLE), day)
    return exp.Exists(this=_rows(name, nodes.integer(1), nodes.all_of([comparable, inside])))


def _rows(name: str, column: Node, where: Node | None) -> exp.Select:
    return exp.Select(
        expressions=[column],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        where=None if where is None else exp.Where(this=where),
    )


def _one(name: str, column: str, where: Node) -> Node:
    return exp.Subquery(this=_rows(name, nodes.column(name, column), where))


def last_day_of(name: str, bucket: Node) -> Node:
    """Return the last day of a bucket from a calendar's table."""
    found = exp.Select(
        expressions=[exp.Max(this=nodes.column(name, DAY))],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        where=exp.Where(this=nodes.compare(exp.EQ, nodes.column(name, BUCKET), bucket)),
    )
    return exp.Subquery(this=found)


def last_days(name: str, first: Node, end: Node) -> exp.Select:
    """Return the buckets of a calendar's table with days in [first, end), each with the last of these."""
    day, bucket = nodes.column(name, DAY), nodes.column(name, BUCKET)
    within = [nodes.compare(exp.GTE, day, first), nodes.compare(exp.LT, day.copy(), end)]
    return exp.Select(
        expressions=[nodes.alias(bucket, BUCKET), nodes.alias(exp.Max(this=day.copy()), DAY)],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        where=exp.Where(this=nodes.all_of(within)),
        group=exp.Group(expressions=[bucket.copy()]),
    )
