"""Which definitions name which word in their formulas, as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpidsl.model.definitions import Formula, Project
from kpidsl.syntax import tree


def mentions(project: Project) -> Mapping[str, frozenset[str]]:
    """Return, for each short name in a formula or condition, the definitions that name it."""
    found: dict[str, set[str]] = {}
    for owner, formula in _formulas(project):
        if formula.expr is None:
            continue
        for node in tree.walk(formula.expr):
            if isinstance(node, tree.Name) and len(node.parts) == 1:
                found.setdefault(node.parts[0], set()).add(owner)
    return {name: frozenset(owners) for name, owners in found.items()}


def _formulas(project: Project) -> Iterator[tuple[str, Formula]]:
    for dataset in project.datasets.values():
        if dataset.where is not None:
            yield dataset.name, dataset.where
        for column in dataset.columns.values():
            if column.expr is not None:
                yield f"{dataset.name}.{column.name}", column.expr
    for dimension in project.dimensions.values():
        for source in dimension.sources.values():
            yield dimension.name, source
    for named in project.filters.values():
        yield named.name, named.condition
    for metric in project.metrics.values():
        yield metric.name, metric.formula
