"""What is asked of an objective, to a query."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import QueryText
from kpidsl.objectives.evaluate import prepared
from kpidsl.objectives.milestones import Milestone
from kpidsl.objectives.part_by_part import PartByPart
from kpidsl.objectives.scorecard_query import prepared_scorecard
from kpidsl.objectives.when import When
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.instants import as_of_asked
from kpidsl.semantics.move_errors import no_as_of
from kpidsl.semantics.objectives import CheckedScorecard, Promise
from kpidsl.semantics.prepared import Prepared
from kpidsl.semantics.queries import CheckedQuery, check_query
from kpidsl.semantics.shown import around, periods_of
from kpidsl.source import Span


def check_objective(
    project: CheckedProject, objective: Promise, text: QueryText, sink: Sink
) -> CheckedQuery | None:
    """Return the query that evaluates an objective or a scorecard, or None after reporting what is wrong."""
    if text.as_of is None:
        what = "scorecard" if isinstance(objective, CheckedScorecard) else "objective"
        sink.report(no_as_of(objective.definition.span, f"the {what} `{objective.name}`"))
        return None
    span = Span.of(text.as_of)
    as_of = as_of_asked(text.as_of, span, project.project, sink)
    if as_of is None:
        return None
    asked = around(
        periods_of(text.periods, as_of, project.project, Sink())
    )  # mistakes are told with the query's
    return check_query(project, text, sink, _prepared(project, objective, When(as_of, asked)))


def _prepared(project: CheckedProject, objective: Promise, when: When) -> Prepared:
    if isinstance(objective, CheckedScorecard):
        return prepared_scorecard(project, objective, when)
    if objective.each is not None:
        return PartByPart(project, objective, objective.each, when).prepared()
    if objective.kind == "milestone":
        return Milestone(project, objective, when).prepared()
    return prepared(project, objective, when)
