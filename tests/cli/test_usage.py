"""Wrong usage ends with 2, tells what was wrong on stderr and writes nothing on stdout."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import call, installed

COMMANDS = ["init", "check", "list", "explain", "compile", "run", "test"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["chekc"],
        ["--nothing"],
        ["check", "--nothing"],
        ["check", "more"],
        ["check", "--format", "yaml"],
        ["check", "--project"],
        ["list", "things"],
        ["list", "metrics", "kpis"],
        ["list", "--format", "csv"],
        ["explain"],
        ["explain", "revenue", "conversion"],
        ["explain", "revenue", "--stage", "nothing"],
        ["test", "--format", "csv"],
        ["compile"],
        ["compile", "revenue", "--format", "table"],
        ["compile", "revenue", "--limit", "0"],
        ["compile", "revenue", "--limit", "-1"],
        ["compile", "revenue", "--limit", "many"],
        ["compile", "revenue", "--limit", "1.5"],
        ["compile", "revenue", "--where", "channel = 'a'", "--by"],
        ["run"],
        ["run", "--by", "month"],
        ["run", "revenue", "--format", "text"],
        ["run", "revenue", "--format", "CSVX"],
        ["run", "revenue", "--output"],
        ["init", "a", "b"],
    ],
    ids=" ".join,
)
def test_wrong_usage(filled: Path, arguments: list[str]) -> None:
    done = call(*arguments, cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_a_close_command_is_suggested(tmp_path: Path) -> None:
    done = installed("chekc", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "`check`" in done.err


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_help(tmp_path: Path, command: str, option: str) -> None:
    done = call(command, option, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: kpidsl {command} ")


def test_the_help_names_every_command(tmp_path: Path) -> None:
    done = installed("--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert [command for command in COMMANDS if f"\n  {command} " not in done.out] == []


def test_the_version(tmp_path: Path) -> None:
    from importlib.metadata import version

    assert call("--version", cwd=tmp_path).out == f"kpidsl, version {version('kpidsl')}\n"


@pytest.mark.parametrize("command", ["compile", "run"])
def test_names_that_begin_with_a_dash_need_no_tricks_in_order(filled: Path, command: str) -> None:
    for arguments in (["--order", "-revenue"], ["--order=-revenue"]):
        assert call(command, "revenue", "--by", "channel", *arguments, cwd=filled).code == 0


@pytest.mark.parametrize("command", [["check"], ["run", "revenue"], ["list"]], ids=" ".join)
def test_the_projects_folder_may_have_any_name(filled: Path, command: list[str]) -> None:
    moved = filled.parent / "dossier d'été; rm -rf (1)"
    filled.rename(moved)
    assert call(*command, "--project", moved.name, cwd=moved.parent).code == 0
