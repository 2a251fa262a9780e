"""The lexicons of a project, and what its definitions lack where these are not bound as a whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Definitions that a project uses, with the paths by which messages name their files."""

    name: str
    version: str | None
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lack:
    """What a definition reads and the project does not have: datasets, and columns as `dataset.column`.

    `variant_of` is the everyday name that the definition shares with others.
    """

    datasets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    variant_of: str | None = None

    def __bool__(self) -> bool:
        return bool(self.datasets or self.columns)
