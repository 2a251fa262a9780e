"""Scalars as YAML text: without quotes wherever the text reads back as itself by our rules."""

from __future__ import annotations

import re

from kpidsl.loading.plain_values import plain_value
from kpidsl.loading.scalar_offsets import block_lines, indentation
from kpidsl.loading.yaml_nodes import Scalar

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_HEADER = re.compile(r"[|>]([-+0-9]*)")


def is_plain(text: str, *, flow: bool) -> bool:
    """Tell whether a text may stand without quotes; `flow` tells that it is inside brackets."""
    if not text or text != text.strip() or not text.isprintable():
        return False
    first, second = text[0], text[1:2]
    if first in _INDICATORS and not (first in "-?:" and second.strip() and second not in ",[]{}"):
        return False
    if text.startswith(("---", "...")) or ": " in text or " #" in text or text.endswith(":"):
        return False
    return not (flow and any(character in ",[]{}" for character in text))


def quoted(text: str) -> str:
    """Return a text in quotes: double ones, or single ones where those need no escapes."""
    if text.isprintable() and ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    known = _ESCAPES.get(character)
    if known is not None:
        return known
    if character.isprintable():
        return character
    point = ord(character)
    return f"\\x{point:02x}" if point < 256 else f"\\u{point:04x}" if point < 65_536 else f"\\U{point:08x}"


def inline(scalar: Scalar, *, flow: bool) -> str:
    """Return a scalar on one line."""
    if type(scalar.value) is not str:
        # Numbers, true and null keep their spelling; nothing at all has to be written out in brackets.
        return scalar.text or ("null" if flow else "")
    if plain_value(scalar.text) == scalar.text and is_plain(scalar.text, flow=flow):
        return scalar.text
    return quoted(scalar.text)


def block(scalar: Scalar, source: str, indent: int) -> tuple[str, list[str]]:
    """Return the header and the lines of a block scalar (`|` or `>`), moved to another indentation."""
    raw = block_lines(source, scalar.start, scalar.end)
    deep = max(indentation(source, raw, scalar.text), 0)
    lines = [source[start:stop][deep:].rstrip("\n") for start, stop in raw]
    header = _HEADER.match(source, scalar.start)
    chomping = "".join(sign for sign in (header[1] if header else "") if sign in "-+")
    if scalar.text and not scalar.text.endswith("\n"):
        # The file ended here without a line break, which the layout will add.
        chomping = "-"
    if "+" not in chomping:
        while lines and not lines[-1].strip(" "):
            lines.pop()
    else:
        # The last break belongs to the text; what stands behind it are further blank lines.
        kept = len(scalar.text) - len(scalar.text.rstrip("\n"))
        while lines and not lines[-1].strip(" "):
            lines.pop()
        lines.extend([""] * max(kept - 1, 0))
    first = next((line for line in lines if line.strip(" ")), "")
    digit = "2" if first.startswith(" ") or not first else ""
    return f"{scalar.style}{digit}{chomping}", [" " * indent + line if line else "" for line in lines]
