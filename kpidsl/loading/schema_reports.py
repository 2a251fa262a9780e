"""The validator's errors as diagnostics: one fact once, at the smallest place."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOfKeys
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from kpidsl.diagnostics import Sink, nearest
from kpidsl.loading import schema_errors as errors
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.source import Span

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
    "since": "2026-10-01",
}
_OWNERS = {
    "datasets": "dataset",
    "dimensions": "dimension",
    "metrics": "metric",
    "kpis": "KPI",
    "calendars": "calendar",
    "parameters": "parameter",
    "filters": "filter",
}
_BY_LANGUAGE = frozenset({"label", "description"})

Path = tuple[str | int, ...]


class Violations:
    """Reports the errors of one document; `pruned` has the paths of what cannot be used.

    With `whole_definitions` a definition that has lost something which it needs goes as a whole.
    """

    def __init__(self, tree: Mapping, sink: Sink, whole_definitions: bool) -> None:
        self.tree = tree
        self.sink = sink
        self.whole_definitions = whole_definitions
        self.pruned: set[Path] = set()
        self.cuts: dict[Path, _Cut | None] = {}

    def report(self, error: ValidationError) -> None:
        path: Path = tuple(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            self._name(path, str(error.instance))
            return
        match error.validator:
            case "additionalProperties":
                self._unknown_keys(error, path)
            case "required":
                self._missing_keys(error, path)
            case "type":
                self._wrong_type(error, path)
            case "enum":
                self._not_in_list(error, path)
            case "pattern":
                # For editors: whoever reads such a text (a type) tells what is wrong with it.
                pass
            case _:
                self._out_of_range(error, path)

    def _prune(self, path: Path, alone: bool = False) -> None:
        """Take out a value; `alone` says that its definition can do without it."""
        self.pruned.add(path if alone or not self.whole_definitions else path[:2])

    def _name(self, path: Path, name: str) -> None:
        holder, _ = self._at(path)
        assert isinstance(holder, Mapping)
        if self._is_cut(path, holder, name):
            return
        span = holder.entries[name].key.span
        if path[-1] in _BY_LANGUAGE:
            self.sink.report(errors.bad_language(span, name, _language(name)))
            self._prune((*path, name), alone=True)
        else:
            self.sink.report(errors.bad_name(span, name, _snake(name)))
            self._prune((*path, name))

    def _unknown_keys(self, error: ValidationError, path: Path) -> None:
        holder, _ = self._at(path)
        assert isinstance(holder, Mapping)
        known = _schema(error).get("properties", {})
        for entry in _extra(holder, known):
            name = entry.key.text
            if not self._is_cut(path, holder, name):
                self.sink.report(errors.unknown_key(entry.key.span, name, _owner(path), known))
                self._prune((*path, name), alone=True)

    def _missing_keys(self, error: ValidationError, path: Path) -> None:
        holder, key = self._at(path)
        assert isinstance(holder, Mapping)
        schema = _schema(error)
        extra = [entry.key.text for entry in _extra(holder, schema.get("properties", {}))]
        for name in schema["required"]:
            # A mistyped key is told as such; that the right one is missing says the same again.
            if name not in holder.entries and not nearest(name, extra):
                place = key.span if key is not None else first_line(holder.span)
                self.sink.report(errors.missing_key(place, name, _owner(path), _EXAMPLES.get(name, "…")))
        self._prune(path)

    def _wrong_type(self, error: ValidationError, path: Path) -> None:
        node, key = self._at(path)
        if path and isinstance(path[-1], str):
            holder, _ = self._at(path[:-1])
            if isinstance(holder, Mapping) and self._is_cut(path[:-1], holder, path[-1]):
                return
        wanted = _schema(error)["type"]
        due = " or ".join(_KINDS[t] for t in ([wanted] if isinstance(wanted, str) else wanted))
        text = node.text if isinstance(node, Scalar) else ""
        place = node.span if isinstance(node, Scalar) else first_line(node.span)
        if key is not None and (not isinstance(node, Scalar) or place.end == place.start):
            place = key.span
        self.sink.report(errors.wrong_type(place, text, kind_of(node), due))
        self._prune(path)

    def _not_in_list(self, error: ValidationError, path: Path) -> None:
        node, _ = self._at(path)
        text = node.text if isinstance(node, Scalar) else kind_of(node)
        allowed = ["null" if value is None else str(value) for value in _schema(error)["enum"]]
        place = node.span if isinstance(node, Scalar) else first_line(node.span)
        self.sink.report(errors.not_in_list(place, text, dict.fromkeys(allowed)))
        self._prune(path, alone=True)

    def _out_of_range(self, error: ValidationError, path: Path) -> None:
        node, key = self._at(path)
        if isinstance(node, Scalar):
            fact = f"`{node.text}` is too small"
            self.sink.report(errors.bad_value(node.span, fact, "write a number from 1 on"))
        elif isinstance(node, Sequence) and node.items:
            least, most = (_schema(error).get(bound) for bound in ("minItems", "maxItems"))
            wanted = str(least) if least == most else f"{least} or more" if most is None else f"up to {most}"
            count = len(node.items)
            fact = f"this list has {count} {'entry' if count == 1 else 'entries'}"
            self.sink.report(errors.bad_value(node.span, fact, f"write {wanted} entries"))
        else:
            fact = "this mapping is empty" if isinstance(node, Mapping) else "this list is empty"
            place = node.span if key is None else key.span
            self.sink.report(errors.bad_value(place, fact, "name at least one entry"))
        self._prune(path)

    def _is_cut(self, path: Path, holder: Mapping, name: str) -> bool:
        """Return whether a key is the rest of a formula that commas cut; the cut is reported once."""
        if path not in self.cuts:
            cut = self.cuts[path] = _cut(holder)
            if cut is not None:
                self.sink.report(errors.formula_cut(cut.place))
                # Without its end, the formula that begins before the rest is of no use.
                for key in (*cut.before, *cut.rest):
                    self._prune((*path, key))
        found = self.cuts[path]
        return found is not None and name in found.rest

    def _at(self, path: Path) -> tuple[YamlNode, Scalar | None]:
        """Return the node at a path, and the key that it stands under."""
        node: YamlNode = self.tree
        key: Scalar | None = None
        for step in path:
            if isinstance(node, Mapping):
                entry = node.entries[str(step)]
                node, key = entry.value, entry.key
            elif isinstance(node, Sequence):
                node = node.items[int(step)]
        return node, key


def _schema(error: ValidationError) -> MappingOfKeys[str, Any]:
    assert isinstance(error.schema, MappingOfKeys)
    return error.schema


def _extra(holder: Mapping, known: MappingOfKeys[str, object]) -> list[Entry]:
    return [e for e in holder if e.key.text not in known and not e.key.text.startswith("x-")]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A formula cut off by commas: the key that it begins under, and the keys that are its rest."""

    place: Span
    before: tuple[str, ...]
    rest: frozenset[str]


