"""What an unquoted YAML scalar stands for.

The rules are those of YAML 1.2's core schema without its surprises: only `true`, `false`, `null`,
decimal integers and decimal fractions are anything but text. `no`, `on`, `12:30`, `012`, `0x1F`,
`1_000`, `.inf` and dates stay what they look like.
"""

from __future__ import annotations

import math
import re

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_MAY_START = frozenset("~nNtTfF-+.0123456789")
_LONGEST_NUMBER = 400
"""Longer runs of digits stay text: Python refuses to read an integer of 4,300 digits."""


def plain_value(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar; most are text."""
    if text and text[0] not in _MAY_START:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        number = float(text)
        return text if math.isinf(number) else number
    return text
