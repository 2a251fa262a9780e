"""What Hive's SQL needs all over a statement, and what is refused where it shows only there."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql.hive_times import SERIES
from kpidsl.sql.nodes import Node
from kpidsl.sql.row_numbers import lacks_order, order_anyhow
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.starrocks_tree import QUESTIONS, as_view, refusing


def spelled(tree: Node) -> Node:
    """Return a whole statement as Hive takes it; the tree is used up."""
    as_joins(tree)
    for call in list(tree.find_all(exp.Anonymous)):
        series = call.parent
        if call.name == SERIES and isinstance(series, exp.Table):
            _end_of_a_row(series)
    for window in tree.find_all(exp.Window):
        if lacks_order(window):
            order_anyhow(window)
    return tree


def _end_of_a_row(series: exp.Table) -> None:
    """Let a series be a view of the row that has its end."""
    blanks = series.this.expressions[0]
    count = blanks.expressions[0].expressions[0]
    high = as_view(series, count)
    if high is not None:
        blanks.expressions[0].set("expressions", [high])


refusal = refusing(QUESTIONS)
"""What of a statement is refused."""
