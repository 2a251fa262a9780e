"""The lexicons of a project, and what its definitions lack where these are not bound as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Definitions that a project uses, with the paths by which messages name their files."""

    name: str
    version: str | None
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Instead:
    """A computed column that may be bound, as `dataset.column`; `constant` is a number that it may be."""

    column: str
    constant: str | None


@dataclass(frozen=True, slots=True)
class Lack:
    """What a definition reads and the project does not have: datasets, and columns as `dataset.column`.

    `variant_of` is the everyday name that the definition shares with others, `words` is what people
    call it. `instead` are computed columns
    from which alone all of this is read: who binds them needs nothing else.
    """

    datasets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    variant_of: str | None = None
    instead: tuple[Instead, ...] = field(default=(), compare=False)
    words: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.datasets or self.columns)
