"""Mappings whose keys are not where their author meant them: what commas cut, lines not indented."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from collections.abc import Mapping as MappingOfKeys
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from kpidsl.diagnostics import nearest
from kpidsl.loading import schema_errors as errors
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.source import Span


@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut off by commas: the key that it begins under, the keys that are its rest, the whole.

    `is_list` says that the key takes several values, and the commas were to stand between these.
    """

    place: Span
    before: tuple[str, ...]
    rest: frozenset[str]
    whole: Span
    is_list: bool

    @property
    def keys(self) -> frozenset[str]:
        return self.rest.union(self.before)


def cut_by_commas(holder: Mapping, schema: MappingOfKeys[str, Any]) -> Cut | None:
    """Return the first cut of a mapping in braces: keys without a value, one of them no name.

    Behind a key that takes a list, each unknown one is a value of the list. `schema` is that of the mapping.
    """
    text = holder.file.text
    if not text.startswith("{", holder.start):
        return None
    before: tuple[str, ...] = ()
    start = 0
    rest: list[Entry] = []
    for key, entry in holder.entries.items():
        if is_empty(entry.value):
            rest.append(entry)
        elif not rest:
            before, start = (key,), entry.value.start
    known = schema.get("properties", {})
    begun = [known.get(key, schema.get("additionalProperties")) for key in before]
    is_list = any("array" in one.get("type", ()) for one in begun if isinstance(one, dict))
    if not any(errors.is_cut(entry.key.text) or (is_list and entry.key.text not in known) for entry in rest):
        return None
    end = rest[0].key.end
    for entry in rest[1:]:
        if text[end : entry.key.start].strip(" ,\r\n") or (is_list and entry.key.text in known):
            break
        end = entry.key.end
    whole = Span(holder.file, start if before else rest[0].key.start, end)
    return Cut(rest[0].key.span, before, frozenset(entry.key.text for entry in rest), whole, is_list)


@dataclass(frozen=True, slots=True)
class Beside:
    """An entry without a value, and the entries behind it in its own column that belong below it."""

    path: tuple[str | int, ...]
    empty: Entry
    entries: tuple[Entry, ...]


def not_indented(node: YamlNode, schema: Any, path: tuple[str | int, ...] = ()) -> Iterator[Beside]:
    """Return, for a document and its schema, what lacks the blanks by which it would belong to its key."""
    if not isinstance(schema, dict):
        return
    if isinstance(node, Sequence):
        for place, item in enumerate(node.items):
            yield from not_indented(item, schema.get("items"), (*path, place))
    if not isinstance(node, Mapping):
        return
    known = schema.get("properties", {})
    entries = list(node)
    passed: set[str] = set()
    for place, entry in enumerate(entries):
        inner = known.get(entry.key.text, schema.get("additionalProperties"))
        if entry.key.text in passed or not isinstance(inner, dict):
            continue
        if not is_empty(entry.value):
            yield from not_indented(entry.value, inner, (*path, entry.key.text))
        elif not node.file.text.startswith("{", node.start):
            beside = _belonging(entries[place + 1 :], inner, known)
            if beside:
                passed.update(other.key.text for other in beside)
                yield Beside(path, entry, beside)


def _belonging(entries: list[Entry], inner: dict[str, Any], known: Container[str]) -> tuple[Entry, ...]:
    return tuple(takewhile(lambda entry: _belongs(entry.key.text, inner, known), entries))


def _belongs(key: str, inner: dict[str, Any], known: Container[str]) -> bool:
    """Tell whether a key belongs below an entry of a schema rather than beside it."""
    if "object" not in inner.get("type", ()) or key in known or key.startswith("x-"):
        return False
    if "properties" in inner:
        return key in inner["properties"]
    names = inner.get("propertyNames", {}).get("anyOf", [{"pattern": ""}])
    fits = any(re.search(name["pattern"], key) for name in names)
    return fits and not (isinstance(known, dict) and nearest(key, known))


def section_of(
    entry: Entry, tree: Mapping, meant: tuple[str, ...], schema: MappingOfKeys[str, Any]
) -> tuple[str, bool]:
    """Return the section that an unknown key of a file belongs to, and whether it is a definition of it.

    It is the mistyped name of a section, `meant`, or a definition without blanks of the section above.
    """
    name, sections = entry.key.text, schema["properties"]
    if meant or name in sections:
        return name if name in sections else meant[0], False
    above = takewhile(lambda key: key != name, tree.entries)
    section = next((key for key in reversed(list(above)) if key in sections), "")
    definition = sections.get(section, {}).get("additionalProperties", {})
    if isinstance(entry.value, Mapping):
        return section, not definition.get("properties", {}).keys().isdisjoint(entry.value.entries)
    return section, isinstance(entry.value, Scalar) and "string" in definition.get("type", ())


def names_below(entry: Entry, is_among: bool) -> Iterator[str]:
    """Yield what an unknown key of a file seems to define; `is_among` tells that it is one itself."""
    if is_among:
        yield entry.key.text
    if isinstance(entry.value, Mapping):
        yield from entry.value.entries


def is_empty(node: YamlNode) -> bool:
    """Tell whether nothing is written where a value is due."""
    return isinstance(node, Scalar) and node.end == node.start
