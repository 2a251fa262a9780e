"""The examples in the pages of diagnostic codes, written out as projects.

A page has the sections `## Wrong` and `## Right` with fenced blocks. A `yaml` block is a file: its
info string may name it, without a name it is `definitions/example.yml`; a file that is there already
begins the next example. A `python` block runs after the files of its example are written, with
`folder` in reach: it makes what YAML text cannot say. `kpidsl.yml` is supplied where an example has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

DEFAULT_FILE = "definitions/example.yml"
PROJECT = "project: example\nlanguage: 1\n"

_SECTION = re.compile(r"^## +(?P<title>.+?) *\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)

Verdict = Literal["wrong", "right"]


@dataclass(slots=True)
class Example:
    """One project of a page: its files, and the statements that change them."""

    verdict: Verdict
    number: int
    files: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the project into an empty folder."""
        for name, text in {"kpidsl.yml": PROJECT, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "definitions").mkdir(exist_ok=True)
        for text in self.statements:
            exec(compile(text, "<page>", "exec"), {"folder": folder})


def examples(page_text: str) -> list[Example]:
    """Return the examples of a page, the wrong ones first, as they stand."""
    bodies = {m["title"].lower(): m["body"] for m in _SECTION.finditer(page_text)}
    found: list[Example] = []
    found.extend(_section("wrong", bodies.get("wrong", "")))
    found.extend(_section("right", bodies.get("right", "")))
    return found


def _section(verdict: Verdict, body: str) -> list[Example]:
    found: list[Example] = []
    for fence in _FENCE.finditer(body):
        kind, _, name = fence["info"].strip().partition(" ")
        if kind == "yaml":
            file = name.strip() or DEFAULT_FILE
            if not found or file in found[-1].files or found[-1].statements:
                found.append(Example(verdict, len(found) + 1))
            found[-1].files[file] = fence["body"]
        elif kind == "python":
            if not found:
                found.append(Example(verdict, 1))
            found[-1].statements.append(fence["body"])
        else:
            raise ValueError(f"a block of kind `{kind}` is no example: write `yaml` or `python`")
    return found
