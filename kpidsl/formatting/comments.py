"""The comments of a YAML file: what stands between its scalars and begins with `#`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kpidsl.loading.yaml_nodes import Mapping, Scalar, YamlNode

_COMMENT = re.compile(r"#[^\n]*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\n]*)")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. `column` counts from 0; `own_line` tells that nothing stands before it on its line."""

    start: int
    text: str
    column: int
    own_line: bool


def scalars(node: YamlNode) -> Iterator[Scalar]:
    """Yield the scalars of a tree, keys included, in written order."""
    stack: list[YamlNode] = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, Scalar):
            yield at
        elif isinstance(at, Mapping):
            for entry in reversed(at.entries.values()):
                stack.extend((entry.value, entry.key))
        else:
            stack.extend(reversed(at.items))


def comments(text: str, tree: YamlNode) -> tuple[Comment, ...]:
    """Return the comments of a file with line feeds only, in written order."""
    found: list[Comment] = []
    end = 0
    for scalar in scalars(tree):
        found.extend(_between(text, end, scalar.start))
        end = max(scalar.start, _end(scalar, text))
        if scalar.style in ("|", ">"):
            header = _HEADER.match(text, scalar.start)
            if header is not None:
                found.append(_comment(text, header.start(1), header[1]))
    found.extend(_between(text, end, len(text)))
    return tuple(found)


def _end(scalar: Scalar, text: str) -> int:
    if scalar.style in ("|", ">"):
        return scalar.start + len(text[scalar.start : scalar.end].rstrip())
    return scalar.end


def _between(text: str, start: int, end: int) -> Iterator[Comment]:
    at = start
    while (match := _COMMENT.search(text, at, end)) is not None:
        stop = text.find("\n", match.start())
        stop = len(text) if stop < 0 else stop
        yield _comment(text, match.start(), text[match.start() : stop])
        at = stop


def _comment(text: str, start: int, written: str) -> Comment:
    line = text.rfind("\n", 0, start) + 1
    return Comment(start, written.rstrip(), start - line, not text[line:start].strip())
