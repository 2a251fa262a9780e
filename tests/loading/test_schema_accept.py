"""The quick test never accepts what the validator refuses, and accepts what people write."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kpidsl.loading.plain_values import plain_value
from kpidsl.loading.schema_accept import accepts
from kpidsl.loading.schemas import schema
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.source import SourceFile

from .test_documents import load, sections
from .test_schemas import KINDS, kinds, written

FILE = SourceFile("a.yml", "")


def node(value: Any) -> YamlNode:
    if isinstance(value, dict):
        entries = {key: Entry(Scalar(key, key, "", FILE, 0, 0), node(inner)) for key, inner in value.items()}
        return Mapping(entries, FILE, 0, 0)
    if isinstance(value, list):
        return Sequence(tuple(map(node, value)), FILE, 0, 0)
    return Scalar(value, str(value), "", FILE, 0, 0)


_NAMES = sorted({
    *(key for kind in KINDS for key in schema(kind)["properties"]),
    *("en", "fr_CA", "english", "x-mine", "a b", "revenue", "A", "a\n", "en\n", "x", ""),
    *("since", "use", "by", "limit"),
})  # fmt: skip
_PLAIN = st.sampled_from(
    ["x", "", "null", "up", "down", "monday", "en", 0, 1, 2, 1.0, 0.5, -1, True, False, None]
)
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4)
    ),
    max_leaves=10,
)


def _like(part: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Draw values that nearly fit a schema: its own keys, sometimes with something else under them."""
    if not isinstance(part, dict) or depth > 5:
        return _VALUES
    choices: list[st.SearchStrategy[Any]] = []
    types = part.get("type", ["string"])
    for kind in [types] if isinstance(types, str) else types:
        if kind == "object":
            known = {key: _like(inner, depth + 1) for key, inner in part.get("properties", {}).items()}
            needed = {key: known.pop(key) for key in part.get("required", ()) if key in known}
            fixed = st.fixed_dictionaries(needed, optional=known)
            names = st.sampled_from(["a", "revenue", "en", "fr_CA", "x-mine", "A b", "a\n"])
            other = st.dictionaries(names, _like(part.get("additionalProperties"), depth + 1), max_size=2)
            choices.append(st.builds(lambda first, second: {**first, **second}, fixed, other))
        elif kind == "array":
            choices.append(st.lists(_like(part.get("items"), depth + 1), max_size=2))
        else:
            choices.append(st.sampled_from(part.get("enum", ["x", 1, 1.0, True, None])))
    return st.one_of(*choices, *choices, _VALUES)


@pytest.mark.drawn
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_accepted_is_valid(kind: str, data: st.DataObject) -> None:
    value = data.draw(_like(schema(kind)))
    if accepts(schema(kind))(node(value)):
        assert [error.message for error in Draft202012Validator(schema(kind)).iter_errors(value)] == []


@kinds
def test_examples_are_accepted(kind: str) -> None:
    for name, key in written(kind)["properties"].items():
        accepted = accepts(schema(kind)["properties"][name])
        for example in key["examples"]:
            assert accepted(node(example)), name


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ({"type": "integer"}, True),
        ({"enum": [1]}, True),
        ({"type": "string", "maxLength": 3}, "x"),
        ({"$ref": "#"}, "x"),
        ({"anyOf": [{"type": "string"}]}, "x"),
        (False, "x"),
        ({"type": "array", "minItems": 1}, []),
        ({"type": "object", "minProperties": 1}, {}),
        ({"type": "object", "required": ["a"]}, {"b": 1}),
        ({"type": "object", "patternProperties": {"^y-": {"type": "string"}}}, {"y-a": 1}),
        ({"type": "object", "propertyNames": {"maxLength": 1}}, {"ab": 1}),
        ({"type": "integer", "minimum": 1}, 0),
    ],
)
def test_what_is_refused_or_not_known_is_left_to_the_validator(part: Any, value: Any) -> None:
    assert not accepts(part)(node(value))


def test_numbers_and_words_of_yaml_are_told_apart() -> None:
    numbers = accepts({"type": ["number", "null"]})
    taken = [
        word
        for word in ("1", "1.5", "-3", "", "null", "no", "1_0", "true")
        if numbers(node(plain_value(word)))
    ]
    assert taken == ["1", "1.5", "-3", "", "null"]


def test_the_time_of_refusing_is_linear(tmp_path: Path) -> None:
    took = []
    for count in (150, 1200):
        bad = "".join(
            f"  kpi_{n}:\n    formul: 1\n    owner: [x]\n    label: {{english: x}}\n" for n in range(count)
        )
        good = "".join(f"  metric_{n}: 1\n" for n in range(count))
        names = "".join(f"  Bad Name {n}: 1\n" for n in range(count))
        began = time.process_time()
        text = f"kpis:\n{bad}metrics:\n{good}dimensions: {{{', '.join(f'a{n} b' for n in range(count))}}}\n"
        documents, found = load(
            tmp_path / str(count),
            {"a": "", "definitions/a.yml": text, "definitions/b.yml": "metrics:\n" + names},
        )
        took.append(time.process_time() - began)
        assert len(found) == count * 5 + 1
        assert sections(documents, "metrics") == {f"metric_{n}" for n in range(count)}
    # Eight times as many: 64 times the time if it were quadratic.
    assert took[1] < took[0] * 24
