"""A folder to checked documents: discovery, YAML, schema."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.loading import errors
from kpidsl.loading.discovery import definition_files, project_file
from kpidsl.loading.schema_check import CheckedDocument, check_schema
from kpidsl.loading.yaml_tree import parse_yaml


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
    settings = check_schema(file, parse_yaml(file, sink), "project", sink)
    definitions: list[CheckedDocument] = []
    for definition in definition_files(folder, settings.tree, sink):
        if not definition.text.strip():
            sink.report(errors.empty(definition, "write definitions into it, or remove the file"))
            continue
        definitions.append(check_schema(definition, parse_yaml(definition, sink), "definitions", sink))
    return Documents(settings, tuple(definitions))
