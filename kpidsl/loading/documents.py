"""A folder to checked documents: discovery, YAML, schema, and the same of the lexicons that it uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.loading import errors
from kpidsl.loading.discovery import ReadFile, definition_files, project_file
from kpidsl.loading.lexicons import Found, look_up, uses
from kpidsl.loading.schema_check import CheckedDocument, check_schema
from kpidsl.loading.yaml_nodes import Mapping, Scalar
from kpidsl.loading.yaml_tree import parse_yaml

_INTO_EMPTY = {
    "project": "write `project: shop` and `language: 1` into it, each on its own line",
    "definitions": "write definitions into it, or remove the file",
}


@dataclass(frozen=True, slots=True)
class LexiconDocuments:
    """A lexicon's documents, under the name by which it is used."""

    name: str
    version: str | None
    project: CheckedDocument
    definitions: tuple[CheckedDocument, ...]


@dataclass(frozen=True, slots=True)
class Documents:
    """A project's documents; `project` is None where there is no project file.

    Of the lexicons, each comes after those that it uses itself.
    """

    project: CheckedDocument | None
    definitions: tuple[CheckedDocument, ...]
    lexicons: tuple[LexiconDocuments, ...] = ()
    lost: bool = False
    """Whether a lexicon that is used is not among these, which has been reported."""


def load_documents(folder: Path, sink: Sink) -> Documents:
    """Return the documents in a folder; what is wrong with a file is reported, the rest is read."""
    file = project_file(folder, sink)
    if file is None:
        return Documents(None, ())
    settings = _document(file, "project", sink)
    lexicons = _lexicons(folder, settings.tree, sink)
    files = definition_files(folder, settings.tree, sink, others=lexicons.found)
    own = tuple(_document(definition, "definitions", sink) for definition in files)
    return Documents(settings, own, tuple(lexicons.found.values()), lexicons.lost)


def with_lexicons(
    folder: Path, settings: CheckedDocument | None, definitions: tuple[CheckedDocument, ...], sink: Sink
) -> Documents:
    """Return a project's documents, which have been read, with those of the lexicons that it uses."""
    if settings is None:
        return Documents(None, definitions)
    lexicons = _lexicons(folder, settings.tree, sink)
    return Documents(settings, definitions, tuple(lexicons.found.values()), lexicons.lost)


def _lexicons(folder: Path, settings: Mapping, sink: Sink) -> _Lexicons:
    lexicons = _Lexicons(folder.resolve(), sink)
    lexicons.read(settings, folder.resolve())
    return lexicons


class _Lexicons:
    """The lexicons that a project uses, and those that they use; each is read once."""

    def __init__(self, root: Path, sink: Sink) -> None:
        self.root = root
        self.sink = sink
        self.found: dict[Path, LexiconDocuments] = {}
        self.trail: list[Found] = []
        self.lost = False

    def read(self, settings: Mapping, folder: Path) -> None:
        """Read what a `kpidsl.yml` in a folder uses."""
        for asked in uses(settings):
            found = look_up(asked, folder, self.root, self.sink)
            if found is None:
                self.lost = True
                continue
            if found.folder in (self.root, *(one.folder for one in self.trail)):
                names = [one.name for one in self.trail if one.folder != self.root]
                self.sink.report(errors.use_cycle(asked.span, [*names, found.name]))
                continue
            if found.folder not in self.found:
                self._read(found)
            known = self.found.get(found.folder)
            if known is not None and asked.version and not _is_version(known.version, asked.version):
                self.sink.report(
                    errors.use_version(asked.version_span, found.name, asked.version, known.version)
                )

    def _read(self, found: Found) -> None:
        file = project_file(found.folder, self.sink, found.prefix)
        if file is None:
            return
        self.trail.append(found)
        settings = _document(file, "project", self.sink)
        self.read(settings.tree, found.folder)
        self.trail.pop()
        files = definition_files(found.folder, settings.tree, self.sink, found.prefix, self.found)
        version = settings.tree.get("version")
        self.found[found.folder] = LexiconDocuments(
            found.name,
            version.text if isinstance(version, Scalar) else None,
            settings,
            tuple(_document(definition, "definitions", self.sink) for definition in files),
        )


def _is_version(version: str | None, asked: str) -> bool:
    """Tell whether a version such as 1.2.0 is the one asked for: 1, 1.2 or 1.2.0."""
    parts = asked.split(".")
    return version is not None and version.split(".")[: len(parts)] == parts


def _document(file: ReadFile, kind: str, sink: Sink) -> CheckedDocument:
    before = len(sink.reported)
    tree = parse_yaml(file.source, sink) if file.is_whole else None
    if tree is None and file.is_whole and len(sink.reported) == before:
        sink.report(errors.empty(file.source, _INTO_EMPTY[kind]))
    return check_schema(file.source, tree, kind, sink)
