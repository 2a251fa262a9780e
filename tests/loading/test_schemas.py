"""The JSON Schemas describe every key, and their own examples keep to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kpidsl.loading.schemas import schema
from kpidsl.model.types import TYPE_NAMES, parse_type

FOLDER = Path(__file__).parents[2] / "schemas"
KINDS = [
    "binding",
    "bound_column",
    "calendar",
    "column",
    "dataset",
    "definitions",
    "dimension",
    "filter",
    "join",
    "kpi",
    "metric",
    "objective",
    "own_column",
    "parameter",
    "project",
    "scorecard",
    "test",
]
kinds = pytest.mark.parametrize("kind", KINDS)


def written(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return found


def keys(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        for name, value in node.get("properties", {}).items():
            yield f"{path}.{name}", value
            yield from keys(value, f"{path}.{name}")
        for inner in ("items", "additionalProperties"):
            yield from keys(node.get(inner), f"{path}.*")


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_there_is_one_schema_per_kind() -> None:
    assert sorted(path.name.removesuffix(".schema.json") for path in FOLDER.iterdir()) == KINDS


@kinds
def test_a_schema_is_one(kind: str) -> None:
    Draft202012Validator.check_schema(written(kind))
    Draft202012Validator.check_schema(schema(kind))


@kinds
def test_references_are_written_out(kind: str) -> None:
    assert set(references(written(kind))) <= {f"{name}.schema.json" for name in KINDS}
    assert not list(references(schema(kind)))


@kinds
def test_every_key_is_described_by_words_and_examples(kind: str) -> None:
    whole = written(kind)
    assert whole["title"][0].isupper()
    assert whole["description"].endswith(".")
    bare = [
        path
        for path, key in keys(whole, kind)
        if not key.get("description", "").endswith(".") or not any(told(e) for e in key.get("examples", ()))
    ]
    assert not bare


def told(example: Any) -> bool:
    """Tell whether an example shows something: an empty list or mapping does not."""
    return example not in ([], {}, "")


@kinds
def test_examples_keep_to_their_schema(kind: str) -> None:
    bare = dict(keys(schema(kind), kind))
    for path, key in keys(written(kind), kind):
        validator = Draft202012Validator(bare[path])
        for example in (*key["examples"], *(snippet["body"] for snippet in key.get("defaultSnippets", ()))):
            assert [error.message for error in validator.iter_errors(example)] == [], path


@kinds
def test_values_are_described_one_by_one(kind: str) -> None:
    for path, key in keys(written(kind), kind):
        if "enumDescriptions" in key:
            assert len(key["enumDescriptions"]) == len(key["enum"]), path


def places_of_types() -> Iterator[dict[str, Any]]:
    yield written("column")
    for kind in KINDS:
        yield from (key for path, key in keys(written(kind), kind) if path.endswith(".type"))


def test_types_are_those_that_are_read() -> None:
    """The pattern is for editors: what it lets pass is still read, and told of, as a type."""
    names = [name.replace("precision,scale", "12,2") for name in TYPE_NAMES]
    for place in places_of_types():
        pattern = re.compile(place["pattern"])
        assert {snippet["body"] for snippet in place["defaultSnippets"]} >= set(names)
        for text in (*names, "decimal( 9 , 2 )", "decimal(9)"):
            assert parse_type(text) is not None
            assert pattern.search(text), text
        for text in ("string", "decimal", "decimal(12.2)", "integer ", "varchar(10)", "Integer", ""):
            assert parse_type(text) is None
            assert not pattern.search(text), text


@kinds
def test_unknown_keys_are_refused_and_keys_of_ones_own_are_not(kind: str) -> None:
    validator = Draft202012Validator(schema(kind))
    found = {error.validator for error in validator.iter_errors({"x-mine": 1, "no such key": 1})}
    assert "additionalProperties" in found
    assert "additionalProperties" not in {error.validator for error in validator.iter_errors({"x-mine": 1})}
