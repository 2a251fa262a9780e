"""A row formula with other names for the columns in it; every part keeps its place.

An aggregate or a sequence of another dataset's rows (`count(web_events where …)`) is left as it is: its names
are those of that dataset, which the lexicon has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from kpidsl.source import Span
from kpidsl.syntax import tree

Node = TypeVar("Node")


def renamed(node: Node, names: Mapping[str, str], datasets: Collection[str]) -> Node:
    """Return a formula, or a part of one, in which short names stand as `names` has them."""
    if isinstance(node, tree.Name):
        if len(node.parts) != 1 or node.parts[0] not in names:
            return node
        return replace(node, parts=(names[node.parts[0]],))
    if isinstance(node, tuple):
        return tuple(renamed(item, names, datasets) for item in node)  # type: ignore[return-value]
    if not is_dataclass(node) or isinstance(node, type | Span) or _is_of_a_dataset(node, datasets):
        return node
    parts = {
        each.name: renamed(getattr(node, each.name), names, datasets)
        for each in fields(node)
        if each.init and each.name != "span"
    }
    return replace(node, **parts)


def short_names(expr: tree.Expr, datasets: Collection[str]) -> Iterator[tree.Name]:
    """Yield the names of one part that `renamed` looks at, in written order."""
    if isinstance(expr, tree.Name) and len(expr.parts) == 1:
        yield expr
    if _is_of_a_dataset(expr, datasets):
        return
    inner = list(tree.children(expr))
    if isinstance(expr, tree.Call):
        inner += [x for modifier in expr.modifiers for x in modifier.arguments if x not in inner]
    for part in inner:
        yield from short_names(part, datasets)


def _is_of_a_dataset(node: object, datasets: Collection[str]) -> bool:
    """Tell whether something is a call on rows of a dataset: the first name in it is a dataset's."""
    if not isinstance(node, tree.Call) or not node.arguments:
        return False
    first = node.arguments[0]
    while isinstance(first, tree.Where | tree.Arithmetic):
        first = first.operand if isinstance(first, tree.Where) else first.left
    return isinstance(first, tree.Name) and first.parts[0] in datasets
