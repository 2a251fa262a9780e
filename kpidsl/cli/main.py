"""The command line: names the commands and turns failures into exit codes.

0 fine · 1 errors in definitions or a failed test · 2 wrong usage · 3 engine or connection failed.
Commands are imported when they are called, so that `--help` answers at once.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from importlib import import_module
from typing import Any

import click

FINE, DEFINITIONS, USAGE, ENGINE = 0, 1, 2, 3

_COMMANDS = {
    "init": "Start a project in a folder.",
    "check": "Check a project, and with --connection its data.",
    "bind": "Propose where a lexicon's datasets are among the tables of a connection.",
    "fmt": "Lay out definition files; nothing but their layout changes.",
    "list": "List datasets, dimensions, filters, parameters, metrics and KPIs.",
    "explain": "Explain a definition, stage by stage, or a diagnostic's code.",
    "compile": "Print the SQL that answers a question.",
    "run": "Answer a question on a connection.",
    "objectives": "Show how objectives stand, on a connection.",
    "scorecards": "Show the scores of scorecards, on a connection.",
    "test": "Run the tests that stand inside definitions.",
    "schema": "Write the JSON Schemas that editors read.",
}


class _Commands(click.Group):
    """Lists the commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"kpidsl.cli.{cmd_name}_command").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Before click sees it, which would end with 1.
            raise click.exceptions.Exit(_reader_left()) from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            from kpidsl.diagnostics.suggestions import did_you_mean

            hint = did_you_mean(name, _COMMANDS) or "the commands are " + ", ".join(_COMMANDS)
            raise click.UsageError(f"there is no command `{name}`; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="kpidsl", prog_name="kpidsl")
def cli() -> None:
    """KPIs as versioned definitions: checked like code, compiled to exact SQL."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _reader_left()
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    # A large project is half a million objects that stay until the end: looking through them for
    # garbage again and again would take a quarter of the time.
    gc.set_threshold(500_000, 50, 100)
    # Nor are they to be looked through when the process ends, and with it all that they hold.
    atexit.register(gc.freeze)
    try:
        result = cli.main(args=arguments, prog_name="kpidsl", standalone_mode=False)
        return result if isinstance(result, int) else FINE
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as wrong:
        from kpidsl.cli.other_options import with_option_meant

        _show_usage(with_option_meant(wrong, sys.argv[1:] if arguments is None else arguments))
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 130
    except BrokenPipeError:
        return _reader_left()
    except Exception as failure:  # noqa: BLE001 (the one place where nothing may pass)
        return _failed(failure)


def _reader_left() -> int:
    """The reader has had enough (`kpidsl compile … | head`): nothing to complain about."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FINE


def _say(text: str) -> None:
    """Write a line on stderr, broken where the terminal ends; nothing in it acts on the terminal."""
    from kpidsl.cli.options import width
    from kpidsl.diagnostics.render_text import visible, wrapped

    click.echo(wrapped(visible(text), width(sys.stderr), "  "), err=True)


def _show_usage(wrong: click.ClickException) -> None:
    """Show wrong usage as click does, but for the width of its message."""
    if isinstance(wrong, click.UsageError) and wrong.ctx is not None:
        click.echo(wrong.ctx.get_usage(), err=True)
        click.echo(f"Try '{wrong.ctx.command_path} --help' for help.\n", err=True)
    _say(f"Error: {wrong.format_message()}")


def _failed(failure: Exception) -> int:
    from kpidsl.engines.errors import EngineError
    from kpidsl.report.errors import ReportError

    if isinstance(failure, EngineError | ReportError):
        code = f"[{failure.rule.code}]" if isinstance(failure, EngineError) else ""
        _say(f"error{code}: {failure.message}")
        if failure.help:
            _say(f"help: {failure.help}")
        return ENGINE if isinstance(failure, EngineError) else USAGE
    if os.environ.get("KPIDSL_DEBUG"):
        raise failure
    if isinstance(failure, OSError) and failure.errno == errno.EPIPE:
        return _reader_left()
    if isinstance(failure, OSError):
        click.echo(f"error: {failure.strerror or failure}: {failure.filename or ''}".rstrip(": "), err=True)
        return USAGE
    click.echo(
        f"error: kpidsl itself failed ({type(failure).__name__}: {failure}); this is a bug in kpidsl, "
        "not in the definitions. KPIDSL_DEBUG=1 shows where.",
        err=True,
    )
    return DEFINITIONS
