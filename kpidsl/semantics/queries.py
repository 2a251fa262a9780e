"""Queries: what somebody asks, to names that are bound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import QueryText
from kpidsl.model.types import BOOLEAN, UNKNOWN
from kpidsl.semantics import query_errors
from kpidsl.semantics.ad_hoc import bound_formula, datasets_of
from kpidsl.semantics.bound import Bound, Constant, Grain, Member, MetricRef
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.excluded import excludes
from kpidsl.semantics.formulas import MemberBinder, member_named
from kpidsl.semantics.grouped import Grouped as Grouped
from kpidsl.semantics.having import having_condition
from kpidsl.semantics.instants import Partial, as_of_asked, partial_asked, within_instant
from kpidsl.semantics.labels import tell_names
from kpidsl.semantics.lints import lint_formula
from kpidsl.semantics.near_metrics import unknown_metric
from kpidsl.semantics.other_queries import kpi_meant
from kpidsl.semantics.parameter_values import Values, query_values
from kpidsl.semantics.parameters import Constants, given
from kpidsl.semantics.periods import Window
from kpidsl.semantics.prepared import Prepared
from kpidsl.semantics.shown import Asked, Period, Shown, around, check_periods, once, periods_of, shown
from kpidsl.semantics.terms import (
    Frame,
    check_demands,
    demands_of,
    everyday_name,
    fixed_by,
    named_metrics,
    warn_of_deprecated,
)
from kpidsl.semantics.totals import MOST_ROWS, Top, Totals, check_fill, top_asked, totals_asked
from kpidsl.semantics.unavailable import is_left_out
from kpidsl.source import Excerpt, SourceFile, SourceText, Span
from kpidsl.syntax import parse_formula, tree
from kpidsl.syntax.printer import quote

if TYPE_CHECKING:
    from kpidsl.semantics.judged import Judgement

_NAMED = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=(?!=)")
_NUMBER = re.compile(r"\d{1,12}")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r"\s*([a-z][a-z0-9_]*)\s*")


@dataclass(frozen=True, slots=True)
class Ordering:
    name: str
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuery:
    """A query with every name bound. `by` has the time grains first.

    `periods` are there where several stand side by side; `period` then holds the days of all.
    """

    project: CheckedProject
    kpis: tuple[Asked, ...]
    by: tuple[Grouped, ...]
    where: Bound | None
    period: Window
    period_span: Span | None
    periods: tuple[Period, ...]
    having: Bound | None
    top: Top | None
    totals: Totals | None
    fill: bool
    as_of: Constant | None
    """A day, whose midnight it is, or an instant in UTC."""
    partial: Partial
    calendar: Window
    """The days of the period that have begun by then."""
    order: tuple[Ordering, ...]
    limit: int | None
    null_label: str | None
    parameters: Values
    """The values that all parameters have, whether or not the query rests on them."""
    named: tuple[tuple[Constant, ...], ...] = ()
    """Members that are among the rows whether or not facts have them, in the order of `by` without grains."""
    judgement: Judgement | None = None

    @property
    def shown(self) -> tuple[Shown, ...]:
        """Return the columns that hold KPIs."""
        return shown(self.kpis, self.periods)

    @property
    def shows_levels(self) -> bool:
        """Tell whether the result has rows of several kinds, so that a column says of which each is."""
        return self.totals is not None or (self.top is not None and self.top.gathers)


def check_query(
    project: CheckedProject, text: QueryText, sink: Sink, prepared: Prepared | None = None
) -> CheckedQuery | None:
    """Return the checked query, or None after reporting what is wrong with it.

    What is `prepared` comes before what the text asks.
    """
    since = len(sink.reported)
    query = _query(project, text, sink, prepared)
    tell_names(sink, since, project.project)
    return query


def _query(
    project: CheckedProject, text: QueryText, sink: Sink, prepared: Prepared | None
) -> CheckedQuery | None:
    before = sink.errors
    if prepared is None and not text.kpis:
        sink.report(query_errors.nothing(Span.of(SourceFile("KPI", " "))))
    kpis = tuple(asked for part in text.kpis if (asked := _asked(project, part, text, sink)) is not None)
    read = frozenset[str]().union(*(datasets_of(project, asked.bound) for asked in kpis))
    by = tuple(_groups(project, text.by, read, sink))
    where = None if text.where is None else _where(project, text.where, sink, read)
    as_of, partial, periods = _when(text, project, sink)
    period, judgement = around(periods), None
    if prepared is not None:
        kpis, by = (*prepared.kpis, *kpis), (*prepared.by, *by)
        where = _together(prepared.where, where)
        period, periods, judgement = prepared.window, periods[:1], prepared.judgement
    by = tuple(sorted(by, key=lambda found: not isinstance(found.member, Grain)))
    check_periods(periods, [(g.member, g.span) for g in by], sink)
    columns = shown(kpis, periods)
    once([(g.name, g.span) for g in by], columns, sink)
    order, having = _of_result(text, project, by, columns, judgement, sink)
    limit = None if text.limit is None else _limit(text.limit, sink)
    _check_label(text.null_label, sink)
    members = tuple(g.member for g in by)
    totals, top, fills = _added(text, members, columns, sink)
    values = query_values(project.rows.units, project.defaults, text.parameters, sink)
    if sink.errors > before:
        return None
    constants = Constants(values, project.project, sink, text.parameters)
    where = None if where is None else constants.of(where)
    windows = tuple(one.window for one in periods) if prepared is None else (period,)
    _check_terms(kpis, members, where, windows, project, sink)
    if sink.errors > before:
        return None
    return CheckedQuery(
        project=given(project, constants, as_of),
        kpis=tuple(replace(asked, bound=constants.of(asked.bound)) for asked in kpis),
        by=by,
        where=where,
        period=period,
        period_span=periods[0].span if periods else None,
        periods=periods if len(periods) > 1 else (),
        having=None if having is None else constants.of(having),
        top=top,
        totals=totals,
        fill=fills or (prepared is not None and prepared.fill),
        as_of=as_of,
        partial=partial,
        calendar=within_instant(period, as_of, project.project),
        order=order,
        limit=limit,
        null_label=None if text.null_label is None else text.null_label.text,
        parameters=values,
        named=() if prepared is None else _not_left_out(prepared.named, members, where),
        judgement=judgement,
    )


def _not_left_out(
    named: Sequence[tuple[Constant, ...]], members: Sequence[Member], where: Bound | None
) -> tuple[tuple[Constant, ...], ...]:
    """Return the named members that the condition of the query does not leave out."""
    others = [member for member in members if not isinstance(member, Grain)]
    return tuple(row for row in named if not excludes(where, dict(zip(others, row, strict=True))))


def _of_result(
    text: QueryText,
    project: CheckedProject,
    by: Sequence[Grouped],
    columns: Sequence[Shown],
    judgement: Judgement | None,
    sink: Sink,
) -> tuple[tuple[Ordering, ...], Bound | None]:
    """Return the order of the result's rows, and which of them it has: both name columns of the result."""
    if not text.order and text.having is None:
        return (), None
    by = by if judgement is None or judgement.by is None else judgement.by
    types = {g.name: g.type for g in by} | {s.name: s.asked.type for s in columns}
    types |= {column.name: column.type for column in (() if judgement is None else judgement.columns)}
    names = tuple(types)
    order = tuple(ordering for part in text.order if (ordering := _ordering(part, names, sink)) is not None)
    if text.having is None:
        return order, None
    units = {s.name: s.asked.bound.unit for s in columns}
    return order, having_condition(text.having, types, units, by, columns, project, sink)


