"""How a column can be a member: by its path, or as a dimension with a source in each dataset read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kpidsl.diagnostics import nearest
from kpidsl.model.definitions import Project
from kpidsl.semantics.errors import listed
from kpidsl.semantics.paths import Path, paths


@dataclass(frozen=True, slots=True)
class ColumnWays:
    """The datasets with a column of that name.

    Those `reached` lend it to all that is read, without asking which of several rows is nearest; `apart` are
    the datasets read that have no way to any. `dimension` is the definition that has a source for each
    dataset read, where there is one.
    """

    name: str
    holders: Sequence[str]
    reached: Sequence[str]
    apart: Sequence[str]
    dimension: str | None
    has_nearest: bool
    """Whether those apart have a way that asks for the nearest row."""

    @property
    def written(self) -> str | None:
        """Return the help that names the paths, or None where none fits all that is read."""
        if not self.reached:
            return None
        return "write " + " or ".join(f"`{holder}.{self.name}`" for holder in self.reached[:3])

    @property
    def otherwise(self) -> str:
        """Return the help for a column that has no path for all that is read."""
        if self.dimension is not None:
            return f"add under `dimensions:` what it is on each of the datasets read: `{self.dimension}`"
        homes = " or ".join(f"`{one}`" for one in self.holders[:3])
        return (
            f"no join{' by key' if self.has_nearest else ''} leads from {listed(self.apart)} to {homes}: "
            f"leave `{self.name}` out, or define it under `dimensions:`, with what it is on each of them"
        )


def column_ways(project: Project, name: str, holders: Sequence[str], read: Collection[str]) -> ColumnWays:
    """Return the ways of the datasets `read` to a column that the `holders` have."""
    ways = {home: _by_keys(project, home, holders) for home in sorted(read)}
    reached = [one for one in holders if all(len(_by_keys(project, home, (one,))) == 1 for home in ways)]
    if len(ways) == 1 and not reached:
        # Of one dataset alone, a nearest row's column is what it is.
        reached = [one for one in holders if all(len(paths(project, home, (one,))) == 1 for home in ways)]
    apart = [home for home, found in ways.items() if not found] or sorted(read)
    has_nearest = any(not found and paths(project, home, holders) for home, found in ways.items())
    dimension = None
    if len(ways) > 1 and all(len(found) == 1 for found in ways.values()):
        written = ", ".join(f"{home}: {'.'.join((*path, name))}" for home, [path] in ways.items())
        dimension = f"{name}: {{from: {{{written}}}}}"
    return ColumnWays(name, holders, reached, apart, dimension, has_nearest)


def near_column(project: Project, name: str, members: Collection[str], read: Collection[str]) -> str | None:
    """Return the help for a name that is like no member, and like a column: one of what is read, if any."""
    if nearest(name, members):
        return None
    datasets = sorted(project.datasets.values(), key=lambda one: one.name in read)
    homes = {column: one.name for one in datasets for column in one.columns}
    close = nearest(name, homes)
    return "did you mean " + " or ".join(f"`{homes[one]}.{one}`" for one in close) + "?" if close else None


def _by_keys(project: Project, home: str, goals: Collection[str]) -> list[Path]:
    """Return the ways that ask for no nearest row, which is another one of each row."""
    return [path for path, _ in paths(project, home, goals) if not _asks_for_nearest(project, home, path)]


def _asks_for_nearest(project: Project, home: str, path: Path) -> bool:
    at = project.datasets[home]
    for step in path:
        join = at.joins[step]
        if join.nearest is not None:
            return True
        at = project.datasets[join.target]
    return False
