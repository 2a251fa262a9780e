"""Options of other tools, to those that are meant."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import click

_OTHERWISE = {
    "by": ("group-by", "groupby", "group", "dimension", "dimensions", "split-by"),
    "order": ("order-by", "orderby", "sort", "sort-by"),
    "where": ("filter", "condition"),
    "period": ("date", "dates", "range", "between", "from", "since", "time"),
    "limit": ("rows", "head", "max-rows"),
    "connection": ("database", "db", "url", "conn", "connect"),
    "project": ("dir", "directory", "folder", "path"),
    "format": ("json", "csv"),
    "set": ("param", "params", "parameter", "var"),
    "as-of": ("at", "now", "today", "asof"),
    "output": ("out", "file", "save"),
}
_MEANT = {word: option for option, words in _OTHERWISE.items() for word in words}


_KPIS = frozenset({"metric", "metrics", "kpi", "kpis", "measure", "measures", "select", "name"})


def with_option_meant(wrong: click.ClickException, arguments: Sequence[str]) -> click.ClickException:
    """Return an error of usage, which for an unknown option names the one that is meant."""
    if not isinstance(wrong, click.NoSuchOption) or wrong.ctx is None:
        return wrong
    if wrong.ctx.parent is None:
        return _before_the_command(wrong, wrong.ctx, arguments)
    known = {option for parameter in wrong.ctx.command.params for option in parameter.opts}
    name = wrong.option_name
    if not name.startswith("--"):
        # Of `-by` click reads the `-b`.
        name = next((each for each in arguments if each.startswith(name)), name)
    word = name.lstrip("-").partition("=")[0].replace("_", "-").lower()
    meant = f"--{_MEANT.get(word, word)}"
    command = wrong.ctx.info_name
    if word in _KPIS and command in ("run", "compile"):
        return click.UsageError(
            f"there is no option `{name.partition('=')[0]}`: KPIs stand without one, "
            f"`kpidsl {command} NAME NAME`; `kpidsl list` shows them",
            wrong.ctx,
        )
    if word == "dialect" and command == "run":
        return click.UsageError(
            "`run` asks its connection in the connection's own dialect; the SQL of another one is written by "
            "`kpidsl compile` with `--dialect`",
            wrong.ctx,
        )
    if meant not in known:
        return wrong
    return click.UsageError(
        f"there is no option `{name.partition('=')[0]}`; did you mean `{meant}`?", wrong.ctx
    )


def _before_the_command(
    wrong: click.NoSuchOption, ctx: click.Context, arguments: Sequence[str]
) -> click.ClickException:
    """Return an error of an option before the command: with the options behind it, where they are known."""
    if wrong.option_name in ("-v", "-V", "--v"):
        return click.UsageError(f"there is no option `{wrong.option_name}`; did you mean `--version`?", ctx)
    group = ctx.command
    if not isinstance(group, click.Group):
        return wrong
    names = group.list_commands(ctx)
    at = next((place for place, each in enumerate(arguments) if each in names), None)
    command = None if at is None else group.get_command(ctx, arguments[at])
    if command is None or wrong.option_name not in {name for each in command.params for name in each.opts}:
        return wrong
    whole = shlex.join(["kpidsl", *arguments[at:], *arguments[:at]])
    return click.UsageError(f"options stand behind the command: `{whole}`", ctx)
