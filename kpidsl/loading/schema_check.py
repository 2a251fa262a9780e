"""The tree against the JSON Schemas: most documents fit, and the others lose what does not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kpidsl.diagnostics import Sink
from kpidsl.loading.schema_accept import Accepts, accepts
from kpidsl.loading.schemas import schema
from kpidsl.loading.yaml_nodes import Mapping, YamlNode
from kpidsl.source import SourceFile


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A file's tree without what the schema refused; `rejected` names definitions left out."""

    file: SourceFile
    tree: Mapping
    rejected: frozenset[tuple[str, str]]


def check_schema(file: SourceFile, tree: YamlNode | None, kind: str, sink: Sink) -> CheckedDocument:
    """Return the document's acceptable part; each violation is reported where it stands.

    No tree means that the file could not be read, which has been reported: what it lacks is not its
    mistake, and what it seems to define is known by name.
    """
    if tree is None:
        from kpidsl.loading.broken_names import names_in

        names = names_in(file.text) if kind == "definitions" else frozenset()
        return CheckedDocument(file, Mapping({}, file, 0, 0), names)
    if isinstance(tree, Mapping) and _acceptance(kind)(tree):
        return CheckedDocument(file, tree, frozenset())
    # jsonschema takes as long to load as a project of some hundred KPIs, and only mistakes need it.
    from kpidsl.loading.schema_violations import without_violations

    left, rejected = without_violations(file, tree, kind, sink)
    return CheckedDocument(file, left, rejected)


@lru_cache(maxsize=4)
def _acceptance(kind: str) -> Accepts:
    return accepts(schema(kind))
