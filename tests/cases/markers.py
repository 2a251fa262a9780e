"""Lines in case files that say which engines cannot answer a query, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARKERS = ("never", "kpidsl_cannot_yet", "engine_cannot_yet")
_MARKER = re.compile(
    rf"^(?P<kind>{'|'.join(MARKERS)}) (?P<others>but )?on (?P<engines>\w+(?:, \w+)*): (?P<why>\S.*)$",
    re.MULTILINE,
)


class CaseError(Exception):
    """A case file that does not keep to the format; the message says where and what."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A line under a query's heading that says which engines cannot answer it, and why.

    `never on sqlite, mariadb: …` the engine has no such thing, and the query is refused when it is compiled;
    `never but on duckdb: …` the same of all others; `kpidsl_cannot_yet on …` refused though the engine could;
    `engine_cannot_yet on …` compiled, but the engine fails or errs.
    """

    kind: str
    engines: tuple[str, ...]
    others: bool
    """Whether it speaks of all engines but these."""

    def speaks_of(self, engine: str) -> bool:
        return (engine in self.engines) != self.others


def read_markers(prose: str) -> tuple[Marker, ...]:
    """The markers that stand in the prose under a heading."""
    found = [
        Marker(m["kind"], tuple(m["engines"].split(", ")), m["others"] is not None)
        for m in _MARKER.finditer(prose)
    ]
    if sum(line.startswith(MARKERS) for line in prose.splitlines()) != len(found):
        raise CaseError("a marker is not of the form `never on sqlite: why`")
    return tuple(found)
