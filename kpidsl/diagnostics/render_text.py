"""Diagnostics for a person: the line, the place in it, what would be right."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from kpidsl.diagnostics.diagnostic import Diagnostic, Label
from kpidsl.source import Location, SourceFile

_COLORS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "place": "\x1b[36m",
    "related": "\x1b[34m",
    "help": "\x1b[32m",
}
_END = "\x1b[0m"
_NARROWEST = 40
_QUOTED = re.compile(r"`[^`]*`[.,:;)]*")
_KEPT = "\0"
"""Stands for a blank at which no line ends; a text that is made visible has none."""


def render(diagnostics: Sequence[Diagnostic], *, width: int, color: bool) -> str:
    """Return the diagnostics with excerpts of the source, then a line that counts them."""
    width = max(width, _NARROWEST)
    blocks = [_block(d, width, color) for d in diagnostics]
    return "\n".join((*blocks, _summary(diagnostics))) + "\n" if diagnostics else ""


def _summary(diagnostics: Sequence[Diagnostic]) -> str:
    counts = []
    for severity in ("error", "warning"):
        count = sum(d.rule.severity == severity for d in diagnostics)
        if count:
            counts.append(f"{count} {severity}{'' if count == 1 else 's'}")
    return ", ".join(counts)


def _painted(text: str, paint: str, color: bool) -> str:
    return f"{_COLORS[paint]}{text}{_END}" if color else text


def _block(d: Diagnostic, width: int, color: bool) -> str:
    severity = d.rule.severity
    head = _painted(f"{severity}[{d.code}]", severity, color)
    message = wrapped(f"{severity}[{d.code}]: {visible(d.message)}", width, "  ")
    lines = [message.replace(f"{severity}[{d.code}]", head, 1)]
    labels = [d.primary, *d.related]
    gutter = len(str(max(label.span.location().end_line for label in labels)))
    file: SourceFile | None = None
    for group in _by_file(labels):
        arrow = "-->" if file is None else ":::"
        file = group[0].span.file()
        at = group[0].span.location()
        lines.append(
            " " * gutter + _painted(f"{arrow} {visible(at.path)}:{at.line}:{at.column}", "place", color)
        )
        lines.extend(_excerpts(file, group, d.primary, gutter, width, color))
    if d.help:
        indent = " " * (gutter + 1)
        text = wrapped(f"{indent}= help: {visible(d.help)}", width, indent + "  ")
        lines.append(text.replace("= help:", _painted("= help:", "help", color), 1))
    return "\n".join(lines) + "\n"


def wrapped(text: str, width: int, indent: str) -> str:
    """Return a text in lines; what stands in backticks is kept on one line where a line can hold it."""
    room = width - len(indent)
    kept = _QUOTED.sub(lambda code: code[0].replace(" ", _KEPT) if len(code[0]) <= room else code[0], text)
    wrapped = textwrap.wrap(
        kept,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return "\n".join(wrapped).replace(_KEPT, " ")


def _by_file(labels: Sequence[Label]) -> list[list[Label]]:
    groups: dict[int, list[Label]] = {}
    for label in labels:
        groups.setdefault(id(label.span.file()), []).append(label)
    return list(groups.values())


def _excerpts(
    file: SourceFile, labels: Sequence[Label], primary: Label, gutter: int, width: int, color: bool
) -> Iterable[str]:
    bar = " " * (gutter + 1) + "|"
    if not file.text.strip():
        return
    yield bar
    placed = sorted(
        ((label.span.location(), label) for label in labels), key=lambda pair: (pair[0].line, pair[0].column)
    )
    line_before, start_before = 0, 0
    for at, label in placed:
        line = _line(file, at.line)
        start, shown = _window(line, at, width - gutter - 3)
        if line_before and at.line > line_before + 1:
            yield " " * gutter + " …"
        if (at.line, start) != (line_before, start_before):
            yield f"{at.line:>{gutter}} | {visible(shown)}"
        line_before, start_before = at.line, start
        for marks in _marked(line, start, len(shown), at, label, label is primary, width - gutter - 3, color):
            yield f"{bar} {marks}"


def _line(file: SourceFile, number: int) -> str:
    starts = file.line_starts()
    end = starts[number] if number < len(starts) else len(file.text)
    return file.text[starts[number - 1] : end].rstrip("\r\n")


def _window(line: str, at: Location, room: int) -> tuple[int, str]:
    """Return the part of a line that fits into `room` cells and holds the place, and where it starts."""
    room = max(room, 20)
    place = min(at.column - 1, len(line))
    start = _first_within(line, place, room // 3)
    end = start
    taken = 0
    while end < len(line) and taken + (taking := cells(_shown(line[end]))) <= room:
        taken += taking
        end += 1
    if end == len(line):
        start = _first_within(line, end, room)
    return start, line[start:end]


def _first_within(line: str, end: int, room: int) -> int:
    """Return the least start from which a line takes at most `room` cells up to `end`."""
    start = end
    while start > 0 and (room := room - cells(_shown(line[start - 1]))) >= 0:
        start -= 1
    return start


def _marked(
    line: str, start: int, length: int, at: Location, label: Label, is_primary: bool, room: int, color: bool
) -> Iterable[str]:
    """Yield the marks below a place with their label, which has a line of its own where it does not fit."""
    first = max(at.column - 1 - start, 0)
    last = (at.end_column - 1 if at.end_line == at.line else len(line)) - start
    last = max(first + 1, min(last, length))
    before = cells(visible(line[start : start + first]))
    marks = ("^" if is_primary else "-") * max(1, cells(visible(line[start + first : start + last])))
    paint = "error" if is_primary else "related"
    text = visible(label.text)
    if before + len(marks) + 1 + cells(text) <= room:
        yield " " * before + _painted(f"{marks} {text}".rstrip(), paint, color)
        return
    yield " " * before + _painted(marks, paint, color)
    if text:
        yield " " * max(min(before, room - cells(text)), 0) + _painted(text, paint, color)


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def visible(text: str) -> str:
    """Return text in which nothing acts on the terminal: control and direction characters are shown."""
    return "".join(_shown(c) for c in text)


def _shown(character: str) -> str:
    if character == "\t":
        return "    "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"<U+{ord(character):04X}>"
    return character
