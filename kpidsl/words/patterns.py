"""Patterns of `like` in words."""

from __future__ import annotations

import re

from kpidsl.semantics.bound import Apply, Constant
from kpidsl.words.language import Language

_PLAIN_PATTERN = re.compile(r"[^%_\\]*")


def pattern_in_words(expr: Apply, parts: list[str], language: Language) -> tuple[str, list[str]]:
    """Return a pattern without wildcards inside as “begins with”, “ends with” or “contains”."""
    pattern = expr.args[1]
    text = pattern.value if isinstance(pattern, Constant) and isinstance(pattern.value, str) else ""
    for inside, op in ((text[1:-1], "contains"), (text[:-1], "prefix"), (text[1:], "suffix")):
        framed = {"contains": f"%{inside}%", "prefix": f"{inside}%", "suffix": f"%{inside}"}[op]
        if inside and text == framed and _PLAIN_PATTERN.fullmatch(inside):
            return op, [parts[0], language.quoted(inside)]
    return "like", parts
