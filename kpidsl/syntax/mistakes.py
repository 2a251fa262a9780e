"""Named syntax mistakes: what somebody who knows SQL, Python or a spreadsheet would write."""

from __future__ import annotations

import re
import unicodedata

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from kpidsl.diagnostics import Diagnostic, did_you_mean
from kpidsl.source import SourceText, Span
from kpidsl.syntax import errors
from kpidsl.syntax.clauses import clause
from kpidsl.syntax.habits import find_habit
from kpidsl.syntax.keywords import KEYWORDS
from kpidsl.syntax.left_out import half_a_quote, left_out, unclosed_case

_OPERATORS = {
    "==": "=",
    "<>": "!=",
    "&&": "and",
    "||": "or",
    "!": "not",
    "**": "*",
    "//": "/",
    "%": "/ 100",
    "^": "*",
    "&": "and",
    "|": "or",
    "=>": ">=",
    "=<": "<=",
}
_OPERATOR = re.compile("|".join(re.escape(op) for op in sorted(_OPERATORS, key=len, reverse=True)))
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOUBLE_QUOTED = re.compile(r'"[^"]*"?')
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}(?![0-9-])")
_LOOK_ALIKES = {
    "‘": "'",
    "’": "'",
    "“": "'",
    "”": "'",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "*",
    "÷": "/",
    "\u00a0": " ",
    **dict(zip("аеорсухіјѕԁһ", "aeopcyxijsdh", strict=True)),
    **dict(zip("ονρτυχ", "ovptux", strict=True)),
}

_LEAST_LETTERS = 4
_COMPARED = re.compile(r"([=<>]|\blike|\bin\s*\([^()]*)\s*\Z")
_DIRECTION = re.compile(r"order\s+by\s(?:[^()]*[,\s])?([a-z_][a-z0-9_.]*)\s+\Z")
_FILTER = re.compile(r"filter\s*\(\s*where\b\s*", re.IGNORECASE)
_HAVING = re.compile(r"\b(values|count_distinct)\(([^()]*)\)\s+(having)\s+")

_EXPECTED = {
    "RPAR": "`)`",
    "LPAR": "`(`",
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "text in quotes",
    "END": "`end`",
    "THEN": "`then`",
    "WHEN": "`when`",
    "NULL": "`null`",
    "_AND": "`and`",
    "$END": "the end of the formula",
}


def diagnose(source: SourceText, unexpected: UnexpectedInput) -> Diagnostic:
    """Return the diagnostic for the place where the parser stopped."""
    text = source.text
    at = _position(text, unexpected)
    named = half_a_quote(source, at) or _named(source, text, at, unexpected)
    if named is not None:
        return named
    if at >= len(text.rstrip()):
        return _unfinished(source, unexpected)
    missing = left_out(source, at, _accepted(unexpected))
    if missing is not None:
        return missing
    match = _WORD.match(text, at) or re.compile(r"'[^']*'?|\d[\d.]*|.", re.S).match(text, at)
    end = match.end() if match else at + 1
    span = Span(source, at, end)
    word = span.excerpt()
    if word == "'" or (word.startswith("'") and not word.endswith("'")):
        return errors.syntax(
            span, "the text that starts here has no closing quote", "never closed", "add `'`"
        )
    expected = _expected(unexpected)
    help = (
        _direction(text, at, word)
        or _nearly(word, unexpected)
        or (f"expected {expected}" if expected else None)
    )
    return errors.syntax(span, f"`{word}` does not fit here", "does not fit", help)


def _direction(text: str, at: int, word: str) -> str | None:
    """Return the help for SQL's `asc` and `desc` behind what is ordered by."""
    ordered = _DIRECTION.search(text, 0, at) if word in ("asc", "desc") else None
    if ordered is None:
        return None
    return f"write `-{ordered[1]}` in place of `{ordered[1]} desc`" if word == "desc" else "leave `asc` out"


def _nearly(word: str, unexpected: UnexpectedInput) -> str | None:
    """Return the help for a keyword that is nearly written as it is, of those that may stand here."""
    if len(word) < _LEAST_LETTERS:
        return None
    return did_you_mean(word, KEYWORDS & {name.strip("_").lower() for name in _accepted(unexpected)})


def _position(text: str, unexpected: UnexpectedInput) -> int:
    if isinstance(unexpected, UnexpectedToken):
        token = unexpected.token
        if token.type == "$END" or token.start_pos is None:
            return len(text)
        return int(token.start_pos)
    if isinstance(unexpected, UnexpectedCharacters):
        return int(unexpected.pos_in_stream or 0)
    return len(text)


def _named(source: SourceText, text: str, at: int, unexpected: UnexpectedInput) -> Diagnostic | None:
    if at >= len(text):
        return None
    habit = _having_outside(source, text, at) or clause(source, at) or find_habit(source, at)
    if habit is not None:
        return habit
    # `a == b` and `a <> b` stop at the second character, `2026-08` after it was read as a number.
    for start in (at - 1, at):
        operator = _OPERATOR.match(text, start) if start >= 0 else None
        if operator is not None and operator.end() > at and (operator[0] != "%" or start == at):
            return errors.operator(Span(source, operator.start(), operator.end()), _OPERATORS[operator[0]])
    month = _MONTH.match(text, at) or next(
        (m for m in _MONTH.finditer(text) if m.start() <= at < m.end()), None
    )
    if month is not None:
        return errors.bare_month(Span(source, month.start(), month.end()))
    quoted = _DOUBLE_QUOTED.match(text, at)
    if quoted is not None:
        return errors.double_quotes(Span(source, quoted.start(), quoted.end()))
    return (
        _named_word(source, text, at, unexpected)
        or _stray_bracket(source, text, at)
        or _unusual(source, text, at)
    )


