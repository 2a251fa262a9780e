"""Keys that several rows of a dataset share."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Dataset
from kpidsl.plan.reading import rows_with
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.emit import emit
from kpidsl.sql.histories import steps
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Places, Scope


def keys_shared(
    checked: CheckedProject, dataset: Dataset, connection: Connection, sink: Sink
) -> list[tuple[Any, ...]]:
    """Return the keys that several of a dataset's rows have, in a fixed order.

    Its rows are those that its `where` keeps: nothing else is ever counted or joined.
    """
    dialect = DIALECTS[connection.dialect]
    scope = Scope(checked, dialect, Places({}, {}), sink)
    rows = RowExpressions(checked, dataset.name, dialect, scope.tables, sink, dataset.key_span)
    condition = checked.datasets[dataset.name].condition
    wanted = () if condition is None else (condition,)
    kept = rows.select(rows_with(dataset.name, wanted))
    before = sink.errors
    keys = [rows.column_at(rows.aliases[()], dataset.name, name, plain=True) for name in dataset.key]
    kept = kept.where(nodes.all_of([nodes.is_not_null(key.copy()) for key in keys]), copy=False)
    kept.set("expressions", [nodes.alias(key.copy(), f"k_{n}") for n, key in enumerate(keys)])
    kept.set("group", exp.Group(expressions=[key.copy() for key in keys]))
    several = nodes.compare(exp.GT, exp.Count(this=exp.Star()), nodes.integer(1))
    kept.set("having", exp.Having(this=several))
    scope.ctes[:0] = steps(scope)
    kept.set("with_", scope.with_clause())
    if sink.errors > before:
        return []
    return sorted(connection.fetch(emit(kept, dialect)), key=str)
