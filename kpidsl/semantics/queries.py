"""Queries: what somebody asks, to names that are bound."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Metric, QueryText
from kpidsl.model.types import BOOLEAN, UNKNOWN, Type
from kpidsl.semantics import errors
from kpidsl.semantics.bound import Bound, Grain, Member, MetricRef
from kpidsl.semantics.check import CheckedProject, check_filters, measured
from kpidsl.semantics.formulas import FormulaBinder, MemberBinder, member_named
from kpidsl.semantics.having import having_condition
from kpidsl.semantics.periods import EVERYTHING, Window, parse_period
from kpidsl.semantics.totals import MOST_ROWS, Top, Totals, check_fill, top_asked, totals_asked
from kpidsl.source import Excerpt, SourceFile, SourceText, Span
from kpidsl.syntax import parse_formula, tree
from kpidsl.syntax.errors import too_deep
from kpidsl.syntax.parser import DEEPEST_TREE

_NAMED = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=(?!=)")
_NAME = re.compile(r"\s*([a-z][a-z0-9_]*)\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A KPI of a query: a defined one, or an ad-hoc formula under a name (`metric` is None)."""

    name: str
    bound: Bound
    metric: Metric | None
    span: Span

    @property
    def type(self) -> Type:
        return self.bound.type


@dataclass(frozen=True, slots=True)
class Grouped:
    """A member of `by` with its type."""

    member: Member
    type: Type
    span: Span

    @property
    def name(self) -> str:
        return self.member.text


@dataclass(frozen=True, slots=True)
class Ordering:
    name: str
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuery:
    """A query with every name bound. `by` has the time grains first."""

    project: CheckedProject
    kpis: tuple[Asked, ...]
    by: tuple[Grouped, ...]
    where: Bound | None
    period: Window
    period_span: Span | None
    having: Bound | None
    top: Top | None
    totals: Totals | None
    fill: bool
    order: tuple[Ordering, ...]
    limit: int | None

    @property
    def shows_levels(self) -> bool:
        """Tell whether the result has rows of several kinds, so that a column says of which each is."""
        return self.totals is not None or (self.top is not None and self.top.gathers)


def check_query(project: CheckedProject, text: QueryText, sink: Sink) -> CheckedQuery | None:
    """Return the checked query, or None after reporting what is wrong with it."""
    before = sink.errors
    if not text.kpis:
        sink.report(errors.nothing(_whole(SourceFile("KPI", " "))))
    kpis = tuple(asked for part in text.kpis if (asked := _asked(project, part, sink)) is not None)
    by = tuple(grouped for part in text.by if (grouped := _grouped(project, part, sink)) is not None)
    by = tuple(sorted(by, key=lambda grouped: not isinstance(grouped.member, Grain)))
    where = None if text.where is None else _where(project, text.where, sink)
    period = EVERYTHING
    if text.period is not None:
        period = parse_period(text.period.text) or EVERYTHING
        if period is EVERYTHING:
            sink.report(errors.period(_whole(text.period), text.period.text.strip()))
        elif period.is_empty:
            sink.report(errors.empty_period(_whole(text.period), text.period.text.strip()))
    _once([*((g.name, g.span) for g in by), *((k.name, k.span) for k in kpis)], sink)
    columns = (*(g.name for g in by), *(k.name for k in kpis))
    order = tuple(ordering for part in text.order if (ordering := _ordering(part, columns, sink)) is not None)
    types = {g.name: g.type for g in by} | {k.name: k.type for k in kpis}
    units = {asked.name: asked.bound.unit for asked in kpis}
    having = None if text.having is None else having_condition(text.having, types, units, project, sink)
    if text.limit is not None and not 1 <= text.limit <= MOST_ROWS:
        sink.report(errors.limit(_whole(SourceFile("limit", str(text.limit))), str(text.limit)))
    members = tuple(g.member for g in by)
    totals = None if text.totals is None else totals_asked(text.totals, _whole(text.totals), members, sink)
    shown = tuple(k.name for k in kpis)
    top = None if text.top is None else top_asked(text.top, _whole(text.top), members, shown, sink)
    if text.fill:
        check_fill(_whole(SourceFile("fill", "fill")), members, text.top, sink)
    if sink.errors > before:
        return None
    period_span = None if text.period is None else _whole(text.period)
    return CheckedQuery(
        project=project,
        kpis=kpis,
        by=by,
        where=where,
        period=period,
        period_span=period_span,
        having=having,
        top=top,
        totals=totals,
        fill=text.fill,
        order=order,
        limit=text.limit,
    )


