"""Ways from dataset to dataset along many-to-one joins."""

from __future__ import annotations

from collections.abc import Collection

from kpidsl.model.definitions import Project

Path = tuple[str, ...]

MOST_HOPS = 8


def paths(project: Project, source: str, goals: Collection[str]) -> tuple[tuple[Path, str], ...]:
    """Return every way from `source` to a goal: the joins' names and the goal reached.

    A way ends at the first goal it meets and visits no dataset twice. A source that is a goal
    itself is reached by the empty way, and by no other.
    """
    if source in goals:
        return (((), source),)
    found: list[tuple[Path, str]] = []
    stack: list[tuple[Path, str, tuple[str, ...]]] = [((), source, (source,))]
    while stack:
        path, name, visited = stack.pop()
        dataset = project.datasets.get(name)
        for join in reversed(tuple(dataset.joins.values())) if dataset else ():
            if join.target in goals:
                found.append(((*path, join.name), join.target))
            elif join.target not in visited and len(path) < MOST_HOPS:
                stack.append(((*path, join.name), join.target, (*visited, join.target)))
    return tuple(sorted(found, key=lambda way: (len(way[0]), way)))
