"""`kpidsl fmt`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .running import DEFINITIONS, call, write

LAID_OUT = "metrics:\n  a: count(orders)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is laid out, with one more file that is not."""
    write(tmp_path, DEFINITIONS)
    assert call("fmt", cwd=tmp_path).code == 0
    (tmp_path / "definitions" / "more.yml").write_text(
        "metrics:\n   a:   count( orders )\n", encoding="utf-8"
    )
    return tmp_path


def more(project: Path) -> Path:
    return project / "definitions" / "more.yml"


def test_files_are_laid_out_once(project: Path) -> None:
    done = call("fmt", cwd=project)
    assert (done.code, done.out, done.err) == (0, "formatted: definitions/more.yml\n", "")
    assert more(project).read_bytes() == LAID_OUT.encode()
    again = call("fmt", cwd=project)
    assert (again.code, again.out, again.err) == (0, "", "")


def test_check_names_files_and_writes_nothing(project: Path) -> None:
    before = more(project).read_bytes()
    done = call("fmt", "--check", cwd=project)
    assert (done.code, done.out, done.err) == (1, "would be formatted: definitions/more.yml\n", "")
    assert more(project).read_bytes() == before
    call("fmt", cwd=project)
    assert call("fmt", "--check", cwd=project).code == 0


def test_a_difference_is_shown_on_request(project: Path) -> None:
    done = call("fmt", "--diff", cwd=project)
    assert done.code == 0
    assert "-   a:   count( orders )\n+  a: count(orders)\n" in done.out
    assert call("fmt", "--diff", "--check", cwd=project).code == 1
    assert "count( orders )" in more(project).read_text(encoding="utf-8")


def test_only_what_is_named_is_laid_out(project: Path) -> None:
    other = project / "definitions" / "other.yml"
    other.write_text("metrics:\n   b:   1\n", encoding="utf-8")
    assert call("fmt", "definitions/other.yml", cwd=project).out == "formatted: definitions/other.yml\n"
    assert (
        call("fmt", "--check", "definitions", cwd=project).out == "would be formatted: definitions/more.yml\n"
    )
    assert call("fmt", "nothing.yml", cwd=project).code == 2


def test_files_of_no_project_are_laid_out_too(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kpis:\n   a:   {owner: me, formula: x}", encoding="utf-8")
    done = call("fmt", "a.yaml", cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "needs the keys `direction` and `label`" in done.err
    file.write_text("metrics:\n   a:   {owner: me, formula: x}", encoding="utf-8")
    assert call("fmt", "a.yaml", cwd=tmp_path).code == 0
    assert file.read_text(encoding="utf-8") == "metrics:\n  a:\n    formula: x\n    owner: me\n"


@pytest.mark.parametrize(
    "broken",
    [
        "metrics:\n  a: [\n",
        "metrics:\n   a: count( orders\n",
        "metrics:\n   a: {formla: 1}\n",
        "metrics: &x\n   a: 1\n",
        "metrics:\n   a: 1\n   a: 2\n",
    ],
)
def test_a_file_with_mistakes_is_left_alone_and_the_others_are_not(project: Path, broken: str) -> None:
    file = project / "definitions" / "broken.yml"
    file.write_text(broken, encoding="utf-8")
    done = call("fmt", cwd=project)
    assert done.code == 1
    assert done.out == "formatted: definitions/more.yml\n"
    assert "definitions/broken.yml" in done.err
    assert file.read_text(encoding="utf-8") == broken
    assert more(project).read_bytes() == LAID_OUT.encode()


def test_what_names_mean_is_not_asked(project: Path) -> None:
    more(project).write_text("metrics:\n   a:   nobody / knows\n", encoding="utf-8")
    assert call("fmt", cwd=project).code == 0
    assert more(project).read_text(encoding="utf-8") == "metrics:\n  a: nobody / knows\n"


def test_bytes_marks_and_line_ends(project: Path) -> None:
    more(project).write_bytes(b"\xef\xbb\xbfmetrics:\r\n   a:   count( orders )   # x")
    assert call("fmt", cwd=project).code == 0
    assert more(project).read_bytes() == b"metrics:\r\n  a: count(orders)  # x\r\n"
    more(project).write_bytes(b"metrics:\n   a: '\xff'\n")
    done = call("fmt", cwd=project)
    assert done.code == 1
    assert "UTF-8" in done.err
    assert more(project).read_bytes() == b"metrics:\n   a: '\xff'\n"


def test_a_link_and_the_rights_of_a_file_stay(project: Path) -> None:
    target = project / "kept.txt"
    target.write_bytes(more(project).read_bytes())
    target.chmod(0o640)
    more(project).unlink()
    more(project).symlink_to(target)
    assert call("fmt", cwd=project).code == 0
    assert more(project).is_symlink()
    assert target.read_bytes() == LAID_OUT.encode()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(project)) == ["definitions", "kept.txt", "kpidsl.yml"]


def test_facts_as_data(project: Path) -> None:
    rows = json.loads(call("fmt", "--check", "--format", "json", cwd=project).out)
    assert {row["file"]: row["changed"] for row in rows} == {
        "kpidsl.yml": False,
        "definitions/more.yml": True,
        "definitions/shop.yml": False,
    }


def test_without_a_project_there_is_nothing_to_lay_out(tmp_path: Path) -> None:
    done = call("fmt", cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "kpidsl.yml" in done.err


def test_nothing_is_written_where_the_project_would_change(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the layout ever change a meaning, the proof stands in its way."""
    monkeypatch.setattr(
        "kpidsl.formatting.files.format_text",
        lambda text, _: "metrics:\n  a: 1\n" if "count(" in text and "orders )" in text else text,
    )
    before = more(project).read_bytes()
    done = call("fmt", cwd=project)
    assert (done.code, done.out) == (1, "")
    assert "definitions/more.yml is left alone" in done.err
    assert more(project).read_bytes() == before


def test_every_section_is_laid_out(project: Path) -> None:
    more(project).write_text(
        """\
filters:
    paid:   "channel in ('search','social')"
    other: {description: not paid, condition: channel not in ('search')}
parameters:
    least: {default: 10, type: integer}
metrics:
    big:
        forbids: [country]
        requires: [day]
        bounds: [0, null]
        deprecated: {use: revenue, since: 2026-01-31}
        formula: sum(orders.amount where amount>least)
""",
        encoding="utf-8",
    )
    assert (done := call("fmt", cwd=project)).code == 0, done.err
    assert more(project).read_text(encoding="utf-8") == (
        """\
parameters:
  least: {type: integer, default: 10}

filters:
  paid: channel in ('search', 'social')
  other: {description: not paid, condition: channel not in ('search')}

metrics:
  big:
    formula: sum(orders.amount where amount > least)
    bounds: [0, null]
    requires: [day]
    forbids: [country]
    deprecated: {use: revenue, since: 2026-01-31}
"""
    )
