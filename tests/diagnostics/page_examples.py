"""The examples in the pages of diagnostic codes, written out as projects and run.

A page has the sections `## Wrong` and `## Right` with fenced blocks. A `yaml` block is a file: its
info string may name it, without a name it is `definitions/example.yml`; a file that is there already
begins the next example. A `sql` block builds `data.duckdb` in the project's folder. A `python` block
runs after that, with `folder` in reach: it makes what YAML text cannot say, or asks by the Python
interface. A `console` block holds commands as they are typed in the project's folder, one on each
line that begins with `$ `; without one the project is checked as `kpidsl check` does. `kpidsl.yml`
is supplied where an example has none.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Literal

import duckdb

from kpidsl.cli.main import main
from kpidsl.project import DefinitionError

DEFAULT_FILE = "definitions/example.yml"
PROJECT = "project: example\nlanguage: 1\n"

_SECTION = re.compile(r"^## +(?P<title>.+?) *\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^(?:error|warning)\[([a-z0-9/-]+)\]:", re.MULTILINE)

Verdict = Literal["wrong", "right"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an example gave: the codes shown, the exit codes of its commands (1 where Python refused)."""

    codes: frozenset[str]
    exits: frozenset[int]
    shown: str


@dataclass(slots=True)
class Example:
    """One project of a page: its files, the statements that change it, the commands run on it."""

    verdict: Verdict
    number: int
    files: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def run(self, folder: Path) -> Answer:
        """Write the project into an empty folder and return what its commands say about it."""
        codes = self._write(folder)
        if codes:
            return Answer(frozenset(codes), frozenset({1}), "")
        commands = self.commands or ["kpidsl check"]
        exits: set[int] = set()
        shown = StringIO()
        with chdir(folder), redirect_stdout(shown), redirect_stderr(shown):
            for command in commands:
                program, *arguments = shlex.split(command)
                assert program == "kpidsl", command
                exits.add(_exit_code(arguments))
        return Answer(frozenset(_CODE.findall(shown.getvalue())), frozenset(exits), shown.getvalue())

    def _write(self, folder: Path) -> set[str]:
        """Write the files and run the statements; return the codes that those met."""
        for name, text in {"kpidsl.yml": PROJECT, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "definitions").mkdir(exist_ok=True)
        for text in self.data:
            with duckdb.connect(str(folder / "data.duckdb")) as connection:
                connection.execute(text)
        codes: set[str] = set()
        for text in self.statements:
            try:
                exec(compile(text, "<page>", "exec"), {"folder": folder})
            except DefinitionError as wrong:
                codes.update(diagnostic.code for diagnostic in wrong.diagnostics)
        return codes


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
        file = name.strip() or DEFAULT_FILE
        starts = kind == "yaml" and found and (file in found[-1].files or _has_run(found[-1]))
        if not found or starts:
            found.append(Example(verdict, len(found) + 1))
        match kind:
            case "yaml":
                found[-1].files[file] = fence["body"]
            case "sql":
                found[-1].data.append(fence["body"])
            case "python":
                found[-1].statements.append(fence["body"])
            case "console":
                found[-1].commands.extend(_commands(fence["body"]))
            case _:
                raise ValueError(f"a block of kind `{kind}` is no example")
    return found


def _has_run(example: Example) -> bool:
    return bool(example.statements or example.commands)


def _exit_code(arguments: list[str]) -> int:
    try:
        main(arguments)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1
    raise AssertionError("the command line always leaves with a code")


def _commands(body: str) -> Iterator[str]:
    for line in body.splitlines():
        if not line.startswith("$ "):
            raise ValueError(f"a command begins with `$ `, and here stands `{line}`")
        yield line.removeprefix("$ ")
