"""Units as people read them: the language's own words in theirs, a project's nouns as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

FRENCH: Mapping[str, str] = {
    "microsecond": "microseconde",
    "millisecond": "milliseconde",
    "second": "seconde",
    "minute": "minute",
    "hour": "heure",
    "day": "jour",
    "week": "semaine",
    "month": "mois",
    "quarter": "trimestre",
    "year": "an",
    "byte": "octet",
    "kB": "ko",
    "MB": "Mo",
    "GB": "Go",
    "TB": "To",
}
_WORD = re.compile(r"[^*/^]+")


def unit_in(unit: str, locale: Literal["en", "fr"]) -> str:
    """Return a unit in words of a language: `EUR/hour` is `EUR/heure` in French."""
    return unit if locale == "en" else _WORD.sub(lambda word: FRENCH.get(word[0], word[0]), unit)
