"""The located YAML tree: what a definition file says, with the place of every key and value.

A project of ten thousand KPIs has half a million nodes, so a node keeps two offsets and makes its
span and the places of its characters when they are asked for. Nodes are not `frozen`, which would
triple the time it takes to make one; nothing changes a node once the tree stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from kpidsl.loading.scalar_offsets import scalar_offsets
from kpidsl.source import Embedded, SourceFile, Span

PlainValue = str | int | float | bool | None


@dataclass(slots=True)
class Scalar:
    """A scalar: its text as YAML reads it, and its value by the rules of `plain_values`.

    `style` is the character that opens it: a quote, `|`, `>`, or nothing where it is plain.
    """

    value: PlainValue
    text: str
    style: str
    file: SourceFile = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)

    @property
    def quoted(self) -> bool:
        return self.style in ("'", '"')

    @property
    def span(self) -> Span:
        """Return the scalar as written, quotes included, without the blank lines below a block."""
        end = self.end
        if self.style in ("|", ">"):
            end = self.start + len(self.file.text[self.start : self.end].rstrip())
        return Span(self.file, self.start, end)

    @property
    def content(self) -> Embedded:
        """Return the text with the place of each of its characters: formulas are parsed from it."""
        return Embedded(
            self.file,
            self.text,
            partial(scalar_offsets, self.file.text, self.start, self.end, self.style, self.text),
        )


@dataclass(slots=True)
class Entry:
    key: Scalar
    value: YamlNode


@dataclass(slots=True)
class Mapping:
    """A mapping in written order; keys are unique texts."""

    entries: dict[str, Entry]
    file: SourceFile = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)

    def get(self, key: str) -> YamlNode | None:
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


@dataclass(slots=True)
class Sequence:
    items: tuple[YamlNode, ...]
    file: SourceFile = field(compare=False, repr=False)
    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


YamlNode = Scalar | Mapping | Sequence
