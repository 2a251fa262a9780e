"""Labels where a name is due, `2 * Average fee`, and keys that are left out: the names that are meant."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Metric, Project
from kpidsl.semantics import errors, query_errors, terms_errors
from kpidsl.semantics.sequence_keys import with_key
from kpidsl.semantics.unavailable import unavailable_by_words
from kpidsl.source import Span
from kpidsl.syntax import errors as syntax_errors

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TOLD = (
    errors.UNKNOWN,
    query_errors.BAD_ORDER,
    query_errors.HAVING,
    syntax_errors.SYNTAX,
    syntax_errors.CASE,
    syntax_errors.LOOK_ALIKE,
)
"""What is told of a label in a formula: its words are not names, or not known ones."""


def tell_names(sink: Sink, since: int, project: Project) -> None:
    """Put the project's names into what was reported from the place `since` on."""
    reported = sink.reported
    if not any(told.rule in _TOLD for told in reported[since:]):
        return
    bearers = _bearers(project)
    known = _known(project)
    reported[since:] = [
        everyday_words(told, bearers, project) or _with_name(told, bearers, known, project)
        for told in reported[since:]
    ]


def everyday_words(
    told: Diagnostic, bearers: Mapping[str, tuple[str, ...]], project: Project
) -> Diagnostic | None:
    """Return what to say of words in the place of a KPI by which several are called, or none there."""
    source = told.primary.span.source
    if told.rule not in _TOLD or told.primary.span.location().path != "KPI":
        return None
    words = source.text.strip().lower()
    names = bearers.get(words, ())
    missing = [
        name
        for (section, name), lack in project.lacking.items()
        if section == "kpis" and words in {word.strip().lower() for word in lack.words}
    ]
    if any(name not in project.metrics for name in names) or len(names) + len(missing) == len(names) == 1:
        return None
    place = Span.of(source)
    if not names:
        return unavailable_by_words(project, place, missing)
    found = [(name, tuple(dict.fromkeys(project.metrics[name].label.values()))) for name in names]
    return terms_errors.variants(place, source.text.strip(), found, missing)


def _with_name(
    told: Diagnostic, bearers: Mapping[str, tuple[str, ...]], known: Container[str], project: Project
) -> Diagnostic:
    """Return what was told, or that it is a label; of `known` names only capitals are told."""
    if told.rule not in _TOLD:
        return told
    place, text = told.primary.span, told.primary.span.source.text
    found: Span | None = None
    for label in bearers:
        for at in re.finditer(rf"(?<![\w'.]){re.escape(label)}(?!\w)", text, re.IGNORECASE):
            touches = at.start() <= place.start < at.end() or place.start <= at.start() < place.end
            if touches and (found is None or at.end() - at.start() > found.end - found.start):
                found = Span(place.source, at.start(), at.end())
    if found is None:
        return with_key(told, project)
    names = bearers[found.excerpt().lower()]
    written = found.excerpt()
    is_name = written in names or (told.rule is syntax_errors.CASE and written.lower() in known)
    # What is like a name in a definition is meant as one: a column that there is not.
    is_name = is_name or (_NAME.fullmatch(written) is not None and _is_defined(found))
    return told if is_name else errors.label_as_name(found, names)


def _is_defined(place: Span) -> bool:
    return place.location().path.endswith((".yml", ".yaml"))


def _known(project: Project) -> frozenset[str]:
    columns = (name for dataset in project.datasets.values() for name in (*dataset.columns, *dataset.joins))
    return frozenset((*project.datasets, *project.metrics, *project.dimensions, *project.filters, *columns))


def _bearers(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the metrics, KPIs and dimensions that have a label, by it in small letters."""
    found: dict[str, dict[str, None]] = {}
    for label, name in _labels(project):
        if label.strip():
            found.setdefault(label.strip().lower(), {})[name] = None
    return {label: tuple(names) for label, names in found.items()}


def called(metric: Metric) -> Iterator[str]:
    """Yield what people call a metric: its labels, its synonyms, the everyday name that it shares."""
    yield from metric.label.values()
    for texts in metric.synonyms.values():
        yield from texts
    if (everyday := metric.terms.variant_of) is not None:
        yield from (everyday, everyday.replace("_", " "))


def _labels(project: Project) -> Iterator[tuple[str, str]]:
    for metric in project.metrics.values():
        yield from ((label, metric.name) for label in called(metric))
    for dimension in project.dimensions.values():
        yield from ((label, dimension.name) for label in dimension.label.values())
