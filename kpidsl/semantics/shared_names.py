"""The names that conditions share, and those that could not be read."""

from __future__ import annotations

from collections.abc import Container

from kpidsl.diagnostics import nearest
from kpidsl.model.definitions import Dataset, Project
from kpidsl.semantics.paths import paths


def shared_names(project: Project) -> tuple[Container[str], ...]:
    """Return the names that conditions share: dimensions, filters and parameters."""
    return (project.dimensions, project.filters, project.parameters)


def seen_from(home: Dataset, project: Project, name: str) -> tuple[str, ...]:
    """Return what an unknown name on a row may be meant for: all that it is near to, or what can be read."""
    shared = (*project.filters, *project.parameters)
    # A dimension whose own formula has the name means a column by it.
    others = [dimension for dimension in project.dimensions if dimension != name]
    known = (*home.told_columns, *home.joins, *others, *shared)
    if nearest(name, known):
        return known
    dimensions = (
        other for other in others if len(paths(project, home.name, project.dimensions[other].sources)) == 1
    )
    return (*home.told_columns, *home.joins, *dimensions, *shared)


def is_rejected(project: Project, name: str) -> bool:
    """Tell whether a dimension, filter or parameter of that name could not be read."""
    return any((section, name) in project.rejected for section in ("dimensions", "filters", "parameters"))
