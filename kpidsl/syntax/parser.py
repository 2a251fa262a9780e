"""Formulas: text to tree.

The parser calls the builder's methods while it reads, so no intermediate tree is made. Spans come from
the first and last child of each rule, which is why brackets and edge keywords are kept as tokens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.source import SourceText, Span
from kpidsl.syntax import errors, tree
from kpidsl.syntax.keywords import KEYWORDS
from kpidsl.syntax.machine import Machine, Token, stored
from kpidsl.syntax.tree import Expr

DEEPEST_NESTING = 32
"""Brackets, calls and prefixes inside one another. sqlglot's pure parser gives up at 42 to 48."""

DEEPEST_TREE = 100
"""Levels of the tree, chains such as `a - b - c` included; keeps every pass far from Python's limit."""

LONGEST_FORMULA = 100_000

_MOST_DIGITS = 38
_LONGEST_NUMBER = 400

_WHOLE = {"order": "order by", "including": "including null"}
"""Words of modifiers that are two."""

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_TEXT = re.compile(r"'[^']*'?")

_NAME_ALONE = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*")


class _Parenthesis:
    """A bracketed expression on its way to the node around it, which wants to know of the brackets."""

    __slots__ = ("inner", "span")

    def __init__(self, inner: Expr, span: Span) -> None:
        self.inner = inner
        self.span = span


_Child = Any  # a Token, an Expr or a _Parenthesis: what the parser hands to a method


def _bare(child: _Child) -> Expr:
    return child.inner if type(child) is _Parenthesis else cast(Expr, child)


