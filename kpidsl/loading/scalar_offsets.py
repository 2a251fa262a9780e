"""The place in the file of each character of a YAML scalar.

YAML folds lines, drops indentation and reads escapes, so the text of a scalar is not a stretch of
the file. Each style is read here a second time with the offset of every character beside it. The
result always fits the text that the YAML reader gave; should the two ever disagree, every
character is placed at the scalar's start, which is vague but not wrong.
"""

from __future__ import annotations

import re

_BREAK = re.compile(r"\r\n?|\n")
_ESCAPE_DIGITS = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0", "a": "\x07", "b": "\x08", "t": "\t", "\t": "\t", "n": "\n", "v": "\x0b", "f": "\x0c",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "\\": "\\", "/": "/", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip

Placed = list[tuple[str, int]]


def scalar_offsets(source: str, start: int, end: int, style: str, text: str) -> list[int]:
    """Return the offset in `source` of each character of `text`, then of the end of the last one."""
    match style:
        case "'" | '"':
            placed = _flow(source, start + 1, end - 1, style)
        case "|":
            placed = _literal(source, start, end, text)
        case ">":
            placed = _folded(source, start, end, text)
        case _:
            placed = _flow(source, start, end, "")
    if "".join(character for character, _ in placed) != text:
        return [start] * (len(text) + 1)
    if not placed:
        inside = start + 1 if style in ("'", '"') else start
        return [inside]
    offsets = [offset for _, offset in placed]
    return [*offsets, max(offsets[-1] + 1, _end_of_last(source, end, style, offsets[-1]))]


def _end_of_last(source: str, end: int, style: str, last: int) -> int:
    """Return the end of the last character, which an escape makes longer than one."""
    if style in ("'", '"'):
        return end - 1
    return last + 2 if source.startswith("\r\n", last) else last + 1


def _flow(source: str, start: int, end: int, style: str) -> Placed:
    """Return the characters of a plain or quoted scalar; blanks around a line break are folded."""
    placed: Placed = []
    at = start
    blanks_from: int | None = None
    while at < end:
        character = source[at]
        if character in "\r\n":
            if blanks_from is not None:
                del placed[blanks_from:]
            at = _fold(source, at, end, placed)
            blanks_from = None
            continue
        if character in " \t":
            if blanks_from is None:
                blanks_from = len(placed)
            placed.append((character, at))
            at += 1
            continue
        blanks_from = None
        if style == '"' and character == "\\":
            at = _escape(source, at, end, placed)
        elif style == "'" and character == "'":
            placed.append(("'", at))
            at += 2
        else:
            placed.append((character, at))
            at += 1
    return placed


def _fold(source: str, at: int, end: int, placed: Placed, escaped: bool = False) -> int:
    """Add what a run of line breaks reads as; return where the text goes on."""
    breaks: list[int] = []
    while at < end and source[at] in " \t\r\n":
        found = _BREAK.match(source, at)
        if found is None:
            at += 1
        else:
            breaks.append(at)
            at = found.end()
    if len(breaks) == 1 and not escaped:
        placed.append((" ", breaks[0]))
    placed.extend(("\n", place) for place in breaks[1:])
    return at


def _escape(source: str, at: int, end: int, placed: Placed) -> int:
    """Add what an escape stands for; return the offset behind it."""
    kind = source[at + 1]
    if kind in "\r\n":
        return _fold(source, at + 1, end, placed, escaped=True)
    digits = _ESCAPE_DIGITS.get(kind)
    if digits is None:
        placed.append((_ESCAPES.get(kind, kind), at))
        return at + 2
    placed.append((chr(int(source[at + 2 : at + 2 + digits], 16)), at))
    return at + 2 + digits


def block_lines(source: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return start and end of each line below the `|` or `>`, line breaks excluded."""
    lines: list[tuple[int, int]] = []
    header = _BREAK.search(source, start)
    at = header.end() if header else len(source)
    while at < end:
        found = _BREAK.search(source, at)
        stop = found.start() if found else len(source)
        lines.append((at, stop))
        if found is None:
            break
        at = found.end()
    return lines


def indentation(source: str, lines: list[tuple[int, int]], text: str) -> int:
    """Return by how many blanks the block is indented: what its first line lost."""
    kept = text.lstrip("\n")
    for start, stop in lines:
        line = source[start:stop]
        if line.strip(" "):
            written = len(line) - len(line.lstrip(" "))
            return written - (len(kept) - len(kept.lstrip(" ")))
    # Only blank lines: the longest loses whatever the text does not have of it.
    longest = max((stop - start for start, stop in lines), default=0)
    return longest - max((len(line) for line in text.split("\n")), default=0)


def _literal(source: str, start: int, end: int, text: str) -> Placed:
    """Return the characters of a `|` block: every line keeps its break."""
    lines = block_lines(source, start, end)
    indent = indentation(source, lines, text)
    placed: Placed = []
    for begin, stop in lines:
        placed.extend((source[at], at) for at in range(begin + indent, stop))
        placed.append(("\n", stop))
    return placed[: len(text)]


def _folded(source: str, start: int, end: int, text: str) -> Placed:
    """Return the characters of a `>` block: a single break between two flush lines is a blank."""
    lines = block_lines(source, start, end)
    indent = indentation(source, lines, text)
    placed: Placed = []
    previous: tuple[int, int] | None = None
    blank: list[int] = []
    for begin, stop in lines:
        if stop - begin <= indent:
            blank.append(stop)
            continue
        if previous is not None:
            flush = source[previous[0] + indent] not in " \t" and source[begin + indent] not in " \t"
            if not flush:
                placed.append(("\n", previous[1]))
            elif not blank:
                placed.append((" ", previous[1]))
        placed.extend(("\n", place) for place in blank)
        placed.extend((source[at], at) for at in range(begin + indent, stop))
        previous, blank = (begin, stop), []
    if previous is not None:
        placed.append(("\n", previous[1]))
    placed.extend(("\n", place) for place in blank)
    return placed[: len(text)]
