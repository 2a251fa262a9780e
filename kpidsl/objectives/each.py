"""The parts of a period that are judged one by one: which there are, and how many of them are to be met.

A part belongs to the period in which its last day lies, so that every part is judged once and whole. Parts
that the days of the objective cut are none.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule, bucket_of_day
from kpidsl.model.objectives import Objective
from kpidsl.objectives import part_errors as errors
from kpidsl.objectives.when import whole_periods
from kpidsl.semantics.objectives import Each, Times
from kpidsl.semantics.periods import Window
from kpidsl.source import SourceText, Span

GRAINS = ("day", "week", "month")
_LAST = re.compile(r"(\d{1,4}) +of +(\d{1,4})")
_RUN = re.compile(r"(\d{1,4}) +in +a +row")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)( *%)?")
_MOST = {
    ("day", "week"): 7,
    ("day", "month"): 31,
    ("day", "quarter"): 92,
    ("day", "fiscal_quarter"): 92,
    ("day", "year"): 366,
    ("day", "fiscal_year"): 366,
    ("week", "month"): 5,
    ("week", "quarter"): 14,
    ("week", "fiscal_quarter"): 14,
    ("week", "year"): 53,
    ("week", "fiscal_year"): 53,
    ("month", "quarter"): 3,
    ("month", "fiscal_quarter"): 3,
    ("month", "year"): 12,
    ("month", "fiscal_year"): 12,
}
"""How many parts a period can have. A pair that is not here has none."""
_BESIDE = ("allocate", "reconcile", "trajectory", "levels", "status", "baseline", "guardrails")


def each_of(
    objective: Objective, grain: str | None, effective: Window, project: Project, sink: Sink
) -> Each | None:
    """Return how the parts of an objective's periods are judged, None where they are not, or wrongly."""
    written = objective.each
    if written.grain is None:
        for key in ("times", "missing"):
            if key in objective.key_spans:
                sink.report(errors.no_each(objective.key_spans[key], key))
        return None
    for key in _BESIDE:
        if key in objective.key_spans:
            sink.report(errors.beside(objective.key_spans[key], key))
    name = written.grain.text.strip()
    days = _within(project.grains[name], effective, project)
    most = _most(objective, name, grain, days, project, sink)
    times = Times("share") if written.times is None else _times(written.times, sink)
    if times is None or most is None:
        return None
    asked = max(times.count, times.of)
    if asked > most and written.times is not None:
        whole = "`effective`" if grain is None else f"a {grain}"
        told = errors.never(Span.of(written.times), written.times.text.strip(), most, name, whole)
        sink.report(told)
    if objective.has_budget and (times.word != "share" or times.share == 1):
        place = objective.place("error_budget" if written.times is None else "times")
        sink.report(errors.no_share(place))
    return Each(name, days, times, written.missing)


def _most(
    objective: Objective, each: str, grain: str | None, days: Window, project: Project, sink: Sink
) -> int | None:
    """Return how many parts a period has at most, or None after reporting that it has none."""
    place = objective.place("each")
    if grain is None:
        if days.start is None or days.end is None:
            return None
        count = ends_before(project.grains[each], days.end, project)
        count -= ends_before(project.grains[each], days.start, project)
        if count <= 0:
            sink.report(errors.no_parts(objective.place("effective"), each))
            return None
        return count
    if project.grains[grain].calendar is not None:
        sink.report(errors.of_calendar(objective.place("period"), grain))
        return None
    most = _MOST.get((each, grain))
    if most is None:
        shorter = [one for one in GRAINS if (one, grain) in _MOST]
        sink.report(errors.too_long(place, each, grain, shorter[-1] if shorter else None))
    return most


def _times(part: SourceText, sink: Sink) -> Times | None:
    """Return how many parts are to be met as it is written, or None after reporting that it says nothing."""
    text = part.text.strip()
    found: Times | None = None
    if text == "all":
        found = Times("share")
    elif (last := _LAST.fullmatch(text)) is not None:
        found = Times("last", count=int(last[1]), of=int(last[2]))
        found = found if 0 < found.count <= found.of else None
    elif (run := _RUN.fullmatch(text)) is not None:
        found = Times("run", count=int(run[1])) if int(run[1]) > 0 else None
    elif _SHARE.fullmatch(text) is not None:
        share = _share(text)
        found = Times("share", share) if 0 < share <= 1 else None
    if found is None:
        sink.report(errors.no_times(Span.of(part), text))
    return found


def _share(text: str) -> Fraction:
    try:
        number = Fraction(Decimal(text.rstrip(" %")))
    except InvalidOperation:
        return Fraction(0)
    return number / 100 if text.endswith("%") else number


def _within(rule: GrainRule, days: Window, project: Project) -> Window:
    """Return the days of the whole parts that lie within some days."""
    start = None if days.start is None else _first(rule, days.start, project)
    end = None if days.end is None else bucket_of_day(rule, days.end, project.cut)
    return Window(start, end)


def _first(rule: GrainRule, day: date, project: Project) -> date:
    """Return the first day on which a part begins, from a day on."""
    while bucket_of_day(rule, day, project.cut) != day:
        day += timedelta(days=1)
    return day


def days_of_parts(each: Each, grain: str | None, asked: Window, project: Project) -> Window:
    """Return the days of the parts that belong to the periods that have some of the days asked for."""
    if grain is None:
        return Window(None, None)
    part = project.grains[each.grain]
    whole = whole_periods(project.grains[grain], asked, project)
    start, end = (
        None if day is None else bucket_of_day(part, day, project.cut) for day in (whole.start, whole.end)
    )
    return Window(start, end)


def ends_before(rule: GrainRule, day: date, project: Project) -> int:
    """Return how many parts have ended when a day begins, counted from some fixed day."""
    if rule.unit == "month":
        return day.year * 12 + day.month - 1
    if rule.count == 1:
        return day.toordinal()
    return bucket_of_day(rule, day, project.cut).toordinal() // rule.count