class _Builder:
    """One method for each alias of the grammar."""

    def __init__(self, source: SourceText, sink: Sink) -> None:
        self.source = source
        self.sink = sink

    def _span(self, first: _Child, last: _Child) -> Span:
        start = first.start if type(first) is Token else first.span.start
        end = last.end if type(last) is Token else last.span.end
        return Span(self.source, start, end)

    def start(self, c: Sequence[_Child]) -> Expr:
        return _bare(c[0])

    def where(self, c: Sequence[_Child]) -> Expr:
        loose = not isinstance(c[0], (_Parenthesis, tree.Name, tree.Call, tree.Where))
        return tree.Where(_bare(c[0]), _bare(c[2]), loose, self._span(c[0], c[2]))

    def any_of(self, c: Sequence[_Child]) -> Expr:
        return tree.Logic("or", tuple(map(_bare, c)), self._span(c[0], c[-1]))

    def all_of(self, c: Sequence[_Child]) -> Expr:
        return tree.Logic("and", tuple(map(_bare, c)), self._span(c[0], c[-1]))

    def negation(self, c: Sequence[_Child]) -> Expr:
        return tree.Not(_bare(c[1]), self._span(c[0], c[1]))

    def compare(self, c: Sequence[_Child]) -> Expr:
        op = cast(tree.CompareOp, c[1].text)
        return tree.Compare(op, _bare(c[0]), _bare(c[2]), self._span(c[0], c[2]))

    def list(self, c: Sequence[_Child]) -> tuple[Expr, ...]:
        return tuple(map(_bare, c))

    def is_in(self, c: Sequence[_Child]) -> Expr:
        return tree.In(_bare(c[0]), c[-2], False, self._span(c[0], c[-1]))

    def is_not_in(self, c: Sequence[_Child]) -> Expr:
        return tree.In(_bare(c[0]), c[-2], True, self._span(c[0], c[-1]))

    def is_in_set(self, c: Sequence[_Child]) -> Expr:
        return tree.InSet(_bare(c[0]), c[-1], False, self._span(c[0], c[-1]))

    def is_not_in_set(self, c: Sequence[_Child]) -> Expr:
        return tree.InSet(_bare(c[0]), c[-1], True, self._span(c[0], c[-1]))

    def between(self, c: Sequence[_Child]) -> Expr:
        return tree.Between(_bare(c[0]), _bare(c[-2]), _bare(c[-1]), False, self._span(c[0], c[-1]))

    def not_between(self, c: Sequence[_Child]) -> Expr:
        return tree.Between(_bare(c[0]), _bare(c[-2]), _bare(c[-1]), True, self._span(c[0], c[-1]))

    def like(self, c: Sequence[_Child]) -> Expr:
        return tree.Like(_bare(c[0]), _unquote(c[-1]), False, self._span(c[0], c[-1]))

    def not_like(self, c: Sequence[_Child]) -> Expr:
        return tree.Like(_bare(c[0]), _unquote(c[-1]), True, self._span(c[0], c[-1]))

    def is_null(self, c: Sequence[_Child]) -> Expr:
        return tree.IsNull(_bare(c[0]), False, self._span(c[0], c[-1]))

    def is_not_null(self, c: Sequence[_Child]) -> Expr:
        return tree.IsNull(_bare(c[0]), True, self._span(c[0], c[-1]))

    def arithmetic(self, c: Sequence[_Child]) -> Expr:
        op = cast(tree.ArithmeticOp, c[1].text)
        return tree.Arithmetic(op, _bare(c[0]), _bare(c[2]), self._span(c[0], c[2]))

    def negative(self, c: Sequence[_Child]) -> Expr:
        return tree.Negative(_bare(c[1]), self._span(c[0], c[1]))

    def number(self, c: Sequence[Token]) -> Expr:
        text = c[0].text
        suffix = "%" if text.endswith("%") else "pp" if text.endswith("pp") else ""
        if len(text) > _LONGEST_NUMBER:
            # Python refuses to read integers of some thousand digits.
            self.sink.report(errors.number_too_large(self._span(c[0], c[0])))
            text, suffix = "0", ""
        value = _number(text[: len(text) - len(suffix)])
        if _is_too_large(value, 2 if suffix else 0):
            self.sink.report(errors.number_too_large(self._span(c[0], c[0])))
        return tree.Number(value, cast(Any, suffix), self._span(c[0], c[0]))

    def quantity(self, c: Sequence[Token]) -> Expr:
        text, unit = c[0].text.split()
        span = self._span(c[0], c[0])
        # A percentage has two digits more.
        if len(text) > _LONGEST_NUMBER or _is_too_large(_number(text), 2):
            self.sink.report(errors.number_too_large(span))
            text = "0"
        return tree.Quantity(_number(text), unit, span)

    def text(self, c: Sequence[Token]) -> Expr:
        return tree.Text(_unquote(c[0]), self._span(c[0], c[0]))

    def date(self, c: Sequence[Token]) -> Expr:
        span = self._span(c[0], c[0])
        try:
            value = date.fromisoformat(c[0].text)
        except ValueError:
            self.sink.report(errors.no_such_date(span))
            value = date.min
        return tree.Date(value, span)

    def true(self, c: Sequence[Token]) -> Expr:
        return tree.Boolean(True, self._span(c[0], c[0]))

    def false(self, c: Sequence[Token]) -> Expr:
        return tree.Boolean(False, self._span(c[0], c[0]))

    def null(self, c: Sequence[Token]) -> Expr:
        return tree.Null(self._span(c[0], c[0]))

    def parenthesis(self, c: Sequence[_Child]) -> _Parenthesis:
        return _Parenthesis(_bare(c[1]), self._span(c[0], c[2]))

    def case(self, c: Sequence[_Child]) -> Expr:
        inner = [_bare(x) for x in c if type(x) is not Token]
        otherwise = inner.pop() if len(inner) % 2 else None
        branches = tuple(zip(inner[::2], inner[1::2], strict=True))
        return tree.Case(branches, otherwise, self._span(c[0], c[-1]))

    def name(self, c: Sequence[Token]) -> Expr:
        return tree.Name(tuple(word.text for word in c), self._span(c[0], c[-1]))

    def call(self, c: Sequence[_Child]) -> Expr:
        modifiers = tuple(x for x in c if isinstance(x, tree.Modifier))
        arguments = tuple(_bare(x) for x in c[2:-1] if not isinstance(x, tree.Modifier))
        return tree.Call(
            c[0].text, arguments, modifiers, self._span(c[0], c[-1]), name_span=self._span(c[0], c[0])
        )

    def over(self, c: Sequence[_Child]) -> tree.Modifier:
        return self.beside(c)

    def beside(self, c: Sequence[_Child]) -> tree.Modifier:
        word = cast(tree.ModifierWord, _WHOLE.get(c[0].text, c[0].text))
        arguments = tuple(_bare(x) for x in c[1:] if type(x) is not Token)
        return tree.Modifier(word, arguments, self._span(c[0], c[-1]))


