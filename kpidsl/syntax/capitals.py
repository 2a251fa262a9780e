"""Formulas with words in capitals, or in a spreadsheet's signs: what they are, or what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.source import SourceFile, SourceText, Span
from kpidsl.syntax import errors, tree
from kpidsl.syntax.keywords import KEYWORDS
from kpidsl.syntax.other_functions import ELSEWHERE, said_otherwise
from kpidsl.syntax.parser import parse_formula
from kpidsl.syntax.spreadsheets import in_own_signs

_WORD = re.compile(r"'(?:[^']|'')*'|(?P<unit>(?<![\w.])\d[\d_.]*[ \t]+)?(?P<word>[A-Za-z_]\w*)")


@dataclass(slots=True, eq=False)
class _InSmallLetters:
    """A text with the words of another one in small letters, each at its place."""

    whole: SourceText
    text: str

    def in_file(self, start: int, end: int) -> tuple[SourceFile, int, int]:
        return self.whole.in_file(start, end)


def in_small_letters(source: SourceText, told: Diagnostic) -> Diagnostic:
    """Return what to say of a formula that stops at a word in capitals, which is `told`.

    Small letters are no help where the word is none of the language in any letters: then the function of
    another language, or its spelling, is told. Of several words in capitals the whole formula is offered.
    """
    small = _InSmallLetters(source, _WORD.sub(_small, source.text))
    sink = Sink()
    formula = parse_formula(small, sink)
    if formula is None:
        other = sink.diagnostics()[0]
        return told if other.rule in (errors.SYNTAX, errors.CASE) else other
    other_function = _other_function(source, formula)
    if other_function is not None:
        return other_function
    is_maybe_text = "'" in (told.help or "")
    changed = [found for found in _WORD.finditer(source.text) if found[0] != _small(found)]
    return told if is_maybe_text or len(changed) == 1 else errors.in_capitals(told, small.text.strip())


def from_spreadsheet(source: SourceText, told: Diagnostic) -> Diagnostic:
    """Return what to say of a formula that stops for `told`, where it is one in the signs of a spreadsheet.

    These are semicolons between arguments, commas in numbers, texts in double quotes and points in names.
    """
    small = _WORD.sub(_small, source.text)
    own = in_own_signs(small, ELSEWHERE)
    formula = parse_formula(_InSmallLetters(source, own), Sink()) if own != small else None
    if formula is None:
        return told
    other_function = _other_function(source, formula)
    if other_function is not None:
        return other_function
    is_separator = told.rule is errors.HABIT and told.primary.span.excerpt() == ";"
    return replace(told, help=f"write `{own.strip()}`") if is_separator else told


def _other_function(source: SourceText, formula: tree.Expr) -> Diagnostic | None:
    """Return what to write in place of the first function of another language."""
    for node in tree.walk(formula):
        if isinstance(node, tree.Call) and (help := said_otherwise(node)) is not None:
            return errors.other_function(Span(source, node.name_span.start, node.name_span.end), help)
    return None


def _small(found: re.Match[str]) -> str:
    word = found["word"]
    if word is None or (found["unit"] and word.lower() not in KEYWORDS):
        # Texts and units are as they are written.
        return found[0]
    return (found["unit"] or "") + word.lower()
