"""`kpidsl schema`: the schemas are written where the files look for them."""

from __future__ import annotations

import json
from pathlib import Path

from .running import call

MARK = "# yaml-language-server: $schema="


def test_every_file_of_a_new_project_finds_its_schema(tmp_path: Path) -> None:
    assert call("init", "my shop", cwd=tmp_path).code == 0
    for file in (tmp_path / "my shop").rglob("*.yml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        named = (file.parent / first.removeprefix(MARK)).resolve()
        assert json.loads(named.read_text(encoding="utf-8"))["type"] == "object"


def test_schemas_are_written_anew_and_nothing_else(tmp_path: Path) -> None:
    call("init", cwd=tmp_path)
    mine = (tmp_path / "definitions" / "shop.yml").read_bytes()
    stale = tmp_path / ".kpidsl" / "schemas" / "definitions.schema.json"
    fresh = stale.read_bytes()
    stale.write_text("{}", encoding="utf-8")
    made = call("schema", cwd=tmp_path)
    assert (made.code, made.err) == (0, "")
    assert made.out.count("wrote ") == 2
    assert "first line" not in made.out
    assert stale.read_bytes() == fresh
    assert (tmp_path / "definitions" / "shop.yml").read_bytes() == mine


def test_old_schemas_are_warned_of_until_they_are_written_anew(tmp_path: Path) -> None:
    call("init", cwd=tmp_path)
    fresh = call("check", cwd=tmp_path)
    assert (fresh.code, fresh.err) == (0, "")
    old = tmp_path / ".kpidsl" / "schemas" / "definitions.schema.json"
    for text in ("{}", "", '{"$comment": "written by kpidsl schema, 000000000000"}'):
        old.write_text(text, encoding="utf-8")
        told = call("check", cwd=tmp_path)
        assert told.code == 0
        assert "warning[schema/old-copy]" in told.err
        assert "`kpidsl schema`" in told.err
        assert "1 warning" in told.out
    call("schema", cwd=tmp_path)
    assert call("check", cwd=tmp_path).err == ""


def test_a_project_without_schemas_is_warned_of_nothing(tmp_path: Path) -> None:
    call("init", cwd=tmp_path)
    schemas = tmp_path / ".kpidsl" / "schemas"
    for file in schemas.iterdir():
        file.unlink()
    assert call("check", cwd=tmp_path).err == ""
    (schemas / "definitions.schema.json").mkdir()
    assert call("check", cwd=tmp_path).err == ""


def test_files_that_do_not_name_their_schema_are_told(tmp_path: Path) -> None:
    call("init", cwd=tmp_path)
    below = tmp_path / "definitions" / "kpis" / "more.yml"
    below.parent.mkdir()
    below.write_text("metrics: {one: 1}\n", encoding="utf-8")
    told = call("schema", cwd=tmp_path).out
    assert f"{MARK}../../.kpidsl/schemas/definitions.schema.json" in told
    assert "definitions/kpis/more.yml" in told
    assert "shop.yml" not in told
    elsewhere = json.loads(call("schema", "--output", "s", "--format", "json", cwd=tmp_path).out)
    assert elsewhere == {
        "written": ["s/project.schema.json", "s/definitions.schema.json"],
        "lines_to_add": [
            {"file": "definitions/kpis/more.yml", "line": f"{MARK}../../s/definitions.schema.json"}
        ],
    }


def test_a_project_with_mistakes_gets_its_schemas(tmp_path: Path) -> None:
    (tmp_path / "kpidsl.yml").write_text("nothing: right\n", encoding="utf-8")
    assert call("schema", cwd=tmp_path).code == 0
    assert (tmp_path / ".kpidsl" / "schemas" / "project.schema.json").is_file()


def test_without_a_project_the_place_must_be_named(tmp_path: Path) -> None:
    refused = call("schema", cwd=tmp_path)
    assert refused.code == 1
    assert "kpidsl init" in refused.err
    assert list(tmp_path.iterdir()) == []
    assert call("schema", "--output", "s", cwd=tmp_path).code == 0
    assert (tmp_path / "s" / "project.schema.json").is_file()
