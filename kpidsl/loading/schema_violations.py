"""Violations of the JSON Schemas: each is told by its keyword, at its place, and cut out of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from kpidsl.diagnostics import Sink
from kpidsl.loading import schema_errors as errors
from kpidsl.loading.schema_accept import Accepts, accepts
from kpidsl.loading.schema_reports import Path, Violations, first_line, kind_of
from kpidsl.loading.schemas import schema
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.source import SourceFile


def without_violations(
    file: SourceFile, tree: YamlNode, kind: str, sink: Sink
) -> tuple[Mapping, frozenset[tuple[str, str]]]:
    """Return what is left of a tree that the schema does not accept, and the definitions left out."""
    if not isinstance(tree, Mapping):
        due, help = _WHOLE[kind]
        sink.report(errors.wrong_type(first_line(tree.span), None, kind_of(tree), due, help))
        return Mapping({}, file, 0, 0), frozenset()
    violations = Violations(tree, sink, whole_definitions=kind == "definitions")
    for error in _validator(kind).iter_errors(_plain_without_accepted(tree, kind)):
        violations.report(error)
    pruned = violations.pruned
    rejected = {(str(path[0]), str(path[1])) for path in pruned if len(path) == 2 and kind == "definitions"}
    left = _without(tree, _branches(pruned)) if pruned else tree
    return left, frozenset(rejected | violations.unusable)


_WHOLE = {
    "project": ("a mapping", "write `project: shop` and `language: 1`, each on its own line"),
    "definitions": ("a mapping", "write sections such as `metrics:`, with definitions indented below them"),
}


@lru_cache(maxsize=4)
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind))


@lru_cache(maxsize=4)
def _section_acceptance(kind: str) -> dict[str, Accepts]:
    """Return the test of each section; it can be asked about a section with a single definition."""
    return {name: accepts(section) for name, section in schema(kind)["properties"].items()}


def _plain_without_accepted(tree: Mapping, kind: str) -> dict[str, Any]:
    """Return the plain values of a document, in definition files without the definitions that fit.

    The validator is slow, and one bad definition must not send a whole file to it.
    """
    if kind != "definitions":
        return {key: _plain(entry.value) for key, entry in tree.entries.items()}
    return {
        key: _rest(entry.value, _section_acceptance(kind).get(key)) for key, entry in tree.entries.items()
    }


def _rest(section: YamlNode, fits: Accepts | None) -> Any:
    if not isinstance(section, Mapping) or fits is None:
        return _plain(section)
    return {
        key: _plain(entry.value)
        for key, entry in section.entries.items()
        if not fits(Mapping({key: entry}, section.file, section.start, section.end))
    }


def _plain(node: YamlNode) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: _plain(entry.value) for key, entry in node.entries.items()}
    return [_plain(item) for item in node.items]


@dataclass(slots=True)
class _Branch:
    """What is pruned below a node: whole values, and values of which something is left."""

    cut: set[str | int]
    inner: dict[str | int, _Branch]


def _branches(pruned: set[Path]) -> _Branch:
    top = _Branch(set(), {})
    for path in pruned:
        at = top
        for step in path[:-1]:
            at = at.inner.setdefault(step, _Branch(set(), {}))
        at.cut.update(path[-1:])
    return top


def _without(node: Mapping, branch: _Branch) -> Mapping:
    kept = {
        key: Entry(entry.key, _remainder(entry.value, branch.inner[key])) if key in branch.inner else entry
        for key, entry in node.entries.items()
        if key not in branch.cut
    }
    return Mapping(kept, node.file, node.start, node.end)


def _remainder(node: YamlNode, branch: _Branch) -> YamlNode:
    if isinstance(node, Mapping):
        return _without(node, branch)
    if isinstance(node, Sequence):
        return Sequence(tuple(_kept_items(node, branch)), node.file, node.start, node.end)
    return node


def _kept_items(node: Sequence, branch: _Branch) -> Iterator[YamlNode]:
    for place, item in enumerate(node.items):
        if place not in branch.cut:
            yield _remainder(item, branch.inner[place]) if place in branch.inner else item
