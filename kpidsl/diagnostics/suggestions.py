"""Names that seem close to a mistyped one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

MOST_CANDIDATES = 3
_LONGEST_COMPARED = 80
_ANAGRAM = 0.99
_CLOSE = 0.15
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "ß": "ss"})


def nearest(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return at most three candidates that look like `word`, the closest first."""
    wanted = word.lower()[:_LONGEST_COMPARED]
    candidates = tuple(candidates)
    but_for_case = [candidate for candidate in candidates if candidate.lower() == word.lower()]
    if but_for_case:
        return tuple(sorted(set(but_for_case))[:MOST_CANDIDATES])
    letters = sorted(wanted)
    scored: list[tuple[float, str]] = []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    for candidate in sorted(set(candidates)):
        matcher.set_seq1(candidate.lower()[:_LONGEST_COMPARED])
        if matcher.real_quick_ratio() < 0.6 or matcher.quick_ratio() < 0.6:
            continue
        # `tabel` is `table` rather than `label`: two letters exchanged are one mistake.
        ratio = _ANAGRAM if sorted(candidate.lower()) == letters else matcher.ratio()
        if ratio >= 0.6:
            scored.append((-ratio, candidate))
    scored.sort()
    return tuple(name for score, name in scored[:MOST_CANDIDATES] if score <= scored[0][0] + _CLOSE)


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Return the help line for an unknown name, or None where nothing is close."""
    close = nearest(word, candidates)
    if not close:
        return None
    return "did you mean " + " or ".join(f"`{name}`" for name in close) + "?"


def as_name(name: str) -> str:
    """Return the name that a text is meant for: accents taken off, digits at its start put at its end."""
    plain = name.translate(_LIGATURES)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    snake = re.sub(r"[^a-z0-9]+", "_", snake).strip("_")
    snake = re.sub(r"^([0-9_]+)_([a-z].*)$", r"\2_\1", snake)[:63].strip("_")
    return snake if snake[:1].isalpha() else ""
