"""Options of other tools, to those that are meant."""

from __future__ import annotations

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


def with_option_meant(wrong: click.ClickException, arguments: Sequence[str]) -> click.ClickException:
    """Return an error of usage, which for an unknown option names the one that is meant."""
    if not isinstance(wrong, click.NoSuchOption) or wrong.ctx is None:
        return wrong
    known = {option for parameter in wrong.ctx.command.params for option in parameter.opts}
    name = wrong.option_name
    if not name.startswith("--"):
        # Of `-by` click reads the `-b`.
        name = next((each for each in arguments if each.startswith(name)), name)
    word = name.lstrip("-").partition("=")[0].replace("_", "-").lower()
    meant = f"--{_MEANT.get(word, word)}"
    if meant not in known:
        return wrong
    return click.UsageError(
        f"there is no option `{name.partition('=')[0]}`; did you mean `{meant}`?", wrong.ctx
    )
