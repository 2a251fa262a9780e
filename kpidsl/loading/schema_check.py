"""The tree against the JSON Schemas: each violation is told by its keyword, at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from kpidsl.diagnostics import Sink
from kpidsl.loading import schema_errors as errors
from kpidsl.loading.schemas import schema
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.source import SourceFile, Span

_KINDS = {
    "string": "a text",
    "object": "a mapping",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_EXAMPLES = {
    "formula": "sum(orders.amount)",
    "direction": "up",
    "owner": "team@example.com",
    "label": "Average order value",
    "key": "order_id",
    "from": "{orders: …}",
    "project": "shop",
    "language": "1",
    "type": "integer",
}
_OWNERS = {"datasets": "dataset", "dimensions": "dimension", "metrics": "metric", "kpis": "KPI"}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A file's tree without what the schema refused; `rejected` names definitions left out."""

    file: SourceFile
    tree: Mapping
    rejected: frozenset[tuple[str, str]]


@lru_cache(maxsize=4)
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind))


def check_schema(file: SourceFile, tree: YamlNode | None, kind: str, sink: Sink) -> CheckedDocument:
    """Return the document's acceptable part; each violation is reported where it stands."""
    if tree is None:
        # The file could not be read, which has been reported: what it lacks is not its mistake.
        return CheckedDocument(file, Mapping({}, file, 0, 0), frozenset())
    if not isinstance(tree, Mapping):
        sink.report(errors.wrong_type(_first(tree.span), "", _kind(tree), "a mapping"))
        return CheckedDocument(file, Mapping({}, file, 0, 0), frozenset())
    pruned: set[Path] = set()
    rejected: set[tuple[str, str]] = set()
    for error in _violations(kind, _plain(tree)):
        for path in _report(error, tree, sink):
            cut = error.validator == "additionalProperties" and errors.is_cut(str(path[-1]))
            if len(path) <= 2 or kind == "project" or (error.validator in ("additionalProperties", "enum") and not cut):
                pruned.add(path)
            else:
                pruned.add(path[:2])
    for path in pruned:
        if len(path) == 2 and kind != "project":
            rejected.add((str(path[0]), str(path[1])))
    return CheckedDocument(file, _without(tree, (), pruned) if pruned else tree, frozenset(rejected))


def _violations(kind: str, value: Any) -> Iterable[ValidationError]:
    return _validator(kind).iter_errors(value)


def _plain(node: YamlNode) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: _plain(entry.value) for key, entry in node.entries.items()}
    return [_plain(item) for item in node.items]


def _report(error: ValidationError, tree: Mapping, sink: Sink) -> list[Path]:
    """Report one violation and return the paths of what cannot be used."""
    path: Path = tuple(error.absolute_path)
    node, key = _at(tree, path)
    owner = _owner(path)
    if "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        assert isinstance(node, Mapping)
        sink.report(errors.bad_name(node.entries[name].key.span, name, _snake(name)))
        return [(*path, name)]
    if error.validator == "additionalProperties":
        return _unknown_keys(error, node, path, owner, sink)
    if error.validator == "required":
        assert isinstance(node, Mapping)
        missing = [name for name in error.schema["required"] if name not in node.entries]
        for name in missing:
            place = key.span if key is not None else _first(node.span)
            sink.report(errors.missing_key(place, name, owner, _EXAMPLES.get(name, "…")))
        return [path]
    if error.validator == "type":
        wanted = error.schema["type"]
        due = " or ".join(_KINDS[t] for t in ([wanted] if isinstance(wanted, str) else wanted))
        text = node.text if isinstance(node, Scalar) else ""
        place = node.span if isinstance(node, Scalar) and node.span.end > node.span.start else key.span if key else _first(node.span)
        sink.report(errors.wrong_type(place, text, _kind(node), due))
        return [path]
    if error.validator == "enum":
        text = node.text if isinstance(node, Scalar) else _kind(node)
        allowed = ["null" if value is None else str(value) for value in error.schema["enum"]]
        sink.report(errors.not_in_list(_first(node.span) if not isinstance(node, Scalar) else node.span, text, dict.fromkeys(allowed)))
        return [path]
    if error.validator == "minProperties":
        sink.report(errors.bad_value(key.span if key else node.span, "this mapping is empty", "name at least one entry"))
        return [path]
    sink.report(errors.bad_value(node.span, f"`{node.text if isinstance(node, Scalar) else ''}` is too small", "write a number from 1 on"))
    return [path]


def _unknown_keys(error: ValidationError, node: YamlNode, path: Path, owner: str, sink: Sink) -> list[Path]:
    assert isinstance(node, Mapping)
    known = error.schema.get("properties", {})
    extra = [entry for entry in node if entry.key.text not in known and not entry.key.text.startswith("x-")]
    for entry in extra:
        sink.report(errors.unknown_key(entry.key.span, entry.key.text, owner, known))
    return [(*path, entry.key.text) for entry in extra]


def _at(tree: YamlNode, path: Path) -> tuple[YamlNode, Scalar | None]:
    """Return the node at a path, and the key that it stands under."""
    node, key = tree, None
    for step in path:
        if isinstance(node, Mapping):
            entry = node.entries[str(step)]
            node, key = entry.value, entry.key
        elif isinstance(node, Sequence):
            node = node.items[int(step)]
    return node, key


def _owner(path: Path) -> str:
    if not path:
        return "the file"
    if len(path) == 1:
        return f"`{path[0]}`"
    section = _OWNERS.get(str(path[0]), "definition")
    if len(path) == 2:
        return f"{section} `{path[1]}`"
    names = [str(step) for step in path[2:] if isinstance(step, str)]
    return f"`{'.'.join(names)}` of {section} `{path[1]}`" if names else f"{section} `{path[1]}`"


def _kind(node: YamlNode) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    value = node.value
    if value is None and not node.quoted:
        return "empty" if not node.text else "null"
    if isinstance(value, bool):
        return f"`{node.text}`"
    return f"`{node.text[:40]}`" if isinstance(value, str) else f"the number `{node.text}`"


def _first(span: Span) -> Span:
    """Return the first line of a span, so that a whole mapping is not underlined."""
    text = span.excerpt()
    line = text.find("\n")
    return span if line < 0 else Span(span.source, span.start, span.start + max(line, 1))


def _snake(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    snake = re.sub(r"[^a-z0-9]+", "_", snake).strip("_")[:63]
    return snake if snake[:1].isalpha() else ""


def _without(node: Mapping, path: Path, pruned: set[Path]) -> Mapping:
    entries: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        at = (*path, key)
        if at in pruned:
            continue
        touched = isinstance(entry.value, Mapping) and any(p[: len(at)] == at for p in pruned)
        value = _without(entry.value, at, pruned) if touched and isinstance(entry.value, Mapping) else entry.value
        entries[key] = Entry(entry.key, value)
    return Mapping(entries, node.file, node.start, node.end)