def _together(one: Bound | None, other: Bound | None) -> Bound | None:
    parts = [condition for condition in (one, other) if condition is not None]
    return conjunction(parts) if parts else None


def _when(
    text: QueryText, project: CheckedProject, sink: Sink
) -> tuple[Constant | None, Partial, tuple[Period, ...]]:
    """Return the instant that is asked for, what becomes of unfinished buckets, and the periods."""
    as_of = None
    if text.as_of is not None:
        as_of = as_of_asked(text.as_of, Span.of(text.as_of), project.project, sink)
    partial = partial_asked(text.partial, None if text.partial is None else Span.of(text.partial), sink)
    if text.as_of is not None and as_of is None:
        return None, partial, ()
    return as_of, partial, periods_of(text.periods, as_of, project.project, sink)


def _added(
    text: QueryText, members: Sequence[Member], columns: Sequence[Shown], sink: Sink
) -> tuple[Totals | None, Top | None, bool]:
    """Return what a query adds to its rows, or leaves out of them."""
    totals = None if text.totals is None else totals_asked(text.totals, Span.of(text.totals), members, sink)
    names = tuple(column.name for column in columns)
    top = None if text.top is None else top_asked(text.top, Span.of(text.top), members, names, sink)
    fills = text.fill is not None and text.fill.text.strip() != "false"
    if text.fill is not None and fills:
        check_fill(Span.of(text.fill), members, text.top, sink)
    return totals, top, fills


def _check_terms(
    kpis: Sequence[Asked],
    by: tuple[Member, ...],
    where: Bound | None,
    windows: tuple[Window, ...],
    project: CheckedProject,
    sink: Sink,
) -> None:
    """Report what KPIs demand and the query does not do; warn of those that are deprecated."""
    fixed = frozenset(fixed_by(where))
    frame = Frame(project=project.project, by=by, fixed=fixed, windows=windows)
    for asked in kpis:
        demands = demands_of(asked.bound, project.demands.__getitem__, project.project, sink)
        check_demands(asked.name, asked.span, demands, frame, sink)
    named = ((ref.name, asked.span) for asked in kpis for ref in named_metrics(asked.bound))
    warn_of_deprecated(named, project.project, sink)


