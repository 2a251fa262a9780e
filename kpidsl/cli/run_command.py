"""`kpidsl run`: a question answered on a connection."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click

from kpidsl.cli.options import (
    checked_project,
    has_color,
    leave_with,
    project_option,
    query_options,
    query_parts,
    refuse_no_kpi,
    show_diagnostics,
    table_width,
)
from kpidsl.cli.single_options import Command

if TYPE_CHECKING:
    from kpidsl.project import Query
    from kpidsl.report.result import Result
    from kpidsl.semantics.check import CheckedProject
    from kpidsl.words.language import Locale

_BY_ENDING = {
    ".csv": "csv",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".txt": "table",
    "": "table",
}
"""The formats of files by how their names end."""

_WIDEST_CHART = 80
MOST_TOLD = 20
"""Values outside their bounds that are told one by one."""


@click.command("run", cls=Command)
@query_options
@click.option(
    "--connection", metavar="URL", help="For example duckdb:///data/shop.duckdb. [default: the project's]"
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write to a file."
)
@click.option("--labels", is_flag=True, help="Head the table's columns by labels instead of names.")
@click.option(
    "--locale", type=click.Choice(["en", "fr"]), help="Of labels and numbers. [default: the project's]"
)
@click.option("--chart", is_flag=True, help="Draw a small chart under the table.")
@project_option
@click.option(
    "--format",
    type=click.Choice(["table", "csv", "json", "parquet", "arrow"]),
    help="How the answer is written.  [default: by the ending of --output's file, else table]",
)
def command(
    kpis: tuple[str, ...],
    connection: str | None,
    output: Path | None,
    labels: bool,
    locale: Locale | None,
    chart: bool,
    folder: Path,
    format: str | None,
    **parts: Any,
) -> int:
    """Run one or several KPIs. A KPI is a name, or an ad-hoc `name = formula`."""
    format = format or _format_of(output)
    drawn = next((name for name, is_asked in (("chart", chart), ("labels", labels)) if is_asked), None)
    if format != "table" and drawn is not None:
        raise click.UsageError(f"`--{drawn}` is for tables, and {format} is none: leave it out")
    from kpidsl.project import DefinitionError, Project, Query, asked_at, query_text
    from kpidsl.report.progress import progress
    from kpidsl.running import now, run_query
    from kpidsl.words.written import locale_of

    if format in ("parquet", "arrow") and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{format} is not for terminals: add `--output FILE` or redirect the output")
    checked = checked_project(folder, "json" if format == "json" else "text")
    refuse_no_kpi(kpis, checked, "run")
    text = asked_at(query_text(kpis, **query_parts(parts)), now())
    try:
        query = Query(Project(checked), text)
        show_diagnostics(query.warnings, "text", sys.stderr)
        with progress("running"):
            result = run_query(query, connection)
    except DefinitionError as wrong:
        leave_with(wrong.as_typed, "json" if format == "json" else "text")
        return 1
    if format == "table":
        told = locale or locale_of(checked)
        titles = _labels(checked, told) if labels else {}
        shown = _table(query, result, chart, told, titles, None if output else sys.stdout)
        if output is None:
            click.echo(shown.rstrip("\n"))
        else:
            from kpidsl.report.write import write_whole

            write_whole(output, lambda stream: stream.write(f"{shown.rstrip()}\n".encode()))
        if not result.table.num_rows:
            click.echo("note: no rows answer this", err=True)
        return _told(result, text.null_label is not None)
    from kpidsl.report.write import Format, write

    write(result, cast(Format, format), output)
    return _told(result, text.null_label is not None)


def _format_of(output: Path | None) -> str:
    """Return the format that a file's name asks for; an ending that names none ends with 2."""
    found = _BY_ENDING.get("" if output is None else output.suffix.lower())
    if found is None:
        assert output is not None
        endings = ", ".join(f"`{ending}`" for ending in _BY_ENDING if ending)
        raise click.UsageError(
            f"`{output.suffix}` names no format that is written: end the file's name with {endings}, "
            "or say which by `--format`"
        )
    return found


def _table(
    query: Query,
    result: Result,
    chart: bool,
    locale: Locale,
    titles: Mapping[str, str],
    stream: IO[str] | None,
) -> str:
    """Return the result as a table, with a chart of each KPI below it where they are asked for."""
    from kpidsl.report.table import render_table

    shown_columns = query.planned.leaves.columns
    formats = {c.name: c.metric.format for c in shown_columns if c.metric is not None}
    columns = table_width(stream)
    color = stream is not None and has_color(stream)
    shown = render_table(result, width=columns, color=color, locale=locale, formats=formats, labels=titles)
    if not chart:
        return shown
    from kpidsl.report.chart import render_chart

    groups = len(query.text.by)
    charts = [
        render_chart(
            result,
            width=min(columns, _WIDEST_CHART),
            color=color,
            locale=locale,
            format=formats.get(column.name),
            groups=groups,
            label=titles.get(column.name),
            kpi=column.name,
        )
        for column in shown_columns
    ]
    drawn = [chart for chart in charts if chart]
    if not drawn and result.table.num_rows:
        why = "there are no numbers to draw" if groups else "a chart needs a group: add `--by`"
        click.echo(f"note: no chart, because {why}", err=True)
    return "\n\n".join([shown.rstrip("\n"), *drawn])


def _told(result: Result, has_label: bool) -> int:
    """Warn of values outside the bounds of their KPIs, and of a null label that a member bears.

    Return the exit code.
    """
    from kpidsl.report.alike import rows_alike
    from kpidsl.report.text import shown_text

    pair = rows_alike(result.columns, result.table) if has_label else None
    if pair is not None:
        told = f"rows {pair[0]} and {pair[1]} have the same members: a real member bears the null label"
        click.echo(f"warning: {told}; choose another `--null-label`", err=True)
    found = result.violations
    for violation in found[:MOST_TOLD]:
        click.echo(f"warning: {shown_text(str(violation))}", err=True)
    if len(found) > MOST_TOLD:
        click.echo(f"warning: {len(found) - MOST_TOLD} more values are outside their bounds", err=True)
    return 1 if found else 0


def _labels(checked: CheckedProject, locale: Locale) -> dict[str, str]:
    """Return the labels of dimensions, metrics and KPIs and the words for grains and parts of times, by name;
    a label that several bear names each."""
    from kpidsl.model.grains import PARTS
    from kpidsl.words.explaining import LANGUAGES
    from kpidsl.words.written import told

    project = checked.project
    written = {name: dimension.label for name, dimension in project.dimensions.items()}
    written |= {name: metric.label for name, metric in project.metrics.items()}
    labels = {name: text for name, label in written.items() if (text := told(label, locale))}
    shared = Counter(labels.values())
    language = LANGUAGES[locale]
    grains = {name: word.partition(" (")[0] for name, word in language.grains.items()}
    parts = {name: language.say(f"part {name}") for name in PARTS}
    return (
        grains
        | parts
        | {name: label if shared[label] == 1 else f"{label} ({name})" for name, label in labels.items()}
    )
