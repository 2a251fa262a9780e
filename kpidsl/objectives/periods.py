"""When an objective holds: the grain of its periods, and its days."""

from __future__ import annotations

from datetime import date, timedelta

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.grains import bucket_of_day
from kpidsl.model.objectives import Objective
from kpidsl.objectives import errors
from kpidsl.semantics import errors as name_errors
from kpidsl.semantics import time_errors
from kpidsl.semantics.other_periods import day_meant, is_out_of_range, why_none
from kpidsl.semantics.periods import EVERYTHING, Window, parse_day, parse_period, with_its_last_day
from kpidsl.source import SourceText, Span

_NAMES = ("year", "quarter", "month", "week", "day")


def grain_of(objective: Objective, project: Project, sink: Sink) -> str | None:
    """Return the grain of an objective's periods; what is none, or too short, is reported."""
    part = objective.period
    if part is None:
        return None
    name = part.text.strip()
    span = Span.of(part)
    rule = project.grains.get(name)
    if rule is None:
        window = parse_period(name)
        if window is None:
            grains = [grain for grain, other in project.grains.items() if not other.is_instant]
            sink.report(name_errors.unknown(span, "time grain", name, grains))
        else:
            sink.report(errors.no_grain(span, name, _grain_like(window, project)))
        return None
    if rule.is_instant:
        sink.report(errors.short_grain(span, name))
        return None
    return name


def _grain_like(window: Window, project: Project) -> str | None:
    """Return the grain of which days are one bucket."""
    if window.start is None or window.end is None:
        return None
    for name in _NAMES:
        rule = project.grains[name]
        last = date.fromordinal(window.end.toordinal() - 1)
        is_begun = bucket_of_day(rule, window.start, project.cut) == window.start
        if is_begun and bucket_of_day(rule, last, project.cut) == window.start:
            ends = bucket_of_day(rule, window.end, project.cut) == window.end
            return name if ends else None
    return None


def days_of(objective: Objective, grain: str | None, project: Project, sink: Sink) -> Window:
    """Return the days on which an objective holds; days that are none, or cut a period, are reported."""
    written = objective.effective
    if objective.kind == "milestone":
        return _until_due(objective, sink)
    parts = (None, None) if written is None else (written.start, written.end)
    if objective.period is None and None in parts:
        _lacks_period(objective, parts, project, sink)
    if written is None:
        return EVERYTHING
    start, end = (None if part is None else day_asked(part, sink) for part in parts)
    if start is not None and end is not None and start >= end:
        sink.report(errors.no_days(written.span, start.isoformat(), end.isoformat()))
        return EVERYTHING
    if objective.period is None and start is not None and end is not None and written.end is not None:
        whole = with_its_last_day(Window(start, end))
        if whole is not None:
            days, meant = f"from: {start}, until: {end}", f"until: {whole.end}"
            sink.report(time_errors.last_day(Span.of(written.end), days, end, meant))
    for part, day in zip(parts, (start, end), strict=True):
        if part is not None and day is not None and grain is not None:
            _whole(part, day, grain, project, sink)
    return Window(start, end)


def _lacks_period(
    objective: Objective, parts: tuple[SourceText | None, SourceText | None], project: Project, sink: Sink
) -> None:
    """Report days that are one period and have no end.

    A grain that stands in `by`, where it is told, was meant for the `period`.
    """
    if any(part.text.strip() in project.grains for part in objective.by):
        return
    why = "without a `period` all its days are one"
    help = "add `period: month`, or "
    lacking = [key for key, part in zip(("from", "until"), parts, strict=True) if part is None]
    if len(lacking) == len(parts):
        key, lacks = "period", "neither a `period` nor days"
        help += "the first day and the day after the last: `effective: {from: 2026-01-01, until: 2027-01-01}`"
    else:
        key, lacks = "effective", f"no `{lacking[0]}`"
        is_start = lacking == ["from"]
        help += (
            "the first day: `from: 2026-01-01`" if is_start else "the day after the last: `until: 2027-01-01`"
        )
    sink.report(errors.lacking_days(objective.place(key), objective.name, lacks, why, help))


def _until_due(objective: Objective, sink: Sink) -> Window:
    """Return the days from which a milestone counts, the due day being the last."""
    written = objective.effective
    if written is None or written.start is None:
        why = "what a milestone counts begins on some day"
        help = "add the first day: `effective: {from: 2026-01-01}`"
        sink.report(errors.lacking(objective.place("effective"), objective.name, "effective", why, help))
        return EVERYTHING
    if written.end is not None:
        sink.report(errors.ends_when_due(Span.of(written.end)))
    start = day_asked(written.start, sink)
    due = None if objective.due is None else day_asked(objective.due, sink)
    if start is None or due is None:
        return EVERYTHING
    if due < start:
        sink.report(errors.due_before(objective.place("due"), due.isoformat(), start.isoformat()))
        return EVERYTHING
    return Window(start, due + timedelta(days=1))


def day_asked(part: SourceText, sink: Sink) -> date | None:
    """Return the day that a text names; what is none is reported."""
    text, span = part.text.strip(), Span.of(part)
    day = parse_day(text)
    if day is None:
        why = why_none(text)
        is_beyond = why is None and is_out_of_range(text)
        sink.report(
            errors.day_out_of_range(span, text) if is_beyond else errors.day(span, text, day_meant(text), why)
        )
    return day


def _whole(part: SourceText, day: date, grain: str, project: Project, sink: Sink) -> None:
    """Report a day inside a bucket of the grain."""
    rule = project.grains[grain]
    if rule.calendar is not None:
        return
    start = bucket_of_day(rule, day, project.cut)
    if start == day:
        return
    later = day
    while bucket_of_day(rule, later, project.cut) == start:
        later = date.fromordinal(later.toordinal() + 1)
    span = Span.of(part)
    told = errors.cuts_bucket(span, grain, part.text.strip(), start.isoformat(), later.isoformat())
    sink.report(told)
