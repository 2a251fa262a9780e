"""`kpidsl objectives`: how objectives stand, on a connection."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpidsl.cli.options import (
    checked_project,
    format_option,
    given_parameters,
    has_color,
    leave_with,
    objective_named,
    project_option,
    set_option,
    show_diagnostics,
    width,
)

if TYPE_CHECKING:
    from kpidsl.project import Project, Query
    from kpidsl.report.result import Result
    from kpidsl.semantics.check import CheckedProject
    from kpidsl.words.language import Locale

_WORSE = {
    "missed": ("missed",),
    "off_track": ("missed", "off_track"),
    "at_risk": ("missed", "off_track", "at_risk"),
}
"""The statuses with which a command fails, by the least of them."""


@click.command("objectives")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--as-of",
    metavar="T",
    help="The instant that is asked for: 2026-08-15, '2026-08-15 14:30'. [default: now]",
)
@click.option(
    "--period", metavar="P", help="Periods within it alone: 2026, 2026-Q3, 2026-08, 2026-01-01..2026-04-01."
)
@click.option("--where", metavar="COND", help="A condition on dimensions, for example: channel = 'email'")
@click.option("--every-period", is_flag=True, help="A line for each period, not for the latest alone.")
@click.option(
    "--fail-on",
    type=click.Choice(tuple(_WORSE)),
    help="End with 1 where a line shown has this status, or a worse one.",
)
@click.option(
    "--connection", metavar="URL", help="For example duckdb:///data/shop.duckdb. [default: the project's]"
)
@click.option(
    "--locale", type=click.Choice(["en", "fr"]), help="Of words and numbers. [default: the project's]"
)
@set_option
@project_option
@format_option("table", "csv", "json")
def command(
    names: tuple[str, ...],
    as_of: str | None,
    period: str | None,
    where: str | None,
    every_period: bool,
    fail_on: str | None,
    connection: str | None,
    locale: Locale | None,
    parameters: tuple[str, ...],
    folder: Path,
    format: str,
) -> int:
    """Show how objectives stand: all of a project, or those named."""
    from kpidsl.project import DefinitionError, Project
    from kpidsl.report.progress import progress
    from kpidsl.running import now

    checked = checked_project(folder, "json" if format == "json" else "text")
    project = Project(checked)
    wanted = _named(names, checked)
    asked = {"as_of": as_of or now(), "period": period, "where": where}
    try:
        queries = [
            project.objective(name).query(**asked, parameters=given_parameters(parameters))  # type: ignore[arg-type]
            for name in wanted
        ]
        for query in queries:
            show_diagnostics(query.warnings, "text", sys.stderr)
        with progress("running"):
            results = _run(project, queries, connection)
    except DefinitionError as wrong:
        leave_with(wrong.diagnostics, "json" if format == "json" else "text")
        return 1
    answers = list(zip(queries, results, strict=True))
    if format == "table":
        shown = _table(checked, answers, locale, every_period)
        click.echo(shown.rstrip("\n")) if shown else click.echo("note: no rows answer this", err=True)
    else:
        rows = _plain(answers, every_period)
        click.echo(_json(rows) if format == "json" else _csv(rows), nl=False)
    failing = _WORSE.get(fail_on or "", ())
    found = [row["status"] for row in _plain(answers, every_period) if row["status"] in failing]
    if found:
        click.echo(f"{len(found)} of the lines shown fail: {', '.join(sorted(set(found)))}", err=True)
    return 1 if found else 0


def _named(names: Sequence[str], checked: CheckedProject) -> list[str]:
    """Return the objectives asked for, all where none is; a name that none has ends with 2."""
    for name in names:
        objective_named(name, checked)
    if not checked.objectives:
        raise click.UsageError("the project has no objectives; they stand in the section `objectives`")
    return list(dict.fromkeys(names or checked.objectives))


def _run(project: Project, queries: Sequence[Query], connection: str | None) -> list[Result]:
    from kpidsl.engines import connect
    from kpidsl.running import connection_of, run_on

    url, start = connection_of(project.checked.project, connection)
    with connect(url, base=start) as opened:
        return [run_on(query, opened) for query in queries]


def _table(
    checked: CheckedProject,
    answers: Sequence[tuple[Query, Result]],
    locale: Locale | None,
    every_period: bool,
) -> str:
    from kpidsl.report.objectives import render_objectives
    from kpidsl.report.standings import standings
    from kpidsl.words.written import locale_of, told

    spoken = locale or locale_of(checked)
    lines = []
    for query, result in answers:
        objective = query.objective
        assert objective is not None
        lines += standings(
            objective,
            result,
            title=told(objective.definition.label, spoken) or objective.name,
            format=checked.project.metrics[objective.kpi].format,
            locale=spoken,
            every_period=every_period,
        )
    return render_objectives(lines, width=width(sys.stdout), color=has_color(sys.stdout), locale=spoken)


def _plain(answers: Sequence[tuple[Query, Result]], every_period: bool) -> list[dict[str, Any]]:
    """Return the rows of all objectives under the same names, those of the latest periods or all."""
    from kpidsl.report.standings import plain_rows

    found: list[dict[str, Any]] = []
    for query, result in answers:
        assert query.objective is not None
        rows = plain_rows(query.objective, result.rows())
        if not every_period:
            rows = list({tuple(row["members"].values()): row for row in rows}.values())
        found += rows
    return found


def _json(rows: Sequence[dict[str, Any]]) -> str:
    from kpidsl.report.write import json_value

    written = [
        {
            name: {member: json_value(value) for member, value in cell.items()}
            if isinstance(cell, dict)
            else json_value(cell)
            for name, cell in row.items()
        }
        for row in rows
    ]
    return json.dumps({"rows": written}, ensure_ascii=False, indent=2) + "\n"


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    from kpidsl.report.write import csv_cell

    lines = [",".join(rows[0])] if rows else []
    for row in rows:
        members = ", ".join(
            f"{name} = {'' if value is None else value}" for name, value in row["members"].items()
        )
        lines.append(",".join(csv_cell(cell) for cell in (row | {"members": members or None}).values()))
    return "".join(line + "\n" for line in lines)
