"""Whatever a file looks like: its layout says the same, with every comment, and is its own layout."""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kpidsl.diagnostics import Sink
from kpidsl.formatting.files import format_text
from kpidsl.loading.yaml_nodes import Mapping, Scalar, YamlNode
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.source import SourceFile

KEYS = [
    *("kpis", "metrics", "datasets", "dimensions", "columns", "formula", "version", "label", "tests"),
    *("rows", "expect", "expr", "where", "owner", "x-own", "a", "b", "no"),
]
PLAIN = [
    "1",
    "1.10",
    "true",
    "null",
    "~",
    "",
    "EUR",
    "a b",
    "no",
    "2026-01-01",
    "x#y",
    "a:b",
    "sum(o.a)",
    "a / b",
    "-a",
    "-1",
    "é 'x'",
    "https://a.b/c",
]
QUOTED = [
    "",
    "1",
    "a: b",
    "a # b",
    " x ",
    "x\ny",
    "'",
    '"',
    "\\",
    "- a",
    "*a",
    "[a",
    "true",
    "a, b",
    "count(o where a = 'b')",
    "\té",
    "%",
    "a" * 130,
    "word " * 30 + "end",
]
BLOCKS = ["one\ntwo\n", "one\n\n\ntwo\n", "a: b # c\n", "  deep\nflush\n", "x +\n  y\n"]


class Author:
    """Somebody who writes YAML in every way that there is."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.comments = 0

    def chance(self, one_in: int) -> bool:
        return self.dice.randrange(one_in) == 0

    def comment(self) -> str:
        self.comments += 1
        return f"# {self.comments}" + self.dice.choice(["", " said: x", " 'q'", "#"])

    def behind(self) -> str:
        return "  " * self.chance(2) + " " + self.comment() if self.chance(4) else ""

    def above(self, indent: int) -> list[str]:
        lines = []
        while self.chance(4):
            lines.append(
                "" if self.chance(2) else " " * (indent + self.dice.choice([0, 0, 0, 1, 4])) + self.comment()
            )
        return lines

    def scalar(self) -> str:
        if self.chance(2):
            return self.dice.choice(PLAIN)
        text = self.dice.choice(QUOTED)
        if self.chance(2) and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        return (
            '"'
            + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
            + '"'
        )

    def flow(self, depth: int, indent: int) -> str:
        if depth > 2 or self.chance(3):
            shown = self.scalar()
            plain = shown[:1] not in "'\""
            return (
                "x"
                if plain and (not shown or any(c in shown for c in ",[]{}") or shown.endswith(":"))
                else shown
            )

        def gap() -> str:
            if self.chance(8):
                return f" {self.comment()}\n{' ' * (indent + 2)}"
            return self.dice.choice(["", " ", "\n" + " " * (indent + 2)])

        count = self.dice.randrange(4)
        if self.chance(2):
            items = [f"{gap()}{self.flow(depth + 1, indent)}{gap()}" for _ in range(count)]
            return "[" + ",".join(items) + gap() + "]"
        names = self.dice.sample(KEYS, count)
        items = [f"{gap()}{name}: {self.flow(depth + 1, indent)}{gap()}" for name in names]
        return "{" + ",".join(items) + gap() + "}"

    def block_text(self, indent: int) -> tuple[str, list[str]]:
        text = self.dice.choice(BLOCKS)
        sign = self.dice.choice(["", "-", "+"])
        digit = "2" if text.startswith(" ") else ""
        header = self.dice.choice("|>") + digit + sign + self.behind()
        step = 2 if digit else self.dice.choice([1, 2, 4])
        body = [" " * (indent + step) + line if line else "" for line in text.rstrip("\n").split("\n")]
        return header, body + [""] * self.dice.randrange(3)

    def value(self, indent: int, depth: int) -> tuple[str, list[str]]:
        """Return what stands behind a key, and the lines below."""
        kind = self.dice.randrange(8 if depth < 4 else 3)
        if kind == 0:
            return self.block_text(indent)
        if kind <= 2:
            return self.scalar() + self.behind(), []
        if kind == 3:
            return self.flow(0, indent) + self.behind(), []
        step = self.dice.choice([1, 2, 4])
        if kind == 4:
            dashes = indent + self.dice.choice([0, 2])
            return self.behind(), self.list(dashes, depth + 1)
        return self.behind(), self.mapping(indent + step, depth + 1)

    def list(self, indent: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.dice.randrange(1, 4)):
            lines.extend(self.above(indent))
            if self.chance(3):
                first, *rest = self.mapping(indent + 2, depth + 1, bare=True)
                lines.extend([" " * indent + "- " + first.lstrip(" "), *rest])
            else:
                first, rest = self.scalar() + self.behind(), []
                if self.chance(4):
                    first, rest = self.flow(0, indent) + self.behind(), []
                lines.extend([" " * indent + "- " + first, *rest])
        return lines

    def mapping(self, indent: int, depth: int = 0, *, bare: bool = False) -> list[str]:
        lines: list[str] = []
        for number, name in enumerate(self.dice.sample(KEYS, self.dice.randrange(1, 5))):
            if number or not bare:
                lines.extend(self.above(indent))
            first, rest = self.value(indent, depth)
            key = f'"{name}"' if self.chance(8) else name
            lines.extend([f"{' ' * indent}{key}: {first}", *rest])
        if not bare:
            lines.extend(self.above(indent))
        return lines


def data(node: YamlNode) -> Any:
    """Return what a file says, with formulas' blanks taken out, since the printer sets its own."""
    if isinstance(node, Scalar):
        return (
            node.value
            if type(node.value) is not str
            else "".join(node.text.split()).replace("(", "").replace(")", "")
        )
    if isinstance(node, Mapping):
        return {key: data(entry.value) for key, entry in node.entries.items()}
    return [data(item) for item in node.items]


@settings(max_examples=400)
@given(st.integers(0, 10**9), st.sampled_from(["\n", "\r\n"]))
def test_any_file_keeps_its_meaning_and_its_comments(seed: int, end: str) -> None:
    author = Author(seed)
    text = "\n".join(author.mapping(0)).rstrip("\n") + "\n" * author.dice.randrange(3)
    tree = parse_yaml(SourceFile("before", text), Sink())
    if not isinstance(tree, Mapping):
        return  # what this author wrote is no YAML
    result = format_text(text.replace("\n", end), "definitions")
    assert result is not None, text
    plain = result.replace("\r\n", "\n")
    again = parse_yaml(SourceFile("after", plain), Sink())
    assert isinstance(again, Mapping)
    assert data(again) == data(tree)
    assert sorted(re.findall(r"# [0-9].*", plain)) == sorted(re.findall(r"# [0-9].*", text)), text
    assert format_text(result, "definitions") == result
    assert Counter(result)["\r"] == (Counter(result)["\n"] if end == "\r\n" and "\n" in text else 0)
