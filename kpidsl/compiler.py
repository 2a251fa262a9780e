"""The second half of the pipeline on one page: a checked project and a question to SQL.

The first half, a folder of definitions to a checked project, is `checking`.

Each stage is a function `(input, Sink) -> output`; a user's mistake goes to the sink and the stage
goes on. Nothing here touches clock, network or environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpidsl.contexts.leaves import Leaves
from kpidsl.contexts.parameters import used_parameters, warn_of_unused
from kpidsl.contexts.push import push
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import QueryText
from kpidsl.plan import lowering
from kpidsl.plan.results import Sort
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import Promise
from kpidsl.semantics.parameter_values import Values
from kpidsl.semantics.queries import CheckedQuery, check_query
from kpidsl.source import SourceFile, Span
from kpidsl.sql.depth import depth
from kpidsl.sql.dialects import DIALECTS, Dialect
from kpidsl.sql.emit import finished, formatted
from kpidsl.sql.errors import too_deep, too_many_inside, too_many_steps, unknown_dialect, unsupported
from kpidsl.sql.fewer_ctes import ctes_of
from kpidsl.sql.refusals import place_of
from kpidsl.sql.relations import lower
from kpidsl.sql.scope import Places

Strategy = Literal["fast", "naive"]


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """A query that is right, with its plan: the same for every dialect."""

    query: CheckedQuery
    leaves: Leaves
    plan: Sort
    parameters: Values
    """The parameters that the answer rests on, with their values."""


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """A query in every form that it had, the last being the SQL."""

    planned: PlannedQuery
    dialect: Dialect
    sql: str

    @property
    def query(self) -> CheckedQuery:
        return self.planned.query

    @property
    def leaves(self) -> Leaves:
        return self.planned.leaves

    @property
    def plan(self) -> Sort:
        return self.planned.plan


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


def write_query(planned: PlannedQuery, dialect_name: str, sink: Sink) -> CompiledQuery | None:
    """Return a planned query's SQL in a dialect, or None after reporting what the dialect cannot do."""
    dialect = DIALECTS.get(dialect_name)
    if dialect is None:
        source = SourceFile("--dialect", dialect_name)
        sink.report(unknown_dialect(Span(source, 0, len(dialect_name)), dialect_name, DIALECTS))
        return None
    before = sink.errors
    leaves, plan = planned.leaves, planned.plan
    places = Places(
        {slot.name: leaf.span for slot, leaf in zip(plan.compute.slots, leaves.leaves, strict=False)},
        {shown.name: shown.asked.span for shown in planned.query.shown},
    )
    tree = lower(plan, planned.query.project, dialect, places, sink)
    if sink.errors > before:
        return None
    refusal = None if dialect.refuses is None else dialect.refuses(tree)
    if refusal is not None:
        place = (refusal.node and place_of(refusal.node)) or places.first
        sink.report(unsupported(place, refusal.construct, dialect.name, refusal.reason, refusal.help))
        return None
    whole = finished(tree, dialect)
    first = places.first
    if dialect.most_inside is not None and (inside := depth(whole)) > dialect.most_inside:
        sink.report(too_many_inside(first, dialect.name, dialect.most_inside, inside))
        return None
    most = dialect.most_ctes if dialect.has_no_more_ctes else None
    if most is not None and (steps := ctes_of(whole)) > most:
        sink.report(too_many_steps(first, dialect.name, most, steps))
        return None
    sql = formatted(whole, dialect)
    told = None if dialect.too_deep is None else dialect.too_deep(sql)
    if told is not None:
        sink.report(too_deep(first, dialect.name, told))
        return None
    return CompiledQuery(planned, dialect, sql)


def compile_query(
    project: CheckedProject, text: QueryText, dialect_name: str, sink: Sink, strategy: Strategy = "fast"
) -> CompiledQuery | None:
    """Return a query's SQL in a dialect, or None after reporting why there is none."""
    planned = plan_query(project, text, sink, strategy)
    if planned is None:
        return None
    return write_query(planned, dialect_name, sink)


def compile_objective(
    project: CheckedProject,
    objective: Promise,
    text: QueryText,
    dialect_name: str,
    sink: Sink,
    strategy: Strategy = "fast",
) -> CompiledQuery | None:
    """Return the SQL that evaluates an objective, or None after reporting why there is none."""
    planned = plan_objective(project, objective, text, sink, strategy)
    return None if planned is None else write_query(planned, dialect_name, sink)
