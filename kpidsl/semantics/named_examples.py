"""Datasets and columns of a project that helps name, in place of those of a shop that it is not."""

from __future__ import annotations

from collections.abc import Iterable

from kpidsl.model.definitions import Project
from kpidsl.model.types import Kind
from kpidsl.syntax.other_functions import OPEN, Examples


def examples_of(project: Project) -> Examples:
    """Return what the helps of a project name; `…` where it has nothing of the kind."""
    return Examples(
        dataset=next(iter(project.datasets), OPEN),
        number=first_number(project),
        holder=lambda name: next(iter(_holders(project, name)), None),
    )


def first_number(project: Project) -> str:
    """Return the first column of numbers that is no key of its dataset or of a join, with its dataset."""
    for dataset in project.datasets.values():
        keys = {own for join in dataset.joins.values() for _, own in join.keys} | set(dataset.key)
        for name, column in dataset.told_columns.items():
            if column.type.is_numeric and name not in keys and not name.endswith("_id"):
                return f"{dataset.name}.{name}"
    return OPEN


def compared(name: str, kind: Kind, values: Iterable[str] = ()) -> str:
    """Return a condition on something of a kind; `values` are those that a text is declared to have."""
    if kind is Kind.TEXT:
        value = next(iter(values), OPEN).replace("'", "''")
        return f"{name} = '{value}'"
    return f"{name} is not null" if kind in (Kind.DATE, Kind.TIMESTAMP) else f"{name} > 0"


def _holders(project: Project, name: str) -> list[str]:
    if name in project.datasets:
        return [name]
    return [dataset.name for dataset in project.datasets.values() if name in dataset.told_columns]
