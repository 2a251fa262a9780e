"""Options that several commands share, and how diagnostics are shown."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from os import environ
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from kpidsl.diagnostics import Diagnostic
    from kpidsl.project import QueryParts
    from kpidsl.semantics.check import CheckedProject
    from kpidsl.semantics.objectives import CheckedObjective, CheckedScorecard

Command = TypeVar("Command", bound=Callable[..., Any])
_Found = TypeVar("_Found")

_MOST_NAMED = 3
_ANY_WIDTH = 100_000

project_option = click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("."),
    metavar="DIR",
    help="The project's folder (where kpidsl.yml is). [default: the current one]",
)


def format_option(*formats: str) -> Callable[[Command], Command]:
    return click.option(
        "--format",
        "format",
        type=click.Choice(formats),
        default=formats[0],
        help="How the answer is written.",
        show_default=True,
    )


set_option = click.option(
    "--set",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of a parameter, for example: smallest_order=20",
)


def query_options(command: Command) -> Command:
    """Add what `compile` and `run` take: KPIs and the parts of a query."""
    return click.argument("kpis", nargs=-1, metavar="KPI...")(query_part_options(command))


def refuse_no_kpi(kpis: Sequence[str], checked: CheckedProject, command: str) -> None:
    """End with 2 where no KPI is named, and name some."""
    if kpis:
        return
    project = checked.project
    by_kind = sorted(project.metrics, key=lambda name: project.metrics[name].kind != "kpi")
    some = ", ".join(f"`{name}`" for name in by_kind[:_MOST_NAMED])
    known = f"for example {some}; `kpidsl list` shows all" if some else "and this project defines none yet"
    raise click.UsageError(f"`kpidsl {command}` takes the name of a metric or KPI, {known}")


def objective_named(name: str, checked: CheckedProject) -> CheckedObjective:
    """Return an objective; a name that none has ends with 2."""
    is_card = f"`{name}` is a scorecard: `kpidsl scorecards {name}`" if name in checked.scorecards else None
    other = is_card or _objectives_on(name, checked) or called_so(name, checked, "objective")
    return _named(name, "objective", checked.objectives, other)


def scorecard_named(name: str, checked: CheckedProject) -> CheckedScorecard:
    """Return a scorecard; a name that none has ends with 2."""
    other = f"`{name}` is an objective: `kpidsl objectives {name}`" if name in checked.objectives else None
    return _named(name, "scorecard", checked.scorecards, other or called_so(name, checked, "scorecard"))


def called_so(name: str, checked: CheckedProject, *kinds: str) -> str | None:
    """Return the help for a label in the place of a name, where what has it is of one of the kinds."""
    from kpidsl.words.finding import find

    found = [one.name for one in find(checked.project, name) if one.kind in kinds and one.name != name]
    told = " or ".join(f"`{one}`" for one in found[:_MOST_NAMED])
    return f"`{name}` is a label: write {told}" if found else None


def _named(name: str, kind: str, known: Mapping[str, _Found], other: str | None) -> _Found:
    """`other` is the help for a name that something else bears."""
    from kpidsl.diagnostics.suggestions import did_you_mean

    found = known.get(name)
    if found is None:
        none = f"the project has none; they stand in the section `{kind}s`"
        seen = f"see `kpidsl list {kind}s`" if known else none
        help = other or did_you_mean(name, known) or seen
        raise click.UsageError(f"there is no {kind} `{name}`; {help}")
    return found


def _objectives_on(name: str, checked: CheckedProject) -> str | None:
    """Return the help for the name of a KPI where that of an objective is due."""
    from kpidsl.words.finding import find

    name = next((one.name for one in find(checked.project, name) if one.name in checked.metrics), name)
    on = [one.name for one in checked.objectives.values() if one.kpi == name]
    if name not in checked.metrics:
        return None
    told = ", ".join(f"`{one}`" for one in on[:_MOST_NAMED])
    return f"`{name}` is a KPI, and on it is {told}" if on else f"`{name}` is a KPI without an objective"


def refuse_parts_of_kpis(kpis: Sequence[str], parts: Mapping[str, Any]) -> None:
    """End with 2 where something is asked that an objective says itself, or that it knows nothing of."""
    if kpis:
        raise click.UsageError("an objective names its KPI: leave out either the KPIs or `--objective`")
    asked = [name for name in _OF_KPIS if parts.get(name)]
    if asked:
        option = asked[0].replace("_", "-")
        raise click.UsageError(f"`--{option}` is for KPIs: an objective has members and periods of its own")


_OF_KPIS = ("by", "top", "totals", "fill", "partial", "null_label")


class _Rows(click.ParamType[int]):
    """A number of rows, from 1 on."""

    name = "rows"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if not isinstance(value, int) and not re.fullmatch(r"0*[1-9][0-9]{0,11}", value):
            self.fail(
                f"`{value}` is no number of rows; write a whole number from 1 on, such as 10", param, ctx
            )
        return int(value)


def query_part_options(command: Command) -> Command:
    """Add the parts of a query beside its KPIs."""
    for option in reversed(
        (
            click.option(
                "--by", multiple=True, metavar="A,B", help="Time grains, dimensions and paths to group by."
            ),
            click.option(
                "--where", metavar="COND", help="A condition on dimensions, for example: channel = 'email'"
            ),
            click.option(
                "--period",
                multiple=True,
                metavar="P",
                help="2026, 2026-Q3, 2026-08, 2026-W31, 2026-08-15, 2026-01-01..2026-04-01 "
                "(without its end) or 'last 30 days'; several stand side by side.",
            ),
            click.option(
                "--having",
                metavar="COND",
                help="A condition on the result's columns, for example: revenue > 100",
            ),
            click.option(
                "--top",
                metavar="TEXT",
                help="The first members by a KPI: 10 by revenue, 10 by -revenue, 10 by revenue others",
            ),
            click.option(
                "--totals",
                is_flag=False,
                flag_value="rollup",
                type=click.Choice(("rollup", "cube")),
                help="Add total rows, each by the KPI's own meaning. [rollup where no kind is given]",
            ),
            click.option("--fill", is_flag=True, help="Add the empty buckets of the time grain."),
            click.option(
                "--as-of",
                metavar="T",
                help="The instant that is asked for, by default now when running: 2026-08-15, "
                "'2026-08-15 14:30'. Later rows don't count.",
            ),
            click.option(
                "--partial",
                type=click.Choice(("same_elapsed", "whole", "drop")),
                help="What an unfinished bucket is compared with, or that it is left out.",
            ),
            click.option(
                "--order",
                multiple=True,
                metavar="-REVENUE,CHANNEL",
                help="Columns of the result; - is descending.",
            ),
            click.option("--limit", type=_Rows(), metavar="N", help="At most N rows."),
            click.option(
                "--null-label", metavar="TEXT", help="What is shown for null members of text dimensions."
            ),
            set_option,
        )
    ):
        command = option(command)
    return command


def query_parts(given: Mapping[str, Any]) -> QueryParts:
    """Return what the options of `query_options` gave, in the form that Python takes."""
    parts = dict(given)
    for name in ("by", "order"):
        parts[name] = split(parts[name])
    parts["parameters"] = given_parameters(parts["parameters"])
    return cast("QueryParts", parts)


def given_parameters(given: Sequence[str]) -> list[tuple[str, str]]:
    """Return the name and value of each `--set NAME=VALUE`."""
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not equals or not name.strip():
            raise click.UsageError(f"`--set {name}` sets nothing: write `--set name=value`")
    return [(name.strip(), value) for name, _, value in pairs]


def split(values: Sequence[str]) -> list[str]:
    """Return the parts of options that take several names with commas between."""
    return [part.strip() for value in values for part in _between_commas(value) if part.strip()]


def _between_commas(text: str) -> Iterator[str]:
    """Yield what stands between the commas of a text that are in no brackets."""
    start = depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def width(stream: IO[str]) -> int:
    return shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 100


def table_width(stream: IO[str] | None) -> int:
    """Return the cells that a table may take: those of the terminal, elsewhere as many as it needs."""
    return width(stream) if stream is not None and stream.isatty() else _ANY_WIDTH


def has_color(stream: IO[str]) -> bool:
    return stream.isatty() and "NO_COLOR" not in environ and environ.get("TERM") != "dumb"


def show_diagnostics(diagnostics: Sequence[Diagnostic], format: str, stream: IO[str]) -> None:
    """Write diagnostics as text or JSON."""
    if format == "json":
        from kpidsl.diagnostics.render_json import as_json

        click.echo(json.dumps(as_json(diagnostics), ensure_ascii=False, indent=2), file=stream)
    elif diagnostics:
        from kpidsl.diagnostics.render_text import render

        click.echo(
            render(diagnostics, width=width(stream), color=has_color(stream)).rstrip("\n"), file=stream
        )


def checked_project(folder: Path, format: str = "text") -> CheckedProject:
    """Return the checked project; with mistakes in it they are shown and the command ends with 1."""
    from kpidsl.checking import load
    from kpidsl.diagnostics import Sink

    sink = Sink()
    checked = load(folder, sink)
    if checked is None or sink.has_errors:
        leave_with(sink.diagnostics(), format)
    assert checked is not None
    return checked


def leave_with(diagnostics: Sequence[Diagnostic], format: str) -> None:
    """Show diagnostics on stderr (JSON on stdout, where scripts read it) and end with 1."""
    show_diagnostics(
        diagnostics, format if format == "json" else "text", sys.stdout if format == "json" else sys.stderr
    )
    raise click.exceptions.Exit(1)
