"""The query's instant: what is asked for, what it makes of periods, which rows exist by then."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GRAINS, bucket_of_day
from kpidsl.model.types import BOOLEAN, DATE, IN_UTC
from kpidsl.model.zones import falls_back_over, known, midnight
from kpidsl.semantics import instant_errors
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.clocks import exactly
from kpidsl.semantics.elapsed import moved_date
from kpidsl.semantics.periods import Window
from kpidsl.source import SourceText, Span

Partial = Literal["same_elapsed", "whole", "drop"]

_PARTIALS: dict[str, Partial] = {word: word for word in get_args(Partial)}
_RELATIVE = re.compile(r"last\s+(\d{1,5})\s+(day|week|month|quarter|year)s?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_EARLIEST, _LATEST = 1000, 9000


def as_of_asked(part: SourceText, span: Span, project: Project, sink: Sink) -> Constant | None:
    """Return the instant that a text names: a day where it is a local midnight; what is none is reported.

    A time without an offset is local; one that exists twice is the earlier, one that does not exist
    shifts forward.
    """
    text = part.text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or "W" in text.upper():
        # What people mean is worked out for mistakes alone.
        from kpidsl.semantics.other_periods import why_none

        sink.report(instant_errors.as_of(span, text, why_none(text[:10])))
        return None
    if not _EARLIEST <= found.year <= _LATEST:
        sink.report(instant_errors.as_of_out_of_range(span, text, _EARLIEST, _LATEST))
        return None
    return moment(found, project)


def moment(value: datetime, project: Project) -> Constant:
    """Return an instant as a constant: the day whose local midnight it is, else the instant in UTC.

    A midnight over which clocks fall back is an instant, too: what comes after it may be of the day before.
    """
    zone = known(project.timezone)
    instant = (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)
    local = instant.astimezone(zone)
    is_midnight = instant.replace(tzinfo=None) == midnight(local.date(), project.timezone)
    if is_midnight and not falls_back_over(local.date(), project.timezone):
        return Constant(local.date(), DATE)
    return Constant(instant, IN_UTC)


def partial_asked(part: SourceText | None, span: Span | None, sink: Sink) -> Partial:
    """Return what becomes of unfinished buckets; a word that says nothing of them is reported."""
    word = "same_elapsed" if part is None else part.text.strip()
    if word not in _PARTIALS:
        assert span is not None
        sink.report(instant_errors.partial(span, word, tuple(_PARTIALS)))
    return _PARTIALS.get(word, "same_elapsed")


def day_cut(as_of: Constant | None, project: Project) -> date | None:
    """Return the local day within which an instant lies; None of one that begins a day, and without one."""
    return day_of(as_of, project) if as_of is not None and isinstance(as_of.value, datetime) else None


def day_of(as_of: Constant, project: Project) -> date:
    """Return the local day that an instant is in."""
    if isinstance(as_of.value, datetime):
        return as_of.value.astimezone(known(project.timezone)).date()
    assert isinstance(as_of.value, date)
    return as_of.value


def is_relative(text: str) -> bool:
    """Tell whether a period is told from the query's instant."""
    return _RELATIVE.fullmatch(text) is not None


def relative_period(text: str, as_of: Constant, project: Project) -> Window | None:
    """Return the whole buckets before the one that holds `as_of`, or None where the text asks for none."""
    match = _RELATIVE.fullmatch(text)
    assert match is not None
    count, grain = int(match[1]), match[2]
    end = bucket_of_day(GRAINS[grain], day_of(as_of, project), project.cut)
    try:
        if grain in _MONTHS:
            start = moved_date("add_months", end, -count * _MONTHS[grain])
        else:
            start = end - timedelta(days=count * (7 if grain == "week" else 1))
    except (OverflowError, ValueError):
        return None
    return Window(start, end) if count > 0 and start.year >= _EARLIEST else None


def within_instant(period: Window, as_of: Constant | None, project: Project) -> Window:
    """Return the days of a period that have begun before `as_of`."""
    if as_of is None:
        return period
    end = day_of(as_of, project)
    if isinstance(as_of.value, datetime) and as_of.value.replace(tzinfo=None) > midnight(
        end, project.timezone
    ):
        end += timedelta(days=1)
    return replace(period, end=end if period.end is None else min(period.end, end))


def exists(time: Bound, as_of: Constant, project: Project) -> Bound:
    """Return when a row exists at an instant: its time is not at or after it. Without a time it does."""
    return Apply("not", (Apply(">=", (exactly(time, (as_of,), project), as_of), BOOLEAN),), BOOLEAN)
