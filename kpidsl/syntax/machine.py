"""The parser: a text to what a builder makes of it, by tables that Lark works out of the grammar.

It tells only whether a text is of the language. What is wrong with one that is not, Lark tells, which
loads for that alone.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from kpidsl.syntax.keywords import KEYWORDS

BLANKS = " \t\r\n"
MACHINE = "formula.machine"
_END = "$END"
_NAME = "NAME"

Make = Callable[[Any, Sequence[Any]], Any]
"""A method of a builder: from itself and the children of a rule to what stands for the whole."""


class Token:
    """A word, number, text or sign of a formula, and where it stands."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end


class Rule(NamedTuple):
    """One way to write what has the name `origin`, by `size` symbols.

    `method` is that of the builder which takes the children; it is None where the symbol stands for the
    whole, and empty where the children become those of the rule around. `children` are the numbers of the
    symbols that are children, each with whether it brings its own.
    """

    origin: str
    size: int
    method: str | None
    children: tuple[tuple[int, bool], ...]


class Tables(NamedTuple):
    """What Lark works out of a grammar, which is told by its hash.

    `tokens` matches blanks and one token, in the order in which Lark's lexer tries them. `steps` are the LALR
    tables: for each state and symbol the next state or, as the complement of its number, the rule that ends.
    """

    grammar: str
    tokens: str
    first: int
    last: int
    steps: dict[int, dict[str, int]]
    rules: list[tuple[str, int, str | None, tuple[tuple[int, bool], ...]]]


def stored() -> Tables:
    """Return the tables that come with the package."""
    return Tables(*pickle.loads((files("kpidsl.syntax") / MACHINE).read_bytes()))


class Machine:
    """Parses texts with builders of a class."""

    def __init__(self, tables: Tables, builder: type) -> None:
        self._tables = tables
        self._token = re.compile(tables.tokens).match
        self._rules = [
            (rule.origin, rule.size, _make(rule, builder)) for rule in map(Rule._make, tables.rules)
        ]

    def parse(self, text: str, builder: Any) -> Any:
        """Return what a builder makes of a text; None where it is not of the language."""
        steps, rules, token_at, last = self._tables.steps, self._rules, self._token, self._tables.last
        states: list[int] = [self._tables.first]
        values: list[Any] = []
        at, end = 0, len(text.rstrip(BLANKS))
        while True:
            kind, start = _END, at
            if at < end:
                found = token_at(text, at)
                if found is None:
                    return None
                kind = str(found.lastgroup)
                start, at = found.span(kind)
            word = text[start:at]
            row = steps[states[-1]]
            if kind not in row and word in KEYWORDS:
                # Where none of its meanings may stand, it is a name.
                kind = _NAME
            step = row.get(kind)
            while step is not None and step < 0:
                origin, size, make = rules[~step]
                del states[-size:]
                if make is not None:
                    children = values[-size:]
                    del values[-size:]
                    values.append(make(builder, children))
                state = steps[states[-1]][origin]
                if state == last:
                    return values[-1]
                states.append(state)
                step = steps[state].get(kind)
            if step is None:
                return None
            states.append(step)
            values.append(Token(word, start, at))


def _make(rule: Rule, builder: type) -> Make | None:
    """Return what makes the value of a rule of its symbols; None where it has one, which stands for it."""
    if rule.method is None:
        return None
    method: Make = getattr(builder, rule.method) if rule.method else _in_a_list
    if rule.children == tuple((number, False) for number in range(rule.size)):
        return method

    def make(builder: Any, symbols: Sequence[Any]) -> Any:
        children: list[Any] = []
        for number, brings in rule.children:
            if not brings:
                children.append(symbols[number])
            elif children:
                children += symbols[number]
            else:
                # A long list grows by one symbol at a time, and nothing else holds it.
                children = symbols[number]
        return method(builder, children)

    return make


def _in_a_list(_: Any, children: Sequence[Any]) -> Sequence[Any]:
    return children
