"""Metrics and KPIs that are called nearly so: by their name, label or synonyms, or a word of the name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from kpidsl.diagnostics import Diagnostic, as_name, did_you_mean
from kpidsl.model.definitions import Metric, Project
from kpidsl.semantics.errors import close_or_all, unknown
from kpidsl.source import Span
from kpidsl.syntax.other_functions import CLOCKS

_MOST_LISTED = 12
_LEAST_LETTERS = 4
_MOST = 3
_NEARLY_THE_SAME = 0.85


def unknown_metric(span: Span, name: str, project: Project, others: Iterable[str] = ()) -> Diagnostic:
    """Return the report of a name that is none; `others` are names that may stand there too."""
    known = (*project.metrics, *others)
    help = None if name in CLOCKS else did_you_mean(name, known) or near_metrics(project, name)
    return unknown(span, "metric or KPI", name, known, help)


def near_metrics(project: Project, name: str) -> str:
    """Return the help for a name that no metric or KPI has.

    Names come before what is said of them, and these before names that share a word.
    """
    known = project.metrics
    close = did_you_mean(name, known)
    if close is not None:
        return close
    called = {as_name(word): metric.name for metric in known.values() for word in _words(metric)}
    # Of what is said of them only what is nearly the same: `mrr` is no `grr`.
    words = get_close_matches(as_name(name), called, _MOST, _NEARLY_THE_SAME)
    found = [called[word] for word in words] or _with_its_words(project, name)
    if found:
        return "did you mean " + " or ".join(f"`{one}`" for one in dict.fromkeys(found)) + "?"
    if len(known) <= _MOST_LISTED:
        return close_or_all(name, known)
    longest = max(as_name(name).split("_"), key=len)
    return f"`kpidsl list --search {longest}` looks for a word in names, labels, synonyms and descriptions"


def _words(metric: Metric) -> tuple[str, ...]:
    synonyms = (word for words in metric.synonyms.values() for word in words)
    return (*metric.label.values(), *synonyms)


def _with_its_words(project: Project, name: str) -> list[str]:
    """Return the metrics that share most words with a name, but for short words."""
    wanted = {word for word in as_name(name).split("_") if len(word) >= _LEAST_LETTERS}
    shared = {one: len(wanted.intersection(one.split("_"))) for one in project.metrics}
    most = max(shared.values(), default=0)
    found = [one for one, count in shared.items() if count == most and most]
    # A word that many have tells them apart no better than any other.
    return sorted(found, key=len) if len(found) <= _MOST else []
