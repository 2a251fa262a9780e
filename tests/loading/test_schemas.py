"""The JSON Schemas describe every key, and their own examples keep to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kpidsl.loading.schemas import schema

FOLDER = Path(__file__).parents[2] / "schemas"
KINDS = ["column", "dataset", "definitions", "dimension", "join", "kpi", "metric", "project", "test"]
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
    assert written(kind)["description"]
    bare = [
        path
        for path, key in keys(written(kind), kind)
        if not (key.get("description") and key.get("examples"))
    ]
    assert not bare


@kinds
def test_examples_keep_to_their_schema(kind: str) -> None:
    whole = schema(kind)
    for name, key in written(kind)["properties"].items():
        validator = Draft202012Validator(whole["properties"][name])
        for example in key["examples"]:
            assert [error.message for error in validator.iter_errors(example)] == [], name


@kinds
def test_unknown_keys_are_refused_and_keys_of_ones_own_are_not(kind: str) -> None:
    validator = Draft202012Validator(schema(kind))
    found = {error.validator for error in validator.iter_errors({"x-mine": 1, "no such key": 1})}
    assert "additionalProperties" in found
    assert "additionalProperties" not in {error.validator for error in validator.iter_errors({"x-mine": 1})}
