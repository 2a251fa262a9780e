"""The JSON Schemas, with their references written out."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any


def _folder() -> Any:
    shipped = files("kpidsl") / "_shipped" / "schemas"
    return shipped if shipped.is_dir() else Path(__file__).resolve().parents[2] / "schemas"


@lru_cache(maxsize=16)
def schema(kind: str) -> dict[str, Any]:
    """Return the schema of a kind (`project`, `definitions`, `kpi`, …) without any `$ref`."""
    text = (_folder() / f"{kind}.schema.json").read_text(encoding="utf-8")
    written_out = _written_out(json.loads(text))
    assert isinstance(written_out, dict)
    return written_out


def _written_out(node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            return schema(node["$ref"].removesuffix(".schema.json"))
        # Identifiers of inner schemas would make the validator resolve them again.
        return {
            key: _written_out(value)
            for key, value in node.items()
            if key not in ("$id", "$schema", "examples")
        }
    if isinstance(node, list):
        return [_written_out(item) for item in node]
    return node
