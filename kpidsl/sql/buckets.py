"""Looking up a calendar's days and buckets in the table that holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

DAY, BUCKET, NUMBER, COMPARABLE = "day", "bucket", "number", "comparable"
MOMENT, FOUND = "moment", "found"


Keys = Sequence[tuple[str, Node]]
"""Columns of a table, and the value that each must have."""

Lookup = Callable[[str, Keys, str], Node]
"""Returns the value of a table's column in the row of some keys, or null: the table, the keys, the column."""


def looked_up(name: str, keys: Keys, column: str) -> Node:
    """Return what a query finds in a table's one row for some keys."""
    same = [nodes.compare(exp.EQ, nodes.column(name, by), key) for by, key in keys]
    return _one(name, column, nodes.all_of(same))


def as_map(name: str, by: Sequence[str], column: str) -> exp.Select:
    """Return one row with a map from one column of a table to another: to the greatest of several.

    By several columns it is a map of the first to maps of the rest.
    """
    found = exp.Select(
        expressions=[
            *(nodes.column(name, key) for key in by),
            nodes.alias(exp.Max(this=nodes.column(name, column)), column),
        ],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        where=exp.Where(this=nodes.all_of([nodes.is_not_null(nodes.column(name, key)) for key in by])),
        group=exp.Group(expressions=[nodes.column(name, key) for key in by]),
    )
    value = column
    for place in reversed(range(len(by))):
        pair = nodes.call("STRUCT", nodes.column(name, by[place]), nodes.column(name, value))
        pairs = nodes.call("MAP_FROM_ENTRIES", nodes.call("COLLECT_LIST", pair))
        around = [nodes.column(name, key) for key in by[:place]]
        found = exp.Select(
            expressions=[*around, nodes.alias(pairs, FOUND)],
            from_=exp.From(this=nodes.subquery(found, name)),
            group=exp.Group(expressions=[key.copy() for key in around]) if around else None,
        )
        value = FOUND
    return found


def in_map(name: str, keys: Sequence[Node]) -> Node:
    """Return what a map has for some keys, from a table that holds it in one row."""
    found: Node = exp.Subquery(this=_rows(name, nodes.column(name, FOUND), None))
    for key in keys:
        found = nodes.call("TRY_ELEMENT_AT", found, key)
    return found


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
    here = found(name, [(BUCKET, bucket)], NUMBER)
    number = nodes.binary(exp.Add, here, count)
    if at_least is not None:
        number = at_least(number, nodes.integer(1))
    return found(name, [(NUMBER, number)], BUCKET)


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


def last_days(names: Sequence[str], first: Node | None, end: Node | None) -> exp.Select:
    """Return the buckets of calendars' tables with common days in [first, end), each with the last of these.

    Their columns are those of `bucket_columns`.
    """
    day = nodes.column(names[0], DAY)
    within = [
        nodes.compare(operator, day.copy(), bound)
        for operator, bound in ((exp.GTE, first), (exp.LT, end))
        if bound is not None
    ]
    buckets = [nodes.column(name, BUCKET) for name in names]
    columns = zip(buckets, bucket_columns(len(names)), strict=True)
    return exp.Select(
        expressions=[
            *(nodes.alias(bucket, column) for bucket, column in columns),
            nodes.alias(exp.Max(this=day.copy()), DAY),
        ],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=names[0], quoted=False))),
        joins=[
            exp.Join(
                this=exp.Table(this=exp.Identifier(this=name, quoted=False)),
                on=nodes.compare(exp.EQ, nodes.column(name, DAY), day.copy()),
            )
            for name in names[1:]
        ],
        where=exp.Where(this=nodes.all_of(within)) if within else None,
        group=exp.Group(expressions=[bucket.copy() for bucket in buckets]),
    )


def bucket_columns(count: int) -> list[str]:
    """Return the columns of a table with buckets of so many grains."""
    return [BUCKET] if count == 1 else [f"{BUCKET}_{number}" for number in range(1, count + 1)]
