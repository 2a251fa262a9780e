"""`kpidsl init`: what it writes is right, and it overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import call


def test_what_it_writes_is_checked_tested_and_compiled(tmp_path: Path) -> None:
    made = call("init", "shop", cwd=tmp_path)
    assert (made.code, made.err) == (0, "")
    shop = tmp_path / "shop"
    assert sorted(str(path.relative_to(shop)) for path in shop.rglob("*.yml")) == [
        "definitions/shop.yml",
        "kpidsl.yml",
    ]
    assert "shop/kpidsl.yml" in made.out
    checked = call("check", "--project", "shop", cwd=tmp_path)
    assert (checked.code, checked.err) == (0, "")
    tested = call("test", "--project", "shop", "--format", "json", cwd=tmp_path)
    outcomes = json.loads(tested.out)
    assert tested.code == 0
    assert outcomes
    assert all(outcome["passed"] for outcome in outcomes)
    kpis = json.loads(call("list", "kpis", "--format", "json", cwd=shop).out)
    assert call("compile", kpis[0]["name"], "--by", "month", cwd=shop).code == 0


def test_the_current_folder_is_the_default(tmp_path: Path) -> None:
    assert call("init", cwd=tmp_path).code == 0
    assert (tmp_path / "kpidsl.yml").is_file()
    assert call("check", cwd=tmp_path).code == 0


def test_json_names_the_files(tmp_path: Path) -> None:
    made = call("init", "a", "--format", "json", cwd=tmp_path)
    assert made.code == 0
    assert [(tmp_path / path).is_file() for path in json.loads(made.out)["written"]] == [True] * 4


@pytest.mark.parametrize("there", ["kpidsl.yml", "definitions/shop.yml"])
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / "definitions").mkdir()
    (tmp_path / there).write_text("mine", encoding="utf-8")
    made = call("init", cwd=tmp_path)
    assert made.code == 2
    assert there in made.err
    assert [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.yml")] == ["mine"]


@pytest.mark.parametrize(
    "folder", ["été", "Größe 2026", "123", "a-b.c", "' ; drop table x; --", "no", "$(x)"]
)
def test_any_folder_name_gives_a_right_project(tmp_path: Path, folder: str) -> None:
    assert call("init", folder, cwd=tmp_path).code == 0
    assert call("check", "--project", folder, cwd=tmp_path).code == 0


def test_a_file_where_the_folder_would_be_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    for folder in ("taken", "taken/below"):
        made = call("init", folder, cwd=tmp_path)
        assert (made.code, made.out) == (2, "")
        assert made.err
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"
