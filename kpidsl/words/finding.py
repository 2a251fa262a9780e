"""Definitions by what people call them: name, label or synonym, in either language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from kpidsl.diagnostics.suggestions import nearest
from kpidsl.model.definitions import Dataset, Dimension, Metric, NamedFilter, Parameter, Project
from kpidsl.source import Span

Kind = Literal["dataset", "dimension", "filter", "parameter", "metric", "kpi"]
_APART = str.maketrans("_-’'\u00a0\u202f", "      ")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition: `words` is everything that it is called, its name first."""

    kind: Kind
    name: str
    words: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


def plain(text: str) -> str:
    """Return a text as it is compared: without accents, case, and what stands between words."""
    spread = unicodedata.normalize("NFKD", text.translate(_APART))
    bare = "".join(character for character in spread if not unicodedata.combining(character))
    return " ".join(bare.casefold().split())


def candidates(project: Project) -> Iterator[Candidate]:
    """Yield every definition with what it is called."""
    for dataset in project.datasets.values():
        yield Candidate("dataset", dataset.name, _words(dataset), dataset.span)
    for dimension in project.dimensions.values():
        yield Candidate("dimension", dimension.name, _words(dimension), dimension.span)
    for named in project.filters.values():
        yield Candidate("filter", named.name, _words(named), named.span)
    for parameter in project.parameters.values():
        yield Candidate("parameter", parameter.name, _words(parameter), parameter.span)
    for metric in project.metrics.values():
        synonyms = (word for words in metric.synonyms.values() for word in words)
        everyday = () if metric.terms.variant_of is None else (metric.terms.variant_of,)
        yield Candidate(metric.kind, metric.name, (*_words(metric), *synonyms, *everyday), metric.span)


def _words(definition: Dataset | Dimension | NamedFilter | Parameter | Metric) -> tuple[str, ...]:
    return (definition.name, *definition.label.values())


def find(project: Project, wanted: str) -> tuple[Candidate, ...]:
    """Return the definitions of that name, or else all that are called so: none, one or several."""
    everything = tuple(candidates(project))
    named = tuple(one for one in everything if one.name == wanted)
    if named:
        # A dataset may share its name with a KPI: the figure is what people ask about.
        return tuple(sorted(named, key=lambda one: one.kind not in ("metric", "kpi")))[:1]
    bare = plain(wanted)
    return tuple(one for one in everything if bare and any(plain(word) == bare for word in one.words))


def search(project: Project, wanted: str) -> tuple[Candidate, ...]:
    """Return the definitions in whose names, labels and synonyms every word of a text occurs."""
    words = plain(wanted).split()
    return tuple(
        one for one in candidates(project) if all(word in " / ".join(map(plain, one.words)) for word in words)
    )


def close(project: Project, wanted: str) -> tuple[Candidate, ...]:
    """Return at most three definitions that are called nearly so, the nearest first."""
    called: dict[str, Candidate] = {}
    for one in candidates(project):
        for word in one.words:
            called.setdefault(plain(word), one)
    return tuple(dict.fromkeys(called[word] for word in nearest(plain(wanted), called)))