def _check_label(label: SourceText | None, sink: Sink) -> None:
    if label is not None:
        # As a literal of the language, so that it holds only what a text can hold.
        parse_formula(SourceFile(_path(label), quote(label.text)), sink)


def _limit(part: SourceText, sink: Sink) -> int | None:
    text = part.text.strip()
    if _NUMBER.fullmatch(text) and 1 <= int(text) <= MOST_ROWS:
        return int(text)
    sink.report(query_errors.limit(Span.of(part), text))
    return None


def _path(source: SourceText) -> str:
    return source.in_file(0, 0)[0].path


def _asked(project: CheckedProject, part: SourceText, query: QueryText, sink: Sink) -> Asked | None:
    named = _NAMED.match(part.text)
    if named is not None:
        span = Span(part, named.start(1), named.end(1))
        return _ad_hoc(project, named[1], Excerpt(part, named.end()), span, query, sink)
    span = Span.of(part)
    name = _NAME.fullmatch(part.text)
    if name is None or name[1] not in project.metrics:
        _report_no_metric(project, part, query, sink)
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


def _report_no_metric(project: CheckedProject, part: SourceText, query: QueryText, sink: Sink) -> None:
    span, name = Span.of(part), part.text.strip()
    everyday = everyday_name(project.project, name, span)
    if everyday is not None:
        sink.report(everyday)
    elif not is_left_out(project.project, span, sink, ("kpis", name)):
        help = kpi_meant(part, query, project.project)
        told = unknown_metric(span, name, project.project)
        sink.report(told if help is None else replace(told, help=help))


def _ad_hoc(
    project: CheckedProject, name: str, source: SourceText, span: Span, query: QueryText, sink: Sink
) -> Asked | None:
    official = project.metrics.get(name)
    if official is not None:
        kind = "KPI" if official.definition.kind == "kpi" else "metric"
        told = query_errors.named_by_itself if source.text.strip() == name else query_errors.shadows
        sink.report(told(span, name, kind, official.definition.span))
        return None
    expr = parse_formula(source, sink)
    if expr is None:
        return None
    bound = bound_formula(project, expr, sink)
    if bound is None:
        return None
    apart = [
        word for part in (*query.by, query.where) if part is not None for word in _WORD.findall(part.text)
    ]
    lint_formula(expr, bound, project, set(), sink, apart)
    return Asked(name, bound, None, span)


def _groups(
    project: CheckedProject, parts: Sequence[SourceText], read: frozenset[str], sink: Sink
) -> Iterator[Grouped]:
    """Yield the members of `by`; what is wrong with a text that stands there twice is told once."""
    known: dict[str, Grouped | None] = {}
    for part in parts:
        text = part.text.strip()
        if text not in known:
            known[text] = first = grouped(project, part, sink, read)
            if first is not None:
                yield first
        elif (again := known[text]) is not None:
            yield replace(again, span=Span.of(part))


def grouped(
    project: CheckedProject, part: SourceText, sink: Sink, read: frozenset[str] = frozenset()
) -> Grouped | None:
    """Return the member that a text in `by` names; what names none is reported.

    `read` are the datasets that are known to be read.
    """
    names = part.text.split()
    if len(names) > 1 and all(re.fullmatch(r"[a-z_][\w.]*", name) for name in names):
        sink.report(query_errors.members_in_one(Span.of(part), names))
        return None
    expr = parse_formula(part, sink)
    if expr is None:
        return None
    if not isinstance(expr, tree.Name):
        sink.report(query_errors.no_member(expr))
        return None
    member = member_named(expr, project.project, sink, grains=True, read=read)
    if member is None:
        return None
    found = project.types.of(member, expr.span, sink)
    return None if found is UNKNOWN else Grouped(member, found, expr.span)


def _where(project: CheckedProject, part: SourceText, sink: Sink, read: frozenset[str]) -> Bound | None:
    expr = parse_formula(part, sink)
    if expr is None:
        return None
    bound = MemberBinder(project.project, project.types, sink, read).condition(expr)
    return bound if bound.type is BOOLEAN else None


def _ordering(part: SourceText, columns: tuple[str, ...], sink: Sink) -> Ordering | None:
    text = part.text.strip()
    name = text.removeprefix("-").strip()
    if name not in columns:
        sink.report(query_errors.order(Span.of(part), name, columns))
        return None
    return Ordering(name, text.startswith("-"))
