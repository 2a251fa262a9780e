"""What goes to stdout, what to stderr, and what happens when the reader leaves."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from .running import KPIDSL, SETTINGS, in_one_process, program

IN_LOCALE_C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def many(filled: Path) -> Path:
    """The shop with more members than a pipe holds."""
    with duckdb.connect(str(filled / "shop.duckdb")) as connection:
        connection.execute(
            "insert into orders select n, null, null, 'channel ' || n, 1 from range(1000, 21000) t(n)"
        )
    return filled


@pytest.mark.parametrize(
    "command",
    [
        "run revenue --by channel --format csv",
        "run revenue --by channel --format json",
        "list",
        "compile conversion --by month,channel",
    ],
)
def test_a_reader_that_leaves_is_no_failure(many: Path, command: str) -> None:
    reader = "head -1" if command.startswith("run") else "true"
    done = subprocess.run(
        ["bash", "-c", f'"$KPIDSL" {command} | {reader} > /dev/null; echo "${{PIPESTATUS[0]}}"'],
        cwd=many,
        env={**os.environ, "KPIDSL": KPIDSL},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout in ("0\n", "141\n")
    assert done.stderr == ""


def on_a_terminal(*commands: str) -> list[str]:
    """Return what a terminal gets to see of each command: click takes escapes out of everything else."""
    ours, its = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
        asked = program([command.split() for command in commands])
        done = subprocess.Popen(asked, stdout=its, stderr=its, env=environment)
        os.close(its)
        seen = b""
        with suppress(OSError):  # Linux ends a terminal that nobody holds with an error
            while piece := terminal.read(4096):
                seen += piece
        assert done.wait(60) == 0
    *shown, rest = seen.decode().split("\x1e\x1e0\x1e")
    assert rest == ""
    return shown


def test_control_characters_of_definitions_are_never_shown_raw(filled: Path) -> None:
    text = r'"a\0b\e[2J\e[31mred\u202egnirts\rc\a"'
    (filled / "definitions" / "more.yml").write_text(
        f"metrics: {{m: {{formula: count(orders), label: {text}, description: {text}}}}}\n",
        encoding="utf-8",
    )
    commands = ("list", "explain m", "run m")
    seen = on_a_terminal(*(f"{command} --project {filled}" for command in commands))
    for command, raw in zip(commands, seen, strict=True):
        shown = raw.replace("\r\n", "\n")
        assert "orders" in shown or "5" in shown
        assert not [c for c in shown if not c.isprintable() and c != "\n"], (command, ascii(shown))


def test_a_full_disk_is_told_in_one_line(many: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [KPIDSL, "run", "revenue", "--by", "channel", "--format", "csv"],
            cwd=many,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode != 0
    assert "No space left" in done.stderr or "no space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_terminal_there_is_no_progress_and_no_color(many: Path) -> None:
    asked = ("run", "revenue", "--by", "month", "--format")
    formats = (("table", "--chart"), ("csv",), ("json",))
    for done in in_one_process(*((*asked, *format) for format in formats), cwd=many, TERM="xterm"):
        assert (done.code, done.err) == (0, "")
        assert b"\x1b" not in done.bytes
        assert b"\r" not in done.bytes


def test_diagnostics_are_never_mixed_into_the_answer(many: Path) -> None:
    wrong = many / "definitions" / "wrong.yml"
    wrong.write_text("metrics: {a: sum(orders.nope)}\n", encoding="utf-8")
    *as_text, as_json = in_one_process(
        ["run", "revenue", "--format", "csv"],
        ["compile", "revenue"],
        ["check"],
        ["compile", "revenue", "--format", "json"],
        cwd=many,
    )
    for done in as_text:
        assert (done.code, done.out) == (1, "")
        assert "nope" in done.err
    assert (as_json.code, as_json.err) == (1, "")
    assert [d["code"] for d in json.loads(as_json.out)] == ["name/unknown"]


def test_a_terminal_that_knows_no_unicode(filled: Path) -> None:
    (filled / "kpidsl.yml").write_text(SETTINGS, encoding="utf-8")
    with duckdb.connect(str(filled / "shop.duckdb")) as connection:
        connection.execute("insert into orders values (9, null, null, 'été 😀', 1)")
    all_done = in_one_process(
        ["run", "revenue", "--by", "channel"],
        ["run", "revenue", "--by", "channel", "--format", "csv"],
        ["compile", "revenue"],
        ["list"],
        cwd=filled,
        **IN_LOCALE_C,
    )
    for done in all_done:
        assert done.code == 0, done.err
        assert done.err == ""
    assert "été 😀,1.00" in all_done[1].out


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    heavy = ["sqlglot", "lark", "duckdb", "pyarrow", "pandas", "polars", "rich", "jsonschema", "yaml"]
    program = f"import kpidsl.cli.main, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")
