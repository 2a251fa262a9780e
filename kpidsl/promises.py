"""Can the objectives and scorecards of a project be evaluated at all? Each is planned, for one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from kpidsl.diagnostics import Diagnostic, Label, Sink
from kpidsl.model.definitions import QueryText
from kpidsl.planning import plan_objective
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import Promise
from kpidsl.source import SourceFile, Span


def check_promises(project: CheckedProject, sink: Sink) -> None:
    """Report what hinders objectives and scorecards from being evaluated, whatever the data."""
    told: set[tuple[str, Span]] = set()
    for promise in promises(project):
        asked = Sink()
        plan_objective(project, promise, asked_of(promise), asked)
        for found in asked.diagnostics():
            placed = placed_at(found, promise.definition.span)
            if placed.rule.severity == "error" and (placed.code, placed.primary.span) not in told:
                told.add((placed.code, placed.primary.span))
                sink.report(placed)


def promises(project: CheckedProject) -> Iterator[Promise]:
    yield from project.objectives.values()
    yield from project.scorecards.values()


def asked_of(promise: Promise) -> QueryText:
    """Return the question how an objective or scorecard stands on a day on which it may be asked for."""
    return QueryText(as_of=SourceFile("--as-of", _day_of(promise).isoformat()))


def _day_of(promise: Promise) -> date:
    """Return a day on which an objective or scorecard may be asked for."""
    start, end = promise.effective.start, promise.effective.end
    if start is not None:
        return start + timedelta(days=1)
    return date(2026, 6, 15) if end is None else end


def placed_at(diagnostic: Diagnostic, span: Span) -> Diagnostic:
    """Return a diagnostic at a place in the project's files: a question that nobody wrote has none."""
    path = diagnostic.primary.span.location().path
    if path != "KPI" and not path.startswith("--"):
        return diagnostic
    return replace(diagnostic, primary=Label(span, diagnostic.primary.text))
