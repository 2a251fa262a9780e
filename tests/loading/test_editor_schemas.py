"""The schemas that editors read stand alone, and accept what the schemas accept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kpidsl.diagnostics import Sink
from kpidsl.loading.editor_schemas import editor_schema, first_line, names_a_schema
from kpidsl.loading.schema_copies import KINDS
from kpidsl.loading.schemas import schema
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.source import SourceFile

EXAMPLE = Path(__file__).parents[2] / "examples" / "boutique"
kinds = pytest.mark.parametrize("kind", KINDS)


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key not in ("examples", "defaultSnippets"):
                yield from parts(value)
    elif isinstance(node, list):
        for item in node:
            yield from parts(item)


@kinds
def test_nothing_outside_the_file_is_referred_to(kind: str) -> None:
    whole = json.loads(editor_schema(kind))
    Draft202012Validator.check_schema(whole)
    assert "$id" not in whole
    for part in parts(whole):
        reference = part.get("$ref")
        if isinstance(reference, str):
            assert reference.removeprefix("#/$defs/") in whole["$defs"]


@kinds
def test_every_description_is_shown(kind: str) -> None:
    described = [
        part for part in parts(json.loads(editor_schema(kind))) if isinstance(part.get("description"), str)
    ]
    assert len(described) > 5
    for part in described:
        assert part["markdownDescription"].startswith(part["description"])


@pytest.mark.parametrize("file", sorted(EXAMPLE.rglob("*.yml")), ids=lambda path: path.stem)
def test_what_is_right_is_right_for_an_editor(file: Path) -> None:
    kind = "project" if file.name == "kpidsl.yml" else "definitions"
    tree = parse_yaml(SourceFile(file.name, file.read_text(encoding="utf-8")), Sink())
    assert valid(kind, plain(tree)) == (True, True)


@pytest.mark.parametrize(
    ("kind", "content", "fits"),
    [
        ("project", {"project": "a", "language": 1}, True),
        ("project", {"project": "a", "language": 1, "include": "x"}, True),
        ("project", {"project": "a", "language": 1, "include": ["x"]}, True),
        ("project", {"project": "a", "language": 1, "include": {"x": 1}}, False),
        ("project", {"project": "a", "language": 2}, False),
        ("project", {"project": "a"}, False),
        ("definitions", {"kpi": {}}, False),
        ("definitions", {"metrics": {"a": "1", "b": {"formula": 1}}}, True),
        ("definitions", {"metrics": {"a": ["1"]}}, False),
        ("definitions", {"metrics": {"a": {"formula": "1", "synonyms": {"en": [1]}}}}, False),
        ("definitions", {"datasets": {"a": {"key": [], "columns": {"a": "text"}}}}, False),
        ("definitions", {"datasets": {"a": {"key": ["a"], "columns": {"a": "text"}}}}, True),
        ("definitions", {"datasets": {"a": {"key": "a", "columns": {"a": {"expr": "b"}}}}}, False),
        (
            "definitions",
            {
                "datasets": {
                    "a": {"key": "a", "columns": {"a": "text"}, "joins": {"b": {"to": "c", "using": {}}}}
                }
            },
            False,
        ),
        (
            "definitions",
            {
                "datasets": {
                    "a": {
                        "key": "a",
                        "columns": {"a": "text"},
                        "joins": {"b": {"to": "c", "using": {"a": "b"}}},
                    }
                }
            },
            True,
        ),
    ],
)
def test_an_editor_refuses_what_the_checker_refuses(kind: str, content: object, fits: bool) -> None:
    assert valid(kind, content) == (fits, fits)


def plain(node: YamlNode | None) -> object:
    match node:
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node}
        case Sequence():
            return [plain(item) for item in node.items]
        case Scalar():
            return node.value
    return None


def valid(kind: str, content: object) -> tuple[bool, bool]:
    in_an_editor = Draft202012Validator(json.loads(editor_schema(kind)))
    return Draft202012Validator(schema(kind)).is_valid(content), in_an_editor.is_valid(content)


def test_the_first_line_leads_to_the_schema() -> None:
    folder = PurePath(".kpidsl/schemas")
    assert first_line(folder, PurePath("kpidsl.yml"), "project") == (
        "# yaml-language-server: $schema=.kpidsl/schemas/project.schema.json"
    )
    assert first_line(folder, PurePath("definitions/kpis/sales.yml"), "definitions").endswith(
        "=../../.kpidsl/schemas/definitions.schema.json"
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("# yaml-language-server: $schema=a.json\nkpis: {}\n", True),
        ("# Sales\n\n# yaml-language-server: $schema=a.json\r\nkpis: {}\r\n", True),
        ("kpis: {}\n# yaml-language-server: $schema=a.json\n", False),
        ("# Sales\n", False),
        ("", False),
    ],
)
def test_a_file_names_its_schema_before_its_content(text: str, named: bool) -> None:
    assert names_a_schema(text) is named
