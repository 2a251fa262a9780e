"""`having` in SQL: a condition on the columns of the outermost select."""

from __future__ import annotations

from collections.abc import Mapping

from kpidsl.diagnostics import Sink
from kpidsl.model.grains import Cut
from kpidsl.semantics.bound import Apply, Bound, ResultValue
from kpidsl.source import Span
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.times import LookupTables


class ResultExpressions(Expressions):
    """Lowers a condition on result rows; `columns` holds each column's node, in the form of its type."""

    def __init__(
        self,
        columns: Mapping[str, Node],
        dialect: Dialect,
        cut: Cut,
        tables: LookupTables,
        sink: Sink,
        span: Span,
    ) -> None:
        super().__init__(dialect, cut, tables, sink, span)
        self.columns = columns

    def atom(self, value: Value) -> Node:
        assert isinstance(value, ResultValue)
        return self.columns[value.name].copy()


def having(
    condition: Bound,
    columns: Mapping[str, Node],
    dialect: Dialect,
    cut: Cut,
    tables: LookupTables,
    sink: Sink,
    place: Span,
) -> Node:
    """Return the SQL that is true for the rows that the condition keeps."""
    span = condition.span if isinstance(condition, Apply) and condition.span is not None else place
    return ResultExpressions(columns, dialect, cut, tables, sink, span).holds(condition)
