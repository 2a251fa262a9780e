"""Examples of keys whose values name definitions or columns: with names that the file has."""

from __future__ import annotations

import re

from kpidsl.diagnostics import nearest
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode

_OPEN = "…"

Path = tuple[str | int, ...]


def named_example(tree: Mapping, path: Path, name: str) -> str | None:
    """Return a key of the mapping at a path with a name that fits, `…` where the file has none.

    None for keys whose values name nothing, and for the key of a dataset without columns.
    """
    match (*path, name):
        case ("datasets", str(owner), "key"):
            return _key(_at(tree, "datasets", owner, "columns"))
        case ("datasets", str(owner), "joins", str(join), "to"):
            others = [other for other in _names(tree.get("datasets")) if other != owner]
            return f"to: {(*nearest(join, others), *others, _OPEN)[0]}"
        case ("datasets", str(owner), "joins", str(join), "using"):
            target = _at(tree, "datasets", owner, "joins", join, "to")
            found = _at(tree, "datasets", target.text, "key") if isinstance(target, Scalar) else None
            return f"using: {_written(found)}"
        case ("dimensions", str(dimension), "from"):
            datasets = _names(tree.get("datasets"))
            having = [one for one in datasets if dimension in _names(_at(tree, "datasets", one, "columns"))]
            return (
                f"from: {{{having[0]}: {dimension}}}"
                if having
                else f"from: {{{(*datasets, _OPEN)[0]}: {_OPEN}}}"
            )
        case ("objectives", str(), "kpi"):
            return f"kpi: {(*_names(tree.get('kpis')), _OPEN)[0]}"
        case ("objectives" | "scorecards" as section, str(owner), "status", "at_risk"):
            return f"at_risk: {_below(_at(tree, section, owner, 'status', 'on_track'))}"
        case ("scorecards", str(), "objectives"):
            return f"objectives: [{(*_names(tree.get('objectives')), _OPEN)[0]}]"
        case _:
            return None


def _key(columns: YamlNode | None) -> str | None:
    """Return the key of a dataset with one of its columns, that of an identifier if there is one."""
    found = _names(columns)
    identifiers = [column for column in found if column.endswith("id")]
    return f"key: {(*identifiers, *found)[0]}" if found else None


def _below(on_track: YamlNode | None) -> str:
    """Return a band below another one that is told in percent."""
    found = re.fullmatch(r"(\d+)%", on_track.text) if isinstance(on_track, Scalar) else None
    return _OPEN if found is None else f"{int(found[1]) * 9 // 10}%"


def _written(key: YamlNode | None) -> str:
    if isinstance(key, Sequence):
        return f"[{', '.join(item.text for item in key.items if isinstance(item, Scalar))}]"
    return key.text if isinstance(key, Scalar) and key.text else _OPEN


def _at(tree: Mapping, *steps: str) -> YamlNode | None:
    node: YamlNode | None = tree
    for step in steps:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _names(node: YamlNode | None) -> tuple[str, ...]:
    return tuple(node.entries) if isinstance(node, Mapping) else ()
