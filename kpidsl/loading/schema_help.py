"""Help ready to paste for values of the wrong kind, from the schema's examples and what was written."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOfKeys
from typing import Any

import yaml

from kpidsl.loading.yaml_lines import quoted
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode

Schema = MappingOfKeys[str, Any]

_LONGEST = 60
_BOUND = "Bound column"
"""The title of the schema of what a binding says of a column."""
_RANGE = re.compile(r"(\S+(?: \S+)??)\s*(?:\.\.|\bto\b|\band\b|–|\s-\s)\s*(\S+(?: \S+)?)")
_DURATION = re.compile(r"[0-9]+ (hour|day|week|month|year)s?")
_KINDS = {
    "string": "a text",
    "object": "a mapping",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "`null`",
}


def due(wanted: str | list[str]) -> str:
    """Return the kinds of value that a key takes, as a message says them."""
    kinds = [wanted] if isinstance(wanted, str) else wanted
    # A formula may be a mere number: to the author it is a text all the same.
    words = [_KINDS[kind] for kind in kinds if kind != "number" or "string" not in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def with_example(name: str, schema: Schema) -> str:
    """Return a key with an example of its value."""
    return f"{name}: {_example(schema)}"


def _example(schema: Schema) -> str:
    """Return the shortest of a schema's examples in one line; a long mapping ends with `…`."""
    examples = schema.get("examples") or schema.get("enum") or [_owed(schema)]
    found = in_one_line(examples[0])
    if len(found) > _LONGEST and isinstance(examples[0], dict):
        key, value = next(iter(examples[0].items()))
        found = in_one_line({key: value}) if len(examples[0]) == 1 else f"{{{key}: {in_one_line(value)}, …}}"
    return found if len(found) <= 2 * _LONGEST else "…"


def _owed(schema: Schema) -> dict[str, Any] | None:
    """Return an example of a mapping with the keys that it needs."""
    keys = schema.get("properties", {})
    return {name: keys[name]["examples"][0] for name in schema.get("required", ())} or None


def beside_sections(name: str, tree: Mapping) -> str:
    """Return where a key belongs that stands beside the sections of definitions, by other tools' habits."""
    if name == "tests":
        return "tests stand below what they test: move `tests:` below a KPI or metric, indented as its keys"
    value = tree.get(name)
    if name == "version" and isinstance(value, Scalar) and value.text.isdecimal():
        return "leave `version:` out: files of definitions have none"
    return ""


def in_one_line(value: object) -> str:
    """Return a value as YAML in one line."""
    written = yaml.safe_dump(
        value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=100_000
    )
    return written.removesuffix("...\n").strip()


_ELEVEN = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def for_wrong_kind(name: str | None, node: YamlNode, schema: Schema, of_definitions: bool) -> str:
    """Return what to write in place of a value whose kind its key does not take.

    `name` is the key, None for an entry of a list; `of_definitions` says that the value holds
    definitions, or keys of one, by name.
    """
    wanted = schema["type"]
    kinds = [wanted] if isinstance(wanted, str) else wanted
    lead = "" if name is None else f"{name}: "
    if isinstance(node, Sequence) and "object" in kinds and "string" not in kinds and node.items:
        return _keys_for_entries(node, schema)
    if isinstance(node, Sequence) and "string" in kinds and len(node.items) == 1:
        only = node.items[0]
        if isinstance(only, Scalar) and only.text:
            return f"write `{lead}{only.text}`"
    if isinstance(node, Mapping) and node.entries:
        if "array" in kinds and "object" in schema.get("items", {}).get("type", ()):
            return _entries_for_keys(node)
        written = node.span.excerpt()
        if (
            "string" in kinds
            and "object" not in kinds
            and "\n" not in written
            and not written.startswith("{")
        ):
            return f"put it in quotes, if it is a text: `{lead}{quoted(written)}`"
    if of_definitions and not (node.text if isinstance(node, Scalar) else node.span.excerpt().strip("[] ")):
        return f"write what belongs to `{name}` below it, indented by two blanks, or leave it out"
    ends = _RANGE.fullmatch(node.text) if isinstance(node, Scalar) and schema.get("maxItems") == 2 else None
    if ends is not None:
        return f"write `{lead}[{ends[1]}, {ends[2]}]`"
    if isinstance(node, Scalar) and node.value is None and schema.get("title") == _BOUND:
        where = f"; where the table does not have it, put `{name}` under `lacks:`"
        column = f"write the table's column, `{lead}…`" if not node.text else ""
        return (column or f"for nothing in any row, put it in quotes: `{lead}'null'`") + where
    if isinstance(node, Scalar):
        if "boolean" in kinds and node.text.lower() in _ELEVEN:
            return f"write `{lead}{_ELEVEN[node.text.lower()]}`"
        if node.text.isdecimal() and _is_time_long(schema):
            unit = str(schema["examples"][0]).split()[1].rstrip("s")
            return f"say of what: `{lead}{node.text} {unit}{'' if node.text == '1' else 's'}`"
        if "string" in kinds and node.text and not node.quoted and node.value is not None:
            return f"put it in quotes: `{lead}{quoted(node.text)}`"
        if "array" in kinds and "object" not in kinds and node.text and schema.get("minItems", 0) < 2:
            return f"write `{lead}[{node.text}]`"
    if name is None and not schema.get("examples"):
        return f"write {due(wanted)}"
    return f"write `{lead}{_example(schema)}`"


def _is_time_long(schema: Schema) -> bool:
    """Tell whether a key takes a length of time, by its examples."""
    examples = schema.get("examples", ())
    return bool(examples) and all(_DURATION.fullmatch(str(example)) for example in examples)


def _keys_for_entries(node: Sequence, schema: Schema) -> str:
    """Return how a list that should be a mapping is written."""
    first = node.items[0]
    if isinstance(first, Mapping) and first.entries:
        named = first.get("name")
        if isinstance(named, Scalar) and named.text:
            return f"write each entry's name as a key: `{named.text}:` with its other keys below it"
        if len(first.entries) == 1:
            entry = next(iter(first))
            value = entry.value.text if isinstance(entry.value, Scalar) else "…"
            return f"leave the `- ` out: `{entry.key.text}: {value}`"
        return "give each entry a name as its key, with the other keys below it, in place of the `-`"
    if isinstance(first, Scalar) and first.text:
        inner = schema.get("additionalProperties")
        value = _example(inner) if isinstance(inner, dict) and inner.get("examples") else "…"
        return f"write each entry as a key with its value, without `-`: `{first.text}: {value}`"
    return f"write `{_example(schema)}`"


def _entries_for_keys(node: Mapping) -> str:
    """Return how a mapping that should be a list of mappings is written."""
    written = node.span.excerpt()
    if "\n" not in written and len(written) <= _LONGEST and written.startswith("{"):
        return f"write `[{written}]`"
    entry = next(iter(node))
    value = entry.value.text if isinstance(entry.value, Scalar) else ""
    return f"begin each entry with `- `: `- {entry.key.text}: {value}".rstrip() + "`"
