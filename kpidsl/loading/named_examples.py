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
            return f"using: {_using(tree, owner, join)}"
        case ("dimensions", str(dimension), "from"):
            datasets = _names(tree.get("datasets"))
            having = [one for one in datasets if dimension in _names(_at(tree, "datasets", one, "columns"))]
            return (
                f"from: {{{having[0]}: {dimension}}}"
                if having
                else f"from: {{{(*datasets, _OPEN)[0]}: {_OPEN}}}"
            )
        case ("kpis" | "metrics", str(owner), "tests", int(), "expect"):
            return f"expect: [{{{owner}: {_OPEN}}}]"
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


def _written(columns: list[str]) -> str:
    return columns[0] if len(columns) == 1 else f"[{', '.join(columns)}]" if columns else _OPEN


def _texts(node: YamlNode | None) -> list[str]:
    items = node.items if isinstance(node, Sequence) else (node,)
    return [item.text for item in items if isinstance(item, Scalar) and item.text]


def _using(tree: Mapping, owner: str, join: str) -> str:
    """Return the columns by which a join can be.

    They are the target's key, without the beginning of an interval. Where one of several rows is taken, both
    datasets have them beside the target's key and time.
    """
    node = _at(tree, "datasets", owner, "joins", join)
    target = node.get("to") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(target, Scalar):
        return _OPEN
    key = _texts(_at(tree, "datasets", target.text, "key"))
    if "match" in node.entries:
        others = (*key, *_texts(_at(tree, "datasets", target.text, "time")))
        mine = _names(_at(tree, "datasets", owner, "columns"))
        theirs = _names(_at(tree, "datasets", target.text, "columns"))
        both = [name for name in theirs if name in mine and name not in others]
        return (*(name for name in both if name.endswith("id")), *both, _OPEN)[0]
    begins = _texts(node.get("between"))[:1]
    return _written([name for name in key if name not in begins])


def without_group(tree: Mapping, path: Path, name: str) -> str | None:
    """Return how a join to bands is written whose target has nothing beside their beginnings as its key."""
    match (*path, name):
        case ("datasets", str(owner), "joins", str(join), "using"):
            node = _at(tree, "datasets", owner, "joins", join)
        case _:
            return None
    target = node.get("to") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(target, Scalar):
        return None
    begins = _texts(node.get("between"))[:1]
    if not begins or _texts(_at(tree, "datasets", target.text, "key")) != begins:
        return None
    bands, begin = target.text, begins[0]
    return (
        f"bands are those of a group, such as a country: `key: [country, {begin}]` on `{bands}` and "
        f"`using: country` here. Where all rows have the same bands, the group is a constant: on `{bands}` "
        f"`sql: select 1 as scheme, * from {bands}`, and here a column `scheme: {{type: integer, expr: 1}}`"
    )


def _at(tree: Mapping, *steps: str) -> YamlNode | None:
    node: YamlNode | None = tree
    for step in steps:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _names(node: YamlNode | None) -> tuple[str, ...]:
    return tuple(node.entries) if isinstance(node, Mapping) else ()
