"""The last part of the pipeline on one page: a question to a checked project, or its plan, to SQL.

Before it are `checking`, a folder of definitions to a checked project, and `planning`, a question to a plan.

Each stage is a function `(input, Sink) -> output`; a user's mistake goes to the sink and the stage
goes on. Nothing here touches clock, network or environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from kpidsl.contexts.pushed import Leaves
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import QueryText
from kpidsl.plan.results import Sort
from kpidsl.planning import PlannedQuery, Strategy, plan_objective, plan_query
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.instants import day_cut
from kpidsl.semantics.queries import CheckedQuery
from kpidsl.source import SourceFile, Span
from kpidsl.sql.depth import depth, readings
from kpidsl.sql.dialects import DIALECTS, Dialect
from kpidsl.sql.emit import finished, formatted
from kpidsl.sql.errors import (
    too_deep,
    too_many_inside,
    too_many_readings,
    too_many_steps,
    unknown_dialect,
    unsupported,
)
from kpidsl.sql.fewer_ctes import ctes_of
from kpidsl.sql.refusals import place_of
from kpidsl.sql.relations import lower
from kpidsl.sql.scope import Places

if TYPE_CHECKING:
    from kpidsl.semantics.objectives import Promise


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
    if (too_large := _too_large(whole, dialect, first)) is not None:
        sink.report(too_large)
        return None
    sql = formatted(whole, dialect)
    told = None if dialect.too_deep is None else dialect.too_deep(sql)
    if told is not None:
        cut_day = day_cut(planned.query.as_of, planned.query.project.project)
        sink.report(too_deep(first, dialect.name, told, cut_day))
        return None
    return CompiledQuery(planned, dialect, sql)


def _too_large(whole: exp.Expr, dialect: Dialect, place: Span) -> Diagnostic | None:
    """Return what is told of a statement that is more than the dialect's engine takes, or None."""
    bounds = (
        (dialect.most_inside, depth, too_many_inside),
        (dialect.most_ctes if dialect.has_no_more_ctes else None, ctes_of, too_many_steps),
        (dialect.most_readings, readings, too_many_readings),
    )
    for most, measure, told in bounds:
        if most is not None and (found := measure(whole)) > most:
            return told(place, dialect.name, most, found)
    return None


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
