"""Files to their canonical layout, with proof that nothing but the layout changed.

A file with mistakes is left alone. The result is read again: it must hold the same tree, every
comment, and be its own canonical layout; the project with all results must check to what it was.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Mapping as Table
from collections.abc import Sequence as Several
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from kpidsl.checking import bound
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.formatting.comments import comments
from kpidsl.formatting.outline import outline
from kpidsl.formatting.places import PLACES
from kpidsl.formatting.writing import write
from kpidsl.loading.discovery import PROJECT_FILE, read_file
from kpidsl.loading.documents import with_lexicons
from kpidsl.loading.schema_check import CheckedDocument, check_schema
from kpidsl.loading.yaml_nodes import Mapping, Scalar, YamlNode
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.model.build import build
from kpidsl.semantics.check import check
from kpidsl.source import SourceFile
from kpidsl.source.text import Embedded, Excerpt
from kpidsl.syntax import parse_formula

Kind = Literal["project", "definitions"]


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """A file before and after. `after` is None where it is left alone; `mistakes` say why, or `why` does."""

    path: Path
    shown: str
    before: bytes
    after: bytes | None
    mistakes: tuple[Diagnostic, ...] = ()
    why: str = ""

    @property
    def is_changed(self) -> bool:
        return self.after is not None and self.after != self.before


def format_file(path: Path, shown: str) -> FormattedFile:
    """Return a file's canonical layout. Line ends stay those of its first line; a byte order mark goes."""
    kind: Kind = "project" if path.name == PROJECT_FILE else "definitions"
    sink = Sink()
    read = read_file(path, shown, sink)
    before = b"" if read is None else path.read_bytes()
    if read is None or not read.is_whole:
        return FormattedFile(path, shown, before, None, sink.diagnostics())
    text = before.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    _look_for_mistakes(SourceFile(shown, text), kind, sink)
    if sink.has_errors:
        return FormattedFile(path, shown, before, None, sink.diagnostics())
    after = format_text(text, kind)
    if after is None:
        return FormattedFile(
            path, shown, before, None, why="its layout could not be changed without changing more"
        )
    return FormattedFile(path, shown, before, after.encode("utf-8"))


def format_text(text: str, kind: Kind) -> str | None:
    """Return the canonical layout of a text without mistakes, or None where it can't be proved harmless."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    tree = parse_yaml(SourceFile("", plain), Sink())
    if not isinstance(tree, Mapping) or _has_directive(plain):
        return text
    result = write(outline(plain, tree), plain, kind)
    again = parse_yaml(SourceFile("", result), Sink())
    if not isinstance(again, Mapping) or not same(tree, again, kind):
        return None
    if _comments(plain, tree) != _comments(result, again):
        return None
    if write(outline(result, again), result, kind) != result:
        return None
    first = text.find("\n")
    return result.replace("\n", "\r\n") if first > 0 and text[first - 1] == "\r" else result


def _has_directive(text: str) -> bool:
    return any(line.startswith("%") for line in text.splitlines())


def _comments(text: str, tree: Mapping) -> Counter[str]:
    return Counter(comment.text for comment in comments(text, tree))


def _look_for_mistakes(file: SourceFile, kind: Kind, sink: Sink) -> None:
    """Report what hinders reading this one file; what names mean is for `check` to say."""
    before = len(sink.reported)
    tree = parse_yaml(file, sink)
    if len(sink.reported) == before and tree is not None:
        document = check_schema(file, tree, kind, sink)
        if kind == "definitions":
            build(Path(), None, [document.tree], document.rejected, sink)
        else:
            build(Path(), document.tree, [], frozenset(), sink)


def same(a: YamlNode, b: YamlNode, kind: str) -> bool:
    """Tell whether two trees say the same: values alike, formulas with one tree, keys at most reordered."""
    place = PLACES[kind]
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        if a.value == b.value and type(a.value) is type(b.value) and (a.text == b.text or a.value is None):
            return True
        return place.is_formula and _is_same_formula(a, b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        keys = set if place.keys else list
        return keys(a.entries) == keys(b.entries) and all(
            same(entry.value, b.entries[key].value, place.under(key)) for key, entry in a.entries.items()
        )
    if isinstance(a, Scalar | Mapping) or isinstance(b, Scalar | Mapping):
        return False
    return len(a.items) == len(b.items) and all(
        same(one, other, place.under(None)) for one, other in zip(a.items, b.items, strict=True)
    )


def _is_same_formula(a: Scalar, b: Scalar) -> bool:
    first, second = (parse_formula(SourceFile("", one.text), Sink()) for one in (a, b))
    return first is not None and first == second


# The project as a whole.


def is_same_project(folder: Path, files: Several[FormattedFile]) -> bool:
    """Tell whether a project checks to the same with the files in their new layout."""
    before = _checked(folder, {file.shown: file.before for file in files})
    after = _checked(
        folder, {file.shown: file.before if file.after is None else file.after for file in files}
    )
    return before == after


def _checked(folder: Path, texts: Table[str, bytes]) -> object:
    """Return what a project checks to, in a form that can be compared, and the codes of its mistakes."""
    sink = Sink()
    documents: list[CheckedDocument] = []
    settings: CheckedDocument | None = None
    for shown, data in texts.items():
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
        file = SourceFile(shown, text)
        kind: Kind = "project" if shown == PROJECT_FILE else "definitions"
        document = check_schema(file, parse_yaml(file, sink), kind, sink)
        if kind == "project":
            settings = document
        else:
            documents.append(document)
    project = bound(folder, with_lexicons(folder, settings, tuple(documents), sink), sink)
    return _comparable(check(project, sink)), Counter(d.code for d in sink.reported)


def _comparable(value: Any) -> Any:
    """Return what equality compares: texts without their places, and no tests, which `same` compared."""
    if isinstance(value, SourceFile | Embedded | Excerpt):
        return value.text
    if isinstance(value, Table):
        return {key: _comparable(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_comparable(inner) for inner in value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    compared = (each.name for each in fields(value) if each.compare and each.name != "tests")
    return type(value), [_comparable(getattr(value, name)) for name in compared]
