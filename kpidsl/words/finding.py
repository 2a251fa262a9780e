"""Definitions by what people call them: name, label or synonym, in either language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from kpidsl.diagnostics.suggestions import nearest
from kpidsl.model.definitions import Dataset, Dimension, Metric, NamedFilter, Parameter, Project
from kpidsl.model.grains import PARTS
from kpidsl.model.objectives import Objective, Scorecard
from kpidsl.source import Span
from kpidsl.words.times import role_named

Kind = Literal[
    "dataset",
    "calendar",
    "dimension",
    "grain",
    "part",
    "role",
    "filter",
    "parameter",
    "metric",
    "kpi",
    "objective",
    "scorecard",
]
_APART = str.maketrans("_-’'\u00a0\u202f", "      ")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition, or a word of time: `words` is everything that it is called, its name first.

    `said` is what its author wrote about it. A word of time stands in no file and has no `span`.
    """

    kind: Kind
    name: str
    words: tuple[str, ...]
    span: Span | None = field(compare=False, repr=False)
    said: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Return a text as it is compared: without accents, case, and what stands between words."""
    spread = unicodedata.normalize("NFKD", text.translate(_APART))
    bare = "".join(character for character in spread if not unicodedata.combining(character))
    return " ".join(bare.casefold().split())


def candidates(project: Project) -> Iterator[Candidate]:
    """Yield every definition with what it is called."""
    for dataset in project.datasets.values():
        yield Candidate("dataset", dataset.name, _words(dataset), dataset.span, _said(dataset))
    for calendar in project.calendars.values():
        yield Candidate("calendar", calendar.name, (calendar.name,), calendar.span)
    for dimension in project.dimensions.values():
        if dimension.is_available:
            yield Candidate("dimension", dimension.name, _words(dimension), dimension.span, _said(dimension))
    for named in project.filters.values():
        yield Candidate("filter", named.name, _words(named), named.span, _said(named))
    for parameter in project.parameters.values():
        yield Candidate("parameter", parameter.name, _words(parameter), parameter.span, _said(parameter))
    for metric in project.metrics.values():
        synonyms = (word for words in metric.synonyms.values() for word in words)
        everyday = () if metric.terms.variant_of is None else (metric.terms.variant_of,)
        words = (*_words(metric), *synonyms, *everyday)
        yield Candidate(metric.kind, metric.name, words, metric.span, _said(metric))
    for objective in project.objectives.values():
        yield Candidate("objective", objective.name, _words(objective), objective.span, _said(objective))
    for card in project.scorecards.values():
        yield Candidate("scorecard", card.name, _words(card), card.span, _said(card))


def words_of_time(project: Project) -> Iterator[Candidate]:
    """Yield the time grains and date parts, the language's own and those of calendars."""
    for grain in project.grains:
        yield Candidate("grain", grain, (grain,), None)
    for part in PARTS:
        yield Candidate("part", part, (part,), None)


def _words(
    definition: Dataset | Dimension | NamedFilter | Parameter | Metric | Objective | Scorecard,
) -> tuple[str, ...]:
    return (definition.name, *definition.label.values())


def _said(
    definition: Dataset | Dimension | NamedFilter | Parameter | Metric | Objective | Scorecard,
) -> tuple[str, ...]:
    return tuple(definition.description.values())


def find(project: Project, wanted: str) -> tuple[Candidate, ...]:
    """Return the definitions of that name, or else all that are called so: none, one or several."""
    everything = (*candidates(project), *words_of_time(project))
    named = namesakes(project, wanted)
    if named:
        return named[:1]
    if role_named(project, wanted) is not None:
        return (Candidate("role", wanted, (wanted,), None),)
    bare = plain(wanted)
    return tuple(one for one in everything if bare and any(plain(word) == bare for word in one.words))


def unavailable_called(project: Project, wanted: str) -> tuple[str, ...]:
    """Return the KPIs that are called so and left out, since what they read is not bound."""
    bare = plain(wanted)
    return tuple(
        name
        for (section, name), lack in project.lacking.items()
        if section == "kpis" and bare in map(plain, lack.words)
    )


def namesakes(project: Project, name: str) -> tuple[Candidate, ...]:
    """Return all definitions of exactly that name.

    A dataset may share its name with a KPI: the figure is what people ask about, and comes first.
    """
    everything = (*candidates(project), *words_of_time(project))
    named = (one for one in everything if one.name == name)
    return tuple(sorted(named, key=lambda one: one.kind not in ("metric", "kpi")))


def search(project: Project, wanted: str) -> tuple[Candidate, ...]:
    """Return what has every word of a text in its names, labels, synonyms and descriptions."""
    words = plain(wanted).split()
    return tuple(
        one
        for one in (*candidates(project), *words_of_time(project))
        if all(word in " / ".join(map(plain, (*one.words, *one.said))) for word in words)
    )


def close(project: Project, wanted: str) -> tuple[Candidate, ...]:
    """Return at most three definitions that are called nearly so, the nearest first."""
    called: dict[str, Candidate] = {}
    for one in (*candidates(project), *words_of_time(project)):
        for word in one.words:
            called.setdefault(plain(word), one)
    return tuple(dict.fromkeys(called[word] for word in nearest(plain(wanted), called)))
