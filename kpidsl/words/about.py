"""What people wrote about a metric, and the facts of it that stand on one line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpidsl.model.definitions import Metric
from kpidsl.semantics.printing import constant
from kpidsl.semantics.unit_facts import text_of
from kpidsl.words.language import Language, code
from kpidsl.words.windows import length
from kpidsl.words.written import type_name, unit_name

if TYPE_CHECKING:
    from kpidsl.words.metric import MetricPage


def about(page: MetricPage, language: Language) -> Iterator[str]:
    """Yield what people wrote about a metric, each fact on its line."""
    metric, facts = page.metric, page.facts
    synonyms = metric.synonyms.get(language.code) or metric.synonyms.get("") or ()
    others = [word for key, words in metric.synonyms.items() if key != language.code for word in words]
    unit = text_of(page.bound.unit)
    found: dict[str, str | None] = {
        "unit": None if unit is None else unit_name(unit, language),
        "type": type_name(facts.type, language),
        "bounds": _bounds(metric, language),
        "maturity": _maturity(page),
        "better": None if metric.direction is None else language.say(metric.direction),
        "deprecated": _deprecated(metric, language),
        "variant": None if metric.terms.variant_of is None else code(metric.terms.variant_of),
        "owner": metric.owner,
        "synonyms": ", ".join(dict.fromkeys((*synonyms, *others))) or None,
        "stage": metric.stage,
        "tags": ", ".join(metric.tags) or None,
        "references": ", ".join(metric.references) or None,
        "reads": language.semicolon(
            [f"{name} ({', '.join(columns)})" for name, columns in facts.reads.items()]
        ),
        "parameters": language.semicolon([_parameter(page, name) for name in facts.parameters]),
        "tests": _tests(metric, language),
    }
    for key, value in found.items():
        if value:
            yield f"{language.say(key)}{language.colon}{value}"


def _parameter(page: MetricPage, name: str) -> str:
    language = page.language
    values = ", ".join(map(constant, page.project.defaults.get(name, ())))
    default = language.say("default", code(values)) if values else language.say("no default")
    return f"{code(name)} ({default})"


def _bounds(metric: Metric, language: Language) -> str | None:
    bounds = metric.terms.bounds
    if bounds is None:
        return None
    ends = [("at least", bounds.low), ("at most", bounds.high)]
    return language.both([language.say(row, language.figure(end)) for row, end in ends if end is not None])


def _maturity(page: MetricPage) -> str | None:
    found = page.project.metrics[page.metric.name].maturity
    return None if found is None else page.language.say("once old", length(found, page.language))


def _deprecated(metric: Metric, language: Language) -> str | None:
    deprecated = metric.terms.deprecated
    if deprecated is None:
        return None
    parts = [
        language.say("deprecated since", deprecated.since) if deprecated.since else None,
        language.say("deprecated use", code(deprecated.use)) if deprecated.use else None,
    ]
    return language.semicolon([part for part in parts if part]) or language.say("true")


def _tests(metric: Metric, language: Language) -> str:
    if not metric.tests:
        return language.say("no tests")
    return f"{len(metric.tests)} ({language.semicolon([test.name for test in metric.tests])})"
