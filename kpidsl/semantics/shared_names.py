"""The names that conditions share, and those that could not be read."""

from __future__ import annotations

from collections.abc import Container

from kpidsl.model.definitions import Project


def shared_names(project: Project) -> tuple[Container[str], ...]:
    """Return the names that conditions share: dimensions, filters and parameters."""
    return (project.dimensions, project.filters, project.parameters)


def is_rejected(project: Project, name: str) -> bool:
    """Tell whether a dimension, filter or parameter of that name could not be read."""
    return any((section, name) in project.rejected for section in ("dimensions", "filters", "parameters"))
