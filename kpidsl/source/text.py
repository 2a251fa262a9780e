"""Source files, texts embedded in them, and spans.

Offsets count code points and are half-open; lines and columns are 1-based.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

_LINE_BREAK = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Location:
    """A place as people and editors name it: 1-based lines and columns, the end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class SourceText(Protocol):
    """Anything that a span can point into."""

    @property
    def text(self) -> str: ...

    def in_file(self, start: int, end: int) -> tuple[SourceFile, int, int]:
        """Return the file behind this text and the offsets there."""
        ...


@dataclass(slots=True, eq=False)
class SourceFile:
    """One file's text under the path that messages show (relative to the project, with `/`)."""

    path: str
    text: str
    _starts: list[int] | None = field(default=None, repr=False)

    def in_file(self, start: int, end: int) -> tuple[SourceFile, int, int]:
        return self, start, end

    def line_starts(self) -> list[int]:
        """Return the offset at which each line begins (line breaks: LF, CRLF, CR)."""
        if self._starts is None:
            self._starts = [0, *(end.end() for end in _LINE_BREAK.finditer(self.text))]
        return self._starts

    def line_column(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of an offset."""
        starts = self.line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1


@dataclass(slots=True, eq=False)
class Embedded:
    """A text that stands inside a file, such as a formula in a YAML scalar.

    `offsets` gives for each code point of `text`, and for its end, the offset in the file. It is
    called only when a place is shown, since most formulas have no mistake.
    """

    file: SourceFile
    text: str
    offsets: Callable[[], list[int]]

    def in_file(self, start: int, end: int) -> tuple[SourceFile, int, int]:
        table = self.offsets()
        last = len(table) - 1
        begin = table[min(start, last)]
        # The end is one past the last character, not the start of the next one: a folded scalar
        # may have a line break and an indentation between the two.
        finish = table[min(end, last) - 1] + 1 if end > start else begin
        return self.file, begin, finish


@dataclass(slots=True, eq=False)
class Excerpt:
    """A part of a text: up to `end`, or the rest of it, such as the formula after `name =`."""

    whole: SourceText
    start: int
    end: int | None = None

    @property
    def text(self) -> str:
        return self.whole.text[self.start : self.end]

    def in_file(self, start: int, end: int) -> tuple[SourceFile, int, int]:
        return self.whole.in_file(self.start + start, self.start + end)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) of a text."""

    source: SourceText
    start: int
    end: int

    @classmethod
    def of(cls, source: SourceText) -> Span:
        """Return the span of what stands in a text, without the blanks around it."""
        text = source.text
        start = len(text) - len(text.lstrip())
        return cls(source, start, max(len(text.rstrip()), start))

    def __deepcopy__(self, memo: object) -> Span:
        # It never changes, and stands in trees that are copied often.
        return self

    def location(self) -> Location:
        """Return the place in the file behind the text."""
        file, start, end = self.source.in_file(self.start, self.end)
        line, column = file.line_column(start)
        end_line, end_column = file.line_column(end)
        return Location(file.path, line, column, end_line, end_column)

    def file(self) -> SourceFile:
        return self.source.in_file(self.start, self.end)[0]

    def excerpt(self) -> str:
        """Return the text that the span covers."""
        return self.source.text[self.start : self.end]

    def until(self, other: Span) -> Span:
        """Return the span from this one's start to the other's end (both in one text)."""
        return Span(self.source, self.start, other.end)
