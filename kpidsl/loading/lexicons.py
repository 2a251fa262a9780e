"""What `use:` names: lexicons that ship, by name, and folders of the project that have a `kpidsl.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.loading import errors
from kpidsl.loading.discovery import PROJECT_FILE
from kpidsl.loading.shipped import shipped_folder
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence
from kpidsl.source import Span

_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){0,2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A lexicon that somebody uses, and the version asked for, empty where any will do."""

    name: str
    version: str
    span: Span
    version_span: Span


@dataclass(frozen=True, slots=True)
class Found:
    """A lexicon's folder, its name, and what stands before the paths of its files in messages."""

    folder: Path
    name: str
    prefix: str


def uses(settings: Mapping) -> Iterator[Asked]:
    """Yield what a `kpidsl.yml` uses."""
    node = settings.get("use")
    items = node.items if isinstance(node, Sequence) else (node,)
    for item in items:
        if isinstance(item, Scalar):
            content = item.content
            name, at, version = item.text.partition("@")
            start = len(name) + len(at)
            yield Asked(
                name,
                version if at else "",
                Span(content, 0, len(name)),
                Span(content, start, len(item.text)) if version else Span(content, 0, len(item.text)),
            )


def look_up(asked: Asked, folder: Path, root: Path, sink: Sink) -> Found | None:
    """Return the lexicon that is meant in a folder of the project at `root`, or None after reporting it."""
    if asked.version_span.excerpt().endswith("@") or (
        asked.version and not _VERSION.fullmatch(asked.version)
    ):
        sink.report(errors.use_no_version(asked.version_span, asked.name, asked.version))
        return None
    shipped = shipped_lexicons()
    if "/" not in asked.name and not asked.name.startswith("."):
        if asked.name in shipped:
            return Found(shipped[asked.name], asked.name, f"{asked.name}/")
        beside = (folder / asked.name / PROJECT_FILE).is_file()
        sink.report(errors.no_lexicon(asked.span, asked.name, shipped, beside=beside))
        return None
    path = (folder / asked.name).resolve()
    if not path.is_relative_to(root):
        sink.report(errors.include(asked.span, asked.name))
        return None
    if not (path / PROJECT_FILE).is_file():
        sink.report(errors.no_lexicon_folder(asked.span, asked.name, is_folder=path.is_dir()))
        return None
    return Found(path, path.name, f"{path.relative_to(root).as_posix()}/" if path != root else "")


@lru_cache(maxsize=1)
def shipped_lexicons() -> Table[str, Path]:
    """Return the folders of the lexicons that ship, by name."""
    found = shipped_folder("definitions").glob(f"**/{PROJECT_FILE}")
    return {file.parent.name: file.parent for file in sorted(found)}
