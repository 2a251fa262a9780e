"""Schemas: what a drawn project has, and what can be named in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from .definitions import Definitions
from .table import OracleRefuses

FACTS = ("orders", "sessions", "order_lines", "customers")

INTEGER_BOUND = 50
DECIMAL_BOUND = 200
FLOAT_BOUND = 64
MOST_ROWS = 14


@dataclass(frozen=True, slots=True)
class Field:
    """A column or member as formulas may name it.

    `unit`: what an amount is measured in. `cut`: a time grain, a date part, or a time role, which stand only where a context is.
    """

    path: tuple[str, ...]
    kind: str
    scale: int = 0
    cut: bool = False
    unit: str | None = None

    @property
    def text(self) -> str:
        return ".".join(self.path)


@dataclass(slots=True)
class Schema:
    """A drawn project without its metrics, and what can be named in it."""

    project: dict[str, Any]
    facts: list[str]
    timed: bool
    own: dict[str, list[Field]] = field(default_factory=dict)

    def definitions(self) -> Definitions:
        return Definitions.read(self.project)

    def fields(self, home: str) -> list[Field]:
        """Return what a row of `home` can name: its columns and, over joins, those of its partners."""
        found: list[Field] = []
        pending: list[tuple[tuple[str, ...], str]] = [((), home)]
        while pending:
            path, at = pending.pop(0)
            found.extend(replace(f, path=(*path, *f.path)) for f in self.own[at])
            joins = self.project["datasets"][at].get("joins", {})
            pending.extend(((*path, name), j["to"]) for name, j in joins.items())
        return found

    def members(self, homes: list[str]) -> list[Field]:
        """Return the dimensions and paths that every one of `homes` reaches in exactly one way."""
        definitions = self.definitions()
        found = [
            Field((name,), kind_of(d["type"]))
            for name, d in self.project["dimensions"].items()
            if all(_reaches_once(definitions, name, home) for home in homes)
        ]
        for dataset in self.project["datasets"]:
            if all(len(definitions.paths(home, dataset)) == 1 for home in homes):
                found.extend(
                    Field((dataset, *f.path), f.kind)
                    for f in self.fields(dataset)
                    if f.kind in ("text", "boolean", "integer", "date") and len(f.path) <= 2
                )
        return found

    def has_clock(self, homes: list[str]) -> bool:
        """Tell whether the default time of every home has hours."""
        definitions = self.definitions()
        for home in homes:
            *joins, column = definitions.datasets[home].time or ("",)
            for join in joins:
                home = definitions.datasets[home].joins[join].to
            found = definitions.datasets[home].columns.get(column)
            if found is None or found.type != "timestamp":
                return False
        return True

    def times(self, homes: list[str]) -> list[Field]:
        """Return the dimensions and paths that are times and that every one of `homes` reaches."""
        definitions = self.definitions()
        found = [f for f in self.members(homes) if f.kind == "date"]
        for dataset in self.project["datasets"]:
            if all(len(definitions.paths(home, dataset)) == 1 for home in homes):
                found.extend(
                    Field((dataset, *f.path), f.kind) for f in self.own[dataset] if f.kind == "timestamp"
                )
        return found


def _reaches_once(definitions: Definitions, dimension: str, home: str) -> bool:
    """Tell whether there is one way only, near or far, to a dataset that the dimension lists."""
    listed = definitions.dimensions[dimension]
    ways, level = 0, [home]
    while level:
        ways += sum(at in listed for at in level)
        level = [j.to for at in level if at not in listed for j in definitions.datasets[at].joins.values()]
    try:
        definitions.source_of(dimension, home)
    except OracleRefuses:
        return False
    return ways == 1


def kind_of(type_text: str) -> str:
    return type_text.split("(")[0]


def scale_of(type_text: str) -> int:
    return int(type_text.rstrip(")").split(",")[1]) if type_text.startswith("decimal") else 0


def field_of(name: str, spec: Any) -> Field:
    type_text = spec if isinstance(spec, str) else spec["type"]
    unit = None if isinstance(spec, str) else spec.get("unit")
    return Field((name,), kind_of(type_text), scale_of(type_text), unit=unit)
