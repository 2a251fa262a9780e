"""A row formula with other names for the columns in it; every part keeps its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from kpidsl.source import Span
from kpidsl.syntax import tree

Node = TypeVar("Node")


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """Return a formula, or a part of one, in which short names stand as `names` has them."""
    if isinstance(node, tree.Name):
        if len(node.parts) != 1 or node.parts[0] not in names:
            return node
        return replace(node, parts=(names[node.parts[0]],))
    if isinstance(node, tuple):
        return tuple(renamed(item, names) for item in node)  # type: ignore[return-value]
    if not is_dataclass(node) or isinstance(node, type | Span):
        return node
    parts = {
        each.name: renamed(getattr(node, each.name), names)
        for each in fields(node)
        if each.init and each.name != "span"
    }
    return replace(node, **parts)
