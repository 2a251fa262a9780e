"""What Hive's SQL needs all over a statement, and what is refused where it shows only there."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql.hive_times import SERIES
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.starrocks_tree import QUESTIONS, as_view, refusing


def spelled(tree: Node) -> Node:
    """Return a whole statement as Hive takes it; the tree is used up."""
    as_joins(tree)
    for call in list(tree.find_all(exp.Anonymous)):
        series = call.parent
        if call.name == SERIES and isinstance(series, exp.Table):
            _end_of_a_row(series)
    return tree


def _end_of_a_row(series: exp.Table) -> None:
    """Let a series be a view of the row that has its end."""
    blanks = series.this.expressions[0]
    count = blanks.expressions[0].expressions[0]
    high = as_view(series, count)
    if high is not None:
        blanks.expressions[0].set("expressions", [high])


refusal = refusing(
    {
        **QUESTIONS,
        "instants": Refusal(
            "times of day in a zone, by hour, or moved",
            "what it makes of a local time that exists twice, or moves, is not documented",
            "hold times in UTC and ask by day, week or month",
        ),
        "elapsed": Refusal(
            "the time between two times of day",
            "what its timestamps lose of fractions of a second was not gone through",
            "count the days between dates",
        ),
    }
)
"""What of a statement is refused."""
