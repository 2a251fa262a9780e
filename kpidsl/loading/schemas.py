"""The JSON Schemas, with their references written out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kpidsl.loading.shipped import shipped_folder


def schema_files() -> Iterator[bytes]:
    """Yield what the schemas' files hold, by name."""
    for file in sorted(shipped_folder("schemas").iterdir()):
        yield file.read_bytes()


@lru_cache(maxsize=16)
def schema(kind: str) -> dict[str, Any]:
    """Return the schema of a kind (`project`, `definitions`, `kpi`, …) without any `$ref`."""
    written_out = _written_out(schema_as_written(kind))
    assert isinstance(written_out, dict)
    return written_out


def schema_as_written(kind: str) -> dict[str, Any]:
    """Return the schema of a kind as its file has it."""
    found: dict[str, Any] = json.loads(
        (shipped_folder("schemas") / f"{kind}.schema.json").read_text(encoding="utf-8")
    )
    return found


def _written_out(node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            return schema(node["$ref"].removesuffix(".schema.json"))
        # Identifiers of inner schemas would make the validator resolve them again.
        return {
            key: value if key == "examples" else _written_out(value)
            for key, value in node.items()
            if key not in ("$id", "$schema", "defaultSnippets")
        }
    if isinstance(node, list):
        return [_written_out(item) for item in node]
    return node
