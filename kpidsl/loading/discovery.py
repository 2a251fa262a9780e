"""Discovery: the only place that reads definition files."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from kpidsl.diagnostics import Sink
from kpidsl.loading import errors
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence
from kpidsl.source import SourceFile, Span

PROJECT_FILE = "kpidsl.yml"
LARGEST = 16 * 2**20
DEFAULT_INCLUDE = ("definitions/**/*.yml", "definitions/**/*.yaml")


def read_file(path: Path, shown: str, sink: Sink) -> SourceFile | None:
    """Return a file's text, or None after reporting why it cannot be had."""
    empty = SourceFile(shown, "")
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        sink.report(errors.unreadable(empty, error.strerror or str(error)))
        return None
    if size > LARGEST:
        sink.report(errors.too_large(empty, LARGEST))
        return None
    try:
        return SourceFile(shown, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        readable = data[: error.start].decode("utf-8-sig", errors="replace")
        file = SourceFile(shown, readable + "\ufffd")
        sink.report(errors.encoding(Span(file, len(readable), len(readable) + 1), data[error.start]))
        return None


def project_file(folder: Path, sink: Sink) -> SourceFile | None:
    """Return the project's own file."""
    path = folder / PROJECT_FILE
    if not path.is_file():
        sink.report(errors.no_project(SourceFile(PROJECT_FILE, ""), str(folder)))
        return None
    return read_file(path, PROJECT_FILE, sink)


def definition_files(folder: Path, settings: Mapping | None, sink: Sink) -> tuple[SourceFile, ...]:
    """Return the files that `include` names, by path; whatever leads out of the folder is reported."""
    root = folder.resolve()
    found: dict[str, Path] = {}
    for pattern, span in _patterns(settings):
        parts = PurePosixPath(pattern).parts
        if not parts or pattern.startswith(("/", "~")) or ".." in parts or ":" in parts[0] or "\\" in pattern:
            if span is not None:
                sink.report(errors.include(span, pattern, "leaves the project's folder"))
            continue
        matches = sorted(folder.glob(pattern))
        if not matches and span is not None:
            sink.report(errors.no_files(span, pattern))
        for path in matches:
            if not path.is_file() or path.name == PROJECT_FILE:
                continue
            shown = path.relative_to(folder).as_posix()
            if not path.resolve().is_relative_to(root):
                place = span or Span(SourceFile(shown, ""), 0, 0)
                sink.report(errors.include(place, shown, "leaves the project's folder"))
                continue
            found[shown] = path
    files = (read_file(path, shown, sink) for shown, path in sorted(found.items()))
    return tuple(file for file in files if file is not None)


def _patterns(settings: Mapping | None) -> list[tuple[str, Span | None]]:
    node = settings.get("include") if settings is not None else None
    if isinstance(node, Sequence):
        return [(item.text, item.span) for item in node.items if isinstance(item, Scalar)]
    if isinstance(node, Scalar):
        return [(node.text, node.span)]
    return [(pattern, None) for pattern in DEFAULT_INCLUDE]
