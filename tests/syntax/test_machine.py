"""The parser that reads formulas, beside Lark's own: the same texts are refused, the others read alike."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Tree
from lark.exceptions import UnexpectedInput

from kpidsl.syntax.keywords import KEYWORDS
from kpidsl.syntax.machine import Machine, Token, stored
from kpidsl.syntax.tables import built, grammar

LARK = built()
EXAMPLES = [m[1].strip() for m in re.finditer(r"^[ ?a-z|:].*//(.+)$", grammar(), re.M)]
WORDS = re.compile(r"'(?:[^']|'')*'|[A-Za-z_]\w*|[\d.]+\w*|\s+|\S")


def _outline(method: str) -> Callable[[Any, Sequence[Any]], Any]:
    return lambda _, children: (method, *(_of_ours(child) for child in children))


def _of_ours(child: Any) -> Any:
    return (child.text, child.start, child.end) if isinstance(child, Token) else child


def _of_larks(child: Any) -> Any:
    if isinstance(child, Tree):
        return (str(child.data), *map(_of_larks, child.children))
    return (str(child), child.start_pos, child.end_pos)


METHODS = {rule[2] for rule in stored().rules if rule[2]}
OURS = Machine(stored(), type("Outlines", (), {method: _outline(method) for method in METHODS}))


def _read_alike(text: str) -> bool:
    """Tell whether both parsers read a text; they have to agree on it, and on its outline."""
    try:
        expected = _of_larks(LARK.parse(text))
    except UnexpectedInput:
        expected = None
    assert OURS.parse(text, None) == expected
    return expected is not None


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_read_alike(example: str) -> None:
    assert _read_alike(example) or example == "'paid', 'sent'"


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_keywords_are_names_where_the_grammar_has_them_so(keyword: str) -> None:
    assert _read_alike(f"orders.{keyword}")
    for text in ("{}", "{} (a)", "{} 1", "a {}", "a {} b", "a in {}(b)", "f(a {} b)", "not {}"):
        _read_alike(text.format(keyword))
        _read_alike(f"  {text.format(keyword)}s\n")


@st.composite
def _changed_examples(draw: st.DrawFn) -> str:
    """Return an example of the grammar with some of its words changed for others."""
    words = [word for example in EXAMPLES for word in WORDS.findall(example)]
    text = WORDS.findall(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 2))] = draw(
            st.lists(st.sampled_from([*words, "\n", "A", "é"]), max_size=2)
        )
    return "".join(text)


@settings(max_examples=1_000)
@given(_changed_examples())
def test_changed_examples_are_read_alike(text: str) -> None:
    _read_alike(text)


def test_a_long_list_is_read_alike() -> None:
    text = f"a in ({', '.join(map(str, range(15_000)))})"
    assert _read_alike(text)


def test_a_formula_that_is_right_is_read_without_lark() -> None:
    program = (
        "import sys; from kpidsl.diagnostics import Sink; from kpidsl.source import SourceFile; "
        "from kpidsl.syntax import parse_formula; sink = Sink(); "
        "assert parse_formula(SourceFile('f', 'sum(orders.amount) / count(orders)'), sink) is not None; "
        "print('lark' in sys.modules); parse_formula(SourceFile('f', 'sum('), sink); print('lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("False\nTrue\n", "")
