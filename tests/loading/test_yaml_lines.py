"""Lines that do not fit together: both of PyYAML's parsers, the place, and help that mends the file."""

from __future__ import annotations

from typing import Any

import pytest

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.source import SourceFile

from .test_yaml_tree import loaders

K = "kpis:\n  aov:\n    formula: revenue\n"


@loaders
@pytest.mark.parametrize(
    ("text", "line", "column", "help"),
    [
        (K + "   label: A\n", 4, 4, "begin it under `formula`, in column 5, or under `aov`, in column 3"),
        (K + "      label: A\n", 4, 7, "begin it under `formula`, in column 5"),
        (K + "      / orders\n      label: A\n", 5, 7, "begin it under `formula`, in column 5"),
        ("kpis:\n  aov:\n    formula:revenue\n    label: A\n", 3, 12, "write `formula: revenue`"),
        ("kpis:\n  aov:\n    formula = revenue\n    label: A\n", 3, 12, "write `formula: revenue`"),
        ("kpis:\n  aov\n    formula: revenue\n", 2, 3, "write `aov:`"),
        ("project shop\nlanguage: 1\n", 1, 1, "write `project: shop`"),
        ("a: 1\nb\nc: 2\n", 2, 1, "write `b:`"),
        ("kpis:\n  aov:\n    formula:\n  revenue\n", 4, 3, "write it behind its key: `formula: revenue`"),
        ("kpis:\n  // mine\n  aov:\n    formula: 1\n", 2, 3, "write `# mine`"),
        ("a: AOV: mean\n", 1, 7, 'put the text in quotes: `a: "AOV: mean"`'),
        ('a: x: "y"\n', 1, 5, "put the text in quotes: `a: 'x: \"y\"'`"),
        ("a: b  c: d\n", 1, 8, 'write `c: d` on a line of its own, or put the text in quotes: `a: "b  c: d"`'),
        ("a: 'l'ensemble'\n", 1, 7, "put the whole text in quotes: `\"l'ensemble\"`"),
        ("a: 'paid' = status\n", 1, 11, "put the whole text in quotes: `\"'paid' = status\"`"),
        ("a: [b] / [c]\n", 1, 8, 'put the whole text in quotes: `"[b] / [c]"`'),
        ("a: {b} / {c}\n", 1, 8, 'put the whole text in quotes: `"{b} / {c}"`'),
        ("t:\n  - name: x\n    rows: 1\n  name: y\n", 4, 3, "write `- name: y` for a new entry; what belongs to the entry above begins in column 5"),
        ("c:\n  a: text\n  - b: date\n", 3, 3, "leave the `-` out: `b: date`"),
        ("a: > 3\n", 1, 6, 'write it below, indented; a text in one line is `a: "> 3"`'),
        ("a: | x y\n", 1, 6, "write it below, indented; a text in one line is `a: x y`"),
        ("a: @shop\n", 1, 4, 'put the text in quotes: `"@shop"`'),
        ("  a:\n    b: 1\nc: 1\n", 3, 1, "begin it under `a`, in column 3, or move the lines above it left"),
        ("a: 1\n...\nb: 1\n", 2, 1, "remove the line `...`"),
        (K + "# a remark: with one\n\n      label: A\n", 6, 7, "begin it under `formula`, in column 5"),
        (K.replace("\n", "\r\n") + "      label: A\r\n", 4, 7, "begin it under `formula`, in column 5"),
    ],
)  # fmt: skip
def test_the_mistake_and_what_mends_it(text: str, line: int, column: int, help: str, loader: Any) -> None:
    sink = Sink()
    assert parse_yaml(SourceFile("a.yml", text), sink, loader) is None
    (found,) = sink.diagnostics()
    place = found.primary.span.location()
    assert (found.code, place.line, place.column, found.help) == ("yaml/syntax", line, column, help)


@loaders
@pytest.mark.parametrize(
    ("text", "line", "column", "help"),
    [
        ("metrics:\n\u00a0\u00a0a: 1\n", 2, 1, "indent the line with ordinary blanks"),
        ("metrics:\n  2025: 1\n", 2, 3, 'a name begins with a letter, such as `in_2025`; any other key stands in quotes: `"2025"`'),
        ("a: {{ revenue }}\n", 1, 5, "names stand without braces: `revenue`"),
        ("true: 1\n", 1, 1, 'put it in quotes: `"true"`'),
    ],
)  # fmt: skip
def test_keys_that_are_none(text: str, line: int, column: int, help: str, loader: Any) -> None:
    sink = Sink()
    parse_yaml(SourceFile("a.yml", text), sink, loader)
    (found,) = sink.diagnostics()
    place = found.primary.span.location()
    assert (found.code, place.line, place.column, found.help) == ("yaml/key", line, column, help)
