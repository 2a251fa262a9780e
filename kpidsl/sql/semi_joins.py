"""Semi joins as joins: of a SELECT DISTINCT over the left side's columns both give the same rows."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql.nodes import Node


def as_joins(tree: Node) -> None:
    """Put semi joins of a SELECT DISTINCT as joins; sqlglot would write selects that read the row beside."""
    for join in list(tree.find_all(exp.Join)):
        query = join.parent
        if join.args.get("kind") == "SEMI" and isinstance(query, exp.Select) and query.args.get("distinct"):
            join.set("kind", None)
