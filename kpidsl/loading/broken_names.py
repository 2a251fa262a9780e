"""The names that a file seems to define although it cannot be read as YAML.

They are only used to keep silent about: a formula elsewhere that uses one of them is not at fault
for the broken file. So a word too many does less harm than one too few.
"""

from __future__ import annotations

import re

from kpidsl.loading.other_words import keys_meant

_NAMED = (
    "datasets",
    "dimensions",
    "filters",
    "parameters",
    "metrics",
    "kpis",
    "calendars",
    "objectives",
    "scorecards",
)
_SECTION = re.compile(rf"({'|'.join(_NAMED)})[ \t]*:(.*)")
_KEY = re.compile(r"([ \t]*)[\"']?([a-z][a-z0-9_]{0,62})[\"']?[ \t]*:")
_INNER_KEY = re.compile(r"[{,][ \t]*[\"']?([a-z][a-z0-9_]{0,62})[\"']?[ \t]*:")
_LINE = re.compile(r"[^\r\n]+")


def names_in(text: str) -> frozenset[tuple[str, str]]:
    """Return the (section, name) of what looks like a definition, read line by line.

    Under a section these are the keys that are indented as little as its first one, and on the
    section's own line those of a mapping in braces. A key in the first column that is no section is a
    mistyped one, or a definition that lacks its blanks, and those after it are still of the section.
    """
    found: set[tuple[str, str]] = set()
    section: str | None = None
    indentation = 0
    for line in _LINE.finditer(text):
        begun = _SECTION.match(text, line.start(), line.end())
        if begun is not None:
            section, indentation = begun[1], 0
            found.update((section, name) for name in _INNER_KEY.findall(begun[2]))
            continue
        key = _KEY.match(text, line.start(), line.end())
        if key is None and text[line.start()] not in " \t#}]":
            section = None
        elif key is not None and not key[1]:
            section, indentation = next(iter(keys_meant(key[2], _NAMED)), section), 0
        if key is None or section is None:
            continue
        if not indentation or len(key[1]) <= indentation:
            indentation = indentation or len(key[1])
            found.add((section, key[2]))
    return frozenset(found)
