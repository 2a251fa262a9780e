"""Discovery: the only place that reads definition files."""

from __future__ import annotations

import codecs
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kpidsl.diagnostics import Diagnostic, Sink, nearest
from kpidsl.loading import errors
from kpidsl.loading.include import look, matches
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence
from kpidsl.source import SourceFile, Span

PROJECT_FILE = "kpidsl.yml"
LARGEST = 16 * 2**20
DEFAULT_INCLUDE = ("definitions/**/*.yml", "definitions/**/*.yaml")


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file's text; with `is_whole` false it has marks for what is not UTF-8, which is reported."""

    source: SourceFile
    is_whole: bool


def read_file(path: Path, shown: str, sink: Sink) -> ReadFile | None:
    """Return a file's text, or None after reporting why it cannot be had."""
    empty = SourceFile(shown, "")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        sink.report(errors.unreadable(empty, error.strerror or str(error)))
        return None
    if len(data) > LARGEST:
        sink.report(errors.too_large(empty, LARGEST))
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return ReadFile(SourceFile(shown, data.decode("utf-8")), True)
    except UnicodeDecodeError as error:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            sink.report(errors.utf16(empty))
            return ReadFile(SourceFile(shown, data.decode("utf-16", errors="replace")), False)
        source = SourceFile(shown, data.decode("utf-8", errors="replace"))
        at = len(data[: error.start].decode("utf-8"))
        sink.report(errors.encoding(Span(source, at, at + 1), data[error.start]))
        return ReadFile(source, False)


def _no_project(file: SourceFile, folder: Path) -> Diagnostic:
    """Return that there is no project at a path, with the one that was probably meant."""
    kind = "folder" if folder.is_dir() else "file" if os.path.lexists(folder) else "nothing"
    found = _beside(folder) if kind == "nothing" else None
    return errors.no_project(file, _shown(folder), kind, found or _above(folder))


def _beside(folder: Path) -> str | None:
    """Return the project that a folder's name is nearly, where there is no such folder."""
    with suppress(OSError):
        projects = {
            other.name: other for other in folder.parent.iterdir() if (other / PROJECT_FILE).is_file()
        }
        for name in nearest(folder.name, projects):
            return projects[name].as_posix()
    return None


def _above(folder: Path) -> str | None:
    """Return the way to the nearest folder above that has a project's file."""
    above = next((one for one in folder.resolve().parents if (one / PROJECT_FILE).is_file()), None)
    if above is None or folder.is_absolute():
        return None if above is None else above.as_posix()
    return Path(os.path.relpath(above, Path.cwd())).as_posix()


def project_file(folder: Path, sink: Sink, prefix: str = "") -> ReadFile | None:
    """Return the project's own file. `prefix` stands before the paths that messages show."""
    path = folder / PROJECT_FILE
    nothing = SourceFile(prefix + PROJECT_FILE, "")
    if not os.path.lexists(path):
        sink.report(_no_project(nothing, folder))
        return None
    root = folder.resolve()
    found = look(root, root / PROJECT_FILE)
    match found.kind:
        case "file":
            return read_file(found.path, nothing.path, sink)
        case "outside":
            sink.report(errors.link_outside(Span(nothing, 0, 0), nothing.path))
        case "folder":
            sink.report(errors.unreadable(nothing, "it is a folder"))
        case "unreadable":
            sink.report(errors.unreadable(nothing, found.why))
    return None


def definition_files(
    folder: Path, settings: Mapping | None, sink: Sink, prefix: str = "", others: Collection[Path] = ()
) -> tuple[ReadFile, ...]:
    """Return the files that `include` names, by path; whatever leads out of the folder is reported.

    What lies in folders of `others`, lexicons of the project, is theirs. `prefix` stands before the paths
    that messages show.
    """
    root = folder.resolve()
    found: dict[str, Path] = {}
    for pattern, span in _patterns(settings):
        if not _stays_inside(pattern):
            if span is not None:
                sink.report(errors.include(span, pattern))
            continue
        found.update(_files(root, pattern, span, sink))
    files = (
        read_file(path, prefix + shown, sink)
        for shown, path in sorted(found.items())
        if not any(path.is_relative_to(other) for other in others)
    )
    return tuple(file for file in files if file is not None)


def _stays_inside(pattern: str) -> bool:
    parts = PurePosixPath(pattern).parts
    leaves = pattern.startswith(("/", "~")) or ".." in parts or "\\" in pattern or ":" in (*parts, "")[0]
    return not leaves


def _files(root: Path, pattern: str, span: Span | None, sink: Sink) -> dict[str, Path]:
    """Return the files that one pattern names; report whatever else it finds."""
    files: dict[str, Path] = {}
    found_anything = False
    folder: str | None = None
    for match in matches(root, pattern):
        if match.path.name == PROJECT_FILE:
            continue
        shown = _shown(match.path.relative_to(root))
        start = Span(SourceFile(shown, ""), 0, 0)
        if match.kind == "folder":
            folder = shown if folder is None else folder
            continue
        found_anything = True
        if match.kind == "file":
            files[shown] = match.path
        elif match.kind == "outside":
            sink.report(errors.link_outside(span or start, shown))
        else:
            sink.report(errors.unreadable(start.file(), match.why))
    if not found_anything and span is not None:
        sink.report(errors.no_files(span, pattern, folder, _near(root, pattern) if folder is None else None))
    return files


def _near(root: Path, pattern: str) -> str | None:
    """Return a pattern like one that finds nothing, which finds files."""
    parts = PurePosixPath(pattern).parts
    endings = {".yaml": ".yml", ".yml": ".yaml"}
    tails = [pattern, *(pattern.removesuffix(end) + endings[end] for end in endings if pattern.endswith(end))]
    folders = sorted(path.name for path in root.iterdir() if path.is_dir() and path.name.isprintable())
    near = tails[1:]
    if len(parts) > 1:
        for folder in nearest(parts[0], folders):
            near.extend(str(PurePosixPath(folder, *PurePosixPath(tail).parts[1:])) for tail in tails)
    return next(
        (found for found in near if any(match.kind == "file" for match in matches(root, found))), None
    )


def _shown(path: Path) -> str:
    """Return a path as messages show it; bytes in it that are not UTF-8 are marked."""
    return os.fsencode(path.as_posix()).decode("utf-8", errors="replace")


def _patterns(settings: Mapping | None) -> list[tuple[str, Span | None]]:
    node = settings.get("include") if settings is not None else None
    if isinstance(node, Sequence):
        return [(item.text, item.span) for item in node.items if isinstance(item, Scalar)]
    if isinstance(node, Scalar):
        return [(node.text, node.span)]
    return [(pattern, None) for pattern in DEFAULT_INCLUDE]
