"""A page of words: a title, then sections of lines, fitted to a width."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from kpidsl.diagnostics.render_text import visible

NARROWEST = 24
_QUANTITY = re.compile(r"(?<=\d) (?=[^\W\d])")
_BOUND = "\ue000"
"""Stands between a number and its unit while lines are broken."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section: `depth` 0 is running text, 1 an item of a list, 2 an item inside it."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a page; one without lines is not shown."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    description: str | None
    sections: tuple[Section, ...]


def render_page(page: Page, width: int) -> str:
    """Return a page as text of at most `width` cells, where no single word is longer."""
    width = max(width, NARROWEST)
    blocks = [_title(page.title, width)]
    if page.description:
        blocks[0] += "\n" + _wrapped(page.description, "", "", width)
    for section in page.sections:
        if section.lines:
            lines = (_line(line, width) for line in section.lines)
            blocks.append("\n".join((_wrapped(section.title, "", "", width), *lines)))
    return "\n\n".join(blocks) + "\n"


def _title(title: str, width: int) -> str:
    """Return a title; where it is too long, what stands in brackets behind the label has its own line."""
    label, bracket, rest = title.partition(" (")
    if not bracket or len(visible(title)) <= width:
        return _wrapped(title, "", "", width)
    return "\n".join(_wrapped(part, "", "", width) for part in (label, f"({rest}"))


def _line(line: Line, width: int) -> str:
    if line.depth == 0:
        return _wrapped(line.text, "  ", "  ", width)
    indent = "  " * line.depth
    return _wrapped(line.text, f"{indent}- ", f"{indent}  ", width)


def _wrapped(text: str, first: str, rest: str, width: int) -> str:
    shown = " ".join(visible(text.replace("\n", " ")).split(" "))
    filled = textwrap.fill(
        _QUANTITY.sub(_BOUND, shown),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(_BOUND, " ")
