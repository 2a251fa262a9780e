"""Files without content are told, and each mistake of a document is told once, as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl import checking
from kpidsl.diagnostics import Sink
from kpidsl.loading.broken_names import names_in

from .test_documents import GOOD, OWED, load, places, sections, write


@pytest.mark.parametrize("text", ["", "# only a remark\n", "\n  \n", "\ufeff"])
@pytest.mark.parametrize("name", ["kpidsl.yml", "definitions/a.yml"])
def test_a_file_without_content(name: str, text: str, tmp_path: Path) -> None:
    _, found = load(tmp_path, {name: text})
    assert [(d.code, d.primary.span.location().path) for d in found] == [("yaml/empty", name)]


@pytest.mark.parametrize(
    ("content", "column"),
    [(b"\xef\xbb\xbfkpis: \xff", 7), (b"\xef\xbb\xbf\xff", 1), ("é: ".encode() + b"\xff", 4)],
)
def test_the_byte_that_is_not_utf8(content: bytes, column: int, tmp_path: Path) -> None:
    _, found = load(tmp_path, {"definitions/a.yml": content})
    assert places(found) == [("yaml/encoding", "definitions/a.yml", 1, column)]
    assert "FF" in found[0].message


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('metrics:\n  "a\\n": 1\n', "schema/bad-name", 2, 3),
        ('datasets:\n  d: {table: t, key: a, columns: {"a\\n": text}}\n', "schema/bad-name", 2, 35),
        (GOOD.replace("label: it", 'label: {"en\\n": it}'), "schema/bad-name", 6, 13),
        ("metrics:\n  a:\n    formul: 1\n", "schema/unknown-key", 3, 5),
        ("datasets:\n  d: {table: t, key: [], columns: {a: text}}\n", "schema/bad-value", 2, 17),
        ("dimensions:\n  c: {from: {orders: coalesce(a, 0)}}\n", "schema/formula-cut", 2, 34),
        ("dimensions:\n  c: {from: {orders: coalesce(a, b, 0)}}\n", "schema/formula-cut", 2, 34),
        ("metrics:\n  c: {formula: coalesce(a, b, 0), unit: EUR}\n", "schema/formula-cut", 2, 28),
        ("metrics: {c: coalesce(a, 0)}\n", "schema/formula-cut", 1, 26),
        ("metrics:\n  Net revenue:\n    formula: 1\n", "schema/bad-name", 2, 3),
    ],
)  # fmt: skip
def test_one_mistake_is_told_once(text: str, code: str, line: int, column: int, tmp_path: Path) -> None:
    documents, found = load(tmp_path, {"definitions/a.yml": text})
    assert places(found) == [(code, "definitions/a.yml", line, column)]
    assert "c" not in sections(documents, "metrics") | sections(documents, "dimensions")


def test_two_mistakes_are_told_both(tmp_path: Path) -> None:
    _, found = load(tmp_path, {"definitions/a.yml": "metrics:\n  a:\n    unti: EUR\n"})
    assert [d.code for d in found] == ["schema/missing-key", "schema/unknown-key"]


@pytest.mark.parametrize(
    ("language", "help"),
    [
        ("english", "write `en`"),
        ("klingon", "languages are written `en`, `fr`, `fr_CA`"),
        ("en-us", "write `en_US`"),
        ("EN", "write `en`"),
        ("frCA", "write `fr_CA`"),
    ],
)
def test_the_language_of_a_label(language: str, help: str, tmp_path: Path) -> None:
    text = GOOD.replace("label: it", f"label: {{{language}: x}}")
    _, found = load(tmp_path, {"definitions/a.yml": text})
    assert [(d.code, d.help) for d in found] == [("schema/bad-name", help)]
    assert language in found[0].message


def test_a_key_of_ones_own_in_a_label(tmp_path: Path) -> None:
    text = GOOD.replace("label: it", "label: {en: it, x-by: me}")
    assert load(tmp_path, {"definitions/a.yml": text})[1] == ()


@pytest.mark.parametrize("section", ["metrics", "kpis"])
def test_deprecated(section: str, tmp_path: Path) -> None:
    text = f"{section}:\n  a:\n    deprecated: {{since: 2026-10-01, use: b}}\n    formula: 1\n"
    text += OWED if section == "kpis" else ""
    assert load(tmp_path, {"definitions/a.yml": text})[1] == ()
    _, found = load(tmp_path, {"definitions/a.yml": text.replace("since", "sinc")})
    assert [d.code for d in found] == ["schema/unknown-key"]


# a broken file and what uses its names


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("metrics:\n  one: 1\n  bad: [\n", "yaml/syntax"),
        ("metrics:\n  one: 1\n  a: &x 1\n", "yaml/alias"),
        ("metrics: {one: 1, bad: [}\n", "yaml/syntax"),
        (b"metrics:\n  one: 1 # \xe9\n", "yaml/encoding"),
        ("metrics:\r\n    one:\r\n        formula: 1\r\n\tbad: 1\r\n", "yaml/tab"),
    ],
)
def test_a_broken_file_makes_no_mistakes_elsewhere(broken: str | bytes, code: str, tmp_path: Path) -> None:
    uses = "kpis:\n  k:\n    formula: one + 1\n" + OWED
    write(tmp_path, {"definitions/a.yml": broken, "definitions/b.yml": uses})
    sink = Sink()
    checking.load(tmp_path, sink)
    assert [d.code for d in sink.diagnostics()] == [code]


def test_the_names_in_a_broken_file() -> None:
    text = (
        "# metrics:\nmetrics:\n\n  # none: 1\n  one: 1\n  'two':\n    formula: x\n    unit: EUR\n"
        "x-notes:\n  three: 1\n"
        'datasets: {orders: {table: t}, "sales": [\nkpis:\n    k :\n        label: it\n   l: 1\n'
    )
    assert names_in(text) >= {
        ("metrics", "one"), ("metrics", "two"), ("datasets", "orders"), ("datasets", "sales"),
        ("kpis", "k"), ("kpis", "l"),
    }  # fmt: skip
    assert {name for _, name in names_in(text)} & {"none", "formula", "unit", "three", "label"} == set()


def test_the_names_in_a_broken_file_of_a_mistyped_section_and_of_what_lacks_its_blanks() -> None:
    text = "metric:\n  one: 1\nkpis:\n  k:\n    label: it\nl:\n    label: it\n  m:\n    label: [\n"
    assert names_in(text) >= {("metrics", "one"), ("kpis", "k"), ("kpis", "l"), ("kpis", "m")}
    assert ("kpis", "one") not in names_in(text)
