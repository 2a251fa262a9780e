"""Options that take one value are given once."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import click

_CONDITIONS = ("--where", "--having")


class Command(click.Command):
    """A command that refuses an option's second value, where click would take it for the first."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        rest = super().parse_args(ctx, args)
        if not ctx.resilient_parsing:
            self._refuse_repeated(ctx, given)
        return rest

    def _refuse_repeated(self, ctx: click.Context, args: list[str]) -> None:
        every = copy.copy(self)
        every.params = [_repeatable(parameter) for parameter in self.params]
        values, _, _ = every.make_parser(ctx).parse_args(args)
        for option in self.params:
            if isinstance(option, click.Option) and not (option.multiple or option.is_flag):
                given = values.get(option.name or "", ())
                if isinstance(given, list) and len(given) > 1:
                    raise click.UsageError(_told(option.opts[0], given), ctx)


def _repeatable(parameter: click.Parameter) -> click.Parameter:
    """Return a parameter of which every value is kept."""
    if not isinstance(parameter, click.Option) or parameter.is_flag:
        return parameter
    parameter = copy.copy(parameter)
    parameter.multiple = True
    return parameter


def _told(option: str, given: Sequence[object]) -> str:
    times = "twice" if len(given) == 2 else f"{len(given)} times"
    help = "leave one out" if len(given) == 2 else "leave all out but one"
    conditions = list(dict.fromkeys(str(each).strip() for each in given))
    if option in _CONDITIONS and len(conditions) > 1 and all(conditions):
        joined = " and ".join(f"({condition})" for condition in conditions)
        help = f"join them by `and`: {option} {_quoted(joined)}"
    return f"`{option}` is given {times}; {help}"


def _quoted(text: str) -> str:
    """Return a text as a shell takes it; the quotes are those that leave the language's own alone."""
    if not any(sign in text for sign in '"$`\\!'):
        return f'"{text}"'
    from shlex import quote

    return quote(text)
