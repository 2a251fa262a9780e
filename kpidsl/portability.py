"""Can every definition of a project be said in a dialect? Each is compiled in the ways it can be asked.

A KPI is asked alone and by month, over all time, over a period, and as of a moment within a day; a
column, a dimension and a grain of time by what counts the rows of each dataset that has it. What the other
stages say of such a question, that a KPI has no time or needs a period, is no matter here.
"""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.compiler import compile_objective, compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import QueryParts, query_text
from kpidsl.promises import asked_of, placed_at, promises
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import SourceFile, Span
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.errors import unknown_dialect

_WAYS: tuple[QueryParts, ...] = (
    {},
    {"by": "month"},
    {"period": "2026"},
    {"by": "month", "period": "2026", "as_of": "2026-06-15 12:00"},
)
"""What is within a formula is in these; what a query adds (`having`, `top`, totals) is ordinary SQL."""

_Asked = tuple[str, QueryParts, Span]
"""A KPI, the other parts of a query, and the place to show for what is not in a file."""


def check_dialect(project: CheckedProject, dialect: str, sink: Sink) -> None:
    """Report every construct of the project's definitions that a dialect cannot say, at its place."""
    if dialect not in DIALECTS:
        unknown = Span(SourceFile("--dialect", dialect), 0, len(dialect))
        sink.report(unknown_dialect(unknown, dialect, DIALECTS))
        return
    for kpi, parts, span in (*_metrics(project), *_datasets(project), *_groups(project)):
        asked = Sink()
        compile_query(project, query_text(kpi, **parts), dialect, asked)
        sink.extend(placed_at(d, span) for d in asked.diagnostics() if d.code.startswith("dialect/"))
    for promise in promises(project):
        asked = Sink()
        compile_objective(project, promise, asked_of(promise), dialect, asked)
        span = promise.definition.span
        sink.extend(placed_at(d, span) for d in asked.diagnostics() if d.code.startswith("dialect/"))


def _metrics(project: CheckedProject) -> Iterator[_Asked]:
    for name, metric in project.project.metrics.items():
        for parts in _WAYS:
            yield name, parts, metric.span


def _datasets(project: CheckedProject) -> Iterator[_Asked]:
    for name, dataset in project.project.datasets.items():
        yield f"x = count({name})", {}, dataset.span
        for column in dataset.columns.values():
            if column.is_derived:
                yield f"x = count_distinct({name}.{column.name})", {}, column.span
        for join in dataset.joins.values():
            yield (
                f"x = count({name} where {join.name}.{_key(project, join.target)} is not null)",
                {},
                join.span,
            )


def _key(project: CheckedProject, dataset: str) -> str:
    found = project.project.datasets[dataset]
    return found.key[0] if found.key else next(iter(found.columns))


def _groups(project: CheckedProject) -> Iterator[_Asked]:
    for name, dimension in project.project.dimensions.items():
        for dataset in dimension.sources:
            yield f"x = count({dataset})", {"by": name}, dimension.source_spans[dataset]
    for name, rule in project.project.grains.items():
        for dataset, definition in project.project.datasets.items():
            calendar = project.project.calendars[rule.calendar] if rule.calendar else None
            span = definition.span if calendar is None else calendar.grain_spans[name]
            yield f"x = count({dataset})", {"by": name, "period": "2026"}, span
