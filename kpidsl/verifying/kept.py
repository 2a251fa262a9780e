"""Questions about a dataset's rows: those that its `where` keeps, for no others are counted or joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.plan.reading import rows_with
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import Span
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.emit import emit
from kpidsl.sql.histories import steps
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Places, Scope

Asked = Callable[[exp.Select, RowExpressions], exp.Select]
"""Makes the question of a select over the rows, which has no columns yet, and of expressions on them."""


def fetched(
    checked: CheckedProject,
    name: str,
    span: Span,
    connection: Connection,
    sink: Sink,
    asked: Asked,
    *,
    wanted: tuple[Bound, ...] = (),
    read: tuple[Bound, ...] = (),
) -> list[tuple[Any, ...]]:
    """Return what a question about a dataset's rows gives; nothing where it reports an error.

    `wanted` holds of the rows beside what the dataset's `where` keeps, and `read` are values that the
    question asks for; what the connection's dialect cannot say of them is reported.
    """
    dialect, before = DIALECTS[connection.dialect], sink.errors
    scope = Scope(checked, dialect, Places({}, {}), sink)
    rows = RowExpressions(checked, name, dialect, scope.tables, sink, span)
    always = checked.datasets[name].condition
    conditions = wanted if always is None else (always, *wanted)
    question = asked(rows.select(rows_with(name, conditions, read)), rows)
    scope.ctes[:0] = steps(scope)
    question.set("with_", scope.with_clause())
    return [] if sink.errors > before else connection.fetch(emit(question, dialect))
