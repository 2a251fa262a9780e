"""Datasets and dimensions in words."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.model.definitions import Column, Dataset
from kpidsl.model.types import Kind
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import dimensions_of, facts_of, has_dimension
from kpidsl.syntax import print_formula, tree
from kpidsl.words.joins import join_phrase
from kpidsl.words.language import Language, code
from kpidsl.words.names import Named
from kpidsl.words.page import Line, Page, Section
from kpidsl.words.phrases import Speaker
from kpidsl.words.windows import length
from kpidsl.words.written import spoken, type_name, unit_name


def dataset_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a dataset."""
    dataset = project.project.datasets[name]
    speaker = Speaker(project, language)
    dimensions = ", ".join(code(dimension) for dimension in dimensions_of(name, project))
    users = [*map(code, _readers(project, {name})), *_judged_by(project, name, language)]
    sections = (
        Section(language.say("rows title"), tuple(_rows(project, dataset, speaker))),
        Section(
            language.say("columns"),
            tuple(Line(_column(dataset, c, speaker), 1) for c in dataset.columns.values()),
        ),
        Section(
            language.say("joins"),
            tuple(Line(join_phrase(project, dataset, j, speaker), 1) for j in dataset.joins),
        ),
        Section(language.say("asked by"), (Line(dimensions),) if dimensions else ()),
        Section(language.say("used by"), (Line(", ".join(users) or language.say("nobody")),)),
    )
    label = spoken(dataset.label, language)
    kind = language.say("dataset")
    title = f"{code(name)} ({kind})" if label is None else f"{label} ({kind} {code(name)})"
    return Page(title, spoken(dataset.description, language), sections)


def _rows(project: CheckedProject, dataset: Dataset, speaker: Speaker) -> Iterator[Line]:
    language = speaker.language
    yield Line(language.say("one row", code(dataset.name), " + ".join(map(code, dataset.key))), 1)
    if dataset.table is not None:
        yield Line(language.say("table", ".".join(part.text for part in dataset.table)), 1)
    elif dataset.sql is not None:
        yield Line(language.say("select", dataset.sql.dialect), 1)
    checked = project.datasets[dataset.name]
    if checked.condition is not None:
        yield Line(language.say("always out", speaker.negated(checked.condition, dataset.name)), 1)
    if checked.time is None:
        yield Line(language.say("no time", code(dataset.name)), 1)
    else:
        time = speaker.value(checked.time, dataset.name)
        zone = project.project.timezone
        is_day = checked.time.type.kind is Kind.DATE
        row = "dataset time"
        said = [time]
        if checked.until is not None:
            row = "interval"
            said.append(speaker.value(checked.until, dataset.name))
        yield Line(language.say(row, *said) if is_day else language.say(f"{row} in zone", *said, zone), 1)
    if checked.known_at is not None:
        yield Line(language.say("known at", speaker.value(checked.known_at, dataset.name)), 1)
    elif dataset.lies_ahead:
        yield Line(language.say("plan"), 1)
    if checked.settles_after is not None:
        yield Line(language.say("settles", length(checked.settles_after, language)), 1)
    if dataset.unit is not None:
        yield Line(language.say("counting", code(dataset.unit.text)), 1)


def _column(dataset: Dataset, column: Column, speaker: Speaker) -> str:
    language = speaker.language
    told_parts = [type_name(column.type, language) + (f" {column.type.zone}" if column.type.zone else "")]
    if column.name in dataset.key:
        told_parts.append(language.say("key"))
    if column.unit is not None:
        told_parts.append(unit_name(column.unit.text.strip(), language))
    if column.values:
        told_parts.append(language.say("values", ", ".join(map(language.quoted, column.values))))
    if column.sql is not None:
        told_parts.append(language.say("sql column", column.sql.dialect))
    elif column.expr is None and column.physical.text != column.name:
        told_parts.append(language.say("called", code(column.physical.text)))
    if column.expr is not None:
        value = speaker.project.rows.column(dataset.name, column)
        named = Named(column.name, dataset.name, column.name, value)
        told_parts.append(language.say("computed column", speaker.definition(named)))
    label = spoken(column.label, language)
    called = code(column.name) if label is None else f"{label} ({code(column.name)})"
    said = f"{called}{language.colon}{', '.join(told_parts)}"
    description = spoken(column.description, language)
    return f"{said}. {description}" if description else said


def dimension_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a dimension."""
    dimension = project.project.dimensions[name]
    speaker = Speaker(project, language)
    sources = [
        Line(language.say("from", code(dataset), _source(project, dataset, name, speaker)), 1)
        for dataset, formula in dimension.sources.items()
        if formula.expr is not None
    ]
    further = [
        dataset
        for dataset in project.project.datasets
        if dataset not in dimension.sources and has_dimension(dataset, name, project)
    ]
    if further:
        reached = "reached" if len(further) > 1 else "reached by one"
        sources.append(Line(language.say(reached, language.both([code(d) for d in further])), 1))
    users = [
        metric
        for metric, checked in project.metrics.items()
        if checked.datasets and all(has_dimension(d, name, project) for d in checked.datasets)
    ]
    sections = (
        Section(language.say("sources"), tuple(sources)),
        Section(language.say("asking by"), (Line(", ".join(map(code, users)) or language.say("nobody")),)),
    )
    label = spoken(dimension.label, language)
    kind = language.say("dimension")
    title = f"{code(name)} ({kind})" if label is None else f"{label} ({kind} {code(name)})"
    return Page(title, spoken(dimension.description, language), sections)


def _source(project: CheckedProject, dataset: str, name: str, speaker: Speaker) -> str:
    """Return what gives a dimension on a dataset: the formula, and in words where it computes."""
    formula = project.project.dimensions[name].sources[dataset].expr
    assert formula is not None
    written = code(print_formula(formula))
    if isinstance(formula, tree.Name):
        return written
    value = project.rows.dimension(
        dataset, (), name, project.project.dimensions[name].span, project.rows.sink
    )
    said = speaker.definition(Named(name, dataset, None, value))
    return f"{written}{speaker.language.colon}{said}"


def _readers(project: CheckedProject, datasets: set[str]) -> list[str]:
    """Return the metrics and KPIs that read a dataset, over joins too."""
    return [
        name
        for name, metric in project.metrics.items()
        if datasets & set(facts_of(metric.bound, project).reads)
    ]


def _judged_by(project: CheckedProject, dataset: str, language: Language) -> list[str]:
    """Return the objectives whose targets are rows of a dataset."""
    return [
        language.say("targets read", code(name))
        for name, objective in project.project.objectives.items()
        if objective.target_from is not None and objective.target_from.dataset.text.strip() == dataset
    ]
