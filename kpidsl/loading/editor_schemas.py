"""The JSON Schemas as editors read them: two files that refer to nothing outside themselves.

A file of a project names its schema in its first line, by a path inside the project, so that
completion works without a network and the same for everybody who has the project's folder.
"""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path, PurePath
from typing import Any

import yaml

from kpidsl.loading.schema_copies import KINDS, file_name, stamp
from kpidsl.loading.schemas import schema_as_written

_MARK = "# yaml-language-server: $schema="


def first_line(folder: PurePath, file: PurePath, kind: str) -> str:
    """Return the line by which a file names its schema in `folder`; both paths start at one place."""
    return _MARK + Path(os.path.relpath(folder / file_name(kind), file.parent)).as_posix()


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write the schemas into a folder, over older ones; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {folder / file_name(kind): editor_schema(kind) for kind in KINDS}
    for path, text in paths.items():
        path.write_text(text, encoding="utf-8")
    return tuple(paths)


def names_a_schema(text: str, path: Path | None = None) -> bool:
    """Tell whether a remark before a file's content names a schema; at `path`, one that is there."""
    for line in text.splitlines():
        if line.startswith(_MARK):
            named = line.removeprefix(_MARK).strip()
            return path is None or "://" in named or (path.parent / named).exists()
        if line.strip() and not line.startswith("#"):
            return False
    return False


def editor_schema(kind: str) -> str:
    """Return the schema of a kind of file as JSON text, with every schema that it refers to."""
    inner: dict[str, Any] = {}
    whole = _for_editors(schema_as_written(kind), inner)
    if inner:
        whole["$defs"] = inner
    return json.dumps({"$comment": stamp(), **whole}, indent=1, ensure_ascii=False) + "\n"


_OF_LISTS = ("items", "minItems", "maxItems")
_OF_MAPPINGS = (
    "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties",
)  # fmt: skip


def _for_editors(node: Any, inner: dict[str, Any]) -> Any:
    """Return a schema as editors show it best; what it refers to is added to `inner`.

    Descriptions are Markdown. Examples beside a list of values would only repeat some of them, and
    editors have no name for an example that is a mapping: it is told with the description, and
    offered as a snippet.
    """
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        kind = node["$ref"].removesuffix(".schema.json")
        if kind not in inner:
            inner[kind] = {}
            inner[kind].update(_for_editors(schema_as_written(kind), inner))
        return {"$ref": f"#/$defs/{kind}"}
    shown: dict[str, Any] = {}
    for key, value in node.items():
        if key == "$id" or (key == "examples" and "enum" in node):
            continue
        if key in ("properties", "patternProperties"):
            shown[key] = {name: _for_editors(part, inner) for name, part in value.items()}
        elif key == "anyOf":
            shown[key] = [_for_editors(part, inner) for part in value]
        else:
            is_schema = key in ("items", "additionalProperties", "propertyNames")
            shown[key] = _for_editors(value, inner) if is_schema else value
    mappings = [example for example in shown.get("examples", ()) if isinstance(example, dict)]
    if mappings:
        others = [example for example in shown.pop("examples") if not isinstance(example, dict)]
        shown.update({"examples": others} if others else {})
        snippets = [{"label": _in_one_line(example), "body": example} for example in mappings]
        shown["defaultSnippets"] = [*shown.get("defaultSnippets", ()), *snippets]
    if "description" in shown:
        told = [shown["description"], *map(_in_yaml, mappings)]
        shown["markdownDescription"] = "\n\n".join(told)
    return _by_shape(shown)


def _in_yaml(example: object) -> str:
    return f"```yaml\n{yaml.safe_dump(example, sort_keys=False, allow_unicode=True, width=100)}```"


def _in_one_line(example: object) -> str:
    line = yaml.safe_dump(example, sort_keys=False, allow_unicode=True, default_flow_style=True, width=1000)
    return textwrap.shorten(line, 60, placeholder=" …")


def _by_shape(node: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of texts and lists as a choice; otherwise an editor begins a list at once."""
    kinds = node.get("type")
    if not isinstance(kinds, list) or "array" not in kinds:
        return node
    apart = {"array": _OF_LISTS, "object": _OF_MAPPINGS}
    plain = [kind for kind in kinds if kind not in apart]
    shapes: list[dict[str, Any]] = [{"type": plain}] if plain else []
    for kind, keywords in apart.items():
        if kind in kinds:
            shapes.append({"type": kind, **{key: node[key] for key in keywords if key in node}})
    moved = {"type", *_OF_LISTS, *_OF_MAPPINGS}
    return {**{key: value for key, value in node.items() if key not in moved}, "anyOf": shapes}
