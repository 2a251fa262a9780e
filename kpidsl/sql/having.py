"""`having` in SQL: a condition on the columns of the outermost select."""

from __future__ import annotations

from collections.abc import Mapping

from kpidsl.contexts.magnitudes import Largest
from kpidsl.semantics.bound import Apply, Bound, ResultValue
from kpidsl.source import Span
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Scope


class ResultExpressions(Expressions):
    """Lowers a condition on result rows.

    `columns` holds each column's node, in the form of its type, and `sizes` the largest values of those that
    hold exact numbers, where the dialect needs to know.
    """

    def __init__(
        self, scope: Scope, columns: Mapping[str, Node], span: Span, sizes: Mapping[str, Largest]
    ) -> None:
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, span)
        self.columns = columns
        self.sizes = sizes

    def size_of_atom(self, atom: Value) -> Largest | None:
        return self.sizes.get(atom.name) if isinstance(atom, ResultValue) else None

    def atom(self, value: Value) -> Node:
        assert isinstance(value, ResultValue)
        return self.columns[value.name].copy()


def having(condition: Bound, columns: Mapping[str, Node], scope: Scope, sizes: Mapping[str, Largest]) -> Node:
    """Return the SQL that is true for the rows that the condition keeps."""
    span = condition.span if isinstance(condition, Apply) else None
    return ResultExpressions(scope, columns, span or scope.places.first, sizes).holds(condition)
