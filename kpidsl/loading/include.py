"""The paths below a folder that a pattern of `include` names, links followed only inside the folder.

A pattern is matched step by step while the folder is walked, with the set of the pattern's steps
that may come next. So `**` costs one look at each folder however often it stands in the pattern,
and folders linked in a circle end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path, PurePosixPath
from typing import Literal

Step = Callable[[str], object] | None
"""The test of one name; None is `**`, any number of folders."""


@dataclass(frozen=True, slots=True)
class Match:
    """What stands at a path: `path` is without links, where they do not lead out of the folder."""

    path: Path
    kind: Literal["file", "folder", "outside", "unreadable"]
    why: str = ""


def matches(root: Path, pattern: str) -> Iterator[Match]:
    """Return what a pattern names below `root`, a path without links."""
    steps = tuple(_step(part) for part in PurePosixPath(pattern).parts)
    start = _through_folders(steps, frozenset((0,)))
    if len(steps) in start:
        yield Match(root, "folder")
    waiting = [(root, start)]
    seen = {(root, start)}
    while waiting:
        folder, at = waiting.pop()
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            yield Match(folder, "unreadable", error.strerror or str(error))
            continue
        for name in names:
            after = _after(steps, at, name)
            if not after:
                continue
            found = look(root, folder / name)
            if len(steps) in after or found.kind == "outside":
                yield found
            further = (found.path, after - {len(steps)})
            if found.kind == "folder" and further[1] and further not in seen:
                seen.add(further)
                waiting.append(further)


def _step(part: str) -> Step:
    return None if part == "**" else re.compile(translate(part)).match


def _through_folders(steps: tuple[Step, ...], at: frozenset[int]) -> frozenset[int]:
    """Add the steps behind each `**`, which may stand for no folder at all."""
    reached = set(at)
    for index, step in enumerate(steps):
        if index in reached and step is None:
            reached.add(index + 1)
    return frozenset(reached)


def _after(steps: tuple[Step, ...], at: frozenset[int], name: str) -> frozenset[int]:
    """Return the steps that may follow a name; the number of steps stands for the end."""
    after: set[int] = set()
    for index in at:
        if index == len(steps):
            continue
        step = steps[index]
        if step is None:
            after.add(index)
        elif step(name):
            after.add(index + 1)
    return _through_folders(steps, frozenset(after))


def look(root: Path, path: Path) -> Match:
    """Return what stands at a path whose folder is below `root` or is it, and has no links."""
    try:
        real = path.resolve(strict=True) if path.is_symlink() else path
        if not real.is_relative_to(root):
            return Match(path, "outside")
        if real.is_dir():
            return Match(real, "folder")
        return Match(real, "file") if real.is_file() else Match(real, "unreadable", "it is no file")
    except (FileNotFoundError, RuntimeError):
        return Match(path, "unreadable", "its link leads nowhere")
    except OSError as error:
        return Match(path, "unreadable", error.strerror or str(error))
