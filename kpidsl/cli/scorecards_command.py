"""`kpidsl scorecards`: the scores of scorecards, on a connection."""

from __future__ import annotations

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
    project_option,
    scorecard_named,
    set_option,
    show_diagnostics,
    width,
)
from kpidsl.cli.standing import as_csv, as_json, exit_code, run_all, standing_options

if TYPE_CHECKING:
    from kpidsl.semantics.check import CheckedProject
    from kpidsl.semantics.objectives import CheckedScorecard
    from kpidsl.words.language import Locale

    Answers = Sequence[tuple[CheckedScorecard, list[dict[str, Any]]]]


@click.command("scorecards")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@standing_options
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
    """Show the scores of scorecards and their objectives: all of a project, or those named."""
    from kpidsl.project import DefinitionError, Project
    from kpidsl.report.progress import progress
    from kpidsl.report.scorecards import plain_card_rows
    from kpidsl.running import now

    checked = checked_project(folder, "json" if format == "json" else "text")
    project = Project(checked)
    cards = _named(names, checked)
    asked = {"as_of": as_of or now(), "period": period, "where": where}
    try:
        queries = [
            project.scorecard(card.name).query(**asked, parameters=given_parameters(parameters))  # type: ignore[arg-type]
            for card in cards
        ]
        for query in queries:
            show_diagnostics(query.warnings, "text", sys.stderr)
        with progress("running"):
            results = run_all(project, queries, connection)
    except DefinitionError as wrong:
        leave_with(wrong.diagnostics, "json" if format == "json" else "text")
        return 1
    answers = [(card, result.rows()) for card, result in zip(cards, results, strict=True)]
    plain: list[dict[str, Any]] = []
    for card, rows in answers:
        found = plain_card_rows(card, rows)
        plain += found if every_period else list({tuple(r["members"].values()): r for r in found}.values())
    if format == "table":
        shown = _table(checked, answers, locale, every_period)
        click.echo(shown.rstrip("\n")) if shown else click.echo("note: no rows answer this", err=True)
    else:
        click.echo(as_json(plain) if format == "json" else as_csv(plain), nl=False)
    return exit_code(plain, fail_on)


def _named(names: Sequence[str], checked: CheckedProject) -> list[CheckedScorecard]:
    """Return the scorecards asked for, all where none is; a name that none has ends with 2."""
    if not checked.scorecards and not names:
        raise click.UsageError("the project has no scorecards; they stand in the section `scorecards`")
    return [scorecard_named(name, checked) for name in dict.fromkeys(names or checked.scorecards)]


def _table(checked: CheckedProject, answers: Answers, locale: Locale | None, every_period: bool) -> str:
    from kpidsl.report.objectives import render_objectives
    from kpidsl.report.scorecards import card_standings
    from kpidsl.words.written import locale_of, told

    spoken = locale or locale_of(checked)
    lines = []
    for card, rows in answers:
        titles = {child.name: told(child.definition.label, spoken) or child.name for child in card.children}
        lines += card_standings(
            card,
            rows,
            titles=titles,
            title=told(card.definition.label, spoken) or card.name,
            locale=spoken,
            every_period=every_period,
        )
    return render_objectives(lines, width=width(sys.stdout), color=has_color(sys.stdout), locale=spoken)
