"""Templates of dbt and its like, `{{ ref('payments') }}`, and what stands here in place of each."""

from __future__ import annotations

import re

_TEXT = r"['\"]([^'\"]*)['\"]"
_TEMPLATE = re.compile(
    r"\{\{-?\s*(ref|source|metric|measure|var)\s*\(\s*"
    rf"(?:{_TEXT}\s*,\s*)?{_TEXT}\s*(?:,[^(){{}}]*)?\)\s*-?\}}\}}",
    re.IGNORECASE,
)


def written_out(text: str) -> str | None:
    """Return a text with the names that its templates stand for, or None without any that name anything.

    A source is its table, `raw.orders`, in which dbt has the schema's name first.
    """
    written = _TEMPLATE.sub(
        lambda found: f"{found[2]}.{found[3]}" if found[1].lower() == "source" and found[2] else found[3],
        text,
    )
    return None if written == text or "{{" in written else written


def has_ref(text: str) -> bool:
    """Tell whether a template names a model, whose schema is not told."""
    return any(found[1].lower() == "ref" for found in _TEMPLATE.finditer(text))


def in_line(text: str, at: int) -> tuple[int, int, str] | None:
    """Return where a value with templates begins and ends in a line of YAML, and how it is written out."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)].rstrip()
    begun = line.find("{{")
    if begun < 0 or re.search(r"['\"#]", line[:begun]):
        return None
    value = re.search(r"(?:[:-]\s+)?([^:]*)\Z", line[:begun])
    begun = value.start(1) if value is not None else begun
    written = written_out(line[begun:])
    return None if written is None else (start + begun, start + len(line), written)