def _number(text: str) -> int | Decimal | float:
    text = text.replace("_", "")
    if "e" in text or "E" in text:
        return float(text)
    return Decimal(text) if "." in text else int(text)


def _is_too_large(value: int | Decimal | float, more_digits: int) -> bool:
    if isinstance(value, float):
        return math.isinf(value)
    _, digits, exponent = Decimal(value).as_tuple()
    return max(len(digits), -int(exponent)) + more_digits > _MOST_DIGITS


def _unquote(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")


@lru_cache(maxsize=1)
def _machine() -> Machine:
    return Machine(stored(), _Builder)


def parse_formula(source: SourceText, sink: Sink) -> Expr | None:
    """Return the tree of a formula, or None after reporting what is wrong with its text."""
    text = source.text
    if not text.strip():
        sink.report(errors.empty(Span(source, 0, len(text))))
        return None
    if len(text) > LONGEST_FORMULA:
        sink.report(errors.too_long(Span(source, 0, 1), len(text), LONGEST_FORMULA))
        return None
    if _NAME_ALONE.fullmatch(text) is not None:
        # Members, columns, paths: half of all formulas. Keywords may be names, the grammar says where.
        words = tuple(text.split("."))
        if KEYWORDS.isdisjoint(words):
            return tree.Name(words, Span(source, 0, len(text)))
    control = _CONTROL.search(text)
    if control is not None:
        sink.report(errors.control_character(Span(source, control.start(), control.end())))
        return None
    deep = _too_deep_at(text)
    if deep is not None:
        sink.report(errors.too_deep(Span(source, deep, deep + 1), DEEPEST_NESTING))
        return None
    if "--" in text and (minus := _two_minus_at(text)) is not None:
        sink.report(errors.two_minus(source, minus))
        return None
    errors_before = sink.errors
    expr: Expr | None = _machine().parse(text, _Builder(source, sink))
    if expr is None:
        sink.report(_told(source))
        return None
    if sink.errors > errors_before:
        return None
    if len(text) > DEEPEST_TREE and _depth(expr) > DEEPEST_TREE:
        sink.report(errors.too_deep(expr.span, DEEPEST_TREE))
        return None
    return expr


def _two_minus_at(text: str) -> int | None:
    """Return where `--` stands outside texts: a remark of SQL, which would be read as two signs."""
    outside = _TEXT.sub(lambda found: " " * len(found[0]), text)
    at = outside.find("--")
    return None if at < 0 else at


def _told(source: SourceText) -> Diagnostic:
    """Return what is wrong with a formula, by where Lark's parser stops."""
    # What somebody meant is worked out where a formula is wrong alone: Lark and the tables take time to load.
    from kpidsl.syntax.capitals import from_spreadsheet, in_small_letters
    from kpidsl.syntax.mistakes import diagnose
    from kpidsl.syntax.tables import where_it_stops

    stopped = where_it_stops(source.text)
    assert stopped is not None, f"Lark reads `{source.text}`"
    told = diagnose(source, stopped)
    return from_spreadsheet(source, in_small_letters(source, told) if told.rule is errors.CASE else told)


_NESTING = re.compile(r"'(?:[^']|'')*'|\(|\)|\bcase\b|\bend\b|\bnot\b|-|[^\s(-]")


def _too_deep_at(text: str) -> int | None:
    """Return where brackets, cases and prefixes nest deeper than allowed, without recursion."""
    if len(text) <= DEEPEST_NESTING:
        return None
    count = text.count
    if max(count("(") + count("case"), count("not") + count("-")) <= DEEPEST_NESTING:
        return None
    depth = prefixes = 0
    for match in _NESTING.finditer(text):
        word = match[0]
        if word in ("(", "case"):
            depth += 1
        elif word in (")", "end"):
            depth -= 1
        prefixes = prefixes + 1 if word in ("-", "not") else 0
        if depth > DEEPEST_NESTING or prefixes > DEEPEST_NESTING:
            return match.start()
    return None


def _depth(expr: Expr) -> int:
    deepest = 0
    stack = [(expr, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in tree.children(node))
    return deepest
