"""A quick test that accepts what a JSON Schema accepts, compiled from that schema.

The validator spends most of the time of loading a project in which nothing is wrong. What is
compiled here says only yes or "ask the validator": a keyword that it does not know, or a case in
which it is not sure, is never accepted. So the schemas stay the only place that says what fits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode

Accepts = Callable[[YamlNode], bool]

_ANNOTATIONS = frozenset(
    {"$schema", "$id", "title", "description", "examples", "enumDescriptions", "required", "properties"}
)
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_OF_MAPPINGS = frozenset({"propertyNames", "patternProperties", "additionalProperties", "minProperties"})
_KNOWN = _ANNOTATIONS | _OF_MAPPINGS | {"type", "enum", "pattern", "items", "minItems", "maxItems", "minimum"}


def accepts(schema: Any) -> Accepts:
    """Return the test of a schema; whatever it accepts, the validator accepts too."""
    if schema is True:
        return _anything
    if not isinstance(schema, dict) or not schema.keys() <= _KNOWN:
        return _nothing
    wanted = schema.get("type", [*_SCALARS, "array", "object"])
    kinds = [wanted] if isinstance(wanted, str) else wanted
    scalar = _scalar(schema, kinds)
    sequence = _sequence(schema) if "array" in kinds else _nothing
    mapping = _mapping(schema) if "object" in kinds else _nothing
    if "enum" in schema:
        sequence = mapping = _nothing

    def test(node: YamlNode) -> bool:
        kind = type(node)
        if kind is Scalar:
            return scalar(node)
        return mapping(node) if kind is Mapping else sequence(node)

    return test


def _anything(_: object) -> bool:
    return True


def _nothing(_: object) -> bool:
    return False


def _scalar(schema: dict[str, Any], kinds: list[str]) -> Accepts:
    types = frozenset(found for kind in kinds for found in _SCALARS.get(kind, ()))
    # Types go with the values, since Python takes `True` for 1 and `1.0` too.
    listed = [(type(value), value) for value in schema["enum"]] if "enum" in schema else None
    least = schema.get("minimum")
    fits = re.compile(schema["pattern"]).search if "pattern" in schema else None

    def test(node: YamlNode) -> bool:
        assert isinstance(node, Scalar)
        value = node.value
        if type(value) not in types:
            return False
        if listed is not None and (type(value), value) not in listed:
            return False
        if fits is not None and isinstance(value, str) and not fits(value):
            return False
        return least is None or (isinstance(value, int | float) and value >= least)

    return test


def _sequence(schema: dict[str, Any]) -> Accepts:
    item = accepts(schema.get("items", True))
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)

    def test(node: YamlNode) -> bool:
        assert isinstance(node, Sequence)
        return least <= len(node.items) <= most and all(map(item, node.items))

    return test


def _mapping(schema: dict[str, Any]) -> Accepts:
    required = tuple(schema.get("required", ()))
    least = schema.get("minProperties", 0)
    known = {name: accepts(inner) for name, inner in schema.get("properties", {}).items()}
    own = schema.get("patternProperties", {})
    if any(pattern != "^x-" or inner is not True for pattern, inner in own.items()):
        return _nothing
    other = accepts(schema.get("additionalProperties", True))
    named = _names(schema.get("propertyNames"))

    def test(node: YamlNode) -> bool:
        assert isinstance(node, Mapping)
        entries = node.entries
        if len(entries) < least:
            return False
        for name in required:
            if name not in entries:
                return False
        for name, entry in entries.items():
            fits = known.get(name)
            if fits is None:
                fits = _anything if own and name.startswith("x-") else other
            if not fits(entry.value) or (named is not None and not named(name)):
                return False
        return True

    return test


def _names(schema: Any) -> Callable[[str], bool] | None:
    """Return the test of the keys' names: a pattern, or one of several."""
    if schema is None:
        return None
    choices = schema["anyOf"] if isinstance(schema, dict) and schema.keys() == {"anyOf"} else [schema]
    if not all(isinstance(choice, dict) and choice.keys() == {"pattern"} for choice in choices):
        return _nothing
    searches = [re.compile(choice["pattern"]).search for choice in choices]
    return lambda name: any(search(name) for search in searches)
