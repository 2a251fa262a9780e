"""Clauses of SQL and of everyday words, behind a formula or in its brackets: what is written instead."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Diagnostic
from kpidsl.source import SourceText, Span
from kpidsl.syntax import errors
from kpidsl.syntax.keywords import AGGREGATES_OF_NUMBERS

_NAMES = r"[a-z_]\w*(?:\.\w+)*"
_WORD = re.compile(r"[a-z_]\w*", re.IGNORECASE)
_CALL = re.compile(r"([a-z_]\w*)\s*\(([^()]*)\)\s*\Z")
_BEHIND = {
    "group": (
        re.compile(rf"group\s+by\s+({_NAMES}(?:\s*,\s*{_NAMES})*)"),
        "a formula says what is computed, and the query by what",
        "leave it out, and ask with `--by {1}`",
    ),
    "by": (
        re.compile(rf"by\s+({_NAMES}(?:\s*,\s*{_NAMES})*)"),
        "a formula says what is computed, and the query by what",
        "leave it out, and ask with `--by {1}`",
    ),
    "order": (
        re.compile(r"order\s+by\s+.+", re.S),
        "a formula says what is computed, and the query in which order",
        "leave it out, and ask with `--order NAME`, or `--order -NAME` for the greatest first",
    ),
    "limit": (
        re.compile(r"limit\s+(\d+)"),
        "a formula says what is computed, and the query how much of it is shown",
        "leave it out, and ask with `--limit {1}`",
    ),
    "having": (
        re.compile(r"having\s+.+", re.S),
        "a condition on the rows of a result is the query's",
        'leave it out, and ask with `--having "NAME > 2"`; `having` in brackets tests what is counted, as in '
        "`count_distinct(orders.customer_id having count(orders) >= 2)`",
    ),
    "join": (
        re.compile(r"(?:(?:inner|left|right|full|cross|outer)\s+)*join\b.*", re.S),
        "datasets are joined where they are defined",
        "say it under `joins:` of the dataset; columns of the partner are `orders.customer.country`",
    ),
    "as": (
        re.compile(rf"as\s+({_NAMES})"),
        "a formula's name stands before it",
        "leave it out; the name is the key in YAML, and `{1} = …` on the command line",
    ),
    "desc": (
        re.compile(r"desc\b"),
        "a formula says what is computed, and the query in which order",
        "leave it out, and ask with `--order -NAME`",
    ),
}
"""Words behind a formula, outside of its brackets: what they begin, the fact, and the help."""
_LENGTH = re.compile(r"\b(?:in|for|during|after|over)\s+(?:the\s+)?(?:next\s+|last\s+)?(\d[\d_.]*\s+[a-z]+)")
_KEYS = re.compile(rf"by\s+({_NAMES}(?:\s*,\s*{_NAMES})*)")
_QUERY = re.compile(
    rf"(?P<value>{_NAMES})\s+(?P<is_not>not\s+)?in\s*\(\s*select\s+(?:distinct\s+)?(?P<column>{_NAMES})\s+from\s+"
    rf"(?P<table>{_NAMES})(?:\s+where\s+(?P<condition>[^()]+))?\s*\)?"
)
_SEQUENCE = re.compile(r"\b(?:followed_by|preceded_by)\s*\([^()]*\Z")


def clause(source: SourceText, at: int) -> Diagnostic | None:
    """Return what to write in place of a clause that begins where the parser stopped."""
    text = source.text
    told = _query(source, at) or _length(source, at)
    if told is not None:
        return told
    found = _WORD.match(text, at)
    if found is None:
        return None
    before = text[:at]
    depth = before.count("(") - before.count(")")
    if depth > 0:
        return _in_brackets(source, at, found[0])
    return _behind(source, at, found[0])


def _behind(source: SourceText, at: int, word: str) -> Diagnostic | None:
    """Return what to write in place of a clause outside of all brackets."""
    text = source.text
    if word in ("inner", "left", "right", "full", "cross"):
        word = "join"
    known = _BEHIND.get(word)
    if known is not None and text[:at].strip() and (match := known[0].match(text, at)) is not None:
        pattern, fact, help = known
        first = match[1] if pattern.groups else ""
        written = re.sub(r"\s*,\s*", ",", first)
        return errors.habit(Span(source, at, match.end()), fact, help.replace("{1}", written))
    call, rest = _CALL.search(text[:at]), text[at + len(word) :].strip()
    if word in ("if", "when") and call is not None and rest:
        return errors.habit(
            Span(source, at, len(text.rstrip())),
            "which rows an aggregate reads is said inside its brackets, behind `where`",
            f"write `{call[1]}({call[2].strip()} where {rest})`",
        )
    return None


def _in_brackets(source: SourceText, at: int, word: str) -> Diagnostic | None:
    """Return what to write in place of a clause within brackets."""
    text = source.text
    length = _LENGTH.match(text, at)
    opened = re.search(r"([a-z_]\w*)\s*\(([^()]*)\Z", text[:at])
    if opened is None:
        return None
    inside = opened[2].strip()
    if length is not None and word == "over" and inside:
        return errors.habit(
            Span(source, at, length.end()),
            "a window of its own is a call around what it is of",
            f"write `rolling({inside}, {length[1]})`",
        )
    keys = _KEYS.match(text, at)
    if keys is not None and inside:
        written = re.sub(r"\s*,\s*", ", ", keys[1])
        if opened[1] in ("total", "share"):
            fact, help = (
                "what a total leaves out follows `across`",
                f"write `{opened[1]}({inside} across {written})`",
            )
        elif opened[1] in AGGREGATES_OF_NUMBERS:
            fact, help = (
                "whose values are aggregated follows `per`",
                f"write `{opened[1]}({inside} per {written})`",
            )
        else:
            fact, help = _BEHIND["by"][1], f"leave it out, and ask with `--by {written.replace(' ', '')}`"
        return errors.habit(Span(source, at, keys.end()), fact, help)
    if (
        word in ("if", "when")
        and inside
        and (rest := re.compile(r"\w+\s+([^(),]+)").match(text, at)) is not None
    ):
        return errors.habit(
            Span(source, at, rest.end()),
            "which rows an aggregate reads follows `where`",
            f"write `{opened[1]}({inside} where {rest[1].strip()})`",
        )
    return None


def _query(source: SourceText, at: int) -> Diagnostic | None:
    """Return what to write in place of a query of SQL in which a value is sought."""
    for found in _QUERY.finditer(source.text):
        if found.start() <= at < found.end():
            condition = f" where {found['condition'].strip()}" if found["condition"] else ""
            values = f"values({found['table']}.{found['column'].rpartition('.')[2]}{condition})"
            return errors.habit(
                Span(source, found.start(), found.end()),
                "values among which one is sought are a set, and no query of SQL",
                f"write `{found['value']} {'not ' if found['is_not'] else ''}in {values}`",
            )
    return None


def _length(source: SourceText, at: int) -> Diagnostic | None:
    """Return what to write in place of how far a sequence looks, said by another word."""
    text = source.text
    for found in _LENGTH.finditer(text):
        if found.start() <= at < found.end() and _SEQUENCE.search(text[: found.start()]):
            return errors.habit(
                Span(source, found.start(), found.end()),
                "how far a sequence looks is said by `within`",
                f"write `within {found[1]}`",
            )
    return None
