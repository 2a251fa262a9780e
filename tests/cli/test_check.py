"""`kpidsl check`: every mistake with its place, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .running import DEFINITIONS, SETTINGS, call, installed, write

KEYS = ["code", "severity", "message", "file", "line", "column", "end_line", "end_column", "help", "related"]
TWO_FILES_OF_MISTAKES = {
    "a.yml": "metrics:\n  first: sum(orders.amont)\n  second: sum(orders.amount\n",
    "b.yml": "metrics:\n  third: {formla: count(orders)}\n  fourth: orders.amount\n  revenue: count(orders)\n",
}


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    write(tmp_path)
    for name, text in TWO_FILES_OF_MISTAKES.items():
        (tmp_path / "definitions" / name).write_text(text, encoding="utf-8")
    return tmp_path


def diagnostics(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    checked = call("check", "--format", "json", *arguments, cwd=folder)
    found: list[dict[str, Any]] = json.loads(checked.out)
    assert checked.err == ""
    assert checked.code == (1 if any(d["severity"] == "error" for d in found) else 0)
    return found


def test_a_right_project_is_said_to_be_right(tmp_path: Path) -> None:
    write(tmp_path)
    text = call("check", cwd=tmp_path)
    assert (text.code, text.out, text.err) == (
        0,
        "shop: 3 datasets, 2 dimensions, 4 metrics, 1 KPI, no mistakes\n",
        "",
    )
    assert diagnostics(tmp_path) == []


CALENDAR = """\
calendars:
  retail: {table: days, day: day, comparable: like_day, columns: {day: date, like_day: date}}
"""


def test_a_calendar_alone_is_a_project(tmp_path: Path) -> None:
    write(tmp_path, CALENDAR)
    done = call("check", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(": 0 datasets, 1 calendar, 0 dimensions, 0 metrics, 0 KPIs, no mistakes\n")
    assert "retail" in call("list", cwd=tmp_path).out


def test_a_project_of_nothing_is_said_to_be_one(tmp_path: Path) -> None:
    done = call("check", cwd=write(tmp_path, "{}\n"))
    assert "defines nothing" in done.err


def test_every_mistake_of_every_file_is_reported(wrong: Path) -> None:
    found = diagnostics(wrong)
    places = {(d["file"], d["line"]) for d in found}
    places |= {(place["file"], place["line"]) for d in found for place in d["related"]}
    assert {
        ("definitions/a.yml", 2),
        ("definitions/a.yml", 3),
        ("definitions/b.yml", 2),
        ("definitions/b.yml", 3),
        ("definitions/b.yml", 4),
    } <= places


def test_a_diagnostic_has_exactly_these_keys(wrong: Path) -> None:
    for diagnostic in diagnostics(wrong):
        assert list(diagnostic) == KEYS
        assert diagnostic["severity"] in ("error", "warning")
        assert diagnostic["code"].count("/") == 1
        assert diagnostic["message"]
        assert isinstance(diagnostic["related"], list)
        assert diagnostic["help"] is None or diagnostic["help"]


def test_places_are_counted_from_one(wrong: Path) -> None:
    for diagnostic in diagnostics(wrong):
        lines = (wrong / diagnostic["file"]).read_text(encoding="utf-8").split("\n")
        start = (diagnostic["line"], diagnostic["column"])
        end = (diagnostic["end_line"], diagnostic["end_column"])
        assert (1, 1) <= start <= end
        assert start[0] <= len(lines)
        assert start[1] <= len(lines[start[0] - 1]) + 1
    unknown = next(d for d in diagnostics(wrong) if "amont" in d["message"])
    line = "  first: sum(orders.amont)"
    assert unknown["line"] == unknown["end_line"] == 2
    assert line[unknown["column"] - 1 : unknown["end_column"] - 1] == "amont"
    assert "amount" in unknown["help"]


def test_places_are_counted_in_letters_not_bytes(tmp_path: Path) -> None:
    write(tmp_path, DEFINITIONS + "  été_: count(orders)\n")
    (tmp_path / "definitions" / "a.yml").write_text(
        "metrics:\n  a: {label: 'été 😀', formula: sum(orders.amont)}\n", encoding="utf-8"
    )
    unknown = next(d for d in diagnostics(tmp_path) if "amont" in d["message"])
    line = "  a: {label: 'été 😀', formula: sum(orders.amont)}"
    assert line[unknown["column"] - 1 : unknown["end_column"] - 1] == "amont"


def test_text_goes_to_stderr_with_place_and_help(wrong: Path) -> None:
    checked = call("check", cwd=wrong)
    assert (checked.code, checked.out) == (1, "")
    assert "definitions/a.yml:2:21" in checked.err
    assert "amount" in checked.err
    assert "\x1b[" not in checked.err


@pytest.mark.parametrize(
    "command",
    [["list"], ["explain", "revenue"], ["test"], ["compile", "revenue"], ["run", "revenue"]],
    ids=lambda command: command[0],
)
def test_every_command_tells_the_mistakes_and_ends_with_1(wrong: Path, command: list[str]) -> None:
    done = call(*command, cwd=wrong)
    assert (done.code, done.out) == (1, "")
    assert "definitions/a.yml:2:21" in done.err
    if command[0] != "run":
        as_json = call(*command, "--format", "json", cwd=wrong)
        assert as_json.code == 1
        assert [list(d) for d in json.loads(as_json.out)] == [KEYS] * len(diagnostics(wrong))


def test_the_order_of_diagnostics_is_that_of_files_and_lines(wrong: Path) -> None:
    places = [(d["file"], d["line"], d["column"]) for d in diagnostics(wrong)]
    assert places == sorted(places)


def test_the_installed_command_says_the_same(wrong: Path) -> None:
    there, here = (
        installed("check", "--format", "json", cwd=wrong),
        call("check", "--format", "json", cwd=wrong),
    )
    assert (there.code, there.bytes, there.err) == (here.code, here.bytes, here.err)


def test_the_project_may_stand_elsewhere(tmp_path: Path, wrong: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert diagnostics(elsewhere, "--project", str(wrong)) == diagnostics(wrong)


@pytest.mark.parametrize("folder", [".", "nowhere", "definitions", "kpidsl.txt"])
def test_a_folder_without_a_project_is_an_error(tmp_path: Path, folder: str) -> None:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "kpidsl.txt").write_text(SETTINGS, encoding="utf-8")
    checked = call("check", "--project", folder, cwd=tmp_path)
    assert checked.code in (1, 2)
    assert checked.out == ""
    assert checked.err
