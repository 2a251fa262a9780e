"""Each character of a scalar has its place in the file: by hand for each style, then at random.

The random check needs no second reading of YAML. Texts are written with characters that occur once, so
the place of each of them is where the file has it.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Mapping, Scalar
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.source import SourceFile, Span

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]
loaders = pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)


def scalar(text: str, loader: Any) -> Scalar:
    sink = Sink()
    tree = parse_yaml(SourceFile("a.yml", text), sink, loader)
    assert not sink.reported
    assert isinstance(tree, Mapping)
    node = tree.get("a")
    assert isinstance(node, Scalar)
    return node


@loaders
@pytest.mark.parametrize(
    ("text", "value", "offsets"),
    [
        # offsets of each character, then of the end
        ("a: xyz\n", "xyz", [3, 4, 5, 6]),
        ("a: é😀z\n", "é😀z", [3, 4, 5, 6]),
        ("a: 'xy'\n", "xy", [4, 5, 6]),
        ("a: 'x''y'\n", "x'y", [4, 5, 7, 8]),
        ('a: "xy"\n', "xy", [4, 5, 6]),
        ('a: "x\\ny"\n', "x\ny", [4, 5, 7, 8]),
        ('a: "\\u00e9y"\n', "éy", [4, 10, 11]),
        ('a: "\\x41\\U0001F600z"\n', "A😀z", [4, 8, 18, 19]),
        ('a: "x\\\n   y"\n', "xy", [4, 10, 11]),
        ("a: |\n  xy\n  z\n", "xy\nz\n", [7, 8, 9, 12, 13, 14]),
        ("a: |-\r\n  xy\r\n  z\r\n", "xy\nz", [9, 10, 11, 15, 16]),
        ("a: |2-\n   x\n  y\n", " x\ny", [9, 10, 11, 14, 15]),
        ("a: |\n\n  x\n", "\nx\n", [5, 8, 9, 10]),
        ("a: |+\n  x\n\nb: 1\n", "x\n\n", [8, 9, 10, 11]),
        ("a: >-\n  x\n\n  y\n", "x\ny", [8, 10, 13, 14]),
        ("a: >-\n  x\n    y\n  z\n", "x\n  y\nz", [8, 9, 12, 13, 14, 15, 18, 19]),
    ],
)
def test_places_by_hand(text: str, value: str, offsets: list[int], loader: Any) -> None:
    node = scalar(text, loader)
    assert node.text == value
    assert node.content.offsets() == offsets


@loaders
def test_a_fold_stands_at_its_line_break(loader: Any) -> None:
    for text in ("a: x\n  y\n", "a: 'x\n  y'\n", 'a: "x\n  y"\n', "a: >-\n  x\n  y\n"):
        node = scalar(text, loader)
        assert node.text == "x y"
        table = node.content.offsets()
        assert [text[at] for at in table[:3]] == ["x", "\n", "y"]


@loaders
def test_a_span_inside_a_folded_formula(loader: Any) -> None:
    text = "a: >-\n    sum(orders.amount\n    where status = 'paid')\n"
    content = scalar(text, loader).content
    start = content.text.index("status")
    place = Span(content, start, start + len("status")).location()
    assert (place.line, place.column, place.end_line, place.end_column) == (3, 11, 3, 17)


_LETTERS = [chr(c) for c in range(0x100, 0x250)] + ["😀", "é", "Z"]


@st.composite
def _written(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a file with one scalar `a`, and the characters of the text that occur once in the file."""
    letters = draw(st.lists(st.sampled_from(_LETTERS), min_size=1, max_size=14, unique=True))
    style = draw(st.sampled_from(["plain", "single", "double", "|", ">"]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    out = letters[0]
    for letter in letters[1:]:
        gaps = ["", "", " ", "  ", f"{newline}  ", f" {newline}{newline}   "]
        if style == "single":
            gaps.append("''")
        if style == "double":
            gaps += ["\\n", "\\u00e0", '\\"', f"\\{newline}  ", f"\\{newline}{newline}  "]
        if style in "|>":
            gaps = [
                "",
                " ",
                f"{newline}  ",
                f"{newline}{newline}  ",
                f"{newline}    ",
                f" {newline}  ",
                f"{newline}   {newline}  ",
            ]
        out += draw(st.sampled_from(gaps)) + letter
    match style:
        case "plain":
            body = out
        case "single":
            body = f"'{out}'"
        case "double":
            body = f'"{out}"'
        case _:
            body = style + draw(st.sampled_from(["", "-", "+", "2", "2-", " # note"])) + newline + "  " + out
    tail = draw(st.sampled_from(["", newline, newline * 3, f"{newline}b: 1{newline}", f"{newline}# end"]))
    return f"a: {body}{tail}", "".join(letters)


@settings(max_examples=500)
@given(_written())
def test_places_at_random(drawn: tuple[str, str]) -> None:
    text, letters = drawn
    for loader in LOADERS:
        node = scalar(text, loader)
        table = node.content.offsets()
        assert len(table) == len(node.text) + 1
        assert table == sorted(table)
        for letter in letters:
            at = node.text.index(letter)
            assert table[at] == text.index(letter)
            assert node.content.in_file(at, at + 1)[1:] == (text.index(letter), text.index(letter) + 1)