def _whole(source: SourceText) -> Span:
    text = source.text
    start = len(text) - len(text.lstrip())
    return Span(source, start, max(len(text.rstrip()), start))


def _asked(project: CheckedProject, part: SourceText, sink: Sink) -> Asked | None:
    named = _NAMED.match(part.text)
    if named is not None:
        return _ad_hoc(
            project, named[1], Excerpt(part, named.end()), Span(part, named.start(1), named.end(1)), sink
        )
    span = _whole(part)
    name = _NAME.fullmatch(part.text)
    if name is None or name[1] not in project.metrics:
        known = project.metrics
        help = None if name else f"an ad-hoc formula has a name: `answer = {part.text.strip()}`"
        sink.report(errors.unknown(span, "metric or KPI", part.text.strip(), known, help))
        return None
    metric = project.metrics[name[1]]
    if metric.type is UNKNOWN:
        return None
    return Asked(
        name[1],
        MetricRef(name[1], metric.type, metric.definition.formula.span, metric.bound.unit),
        metric.definition,
        span,
    )


def _ad_hoc(project: CheckedProject, name: str, source: SourceText, span: Span, sink: Sink) -> Asked | None:
    official = project.metrics.get(name)
    if official is not None:
        kind = "KPI" if official.definition.kind == "kpi" else "metric"
        sink.report(errors.shadows(span, name, kind, official.definition.span))
        return None
    expr = parse_formula(source, sink)
    if expr is None:
        return None
    binder = FormulaBinder(
        project.rows, project.types, project.metric_types, project.metric_units, sink, empty_is_null=False
    )
    bound = binder.bind(expr)
    if bound.type is UNKNOWN:
        return None
    size = (
        measured(next(iter(project.metrics.values())).definition, bound, project.metrics)
        if project.metrics
        else None
    )
    if size is not None and size.depth > DEEPEST_TREE:
        sink.report(too_deep(expr.span, DEEPEST_TREE))
        return None
    check_filters(bound, project.metrics, project.rows, sink)
    return Asked(name, bound, None, span)


def _grouped(project: CheckedProject, part: SourceText, sink: Sink) -> Grouped | None:
    expr = parse_formula(part, sink)
    if expr is None:
        return None
    if not isinstance(expr, tree.Name):
        sink.report(errors.not_member(expr.span, part.text.strip(), ()))
        return None
    member = member_named(expr, project.project, sink, grains=True)
    if member is None:
        return None
    found = project.types.of(member, expr.span, sink)
    return None if found is UNKNOWN else Grouped(member, found, expr.span)


def _where(project: CheckedProject, part: SourceText, sink: Sink) -> Bound | None:
    expr = parse_formula(part, sink)
    if expr is None:
        return None
    bound = MemberBinder(project.project, project.types, sink).condition(expr)
    return bound if bound.type is BOOLEAN else None


def _once(names: list[tuple[str, Span]], sink: Sink) -> None:
    seen: set[str] = set()
    for name, span in names:
        if name in seen:
            sink.report(errors.twice(span, name))
        seen.add(name)


def _ordering(part: SourceText, columns: tuple[str, ...], sink: Sink) -> Ordering | None:
    text = part.text.strip()
    name = text.removeprefix("-").strip()
    if name not in columns:
        sink.report(errors.order(_whole(part), name, columns))
        return None
    return Ordering(name, text.startswith("-"))
