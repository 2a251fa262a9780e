"""A folder to checked documents: discovery, YAML, schema."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.loading import errors
from kpidsl.loading.discovery import ReadFile, definition_files, project_file
from kpidsl.loading.schema_check import CheckedDocument, check_schema
from kpidsl.loading.yaml_tree import parse_yaml

_INTO_EMPTY = {
    "project": "write `project: shop` and `language: 1` into it, each on its own line",
    "definitions": "write definitions into it, or remove the file",
}


@dataclass(frozen=True, slots=True)
class Documents:
    """A project's documents; `project` is None where there is no project file."""

    project: CheckedDocument | None
    definitions: tuple[CheckedDocument, ...]


def load_documents(folder: Path, sink: Sink) -> Documents:
    """Return the documents in a folder; what is wrong with a file is reported, the rest is read."""
    file = project_file(folder, sink)
    if file is None:
        return Documents(None, ())
    settings = _document(file, "project", sink)
    files = definition_files(folder, settings.tree, sink)
    return Documents(settings, tuple(_document(definition, "definitions", sink) for definition in files))


def _document(file: ReadFile, kind: str, sink: Sink) -> CheckedDocument:
    before = len(sink.reported)
    tree = parse_yaml(file.source, sink) if file.is_whole else None
    if tree is None and file.is_whole and len(sink.reported) == before:
        sink.report(errors.empty(file.source, _INTO_EMPTY[kind]))
    return check_schema(file.source, tree, kind, sink)
