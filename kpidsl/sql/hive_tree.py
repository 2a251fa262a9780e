"""What Hive's SQL needs all over a statement, and what is refused where it shows only there.

- A group without keys has no HAVING: its rows are left out around it.
- Where nulls stand in an order, the session says if nothing does (`hive.default.nulls.last`): it is told.
- IS NULL binds closer than arithmetic, as a sign does: what is computed stands in parentheses before it.
- Its reserved words are quoted; capitals and small letters are the same to it, in quotes too.
- A result's column has no point and no colon in its name; it is read by its place.
"""

from __future__ import annotations

import re

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.bigquery_tree import name_plainly
from kpidsl.sql.hive_times import SERIES
from kpidsl.sql.nodes import Node
from kpidsl.sql.reserved import quote_words
from kpidsl.sql.row_numbers import order_all_anyhow
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.starrocks_tree import QUESTIONS, as_view, refusing

_NOT_IN_NAMES = re.compile(r"[.:]")
_WHOLE, _HAS_ROWS = "whole", "has_rows"
_RESERVED = frozenset(
    (
        "application", "bigint", "boolean", "cache", "char", "commit", "conf", "connector", "connectors",
        "cube", "current", "cursor", "database", "dayofweek", "decimal", "double", "exchange", "extended",
        "external", "extract", "floor", "following", "grouping", "if", "import", "integer", "less", "local",
        "macro", "map", "minus", "more", "none", "numeric", "of", "out", "partialscan", "percent",
        "preceding", "precision", "preserve", "procedure", "reads", "reduce", "regexp", "revoke", "rlike",
        "rollback", "rollup", "smallint", "start", "sync", "time", "transform", "truncate", "unbounded",
        "uniquejoin", "utc_tmestamp", "varchar", "views",
    )
)  # fmt: skip
"""Its reserved words beyond those that are quoted on every engine, of every version from 3.1 on."""


def spelled(tree: Node) -> Node:
    """Return a whole statement as Hive takes it; the tree is used up."""
    as_joins(tree)
    for call in list(tree.find_all(exp.Anonymous)):
        series = call.parent
        if call.name == SERIES and isinstance(series, exp.Table):
            _end_of_a_row(series)
    order_all_anyhow(tree)
    for key in list(tree.find_all(exp.Ordered)):
        _place_nulls(key)
    for test in tree.find_all(exp.Is):
        if isinstance(test.this, exp.Binary):
            test.set("this", exp.Paren(this=test.this))
    for query in list(tree.find_all(exp.Select)):
        if query.args.get("having") is not None and query.args.get("group") is None:
            _kept_around(query)
    quote_words(tree, _RESERVED)
    if isinstance(tree, exp.Select):
        name_plainly(tree, _NOT_IN_NAMES)
    return tree


def _place_nulls(key: exp.Ordered) -> None:
    """Say that nulls stand last in a falling order.

    sqlglot takes that for granted and writes no word for it, but one for a key that rises. So the key is made
    one of these, and its own falling order stands inside it.
    """
    if key.args.get("desc") and not key.args.get("nulls_first"):
        falling = exp.Ordered(this=key.this, desc=True, nulls_first=False)
        key.set("this", falling)
        key.set("desc", None)


def _kept_around(query: exp.Select) -> None:
    """Leave out the one row of a select around it; a HAVING is taken beside a GROUP BY alone."""
    condition = query.args["having"].this
    names = [column.alias_or_name for column in query.expressions]
    outer = exp.Select(
        expressions=[nodes.column(_WHOLE, name) for name in names],
        where=exp.Where(this=nodes.column(_WHOLE, _HAS_ROWS)),
    )
    query.set("having", None)
    query.replace(outer)
    query.set("expressions", [*query.expressions, nodes.alias(condition, _HAS_ROWS)])
    outer.set("from_", exp.From(this=nodes.subquery(query, _WHOLE)))


def _end_of_a_row(series: exp.Table) -> None:
    """Let a series be a view of the row that has its end."""
    blanks = series.this.expressions[0]
    count = blanks.expressions[0].expressions[0]
    high = as_view(series, count)
    if high is not None:
        blanks.expressions[0].set("expressions", [high])


refusal = refusing(QUESTIONS)
"""What of a statement is refused."""
