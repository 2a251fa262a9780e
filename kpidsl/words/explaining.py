"""A definition in words, or as facts: what `explain` and Python show."""

from __future__ import annotations

from kpidsl.planning import PlannedQuery
from kpidsl.semantics.check import CheckedProject
from kpidsl.words.data import Facts, dataset_facts, dimension_facts, metric_facts
from kpidsl.words.dataset import dataset_page, dimension_page
from kpidsl.words.english import ENGLISH
from kpidsl.words.finding import Candidate
from kpidsl.words.forms import forms_facts, usual_query
from kpidsl.words.french import FRENCH
from kpidsl.words.language import Language, Locale
from kpidsl.words.metric import metric_page
from kpidsl.words.objective import objective_page
from kpidsl.words.objective_facts import objective_facts
from kpidsl.words.page import Page, render_page
from kpidsl.words.scorecard import scorecard_facts, scorecard_page
from kpidsl.words.times import (
    calendar_facts,
    calendar_page,
    grain_facts,
    grain_page,
    part_facts,
    part_page,
    role_facts,
    role_page,
)
from kpidsl.words.vocabulary import filter_facts, filter_page, parameter_facts, parameter_page

LANGUAGES: dict[Locale, Language] = {"en": ENGLISH, "fr": FRENCH}


def page_of(
    project: CheckedProject, found: Candidate, locale: Locale, planned: PlannedQuery | None = None
) -> Page:
    """Return a definition's page; a metric is told to be computed as in a plan, or as usually asked."""
    language = LANGUAGES[locale]
    match found.kind:
        case "dataset":
            return dataset_page(project, found.name, language)
        case "calendar":
            return calendar_page(project, found.name, language)
        case "dimension":
            return dimension_page(project, found.name, language)
        case "grain":
            return grain_page(project, found.name, language)
        case "part":
            return part_page(project, found.name, language)
        case "role":
            return role_page(project, found.name, language)
        case "filter":
            return filter_page(project, found.name, language)
        case "parameter":
            return parameter_page(project, found.name, language)
        case "metric" | "kpi":
            return metric_page(project, found.name, language, planned)
        case "objective":
            return objective_page(project, found.name, language)
        case "scorecard":
            return scorecard_page(project, found.name, language)


def explained(
    project: CheckedProject,
    found: Candidate,
    locale: Locale,
    width: int,
    planned: PlannedQuery | None = None,
) -> str:
    """Return a definition in words, fitted to a width."""
    return render_page(page_of(project, found, locale, planned), width)


def facts(project: CheckedProject, found: Candidate, planned: PlannedQuery | None = None) -> Facts:
    """Return a definition's facts as data."""
    match found.kind:
        case "dataset":
            return dataset_facts(project, found.name)
        case "calendar":
            return calendar_facts(project.project.calendars[found.name])
        case "dimension":
            return dimension_facts(project, found.name)
        case "grain":
            return grain_facts(project, found.name)
        case "part":
            return part_facts(found.name)
        case "role":
            return role_facts(project, found.name)
        case "filter":
            return filter_facts(project, found.name)
        case "parameter":
            return parameter_facts(project, found.name)
        case "metric" | "kpi":
            made = planned or usual_query(project, found.name)
            told = None if made is None else forms_facts(made)
            return metric_facts(project, found.name) | {"computed": told}
        case "objective":
            return objective_facts(project, found.name)
        case "scorecard":
            return scorecard_facts(project, found.name)
