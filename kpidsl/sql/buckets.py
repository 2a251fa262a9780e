"""Looking up a calendar's days and buckets in the table that holds them."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

DAY, BUCKET, NUMBER = "day", "bucket", "number"


def bucket_at(name: str, day: Node) -> Node:
    """Return the bucket of a local day from a calendar's table; null where the calendar lacks the day."""
    return _one(name, BUCKET, nodes.compare(exp.EQ, nodes.column(name, DAY), day))


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


def shifted(name: str, bucket: Node, count: Node) -> Node:
    """Return the bucket that is so many after another one, from a table of numbered buckets."""
    here = _one(name, NUMBER, nodes.compare(exp.EQ, nodes.column(name, BUCKET), bucket))
    there = nodes.compare(exp.EQ, nodes.column(name, NUMBER), nodes.binary(exp.Add, here, count))
    return _one(name, BUCKET, there)


def _one(name: str, column: str, where: Node) -> Node:
    found = exp.Select(
        expressions=[nodes.column(name, column)],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        where=exp.Where(this=where),
    )
    return exp.Subquery(this=found)


def last_day_of(name: str, bucket: Node) -> Node:
    """Return the last day of a bucket from a calendar's table."""
    found = exp.Select(
        expressions=[exp.Max(this=nodes.column(name, DAY))],
        from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
        where=exp.Where(this=nodes.compare(exp.EQ, nodes.column(name, BUCKET), bucket)),
    )
    return exp.Subquery(this=found)
