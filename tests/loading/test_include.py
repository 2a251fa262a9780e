"""What `include` finds, and what is told about the paths that are no files of the project."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kpidsl.diagnostics import Sink
from kpidsl.loading.documents import Documents, load_documents

from .test_documents import GOOD, PROJECT, load, sections, write


def including(*patterns: str) -> str:
    return PROJECT + "include: [" + ", ".join(f'"{pattern}"' for pattern in patterns) + "]\n"


def read(documents: Documents) -> list[str]:
    return [document.file.path for document in documents.definitions]


@pytest.mark.parametrize("pattern", ["**x.yml", "a" * 5000, "", ".", "x\\0y", "[", "definitions/a.yml/*.yml"])
def test_an_odd_pattern_finds_no_file(pattern: str, tmp_path: Path) -> None:
    documents, found = load(tmp_path, {"kpidsl.yml": including(pattern), "definitions/a.yml": GOOD})
    assert [d.code for d in found] == ["project/no-files"]
    assert len(found[0].message) < 120
    assert read(documents) == []


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("**/*.yml", ["a.yml", "b/c/e.yml", "b/d.yml"]),
        ("b/**/*.yml", ["b/c/e.yml", "b/d.yml"]),
        ("*/*.yml", ["b/d.yml"]),
        ("./b//?.yml", ["b/d.yml"]),
        ("b/**/c/**/[a-f].yml", ["b/c/e.yml"]),
        ("**/**/d.yml", ["b/d.yml"]),
    ],
)
def test_what_a_pattern_names(pattern: str, files: list[str], tmp_path: Path) -> None:
    written: dict[str, str | bytes] = dict.fromkeys(
        ["a.yml", "b/d.yml", "b/c/e.yml", "b/x.txt"], "metrics: {}\n"
    )
    documents, found = load(tmp_path, {"kpidsl.yml": including(pattern), **written})
    assert not found
    assert read(documents) == files


def test_a_folder_is_no_file_and_the_help_names_those_in_it(tmp_path: Path) -> None:
    _, found = load(tmp_path, {"kpidsl.yml": including("definitions"), "definitions/a.yml": GOOD})
    assert [d.code for d in found] == ["project/no-files"]
    assert found[0].help == 'write `include: ["definitions/**/*.yml"]` for the files in that folder'


def test_stars_in_a_row_take_no_longer_than_one(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 30)
    began = time.process_time()
    documents, _ = load(tmp_path, {"kpidsl.yml": including("**/" * 8 + "*.yml"), f"{deep}/a.yml": GOOD})
    assert time.process_time() - began < 2
    assert read(documents) == [f"{deep}/a.yml"]


def test_a_refused_item_is_told_once(tmp_path: Path) -> None:
    _, found = load(tmp_path, {"kpidsl.yml": PROJECT + "include: [null]\n"})
    assert [d.code for d in found] == ["schema/wrong-type"]


# links


def test_a_linked_folder_outside(tmp_path: Path) -> None:
    write(tmp_path / "in", {"definitions/b.yml": GOOD})
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.yml").write_text("metrics: {secret: 1}\n")
    os.symlink(tmp_path / "out", tmp_path / "in/definitions/x")
    documents, found = load(tmp_path / "in", {})
    assert [d.code for d in found] == ["project/include"]
    assert read(documents) == ["definitions/b.yml"]


def test_a_linked_project_file_outside(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "o.yml").write_text(PROJECT)
    os.symlink(tmp_path / "o.yml", tmp_path / "in/kpidsl.yml")
    sink = Sink()
    assert load_documents(tmp_path / "in", sink).project is None
    assert [d.code for d in sink.diagnostics()] == ["project/include"]


def test_links_inside_are_read_once_under_the_file_s_own_path(tmp_path: Path) -> None:
    write(tmp_path, {"definitions/b.yml": GOOD, "shared/c.yml": "metrics: {c: 1}\n"})
    os.symlink("b.yml", tmp_path / "definitions/a.yml")
    os.symlink("../shared", tmp_path / "definitions/shared")
    documents, found = load(tmp_path, {})
    assert not found
    assert read(documents) == ["definitions/b.yml", "shared/c.yml"]


def test_a_project_in_a_linked_folder(tmp_path: Path) -> None:
    write(tmp_path / "real", {"definitions/a.yml": GOOD})
    os.symlink(tmp_path / "real", tmp_path / "link")
    documents, found = load(tmp_path / "link", {})
    assert not found
    assert read(documents) == ["definitions/a.yml"]


@pytest.mark.parametrize("name", ["definitions/a.yml", "kpidsl.yml"])
@pytest.mark.parametrize("kind", ["nowhere", "itself", "pipe"])
def test_what_is_there_but_cannot_be_read(name: str, kind: str, tmp_path: Path) -> None:
    write(tmp_path, {"definitions/b.yml": GOOD})
    path = tmp_path / name
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        os.symlink(path.name if kind == "itself" else "nowhere", path)
    sink = Sink()
    documents = load_documents(tmp_path, sink)
    assert [(d.code, d.primary.span.location().path) for d in sink.diagnostics()] == [
        ("project/unreadable", name)
    ]
    assert sections(documents, "kpis") == (set() if name == "kpidsl.yml" else {"good"})


def test_a_folder_in_the_place_of_the_project_file(tmp_path: Path) -> None:
    (tmp_path / "kpidsl.yml").mkdir()
    sink = Sink()
    load_documents(tmp_path, sink)
    assert [d.code for d in sink.diagnostics()] == ["project/unreadable"]


def test_a_name_that_is_not_utf8_can_be_shown(tmp_path: Path) -> None:
    write(tmp_path, {})
    (tmp_path / "definitions").mkdir()
    with open(os.fsencode(tmp_path) + b"/definitions/\xe9.yml", "wb") as file:
        file.write(b"metrics: [\n")
    _, found = load(tmp_path, {})
    assert [d.code for d in found] == ["yaml/syntax"]
    assert found[0].primary.span.location().path == "definitions/\ufffd.yml"
