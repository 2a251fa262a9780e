"""The middle of the pipeline on one page: a checked project and a question to a plan.

The plan is the same for every dialect, so nothing of SQL is loaded for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kpidsl.contexts.parameters import used_parameters, warn_of_unused
from kpidsl.contexts.push import push
from kpidsl.contexts.pushed import Leaves
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import QueryText
from kpidsl.plan import lowering
from kpidsl.plan.results import Sort
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.parameter_values import Values
from kpidsl.semantics.queries import CheckedQuery, check_query

if TYPE_CHECKING:
    from kpidsl.semantics.objectives import Promise

Strategy = Literal["fast", "naive"]


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """A query that is right, with its plan: the same for every dialect."""

    query: CheckedQuery
    leaves: Leaves
    plan: Sort
    parameters: Values
    """The parameters that the answer rests on, with their values."""


def plan_query(
    project: CheckedProject, text: QueryText, sink: Sink, strategy: Strategy = "fast"
) -> PlannedQuery | None:
    """Return a query's plan, or None after reporting what is wrong with the query."""
    before = sink.errors
    query = check_query(project, text, sink)
    return None if query is None else _planned(query, text, before, sink, strategy)


def plan_objective(
    project: CheckedProject,
    objective: Promise,
    text: QueryText,
    sink: Sink,
    strategy: Strategy = "fast",
) -> PlannedQuery | None:
    """Return the plan of an objective, or None after reporting what is wrong with what is asked of it.

    The text asks for an instant, and maybe for a period, for some of the rows, for an order.
    """
    from kpidsl.objectives.queries import check_objective

    before = sink.errors
    query = check_objective(project, objective, text, sink)
    return None if query is None else _planned(query, text, before, sink, strategy)


def _planned(
    query: CheckedQuery, text: QueryText, before: int, sink: Sink, strategy: Strategy
) -> PlannedQuery | None:
    """Return a checked query's plan, or None where anything is wrong that was not `before` the query."""
    leaves = push(query, sink)
    if leaves is None:
        return None
    parameters = used_parameters(leaves, query.project, query.parameters, sink)
    warn_of_unused(text.parameters, parameters, sink)
    if sink.errors > before:
        return None
    plan = (lowering.fast if strategy == "fast" else lowering.naive)(leaves, query.project.project)
    return PlannedQuery(query, leaves, plan, parameters)