def _cut(holder: Mapping) -> _Cut | None:
    """Return the first cut of a mapping in braces: keys without a value, one of them no name."""
    if not holder.file.text.startswith("{", holder.start):
        return None
    before: tuple[str, ...] = ()
    rest: list[Entry] = []
    for key, entry in holder.entries.items():
        value = entry.value
        if isinstance(value, Scalar) and value.end == value.start:
            rest.append(entry)
        elif not rest:
            before = (key,)
    if not any(errors.is_cut(entry.key.text) for entry in rest):
        return None
    return _Cut(rest[0].key.span, before, frozenset(entry.key.text for entry in rest))


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


def kind_of(node: YamlNode) -> str:
    """Return what a value is, as a message says it."""
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


def first_line(span: Span) -> Span:
    """Return the first line of a span, so that a whole mapping is not underlined."""
    text = span.excerpt()
    line = text.find("\n")
    return span if line < 0 else Span(span.source, span.start, span.start + max(line, 1))


def _snake(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    snake = re.sub(r"[^a-z0-9]+", "_", snake).strip("_")[:63]
    return snake if snake[:1].isalpha() else ""


def _language(name: str) -> str:
    """Return the code that was probably meant, such as `en_US` for `en-us`, or nothing."""
    found = re.fullmatch(r"([A-Za-z]{2})(?:[-_]?([A-Za-z]{2}))?", name.strip(), re.ASCII)
    if found is None:
        return ""
    return found[1].lower() + (f"_{found[2].upper()}" if found[2] else "")
