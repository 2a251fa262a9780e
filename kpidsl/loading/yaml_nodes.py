"""The located YAML tree: what a definition file says, with the place of every key and value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kpidsl.source import Embedded, Span

PlainValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar: its text as YAML reads it, and its value by 1.2 core rules.

    `span` covers the scalar as written, quotes included. `content` is the text with the place of
    each of its characters in the file: formulas are parsed from it.
    """

    value: PlainValue
    text: str
    span: Span = field(compare=False)
    content: Embedded = field(compare=False)
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: YamlNode


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping in written order; keys are unique texts."""

    entries: dict[str, Entry]
    span: Span = field(compare=False)

    def get(self, key: str) -> YamlNode | None:
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[YamlNode, ...]
    span: Span = field(compare=False)


YamlNode = Scalar | Mapping | Sequence
