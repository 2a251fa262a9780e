"""The keys by which rows of several datasets belong together: what `per` of a sequence may name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.definitions import Dataset, Project
from kpidsl.semantics.errors import listed
from kpidsl.semantics.functions import SEQUENCES
from kpidsl.syntax import tree

_KEYLESS = re.compile(r"per\s+(within|from)")
_OPENED = re.compile(rf"\b(?:{'|'.join(SEQUENCES)})\s*\(")
_WORD = re.compile(r"(?<![\w.'])[a-z][a-z0-9_]*")


def shared_keys(project: Project, home: Dataset, others: Sequence[Dataset]) -> tuple[str, ...]:
    """Return the columns and dimensions of all datasets that say whose rows they are, at most three."""
    datasets = [home, *others]
    keys = {own for d in datasets for join in d.joins.values() for _, own in join.keys}
    keys |= {part for d in datasets for part in d.key}
    # A row that is looked for among those of its own dataset is the only one with its whole key.
    unique = home.key if any(d is home for d in others) else ()

    def is_key(name: str) -> bool:
        return (name in keys or name.endswith("_id")) and (name,) != unique

    columns = [name for name in home.columns if all(name in d.columns for d in datasets)]
    timed = {d.time.text for d in datasets if d.time is not None}
    found = [name for name in columns if is_key(name) and name not in timed]
    for name, dimension in project.dimensions.items():
        sources = [dimension.sources.get(d.name) for d in datasets]
        named = [source.expr for source in sources if source is not None]
        if len(named) == len(sources) and any(
            isinstance(expr, tree.Name) and is_key(expr.parts[-1]) for expr in named
        ):
            found.append(name)
    return tuple(sorted(dict.fromkeys(found), key=lambda name: name not in keys))[:3]


def with_key(told: Diagnostic, project: Project) -> Diagnostic:
    """Return the report of a `per` without a key with the keys that its datasets share, where it is one."""
    place = told.primary.span
    found = _KEYLESS.fullmatch(place.excerpt())
    before = place.source.text[: place.start]
    opened = list(_OPENED.finditer(before))
    if found is None or not opened:
        return told
    homes, steps = (
        [project.datasets[word] for word in _WORD.findall(part) if word in project.datasets]
        for part in (before[: opened[-1].start()], before[opened[-1].end() :])
    )
    shared = shared_keys(project, homes[-1], steps) if homes and steps else ()
    if not shared:
        return told
    more = f"; both have {listed(shared)}" if len(shared) > 1 else ""
    return replace(told, help=f"write `per {shared[0]} {found[1]}`{more}")
