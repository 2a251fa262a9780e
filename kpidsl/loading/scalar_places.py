"""Where each character of a YAML scalar stands in its file.

A scalar's text is not its source: quotes fall away, escapes become one character, line breaks fold
into blanks, block scalars lose their indentation. Each function here walks the source by YAML's own
rules and yields (character, offset) pairs; the result counts only if it spells the scalar's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Pairs = list[tuple[str, int]]

_FOLD = re.compile(r" *(?:(?:\r\n|\n|\r) *)+")
_BREAK = re.compile(r"\r\n|\n|\r")
_PROPERTIES = re.compile(r"(?:[!&][^\s]*\s+)*")
_LONG_ESCAPES = {"x": 4, "u": 6, "U": 10}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def scalar_offsets(source: str, start: int, end: int, text: str) -> list[int]:
    """Return the offset in `source` of each character of `text`, and of its end.

    `source[start:end]` is the scalar as written, with a tag or anchor before it if it has one.
    """
    start = _PROPERTIES.match(source, start, end).end()  # type: ignore[union-attr]
    match source[start : start + 1]:
        case "'":
            ways: Iterator[Pairs] = iter([_single_quoted(source, start + 1, end - 1)])
        case '"':
            ways = iter([_double_quoted(source, start + 1, end - 1)])
        case "|" | ">":
            ways = _block(source, start, end, text)
        case _:
            ways = iter([_plain(source, start, end)])
    for pairs in ways:
        if len(pairs) >= len(text) and all(a == b for a, (b, _) in zip(text, pairs, strict=False)):
            return _table(pairs, len(text), start)
    raise AssertionError(f"no reading of {source[start:end]!r} gives {text!r}")


def _table(pairs: Pairs, length: int, start: int) -> list[int]:
    offsets = [offset for _, offset in pairs[:length]]
    offsets.append(offsets[-1] + 1 if offsets else start)
    return offsets


def _folded(match: re.Match[str], pairs: Pairs) -> int:
    """Add what a run of blanks and line breaks folds to; return the offset after it."""
    breaks = [found.start() for found in _BREAK.finditer(match.string, match.start(), match.end())]
    if len(breaks) == 1:
        pairs.append((" ", match.start()))
    else:
        pairs.extend(("\n", offset) for offset in breaks[1:])
    return match.end()


def _plain(source: str, start: int, end: int) -> Pairs:
    pairs: Pairs = []
    at = start
    while at < end:
        char = source[at]
        fold = _FOLD.match(source, at, end) if char in " \r\n" else None
        if fold is not None:
            at = _folded(fold, pairs)
        else:
            pairs.append((char, at))
            at += 1
    return pairs


def _single_quoted(source: str, start: int, end: int) -> Pairs:
    pairs: Pairs = []
    at = start
    while at < end:
        char = source[at]
        fold = _FOLD.match(source, at, end) if char in " \r\n" else None
        if fold is not None:
            at = _folded(fold, pairs)
        else:
            pairs.append((char, at))
            at += 2 if char == "'" else 1
    return pairs


def _double_quoted(source: str, start: int, end: int) -> Pairs:
    pairs: Pairs = []
    at = start
    while at < end:
        char = source[at]
        if char == "\\":
            at = _escaped(source, at, end, pairs)
            continue
        fold = _FOLD.match(source, at, end) if char in " \r\n" else None
        if fold is not None:
            at = _folded(fold, pairs)
        else:
            pairs.append((char, at))
            at += 1
    return pairs


def _escaped(source: str, at: int, end: int, pairs: Pairs) -> int:
    """Add what the escape at `at` stands for; return the offset after it."""
    letter = source[at + 1]
    if letter in "\r\n":
        # An escaped line break joins the lines; empty lines after it stay.
        fold = _FOLD.match(source, at + 1, end)
        assert fold is not None
        breaks = [found.start() for found in _BREAK.finditer(source, fold.start(), fold.end())]
        pairs.extend(("\n", offset) for offset in breaks[1:])
        return fold.end()
    length = _LONG_ESCAPES.get(letter)
    if length is None:
        pairs.append((_ESCAPES[letter], at))
        return at + 2
    pairs.append((chr(int(source[at + 2 : at + length], 16)), at))
    return at + length


def _block(source: str, start: int, end: int, text: str) -> Iterator[Pairs]:
    """Yield the readings of a block scalar, the likeliest indentation first.

    The indentation may be given relative to a parent that is not known here, so the one that spells
    the text is found by trying.
    """
    header = _BREAK.search(source, start, end)
    if header is None:
        yield []
        return
    lines = _lines(source, header.end(), end)
    widths = [len(line) - len(line.lstrip(" ")) for _, line in lines if line.strip(" ")]
    first = text.lstrip("\n").split("\n", 1)[0]
    guess = widths[0] - (len(first) - len(first.lstrip(" "))) if widths else 0
    for indent in dict.fromkeys((max(guess, 0), *range(max((len(line) for _, line in lines), default=0) + 1))):
        yield _block_lines(lines, indent, folded=source[start] == ">")


def _lines(source: str, start: int, end: int) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    at = start
    for found in _BREAK.finditer(source, start, end):
        lines.append((at, source[at : found.start()]))
        at = found.end()
    if at < end:
        lines.append((at, source[at:end]))
    return lines


def _block_lines(lines: list[tuple[int, str]], indent: int, *, folded: bool) -> Pairs:
    pairs: Pairs = []
    breaks: list[int] = []
    last_break: int | None = None
    last_more_indented = False
    for start, line in lines:
        if len(line) <= indent and not line.strip(" "):
            breaks.append(start + len(line))
            continue
        if line[:indent].strip(" "):
            break
        more_indented = line[indent] == " "
        if last_break is not None:
            if not folded or last_more_indented or more_indented:
                pairs.append(("\n", last_break))
            elif not breaks:
                pairs.append((" ", last_break))
        pairs.extend(("\n", offset) for offset in breaks)
        pairs.extend((char, start + column) for column, char in enumerate(line[indent:], indent))
        breaks, last_break, last_more_indented = [], start + len(line), more_indented
    trailing = breaks if last_break is None else [last_break, *breaks]
    pairs.extend(("\n", offset) for offset in trailing)
    return pairs
