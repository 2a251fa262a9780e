"""`kpidsl objectives`: how objectives stand, on a connection."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from kpidsl.cli.options import (
    checked_project,
    has_color,
    objective_named,
    scorecard_named,
    table_width,
)
from kpidsl.cli.single_options import Command
from kpidsl.cli.standing import Asked, answers, standing_options, tell

if TYPE_CHECKING:
    from kpidsl.project import Query
    from kpidsl.report.result import Result
    from kpidsl.semantics.check import CheckedProject


@click.command("objectives", cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--scorecard", metavar="NAME", help="The objectives of a scorecard, and of those that are inside it."
)
@standing_options
def command(names: tuple[str, ...], scorecard: str | None, asked: Asked) -> int:
    """Show how objectives stand: all of a project, those named, or those of a scorecard."""
    from kpidsl.project import Project

    checked = checked_project(asked.folder, asked.told_in)
    project = Project(checked)
    wanted = [project.objective(name) for name in _named(names, scorecard, checked)]
    answered = answers(project, wanted, asked)
    if answered is None:
        return 1
    rows = _plain(answered, asked.every_period)
    return tell(rows, lambda: _table(checked, answered, asked), asked)


def _named(names: Sequence[str], scorecard: str | None, checked: CheckedProject) -> list[str]:
    """Return the objectives asked for, all where none is; a name that none has ends with 2."""
    for name in names:
        objective_named(name, checked)
    if scorecard is not None:
        inside = scorecard_named(scorecard, checked).objectives
        names = (*names, *(objective.name for objective in inside))
    if not checked.objectives:
        raise click.UsageError("the project has no objectives; they stand in the section `objectives`")
    return list(dict.fromkeys(names or checked.objectives))


def _table(checked: CheckedProject, answers: Sequence[tuple[Query, Result]], asked: Asked) -> str:
    from kpidsl.report.objectives import render_objectives
    from kpidsl.report.standings import standings
    from kpidsl.semantics.objectives import CheckedObjective
    from kpidsl.words.explaining import LANGUAGES
    from kpidsl.words.written import amount, locale_of, told

    spoken = asked.locale or locale_of(checked)
    in_words = partial(amount, language=LANGUAGES[spoken])
    lines = []
    for query, result in answers:
        objective = query.objective
        assert isinstance(objective, CheckedObjective)
        lines += standings(
            objective,
            result,
            title=told(objective.definition.label, spoken) or objective.name,
            format=checked.project.metrics[objective.kpi].format,
            locale=spoken,
            amount=in_words,
            every_period=asked.every_period,
        )
    return render_objectives(lines, width=table_width(sys.stdout), color=has_color(sys.stdout), locale=spoken)


def _plain(answers: Sequence[tuple[Query, Result]], every_period: bool) -> list[dict[str, Any]]:
    """Return the rows of all objectives under the same names, those of the latest periods or all."""
    from kpidsl.report.standings import plain_rows
    from kpidsl.semantics.objectives import CheckedObjective

    found: list[dict[str, Any]] = []
    for query, result in answers:
        assert isinstance(query.objective, CheckedObjective)
        kpi = query.project.checked.metrics[query.objective.kpi].definition
        rows = plain_rows(query.objective, result.rows(), kpi)
        if not every_period:
            rows = list({tuple(row["members"].values()): row for row in rows}.values())
        found += rows
    return found
