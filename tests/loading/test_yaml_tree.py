"""The located tree: what scalars are, what is refused and where, hostile input, both of PyYAML's parsers."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.source import SourceFile

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]
loaders = pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)


def read(text: str, loader: Any = LOADERS[-1]) -> tuple[YamlNode | None, Sink]:
    sink = Sink()
    return parse_yaml(SourceFile("a.yml", text), sink, loader), sink


def plain(node: YamlNode | None) -> Any:
    match node:
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node}
        case Sequence():
            return [plain(item) for item in node.items]
        case Scalar():
            return node.value
    return None


@loaders
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("12", 12), ("-3", -3), ("0", 0), ("1.50", 1.5), ("-0.5", -0.5), ("1e5", 100000.0), (".5", 0.5),
        ("no", "no"), ("NO", "NO"), ("on", "on"), ("yes", "yes"), ("y", "y"), ("off", "off"),
        ("12:30", "12:30"), ("12:30:45", "12:30:45"), ("012", "012"), ("0x1F", "0x1F"), ("1_000", "1_000"),
        ("2026-01-03", "2026-01-03"), ("2026-01-03 10:00:00", "2026-01-03 10:00:00"), ("1.2.3", "1.2.3"),
        (".inf", ".inf"), (".nan", ".nan"), ("=", "="), ("1e999", "1e999"), ("9" * 5000, "9" * 5000),
        ("'12'", "12"), ('"true"', "true"), ("''", ""), ('"~"', "~"),
    ],
)  # fmt: skip
def test_scalars(written: str, value: object, loader: Any) -> None:
    tree, sink = read(f"a: {written}\n", loader)
    assert not sink.reported
    assert isinstance(tree, Mapping)
    node = tree.get("a")
    assert isinstance(node, Scalar)
    assert node.value == value
    assert type(node.value) is type(value)


@loaders
@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb: *x\n", "yaml/alias", 2, 4),
        ("a: &x 1\n", "yaml/alias", 1, 4),
        ("a:\n  <<: {b: 1}\n", "yaml/merge-key", 2, 3),
        ("a: !!str 1\n", "yaml/tag", 1, 4),
        ("a: 1\n---\nb: 2\n", "yaml/several-documents", 2, 1),
        ("a: 1\nb:\n\tc: 1\n", "yaml/tab", 3, 1),
        ("a: x\x00y\n", "yaml/control-character", 1, 5),
        ("a: é\x85\n", "yaml/control-character", 1, 5),
        ("a: x\u202ey\n", "yaml/control-character", 1, 5),
        ("a: 1\nb: 2\na: 3\n", "yaml/duplicate-key", 3, 1),
        ("a: {b: 1, b: 2}\n", "yaml/duplicate-key", 1, 11),
        ("2026: x\n", "yaml/key", 1, 1),
        ("true: x\n", "yaml/key", 1, 1),
        ("? [a, b]\n: x\n", "yaml/key", 1, 3),
        ("a: {[b]: x}\n", "yaml/key", 1, 5),
        ("a: b: c\n", "yaml/syntax", 1, 5),
        ("é: 1\na: 'x\n", "yaml/syntax", 2, 4),
        ("a: %x\n", "yaml/syntax", 1, 4),
        ("a: @x\n", "yaml/syntax", 1, 4),
        ("a: ]\n", "yaml/syntax", 1, 4),
        ("a:\n  b: 1\n c: 2\n", "yaml/syntax", 3, 2),
        ("- a\nb: 1\n", "yaml/syntax", 2, 1),
        ("a: [\n", "yaml/syntax", 1, 4),
        ("a: [b, {c: 1", "yaml/syntax", 1, 8),
        ('a: "\\U00110000"\n', "yaml/syntax", 1, 7),
        ("a:\n  <<: *x\n", "yaml/merge-key", 2, 3),
    ],
)
def test_what_is_refused_and_where(text: str, code: str, line: int, column: int, loader: Any) -> None:
    _, sink = read(text, loader)
    (found,) = sink.diagnostics()
    place = found.primary.span.location()
    assert (found.code, place.line, place.column) == (code, line, column)
    assert found.help


@loaders
def test_a_key_given_twice_shows_both_places_and_keeps_the_first(loader: Any) -> None:
    tree, sink = read("a: 1\n\nb: 2\na: 3\n", loader)
    (found,) = sink.diagnostics()
    assert found.primary.span.location().line == 4
    assert [label.span.location().line for label in found.related] == [1]
    assert plain(tree) == {"a": 1, "b": 2}


@loaders
@pytest.mark.parametrize("depth", [64, 65])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_sixty_four_levels_are_enough(depth: int, opening: str, closing: str, loader: Any) -> None:
    tree, sink = read(opening * depth + closing * depth, loader)
    codes = [d.code for d in sink.reported]
    assert (tree is not None, codes) == ((True, []) if depth == 64 else (False, ["yaml/too-deep"]))


@loaders
@pytest.mark.parametrize("bomb", ["[", "{", "- ", "? ", "[{a: "])
def test_half_a_million_brackets(bomb: str, loader: Any) -> None:
    began = time.process_time()
    tree, sink = read(bomb * 500_000, loader)
    assert tree is None
    assert [d.code for d in sink.reported] == ["yaml/too-deep"]
    assert time.process_time() - began < 2


@loaders
def test_a_bomb_of_aliases_is_never_multiplied_out(loader: Any) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    began = time.process_time()
    tree, sink = read("\n".join(lines), loader)
    assert tree is None
    assert {d.code for d in sink.reported} == {"yaml/alias"}
    assert len(sink.reported) < 100
    assert time.process_time() - began < 1


@loaders
def test_a_mapping_ends_with_its_last_value(loader: Any) -> None:
    text = "a:\n  b: |\n    x\n\n  # a remark\n\nc: [1,\n  2]  # another\n"
    tree, _ = read(text, loader)
    assert isinstance(tree, Mapping)
    inner, items = tree.get("a"), tree.get("c")
    assert inner is not None
    assert items is not None
    assert inner.span.excerpt() == "b: |\n    x"
    assert items.span.excerpt() == "[1,\n  2]"
    assert tree.span.excerpt() == text.rsplit("  #", 1)[0]


_PIECES = [
    "a", "é", "😀", " ", "  ", "\n", "\r\n", ": ", ":", "- ", '"', "'", "\\", "\\n", "\\u00e9", "|", "|-",
    "|+\n", ">", ">2\n", "#", " # ", "[", "]", "{", "}", ",", "&b", "*b", "!", "? ", "%", "...", "---", "\t",
    "\x00", "<<", "1", "true",
]  # fmt: skip
_HOSTILE = st.one_of(st.lists(st.sampled_from(_PIECES), max_size=20).map("".join), st.text(max_size=40))


@settings(max_examples=400)
@given(_HOSTILE)
@example("a: \ud800")
@example('a: "\\ud800"')
@example("a: &b\n")
def test_no_text_raises_and_each_refusal_has_a_place(text: str) -> None:
    for loader in LOADERS:
        tree, sink = read(text, loader)
        for found in sink.diagnostics():
            place = found.primary.span.location()
            assert 1 <= place.line <= text.count("\n") + text.count("\r") + 1
            assert found.help
        assert tree is None or not any(d.code == "yaml/syntax" for d in sink.reported)


_WORDS = st.text("abé 😀,'\"\\:#[]{}|>-\n0123", max_size=12)
_TREES = st.recursive(
    st.one_of(_WORDS, st.integers(-99, 99), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text("abcdé", min_size=1, max_size=5), inner, max_size=3),
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(_TREES, st.booleans(), st.booleans())
def test_what_a_dumper_writes_is_read_back_by_both_parsers(value: object, flow: bool, unicode: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=unicode, width=30)
    for loader in LOADERS:
        tree, sink = read(text, loader)
        assert not sink.reported
        assert plain(tree) == value
