"""A language to explain in: tables of phrases, and the few rules for putting them together.

A construct of the formula language needs one row in a table of each language; a test names those
that have none. `{0}`, `{1}` stand for the parts of a phrase, in the order of the construct's
arguments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from kpidsl.syntax.printer import number

Locale = Literal["en", "fr"]

_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_HOLE = re.compile(r"\{(\w+)\}")


def code(name: str) -> str:
    """Return a name as the language writes it, set apart from words."""
    return f"`{name}`"


@dataclass(frozen=True, slots=True)
class Language:
    """The tables of one language.

    `functions` gives a phrase for each operator and scalar function; `negated` those of conditions
    under `not` (others are told with the row `not`); `of_times` what is said otherwise of times;
    `aggregates` one for each aggregate, with `{rows}` for the rows it reads; `grains` the buckets of
    time; `sentences` all the rest. `contractions` are what two words become where they meet.
    """

    code: Locale
    quotes: tuple[str, str]
    colon: str
    grains: Mapping[str, str]
    functions: Mapping[str, str]
    negated: Mapping[str, str]
    of_times: Mapping[str, str]
    aggregates: Mapping[str, str]
    sentences: Mapping[str, str]
    contractions: Mapping[str, str] = field(default_factory=dict)

    def say(self, row: str, *parts: str, **named: str) -> str:
        """Return a row of `sentences` with its parts filled in."""
        return self.fill(self.sentences[row], *parts, **named)

    def fill(self, phrase: str, *parts: str, **named: str) -> str:
        """Return a phrase with its parts filled in; `{all}` and `{any}` list all but the first."""
        holes = {str(index): part for index, part in enumerate(parts)} | named
        listed = parts[1:] if "{0}" in phrase else parts
        for hole, list_ in (("all", self.both), ("any", self.either), ("nor", self.neither)):
            if f"{{{hole}}}" in phrase:
                holes[hole] = list_(listed)
        for before, after in self.contractions.items():
            first, second = before.split()
            for name, part in holes.items():
                if part.startswith(second + " ") and f"{first} {{{name}}}" in phrase:
                    phrase = phrase.replace(f"{first} {{{name}}}", f"{after} {{{name}}}")
                    holes[name] = part[len(second) + 1 :]
        return _HOLE.sub(lambda hole: holes[hole[1]], phrase)

    def both(self, parts: Sequence[str]) -> str:
        """Return a list that ends with “and”."""
        return self._listed(parts, "and")

    def either(self, parts: Sequence[str]) -> str:
        """Return a list that ends with “or”."""
        return self._listed(parts, "or")

    def neither(self, parts: Sequence[str]) -> str:
        """Return a list of what is denied, behind “neither”."""
        word = self.sentences["nor"]
        return f" {word} ".join(parts) if self.code == "fr" else self._listed(parts, "nor")

    def _listed(self, parts: Sequence[str], word: str) -> str:
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.sentences[word]} {parts[-1]}"

    def semicolon(self, parts: Sequence[str]) -> str:
        """Return parts with semicolons between."""
        return ("; " if self.code == "en" else "\N{NARROW NO-BREAK SPACE}; ").join(parts)

    def figure(self, value: int | Decimal | float) -> str:
        """Return a number with the language's decimal mark."""
        written = number(value)
        return written.replace(".", ",") if self.code == "fr" else written

    def typeset(self, text: str) -> str:
        """Return what an author wrote with the language's own apostrophe between letters."""
        return _APOSTROPHE.sub("’", text) if self.code == "fr" else text

    def quoted(self, text: str) -> str:
        """Return a text in the language's quotation marks."""
        return f"{self.quotes[0]}{text}{self.quotes[1]}"
