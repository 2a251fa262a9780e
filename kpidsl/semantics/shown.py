"""The columns that a query shows: its KPIs, side by side for each period where there are several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Metric, Project
from kpidsl.model.types import Type
from kpidsl.semantics import query_errors, time_errors
from kpidsl.semantics.bound import Bound, Constant, Grain, Member
from kpidsl.semantics.declared_types import local
from kpidsl.semantics.instants import is_relative, relative_period
from kpidsl.semantics.move_errors import no_as_of
from kpidsl.semantics.other_periods import is_out_of_range, of_the_clock, period_meant, why_none
from kpidsl.semantics.periods import EVERYTHING, Window, parse_period, with_its_last_day, written
from kpidsl.source import SourceText, Span

_ODD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A KPI of a query: a defined one, or an ad-hoc formula under a name (`metric` is None)."""

    name: str
    bound: Bound
    metric: Metric | None
    span: Span
    is_apart: bool = False
    """Whether it has one value for all rows, of all since the period's start and whatever the filter."""

    @property
    def type(self) -> Type:
        return local(self.bound.type)


@dataclass(frozen=True, slots=True)
class Period:
    """A period as written, and the days that it has."""

    text: str
    window: Window
    span: Span

    @property
    def slug(self) -> str:
        """Return the period as the end of a column's name: `2026-Q3` is `2026_q3`."""
        return _ODD.sub("_", self.text.lower()).strip("_")


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of the result that holds a KPI; `period` where several stand side by side."""

    name: str
    asked: Asked
    period: Period | None


def periods_of(
    parts: Sequence[SourceText], as_of: Constant | None, project: Project, sink: Sink
) -> tuple[Period, ...]:
    """Return the periods of a query; what does not read as one is reported."""
    found: list[Period] = []
    for part in parts:
        text = part.text.strip()
        start = len(part.text) - len(part.text.lstrip())
        span = Span(part, start, max(start + len(text), start))
        window: Window | None
        if is_relative(text):
            if as_of is None:
                sink.report(no_as_of(span, f"`{text}`"))
                continue
            window = relative_period(text, as_of, project)
        else:
            window = parse_period(text)
        if window is None:
            sink.report(_no_period(span, text))
        elif window.is_empty:
            sink.report(query_errors.empty_period(span, text))
        else:
            found.append(Period(text, window, span))
            whole = with_its_last_day(window) if ".." in text else None
            if whole is not None and window.end is not None:
                sink.report(time_errors.last_day(span, text, window.end, written(whole)))
    return tuple(found)


def _no_period(span: Span, text: str) -> Diagnostic:
    """Return what is wrong with a text that is no period."""
    several = [piece.strip() for piece in text.split(",")]
    if len(several) > 1 and all(map(parse_period, several)):
        return query_errors.periods_in_one(span, several)
    if is_relative(text) or (is_out_of_range(text) and why_none(text) is None):
        return query_errors.period_out_of_range(span, text)
    return query_errors.period(span, text, period_meant(text), of_the_clock(text) or why_none(text))


def around(periods: Sequence[Period]) -> Window:
    """Return the least window that has all days of the periods."""
    starts = [period.window.start for period in periods]
    ends = [period.window.end for period in periods]
    if not periods:
        return EVERYTHING
    return Window(
        None if None in starts else min(day for day in starts if day is not None),
        None if None in ends else max(day for day in ends if day is not None),
    )


def shown(kpis: Sequence[Asked], periods: Sequence[Period]) -> tuple[Shown, ...]:
    """Return the columns, KPI by KPI, with the periods in the order asked."""
    if len(periods) < 2:
        return tuple(Shown(asked.name, asked, None) for asked in kpis)
    return tuple(Shown(f"{asked.name}_{period.slug}", asked, period) for asked in kpis for period in periods)


def side_by_side(name: str, columns: Sequence[Shown]) -> tuple[str, ...]:
    """Return the columns, one for each period, of a KPI that is asked for by a name that none has."""
    if any(column.name == name for column in columns):
        return ()
    return tuple(column.name for column in columns if column.asked.name == name)


def check_periods(periods: Sequence[Period], members: Sequence[tuple[Member, Span]], sink: Sink) -> None:
    """Report a time grain beside several periods: each row would be in one period only."""
    if len(periods) < 2:
        return
    for member, span in members:
        if isinstance(member, Grain):
            sink.report(query_errors.periods_and_grain(span, member.name, [p.text for p in periods]))


def once(groups: Sequence[tuple[str, Span]], columns: Sequence[Shown], sink: Sink) -> None:
    """Report columns of one name."""
    seen: set[str] = set()
    for name, span in groups:
        if name in seen:
            sink.report(query_errors.twice(span, name, None))
        seen.add(name)
    for column in columns:
        if column.name in seen:
            asked, period = column.asked, column.period
            formula = column.name if asked.metric is not None else "…"
            told = (asked.span, formula) if period is None else (period.span, None)
            sink.report(query_errors.twice(told[0], column.name, told[1]))
        seen.add(column.name)
