"""What type a column of the table is likely to have, by what a formula does with it; for help alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from kpidsl.model.types import Type
from kpidsl.syntax import tree


def likely_types(expr: tree.Expr, declared: Type | None) -> Mapping[str, str]:
    """Return the likely type of each short name in a formula, `…` where nothing tells it.

    `declared` is the type that the formula is to have.
    """
    found: defaultdict[str, str] = defaultdict(lambda: "…")
    for node in tree.walk(expr):
        parts = tree.children(node)
        if isinstance(node, tree.Like):
            _note(parts, "text", found)
        elif isinstance(node, tree.Compare | tree.In | tree.Between):
            kinds = {kind for part in parts if (kind := _kind(part)) is not None}
            if len(kinds) == 1:
                _note(parts, kinds.pop(), found)
        elif isinstance(node, tree.Logic | tree.Not):
            _note(parts, "boolean", found)
        elif isinstance(node, tree.Case):
            _note([condition for condition, _ in node.branches], "boolean", found)
    results = _results(expr)
    if declared is not None and declared.is_numeric:
        # Products and quotients may be of something else; what is added is alike.
        results += [part for node in tree.walk(expr) for part in tree.children(node) if _is_arithmetic(node)]
    if declared is not None:
        _note(results, str(declared), found)
    return found


def _results(expr: tree.Expr) -> list[tree.Expr]:
    """Return the parts of a formula that may be its value."""
    if isinstance(expr, tree.Case):
        values = [value for _, value in expr.branches]
        values += [] if expr.otherwise is None else [expr.otherwise]
        return [part for value in values for part in _results(value)]
    if isinstance(expr, tree.Call) and expr.function in ("coalesce", "least", "greatest"):
        return [part for value in expr.arguments for part in _results(value)]
    return [expr]


def _is_arithmetic(node: tree.Expr) -> bool:
    return isinstance(node, tree.Arithmetic | tree.Negative)


def _note(parts: object, type: str, found: dict[str, str]) -> None:
    assert isinstance(parts, tuple | list)
    for part in parts:
        if isinstance(part, tree.Name) and len(part.parts) == 1:
            found.setdefault(part.parts[0], type)


def _kind(part: tree.Expr) -> str | None:
    match part:
        case tree.Text():
            return "text"
        case tree.Date():
            return "date"
        case tree.Boolean():
            return "boolean"
        case tree.Number(value=int()):
            return "integer"
        case _:
            return None
