"""Words that a formula leaves out: told from the text around the place where the parser stopped."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from kpidsl.diagnostics import Diagnostic
from kpidsl.source import SourceText, Span
from kpidsl.syntax import errors

_TOKEN = re.compile(r"'(?:[^']|'')*'|[A-Za-z_]\w*|\S")
_CASE_WORDS = ("when", "then", "else")
_QUOTED_ON = re.compile(r"([\w][\w ,.;:-]*)'")
_KEYS = re.compile(r"per\s+([a-z_]\w*(?:\.\w+)*(?:\s*,\s*[a-z_]\w*(?:\.\w+)*)*)\s*\Z")
_GROUPS = re.compile(r"across\s+([a-z_]\w*(?:\.\w+)*(?:\s*,\s*[a-z_]\w*(?:\.\w+)*)*)\s*\Z")

_AGGREGATE = re.compile(
    r"(sum|avg|min|max|count|median|stddev|variance)\(\s*((?:[a-z_]\w*)(?:\([^()]*\))?)\s*\)"
)
"""An aggregate of one of a metric, or of an aggregate: `avg(sum(orders.amount))`."""

_LISTED = re.compile(r"'(?:[^']|'')*'|\d[\d.]*")
_LIST = re.compile(r"\bin\s*\(([^()]*(?:'|\d)\s*)\Z")
"""The beginning of a list of values, up to one of these."""


@dataclass(slots=True)
class _Case:
    """A `case` that is not closed yet: where it begins, and the last of its words."""

    start: int
    word: str


def left_out(source: SourceText, at: int, accepted: Collection[str]) -> Diagnostic | None:
    """Return what is missing before a place, where that is told by the text; `accepted` may stand there."""
    return (
        _word_of_case(source, at, accepted)
        or _brackets_around(source, at)
        or _key_of_sequence(source, at)
        or _comma(source, at)
    )


def unclosed_case(source: SourceText) -> Diagnostic | None:
    """Return that a `case` has no `end`, where a text stops within one."""
    text = source.text.rstrip()
    case = _case_at(text, len(text))
    if case is None:
        return None
    last = next(reversed(_TOKEN.findall(text)))
    if last in _CASE_WORDS or case.word not in ("then", "else"):
        return None
    return errors.syntax(
        Span(source, case.start, case.start + len("case")),
        "the `case` that begins here has no end",
        "never closed",
        f"write `{text[case.start :]} end`",
    )


def _case_at(text: str, at: int) -> _Case | None:
    """Return the innermost `case` that a place stands in."""
    opened: list[_Case] = []
    for token in _TOKEN.finditer(text, 0, at):
        word = token[0]
        if word == "case":
            opened.append(_Case(token.start(), word))
        elif word == "end" and opened:
            opened.pop()
        elif word in _CASE_WORDS and opened:
            opened[-1].word = word
    return opened[-1] if opened else None


def _word_of_case(source: SourceText, at: int, accepted: Collection[str]) -> Diagnostic | None:
    text = source.text
    case = _case_at(text, at)
    if case is None:
        return None
    missing = {"case": "when", "when": "then", "then": "else"}.get(case.word)
    if missing is None or missing.upper() not in accepted:
        return None
    found = _TOKEN.match(text, at)
    word = found[0] if found is not None else ""
    if not re.match(r"[\w'(]", word) or word in ("end", "when", "then"):
        return None
    value = "… " if word == "else" else ""
    whole = f"{text[case.start : at]}{missing} {value}{text[at : _end_of_case(text, at)]}"
    return errors.syntax(
        Span(source, at, at + len(word)),
        f"`{missing}` is missing before `{word}`",
        f"no `{missing}` before it",
        f"write `{whole}`",
    )


def _end_of_case(text: str, at: int) -> int:
    """Return where the `case` ends that a place stands in: behind its `end`, or where the text ends."""
    depth = 1
    for token in _TOKEN.finditer(text, at):
        depth += (token[0] == "case") - (token[0] == "end")
        if depth == 0:
            return token.end()
    return len(text)


def half_a_quote(source: SourceText, at: int) -> Diagnostic | None:
    """Return that a quote within a text is not doubled, where a word stands right behind a text."""
    text = source.text
    ended = next((t for t in _TOKEN.finditer(text) if t.end() == at and t[0].startswith("'")), None)
    rest = _QUOTED_ON.match(text, at)
    if ended is None or rest is None:
        return None
    whole = f"{ended[0][:-1]}''{rest[1]}'"
    return errors.syntax(
        Span(source, ended.start(), rest.end()),
        "a quote within a text ends it",
        "ends too early",
        f"write it twice: `{whole}`",
    )


def _brackets_around(source: SourceText, at: int) -> Diagnostic | None:
    """Return that `per` or `across` stands outside of all brackets."""
    text = source.text
    found = _TOKEN.match(text, at)
    word = found[0] if found is not None else ""
    if word not in ("per", "across") or text.count("(", 0, at) != text.count(")", 0, at):
        return None
    before = text[:at].strip()
    whole = (_KEYS if word == "per" else _GROUPS).match(text, at)
    around = "avg" if word == "per" else "total"
    inside = _AGGREGATE.fullmatch(before) if word == "per" else None
    function, value = (around, before) if inside is None else (inside[1], inside[2])
    example = f"{function}({value} {word} {whole[1] if whole is not None else '…'})"
    fact = "values of each are aggregated" if word == "per" else "what is added up is said in brackets"
    return errors.syntax(
        Span(source, at, at + len(word)),
        f"`{word}` stands outside of brackets: {fact}",
        "outside of brackets",
        f"write `{example}`" if before and whole is not None else f"as in `{around}(revenue {word} …)`",
    )


def _key_of_sequence(source: SourceText, at: int) -> Diagnostic | None:
    """Return that no key stands between `per` and `within`, which was read as one."""
    text = source.text
    found = re.search(r"\bper\s+(within|from)\s+\Z", text[:at])
    if found is None:
        return None
    return errors.syntax(
        Span(source, found.start(), found.end(1)),
        f"no key stands between `per` and `{found[1]}`",
        "per whom?",
        f"name what both rows have in common, as in `per customer_id {found[1]} …`; "
        "without `per` it is told what they have",
    )


def _comma(source: SourceText, at: int) -> Diagnostic | None:
    """Return that no comma stands between two values of a list."""
    text = source.text
    found = _LISTED.match(text, at)
    before = _LIST.search(text[:at])
    if found is None or before is None:
        return None
    end = text.find(")", at)
    rest = text[at : end if end >= 0 else len(text)]
    return errors.syntax(
        Span(source, at, found.end()),
        f"a comma is missing before `{found[0]}`",
        "no comma before it",
        f"write `in ({before[1].strip()}, {rest})`",
    )
