"""`kpidsl list`: what a project defines."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from kpidsl.cli.options import checked_project, format_option, project_option, table_width
from kpidsl.cli.single_options import Command

if TYPE_CHECKING:
    from kpidsl.model.definitions import Project
    from kpidsl.semantics.check import CheckedProject
    from kpidsl.words.finding import Candidate

_KINDS = (
    "datasets", "calendars", "dimensions", "roles", "grains", "parts",
    "filters", "parameters", "metrics", "kpis", "objectives", "scorecards",
)  # fmt: skip
_OF_TIME = ("roles", "grains", "parts")
"""Kinds that the language has by itself: they are listed where they are asked for."""
_UNAVAILABLE = ("unavailable",)
_MEMBERS = ("dimensions", *_OF_TIME)
_FRENCH = {
    "kind": "sorte",
    "name": "nom",
    "label": "libellé",
    "dataset": "jeu de données",
    "calendar": "calendrier",
    "part": "partie",
    "role": "rôle",
    "filter": "filtre",
    "parameter": "paramètre",
    "metric": "métrique",
    "kpi": "KPI",
    "objective": "objectif",
    "scorecard": "tableau de bord",
    "key {0}": "clé {0}",
    "list of {0}": "liste de {0}",
    "{0} of {1}": "{0} de {1}",
    "1 objective": "1 objectif",
    "{0} objectives": "{0} objectifs",
    "lacks {0}": "manque {0}",
}
"""The words of the table in French, by those in English; programs read English."""


@click.command("list", cls=Command)
@click.argument("kind", required=False, metavar="[KIND]")
@click.option(
    "--search", metavar="WORDS", help="Those in whose name, label, synonyms or description the words occur."
)
@click.option(
    "--locale",
    type=click.Choice(["en", "fr"]),
    help="Of labels and the table's words. [default: the project's]",
)
@project_option
@format_option("text", "json")
def command(
    kind: str | None, search: str | None, locale: Literal["en", "fr"] | None, folder: Path, format: str
) -> int:
    """List what a project defines: all of it, or one KIND.

    Kinds are datasets, calendars, dimensions, filters, parameters, metrics, kpis, objectives and scorecards;
    members are all that `--by` may name: dimensions, and the roles, grains and parts of times. What reads
    a dataset of a lexicon that is not bound is unavailable, and listed with what it lacks.
    """
    kinds = _kinds(kind)
    checked = checked_project(folder, format)
    shown_in = locale or checked.project.locale
    words = _FRENCH if shown_in.startswith("fr") and format == "text" else {}
    if kinds == _UNAVAILABLE:
        rows = _unavailable(checked.project, search, shown_in, words)
    else:
        rows = [_row(checked, candidate, shown_in, words) for candidate in _wanted(checked, kinds, search)]
    if format == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    if not rows and search is not None:
        click.echo(_nothing(checked, search), err=True)
        return 0
    from kpidsl.report.listing import render_listing
    from kpidsl.report.text import shown_text

    columns = [_said(column, words) for column in ("kind", "name", "type", "label")]
    shown = [
        {
            column: None if value is None else shown_text(value)
            for column, value in zip(columns, row.values(), strict=True)
        }
        for row in rows
    ]
    click.echo(render_listing(columns, shown, width=table_width(sys.stdout)).rstrip("\n"))
    return 0


def _said(text: str, words: Mapping[str, str], *parts: object) -> str:
    """Return a text in words, with its parts in their places."""
    return words.get(text, text).format(*parts)


def _kinds(word: str | None) -> tuple[str, ...]:
    """Return the kinds that a word asks for, singular or plural; none: all that projects define."""
    if word is None:
        return ()
    if word.lower() in _UNAVAILABLE:
        return _UNAVAILABLE
    plural = word.lower() if word.lower().endswith("s") else f"{word.lower()}s"
    if plural in (*_KINDS, "members"):
        return _MEMBERS if plural == "members" else (plural,)
    from kpidsl.diagnostics import did_you_mean
    from kpidsl.loading.other_words import keys_meant

    meant = keys_meant(word.lower(), _KINDS)
    known = did_you_mean(plural, (*_KINDS, "members")) or (meant and f"write `kpidsl list {meant[0]}`")
    hint = known or "the kinds are members, " + ", ".join(_KINDS)
    raise click.UsageError(f"there is no kind `{word}` of definitions; {hint}")


def _wanted(checked: CheckedProject, kinds: tuple[str, ...], search: str | None) -> list[Candidate]:
    from kpidsl.words.finding import Candidate, candidates, words_of_time
    from kpidsl.words.finding import search as searched
    from kpidsl.words.times import role_names

    project = checked.project
    found = candidates(project) if search is None else searched(project, search)
    if search is None and kinds:
        roles = (Candidate("role", name, (name,), None) for name in role_names(checked))
        found = (*found, *roles, *words_of_time(project))
    by_kind = sorted(found, key=lambda one: _KINDS.index(f"{one.kind}s"))
    return [one for one in by_kind if not kinds or f"{one.kind}s" in kinds]


def _unavailable(
    project: Project, search: str | None, locale: str, words: Mapping[str, str]
) -> list[dict[str, str | None]]:
    """Return the metrics and KPIs that are left out, each with the datasets and columns that it lacks."""
    from kpidsl.words.finding import candidates
    from kpidsl.words.finding import search as searched
    from kpidsl.words.written import told

    whole = project.unbound or project
    found = candidates(whole) if search is None else searched(whole, search)
    rows: list[dict[str, str | None]] = []
    for one in found:
        lack = project.lacking.get(("kpis", one.name)) if one.kind in ("metric", "kpi") else None
        if lack is not None:
            lacks = _said("lacks {0}", words, ", ".join((*lack.datasets, *lack.columns)))
            label = told(whole.metrics[one.name].label, locale)
            rows.append({"kind": _said(one.kind, words), "name": one.name, "type": lacks, "label": label})
    return rows


def _nothing(checked: CheckedProject, search: str) -> str:
    from kpidsl.report.text import shown_text
    from kpidsl.words.finding import close

    near = " or ".join(f"`{one.name}`" for one in close(checked.project, search))
    hint = f"; did you mean {near}?" if near else ""
    return f"nothing has `{shown_text(search)}` in its name, label, synonyms or description{hint}"


def _row(
    checked: CheckedProject, one: Candidate, locale: str, words: Mapping[str, str]
) -> dict[str, str | None]:
    from kpidsl.words.times import type_of_word
    from kpidsl.words.written import told

    project = checked.project
    if one.kind == "dataset":
        dataset = project.datasets[one.name]
        label, type = (
            told(dataset.label, locale) or told(dataset.description, locale),
            _said("key {0}", words, ", ".join(dataset.key)),
        )
    elif one.kind == "dimension":
        label, type = told(project.dimensions[one.name].label, locale), _dimension_type(checked, one.name)
    elif one.kind == "calendar":
        label, type = None, ", ".join(project.calendars[one.name].grains)
    elif one.kind in ("grain", "part", "role"):
        label, type = None, type_of_word(checked, one.name)
    elif one.kind == "filter":
        named = project.filters[one.name]
        label, type = told(named.label, locale), named.condition.text
    elif one.kind == "parameter":
        parameter = project.parameters[one.name]
        label = told(parameter.label, locale)
        type = _said("list of {0}" if parameter.is_list else "{0}", words, parameter.type)
    elif one.kind == "objective":
        objective = project.objectives[one.name]
        label = told(objective.label, locale)
        type = _said("{0} of {1}", words, objective.kind, objective.kpi.text.strip())
    elif one.kind == "scorecard":
        scorecard = project.scorecards[one.name]
        label, count = told(scorecard.label, locale), len(scorecard.objectives)
        type = _said("1 objective" if count == 1 else "{0} objectives", words, count)
    else:
        metric = checked.metrics[one.name]
        label, type = told(metric.definition.label, locale), str(metric.type)
    return {"kind": _said(one.kind, words), "name": one.name, "type": type, "label": label}


def _dimension_type(checked: CheckedProject, name: str) -> str:
    from kpidsl.diagnostics import Sink
    from kpidsl.semantics.bound import DimensionMember

    return str(checked.types.of(DimensionMember(name), checked.project.dimensions[name].span, Sink()))
