"""Constants as the rows of selects, for an engine that has no VALUES where a query stands."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


def with_selected_constants(tree: Node) -> None:
    """Make selects of the CTEs that are lists of constants.

    Before: `days(day, number) AS (VALUES (a, 1), (b, 2))`.
    After:  `days AS (SELECT a AS day, 1 AS number UNION ALL SELECT b, 2)`, each select with its names.
    """
    for cte in list(tree.find_all(exp.CTE)):
        if isinstance(cte.this, exp.Values):
            headers = cte.args["alias"].columns
            selects: list[exp.Query] = [_select(row, headers) for row in cte.this.expressions]
            cte.set("this", reduce(lambda a, b: exp.Union(this=a, expression=b, distinct=False), selects))
            cte.args["alias"].set("columns", None)


def _select(row: exp.Tuple, headers: list[exp.Identifier]) -> exp.Select:
    return exp.Select(
        expressions=[
            nodes.alias(value, header.name) for value, header in zip(row.expressions, headers, strict=True)
        ]
    )
