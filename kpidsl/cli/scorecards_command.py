"""`kpidsl scorecards`: the scores of scorecards, on a connection."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from kpidsl.cli.options import (
    checked_project,
    has_color,
    scorecard_named,
    table_width,
)
from kpidsl.cli.single_options import Command
from kpidsl.cli.standing import Asked, answers, standing_options, tell

if TYPE_CHECKING:
    from kpidsl.semantics.check import CheckedProject
    from kpidsl.semantics.objectives import CheckedScorecard

    Answers = Sequence[tuple[CheckedScorecard, list[dict[str, Any]]]]


@click.command("scorecards", cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@standing_options
def command(names: tuple[str, ...], asked: Asked) -> int:
    """Show the scores of scorecards and their objectives: all of a project, or those named."""
    from kpidsl.project import Project
    from kpidsl.report.scorecards import card_lines, plain_card_rows

    checked = checked_project(asked.folder, asked.told_in)
    project = Project(checked)
    cards = _named(names, checked)
    wanted = [project.scorecard(card.name) for card in cards]
    answered = answers(project, wanted, asked)
    if answered is None:
        return 1
    of_cards = [(card, result.rows()) for card, (_, result) in zip(cards, answered, strict=True)]
    shown = of_cards if asked.every_period else [(card, _latest(card, rows)) for card, rows in of_cards]
    plain = [row for card, rows in shown for row in plain_card_rows(card, rows)]
    lines = [row for card, rows in shown for row in card_lines(card, rows)]
    return tell(plain, lambda: _table(checked, of_cards, asked), asked, lines)


def _latest(card: CheckedScorecard, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the row of each member's latest period."""
    by = [grouped.name for grouped in card.objectives[0].by]
    return list({tuple(row[name] for name in by): row for row in rows}.values())


def _named(names: Sequence[str], checked: CheckedProject) -> list[CheckedScorecard]:
    """Return the scorecards asked for, all where none is; a name that none has ends with 2."""
    if not checked.scorecards and not names:
        raise click.UsageError("the project has no scorecards; they stand in the section `scorecards`")
    return [scorecard_named(name, checked) for name in dict.fromkeys(names or checked.scorecards)]


def _table(checked: CheckedProject, answers: Answers, asked: Asked) -> str:
    from kpidsl.report.objectives import render_objectives
    from kpidsl.report.scorecards import card_standings, inside
    from kpidsl.words.written import locale_of, told

    spoken = asked.locale or locale_of(checked)
    lines = []
    for card, rows in answers:
        children = [child for _, child, _ in inside(card)]
        titles = {child.name: told(child.definition.label, spoken) or child.name for child in children}
        lines += card_standings(
            card,
            rows,
            titles=titles,
            title=told(card.definition.label, spoken) or card.name,
            locale=spoken,
            every_period=asked.every_period,
        )
    return render_objectives(lines, width=table_width(sys.stdout), color=has_color(sys.stdout), locale=spoken)
