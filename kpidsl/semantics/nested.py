"""Aggregates and metrics where each row has its own value: what may be meant, by the keys that rows have."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.definitions import Dataset, Project
from kpidsl.semantics import aggregate_errors
from kpidsl.syntax import print_formula, tree

_OF_NUMBERS = ("count", "count_distinct", "sum", "avg", "median", "stddev", "variance")


def nested(inner: tree.Call | tree.Name, project: Project, home: Dataset | None = None) -> Diagnostic:
    """Return the report of a value of many rows on a row of `home`, with what has one for each entity."""
    metric = project.metrics.get(inner.text) if isinstance(inner, tree.Name) else None
    told = inner if metric is None else metric.formula.expr
    nodes = () if told is None else tree.walk(told)
    named = (node.parts[0] for node in nodes if isinstance(node, tree.Name))
    read = next((project.datasets[name] for name in named if name in project.datasets), None)
    at = home or read
    key = None if at is None else whose(at)
    shown = print_formula(inner)
    if isinstance(inner, tree.Name):
        word, kind = inner.parts[0], "a metric"
    else:
        word, kind = inner.function, "an aggregate"
        if at is not None and (read is None or word not in _OF_NUMBERS):
            shown = f"count({at.name})"
    entity = None if at is None or key is None else (at.name, key, shown)
    return aggregate_errors.nested(inner.span, word, kind, entity)


def whose(dataset: Dataset) -> str | None:
    """Return a column by which rows belong to somebody: one of a join or the key, and not all of this."""
    own = [key for join in dataset.joins.values() if join.nearest is None for _, key in join.keys]
    time = None if dataset.time is None else dataset.time.text
    named = [name for name in dataset.columns if name.endswith("_id")]
    return next((key for key in (*own, *dataset.key, *named) if (key,) != dataset.key and key != time), None)


def who_has(call: tree.Call, having: tree.Modifier, project: Project) -> str | None:
    """Return the count of those who meet a `having` that stands behind other aggregates of their rows."""
    named = (node.parts[0] for node in tree.walk(call) if isinstance(node, tree.Name))
    home = next((project.datasets[name] for name in named if name in project.datasets), None)
    key = None if home is None else whose(home)
    if home is None or key is None:
        return None
    return f"count_distinct({home.name}.{key} having {print_formula(having.arguments[0])})"