def _having_outside(source: SourceText, text: str, at: int) -> Diagnostic | None:
    """Return the diagnostic of a `having` that stands behind the brackets of what it tests."""
    for found in _HAVING.finditer(text):
        end = _end_of_argument(text, found.end())
        if found.start(3) <= at <= end and text[found.end() : end].strip():
            condition = text[found.end() : end].rstrip()
            return errors.syntax(
                Span(source, found.start(3), found.end() + len(condition)),
                "`having` stands outside the brackets of the values that it tests",
                "outside the brackets",
                f"write `{found[1]}({found[2].strip()} having {condition})`",
            )
    return None


def _end_of_argument(text: str, start: int) -> int:
    """Return where the argument ends that a place lies in: at its comma, bracket or the text's end."""
    depth, quoted = 0, False
    for at in range(start, len(text)):
        character = text[at]
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif depth == 0 and character in ",)":
            return at
        else:
            depth += (character == "(") - (character == ")")
    return len(text)


def _stray_bracket(source: SourceText, text: str, at: int) -> Diagnostic | None:
    if text[at] != ")" or text.count("(", 0, at) > text.count(")", 0, at):
        return None
    return errors.syntax(
        Span(source, at, at + 1), "no bracket is open for this `)`", "closes nothing", "leave it out"
    )


def _named_word(source: SourceText, text: str, at: int, unexpected: UnexpectedInput) -> Diagnostic | None:
    # `AmountTotal` stops after `A`… never: a name with capitals stops at its first letter.
    start = at
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    match = _WORD.match(text, start)
    if match is not None and _FILTER.match(text, start):
        return errors.filter_clause(
            Span(source, match.start(), match.end()), _filtered_inside(text, match.start())
        )
    if match is not None and match[0] != match[0].lower() and match.end() > at:
        span = Span(source, match.start(), match.end())
        is_compared = _COMPARED.search(text, 0, start) is not None and not text[match.end() :].startswith("(")
        return errors.upper_case(span, match[0].lower() in KEYWORDS, is_compared)
    if isinstance(unexpected, UnexpectedToken) and unexpected.token.type == "COMPARE":
        token: Token = unexpected.token
        if not text[:at].strip():
            return errors.syntax(
                Span(source, at, at + len(token)),
                f"nothing stands before `{token}`",
                "compares nothing",
                f"leave `{token}` out, or write before it what is compared",
            )
        return errors.chained(Span(source, at, at + len(token)))
    return None


def _filtered_inside(text: str, at: int) -> str | None:
    """Return an aggregate with the condition of its filter clause inside its brackets, if both are plain."""
    call = re.search(r"(\w+)\s*\(([^()]*)\)\s*$", text[:at])
    clause = _FILTER.match(text, at)
    if call is None or clause is None:
        return None
    start = clause.end()
    end = _end_of_argument(text, start)
    inside = text[start:end].strip()
    return (
        f"{call[1].lower()}({call[2].strip()} where {inside})"
        if inside and text[end : end + 1] == ")"
        else None
    )


def _unusual(source: SourceText, text: str, at: int) -> Diagnostic | None:
    character = text[at]
    if character.isascii():
        return None
    name = unicodedata.name(character, "unnamed").lower()
    like = _LOOK_ALIKES.get(character) or unicodedata.normalize("NFKC", character)
    is_of_use = like.isascii() and (len(like) == 1 or like.isalnum())
    is_unseen = unicodedata.category(character) == "Cf"
    return errors.look_alike(Span(source, at, at + 1), name, like if is_of_use else None, is_unseen=is_unseen)


def _unfinished(source: SourceText, unexpected: UnexpectedInput) -> Diagnostic:
    text = source.text.rstrip()
    span = Span(source, max(len(text) - 1, 0), len(text))
    expected = _expected(unexpected)
    if text.count("(") > text.count(")"):
        open_at = _last_open(text)
        return errors.syntax(
            Span(source, open_at, open_at + 1),
            "the bracket that opens here is never closed",
            "never closed",
            "add `)`",
        )
    case = unclosed_case(source)
    if case is not None:
        return case
    return errors.syntax(
        span, "the formula stops before its end", "ends here", f"expected {expected}" if expected else None
    )


def _last_open(text: str) -> int:
    opened: list[int] = []
    quoted = False
    for at, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted and character == "(":
            opened.append(at)
        elif not quoted and character == ")" and opened:
            opened.pop()
    return opened[-1] if opened else 0


def _accepted(unexpected: UnexpectedInput) -> set[str]:
    if isinstance(unexpected, UnexpectedToken):
        return set(unexpected.accepts or unexpected.expected)
    if isinstance(unexpected, UnexpectedCharacters):
        return set(unexpected.allowed or ())
    return set(unexpected.expected) if isinstance(unexpected, UnexpectedEOF) else set()


def _expected(unexpected: UnexpectedInput) -> str:
    names = _accepted(unexpected)
    if "NAME" in names and "NUMBER" in names:
        return "a value: a name, a number, text in quotes or `(`"
    if "PLUS" in names:
        return "an operator" + (" or `)`" if "RPAR" in names else " or the end of the formula")
    words = [_EXPECTED[name] for name in sorted(names) if name in _EXPECTED]
    return " or ".join(words[:3])
