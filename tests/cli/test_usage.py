"""Wrong usage ends with 2, tells what was wrong on stderr and writes nothing on stdout."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from kpidsl.cli.main import cli
from kpidsl.cli.single_options import Command

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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--project", "a b", "run", "revenue"],
            "options stand behind the command: `kpidsl run revenue --project 'a b'`",
        ),
        (["-v"], "there is no option `-v`; did you mean `--version`?"),
        (["run", "--metrics", "revenue"], "there is no option `--metrics`: KPIs stand without one,"),
        (["run", "revenue", "--dialect", "duckdb"], "`run` asks its connection in the connection's own"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_option_in_another_place_is_told_where_it_stands(
    filled: Path, arguments: list[str], told: str
) -> None:
    done = call(*arguments, cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert f"Error: {told}" in " ".join(done.err.split())


CONDITIONS = ["--where", "channel = 'email'", "--where", "country = 'FR' or amount > 5"]
JOINED = "(channel = 'email') and (country = 'FR' or amount > 5)"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["run", "revenue", *CONDITIONS],
            f'`--where` is given twice; join them by `and`: --where "{JOINED}"',
        ),
        (
            ["objectives", *CONDITIONS],
            f'`--where` is given twice; join them by `and`: --where "{JOINED}"',
        ),
        (
            ["compile", "revenue", "--having=revenue > 1", "--by", "channel", "--having", 'channel = "a"'],
            "`--having` is given twice; join them by `and`: --having '(revenue > 1) and (channel = \"a\")'",
        ),
        (["run", "revenue", "--where", "a = 1", "--where", " "], "`--where` is given twice; leave one out"),
        (
            ["run", "revenue", "--where", "a = 1", "--where", "a = 1"],
            "`--where` is given twice; leave one out",
        ),
        (
            ["run", "revenue", "--top", "1 by revenue", "--top", "2 by revenue"],
            "`--top` is given twice; leave one out",
        ),
        (["run", "revenue", "--limit", "1", "--limit=2"], "`--limit` is given twice; leave one out"),
        (["run", "revenue", "--totals", "--totals", "cube"], "`--totals` is given twice; leave one out"),
        (
            ["run", "revenue", *["--as-of", "2026-01-01"] * 3],
            "`--as-of` is given 3 times; leave all out but one",
        ),
        (["objectives", "--period", "2025", "--period", "2026"], "`--period` is given twice; leave one out"),
        (
            ["scorecards", "--fail-on", "missed", "--fail-on", "at_risk"],
            "`--fail-on` is given twice; leave one out",
        ),
        (["check", "--format", "json", "--format", "text"], "`--format` is given twice; leave one out"),
        (["list", "--project", ".", "--project", "elsewhere"], "`--project` is given twice; leave one out"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_option_of_one_value_is_given_once(filled: Path, arguments: list[str], told: str) -> None:
    done = call(*arguments, cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert f"Error: {told}" in " ".join(done.err.split())


def test_options_of_several_values_and_flags_may_repeat(filled: Path) -> None:
    twice = call("run", "revenue", "--by", "channel", "--by", "country", "--fill", "--fill", cwd=filled)
    once = call("run", "revenue", "--by", "channel,country", "--fill", cwd=filled)
    assert (twice.code, twice.out) == (once.code, once.out)
    assert "given" not in twice.err


def test_help_stands_beside_an_option_given_twice(filled: Path) -> None:
    done = call("run", "revenue", "--limit", "1", "--limit", "2", "--help", cwd=filled)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_no_command_drops_a_value(name: str) -> None:
    assert isinstance(cli.get_command(click.Context(cli), name), Command)
