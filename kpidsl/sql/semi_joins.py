"""Semi joins as the engines without them take them: as joins, or as an EXISTS."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


def as_joins(tree: Node) -> None:
    """Put semi joins of a SELECT DISTINCT as joins; sqlglot would write selects that read the row beside.

    Over the left side's columns both give the same rows.
    """
    for join in _semi_joins(tree):
        query = join.parent
        if isinstance(query, exp.Select) and query.args.get("distinct"):
            join.set("kind", None)


def as_exists(tree: Node) -> Node:
    """Return a statement whose semi joins are an EXISTS among the conditions; the tree is used up."""
    for join in _semi_joins(tree):
        query = join.find_ancestor(exp.Select)
        assert query is not None
        found = exp.Select(
            expressions=[nodes.integer(1)],
            from_=exp.From(this=join.this),
            where=exp.Where(this=join.args["on"]),
        )
        join.pop()
        nodes.also_where(query, exp.Exists(this=found))
    return tree


def _semi_joins(tree: Node) -> Iterator[exp.Join]:
    return (join for join in list(tree.find_all(exp.Join)) if join.args.get("kind") == "SEMI")
