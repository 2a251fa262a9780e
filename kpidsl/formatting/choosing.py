"""Which files are laid out: those of a project, or those that somebody names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.formatting.files import FormattedFile, format_file, is_same_project
from kpidsl.loading.discovery import PROJECT_FILE, definition_files, project_file
from kpidsl.loading.yaml_nodes import Mapping
from kpidsl.loading.yaml_tree import parse_yaml


def chosen(paths: Sequence[Path], folder: Path) -> tuple[FormattedFile, ...]:
    """Return the files in their new layout: the project's in a folder, or those at and below `paths`."""
    if not paths:
        return _proved(folder, _of_project(folder))
    files: dict[Path, FormattedFile] = {}
    for path in paths:
        for found in _at(path):
            files.setdefault(found.resolve(), format_file(found, found.as_posix()))
    return tuple(_in_their_projects(files))


def _of_project(folder: Path) -> tuple[FormattedFile, ...]:
    sink = Sink()
    own = project_file(folder, sink)
    if own is None:
        missing = folder / PROJECT_FILE
        return (FormattedFile(missing, missing.as_posix(), b"", None, sink.diagnostics()),)
    tree = parse_yaml(own.source, Sink()) if own.is_whole else None
    settings = tree if isinstance(tree, Mapping) else None
    shown = [own.source.path, *(file.source.path for file in definition_files(folder, settings, Sink()))]
    return tuple(format_file(folder / path, path) for path in shown)


def _at(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith((".yml", ".yaml")) and not name.startswith("."):
                yield Path(folder) / name


def _proved(folder: Path, files: tuple[FormattedFile, ...]) -> tuple[FormattedFile, ...]:
    """Return the files; none is changed where the project would not check to the same."""
    if not any(file.is_changed for file in files) or is_same_project(folder, files):
        return files
    why = "the project would not check to the same"
    return tuple(replace(file, after=None, why=why) if file.is_changed else file for file in files)


def _in_their_projects(files: dict[Path, FormattedFile]) -> Iterator[FormattedFile]:
    """Yield the files, each proved in the project that it is part of, where it is part of one."""
    roots = {path: _root(path) for path in files}
    for root in dict.fromkeys(roots.values()):
        own = {path: file for path, file in files.items() if roots[path] == root}
        if root is None:
            yield from own.values()
            continue
        whole = [_kept(file, own.get(file.path.resolve())) for file in _of_project(root)]
        proved = {file.path.resolve(): file for file in _proved(root, tuple(whole))}
        for path, file in own.items():
            found = proved.get(path)
            yield file if found is None else replace(file, after=found.after, why=found.why)


def _kept(file: FormattedFile, asked: FormattedFile | None) -> FormattedFile:
    """Return a project's file as it will be: in its new layout only where that was asked for."""
    return file if asked is not None else replace(file, after=file.before)


def _root(path: Path) -> Path | None:
    return next((folder for folder in path.parents if (folder / PROJECT_FILE).is_file()), None)
