"""The documents of a project that does not stand in a file, but only in a proposal."""

from __future__ import annotations

from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.loading.documents import Documents, with_lexicons
from kpidsl.loading.schema_check import check_schema
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.source import SourceFile


def documents_of(folder: Path, text: str, sink: Sink) -> Documents:
    """Return the documents of a project in a folder whose kpidsl.yml says a text from `use:` on."""
    file = SourceFile("kpidsl.yml", f"project: proposed\nlanguage: 1\n{text}")
    settings = check_schema(file, parse_yaml(file, sink), "project", sink)
    return with_lexicons(folder, settings, (), sink)
