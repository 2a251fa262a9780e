"""A folder to checked documents: which files are read, what a file may be, what its shape owes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.loading.documents import Documents, load_documents
from kpidsl.loading.yaml_nodes import Mapping

PROJECT = "project: shop\nlanguage: 1\n"
OWED = "    direction: up\n    owner: me\n    label: it\n"
GOOD = "kpis:\n  good:\n    formula: 1\n" + OWED


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in {"kpidsl.yml": PROJECT, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def load(folder: Path, files: dict[str, str | bytes]) -> tuple[Documents, tuple[Diagnostic, ...]]:
    write(folder, files)
    sink = Sink()
    return load_documents(folder, sink), sink.diagnostics()


def places(found: tuple[Diagnostic, ...]) -> list[tuple[str, str, int, int]]:
    spans = [(d.code, d.primary.span.location()) for d in found]
    return [(code, at.path, at.line, at.column) for code, at in spans]


def sections(documents: Documents, section: str) -> set[str]:
    trees = [document.tree.get(section) for document in documents.definitions]
    return {key for tree in trees if isinstance(tree, Mapping) for key in tree.entries}


# files


def test_files_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    names = ["definitions/b.yml", "definitions/a/z.yaml", "definitions/a.yml", "definitions/é.yml"]
    documents, found = load(tmp_path, {**dict.fromkeys(names, "metrics: {}\n"), "definitions/notes.md": "x"})
    assert not found
    assert [d.file.path for d in documents.definitions] == sorted(names)


def test_include_replaces_the_default(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "kpidsl.yml": PROJECT + 'include: ["kpis/*.yml", "kpis/a.yml"]\n',
        "kpis/a.yml": GOOD,
        "definitions/b.yml": "not read: [",
    }
    documents, found = load(tmp_path, files)
    assert not found
    assert [d.file.path for d in documents.definitions] == ["kpis/a.yml"]


def test_a_folder_without_a_project(tmp_path: Path) -> None:
    sink = Sink()
    documents = load_documents(tmp_path, sink)
    assert documents == Documents(None, ())
    assert [d.code for d in sink.diagnostics()] == ["project/missing"]


@pytest.mark.parametrize(
    "pattern", ["../*.yml", "definitions/../../*.yml", "/etc/*.yml", "~/x.yml", "C:/x.yml"]
)
def test_an_include_that_leaves_the_folder(pattern: str, tmp_path: Path) -> None:
    text = PROJECT + f'include: ["{pattern}", "definitions/*.yml"]\n'
    (tmp_path / "outside.yml").write_text(GOOD)
    documents, found = load(tmp_path / "inside", {"kpidsl.yml": text, "definitions/a.yml": GOOD})
    assert places(found) == [("project/include", "kpidsl.yml", 3, 11)]
    assert sections(documents, "kpis") == {"good"}


def test_a_link_to_a_file_outside(tmp_path: Path) -> None:
    write(tmp_path / "inside", {"definitions/a.yml": GOOD})
    (tmp_path / "secret.yml").write_text("metrics: {secret: 1}\n")
    os.symlink(tmp_path / "secret.yml", tmp_path / "inside" / "definitions" / "b.yml")
    documents, found = load(tmp_path / "inside", {})
    assert [d.code for d in found] == ["project/include"]
    assert sections(documents, "metrics") == set()
    assert sections(documents, "kpis") == {"good"}


def test_a_linked_definitions_folder_outside(tmp_path: Path) -> None:
    write(tmp_path / "inside", {})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.yml").write_text("metrics: {secret: 1}\n")
    os.symlink(tmp_path / "other", tmp_path / "inside" / "definitions")
    documents, found = load(tmp_path / "inside", {})
    assert [d.code for d in found] == ["project/include"]
    assert documents.definitions == ()


def test_folders_linked_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path, {"definitions/a.yml": GOOD})
    os.symlink(".", tmp_path / "definitions" / "again")
    documents, found = load(tmp_path, {})
    assert not found
    assert [d.file.path for d in documents.definitions] == ["definitions/a.yml"]


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"# caf\xe9\n", 1, 6),
        ("# ééé 😀\n# ".encode() + b"\xff\n", 2, 3),
        ("metrics: {}\n".encode("utf-16"), 1, 1),
        (b"# \xed\xa0\x80\n", 1, 3),
        (b"# \xc3", 1, 3),
    ],
)
def test_bytes_that_are_not_utf8(content: bytes, line: int, column: int, tmp_path: Path) -> None:
    documents, found = load(tmp_path, {"definitions/a.yml": content, "definitions/b.yml": GOOD})
    assert places(found) == [("yaml/encoding", "definitions/a.yml", line, column)]
    assert sections(documents, "kpis") == {"good"}


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    documents, found = load(
        tmp_path, {"kpidsl.yml": mark + PROJECT.encode(), "definitions/a.yml": mark + GOOD.encode()}
    )
    assert not found
    assert sections(documents, "kpis") == {"good"}


def test_a_file_of_more_than_16_mib(tmp_path: Path) -> None:
    write(tmp_path, {"definitions/b.yml": GOOD})
    with (tmp_path / "definitions" / "a.yml").open("wb") as file:
        file.truncate(16 * 2**20 + 1)
    documents, found = load(tmp_path, {})
    assert [d.code for d in found] == ["project/too-large"]
    assert sections(documents, "kpis") == {"good"}


def test_a_broken_file_leaves_the_others(tmp_path: Path) -> None:
    documents, found = load(tmp_path, {"definitions/a.yml": "kpis: [", "definitions/b.yml": GOOD})
    assert [d.code for d in found] == ["yaml/syntax"]
    assert sections(documents, "kpis") == {"good"}


# shapes


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("kpi: {}\n", "schema/unknown-key", 1, 1),
        ("kpis:\n  a:\n    formula: 1\n    ownr: x\n" + OWED, "schema/unknown-key", 4, 5),
        ("metrics:\n  a: {formula: coalesce(b, 0)}\n", "schema/formula-cut", 2, 28),
        ("metrics:\n  a: {formula: growth(b, 1 year)}\n", "schema/formula-cut", 2, 26),
        ("- a\n", "schema/wrong-type", 1, 1),
        ("metrics: [a]\n", "schema/wrong-type", 1, 1),
        ("metrics:\n  a: {formula: true}\n", "schema/wrong-type", 2, 16),
        ("metrics:\n  a:\n    formula:\n", "schema/wrong-type", 3, 5),
        ("kpis:\n  a:\n    formula: 1\n    direction: up\n    owner: x\n", "schema/missing-key", 2, 3),
        ("datasets:\n  d: {table: t, key: a, columns: {a: {unit: EUR}}}\n", "schema/missing-key", 2, 35),
        ("metrics:\n  a: {formula: 1, empty: zero}\n", "schema/not-in-list", 2, 26),
        ("metrics:\n  Revenue: 1\n", "schema/bad-name", 2, 3),
        ("metrics:\n  'a; drop table x --': 1\n", "schema/bad-name", 2, 3),
        ('metrics:\n  "a\\0": 1\n', "schema/bad-name", 2, 3),
        ("metrics:\n  rеvenue: 1\n", "schema/bad-name", 2, 3),  # a Cyrillic letter
        (f"metrics:\n  {'a' * 64}: 1\n", "schema/bad-name", 2, 3),
        ("dimensions:\n  d: {from: {}}\n", "schema/bad-value", 2, 7),
        (GOOD + "    tests: [{name: t, expect: [], query: {limit: 0}}]\n", "schema/bad-value", 7, 50),
        (GOOD + "    tests: [{name: t, expect: [], query: {limit: no}}]\n", "schema/wrong-type", 7, 50),
        (GOOD + "    tests: [{name: t, expect: [{a: [1]}]}]\n", "schema/wrong-type", 7, 33),
    ],
)
def test_what_does_not_fit_the_schema(text: str, code: str, line: int, column: int, tmp_path: Path) -> None:
    _, found = load(tmp_path, {"definitions/a.yml": text})
    assert places(found) == [(code, "definitions/a.yml", line, column)]
    assert found[0].help


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (PROJECT + "locale: de\n", 3, 9),
        (PROJECT + "week_start: Monday\n", 3, 13),
        ("project: shop\nlanguage: 2\n", 2, 11),
        ("project: shop\nlanguage: true\n", 2, 11),
    ],
)
def test_settings_take_values_of_a_list(text: str, line: int, column: int, tmp_path: Path) -> None:
    _, found = load(tmp_path, {"kpidsl.yml": text})
    assert places(found) == [("schema/not-in-list", "kpidsl.yml", line, column)]


def test_a_mistyped_key_gets_a_suggestion(tmp_path: Path) -> None:
    _, found = load(tmp_path, {"kpidsl.yml": PROJECT + "time_zone: UTC\n"})
    assert found[0].help == "did you mean `timezone`?"


def test_the_remainder_of_a_file_goes_on(tmp_path: Path) -> None:
    documents, found = load(
        tmp_path, {"definitions/a.yml": GOOD + "  bad: [1]\n  Worse:\n    formula: 1\n" + OWED}
    )
    assert sorted(d.code for d in found) == ["schema/bad-name", "schema/wrong-type"]
    assert sections(documents, "kpis") == {"good"}
    assert documents.definitions[0].rejected == {("kpis", "bad"), ("kpis", "Worse"), ("kpis", "worse")}


def test_keys_of_ones_own_begin_with_x(tmp_path: Path) -> None:
    text = "x-top: [1]\nkpis:\n  x-group: {any: thing}\n  good:\n    x-mine: 1\n    formula: 1\n" + OWED
    documents, found = load(tmp_path, {"definitions/a.yml": text})
    assert not found
    assert "good" in sections(documents, "kpis")


def test_cells_of_tests_are_text_numbers_booleans_and_null(tmp_path: Path) -> None:
    rows = "[{a: x, b: 1, c: 1.5, d: true, e: null, f: 2026-01-01, g: no}]"
    asked = f"rows: {{d: {rows}}}, query: {{period: 2026, by: month}}"
    text = GOOD + f"    tests:\n      - {{name: t, {asked}, expect: {rows}}}\n"
    assert load(tmp_path, {"definitions/a.yml": text})[1] == ()


@pytest.mark.parametrize(
    ("word", "right"), [("no", "false"), ("OFF", "false"), ("yes", "true"), ("On", "true")]
)
def test_a_yaml_11_word_for_a_boolean(word: str, right: str, tmp_path: Path) -> None:
    join = f"{{to: e, using: a, between: [b, c], at: d, closed: {word}}}"
    text = f"datasets:\n  d: {{table: t, key: a, columns: {{a: text}}, joins: {{j: {join}}}}}\n"
    (found,) = load(tmp_path, {"definitions/a.yml": text})[1]
    assert (found.code, found.help) == ("schema/wrong-type", f"write `closed: {right}`")


# hostile and large input


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_bytes_raise(
    tmp_path_factory: pytest.TempPathFactory, settings_bytes: bytes, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    load(folder, {"kpidsl.yml": settings_bytes, "definitions/a.yml": content})
    load(folder, {"definitions/a.yml": content})


_JUNK: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["1", "x", "no", "null", "true", "''", "[]", "{}"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(
                ["formula", "label", "from", "tests", "rows", "query", "columns", "x-a", "A b", "en"]
            ),
            inner,
            max_size=3,
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"),
    ),
    max_leaves=8,
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["datasets", "dimensions", "metrics", "kpis"]), _JUNK)
def test_no_shape_raises(tmp_path_factory: pytest.TempPathFactory, section: str, junk: str) -> None:
    folder = tmp_path_factory.mktemp("shapes")
    documents, found = load(folder, {"definitions/a.yml": f"{section}:\n  a: {junk}\n  b: {{c: {junk}}}\n"})
    assert all(d.help for d in found)
    for name in ("a", "b"):
        rejected = (section, name) in documents.definitions[0].rejected
        assert rejected != (name in sections(documents, section))


def many(count: int) -> str:
    return "kpis:\n" + "".join(
        f"  kpi_{n}:\n    label: {{en: Revenue {n}, fr: Chiffre {n}}}\n"
        f"    formula: sum(orders.amount where channel = 'c{n}')\n"
        f"    direction: up\n    owner: sales@shop.example\n    tags: [value, orders]\n"
        for n in range(count)
    )
