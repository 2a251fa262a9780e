"""Rows that hold over a stretch of time: at which instants, in which buckets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from .aggregates import Leaf
from .buckets import Calendar
from .moments import Moment, Time, instant_of
from .rows import Rows
from .table import OracleRefuses
from .values import compare, time_of
from .windows import Window


def window_at_its_end(window: Window, calendar: Calendar, as_of: Moment | None) -> Window | None:
    """Return the window at whose end one sees what holds: by comparable days that of the last day's; None without one."""
    if window.stands_for is None:
        return window
    end = window.end or as_of
    if window.start is not None and end is not None and window.start >= end:
        return replace(window, stands_for=None)
    return calendar.bounds_a_year_ago(replace(window, start=None, end=end))


def holds_at_the_end(
    rows: Rows, leaf: Leaf, place: int, moment: Time | None, window: Window, as_of: Moment | None
) -> bool:
    """Tell whether a row holds at a window's last instant, without any window at the query's."""
    if window.start is not None and window.end is not None and window.start >= window.end:
        return False
    end = window.end or as_of
    if end is None:
        raise OracleRefuses(f"rows of `{leaf.home}` hold at an instant, and there is none")
    if moment is None or instant_of(moment, rows.calendar.zone) >= end:
        return False
    until = rows.column(leaf.home, place, leaf.until or "")
    return until is None or not compare("<", until, end)


def holds_at_an_end(
    rows: Rows, leaf: Leaf, place: int, moment: Time | None, window: Window, grain: str
) -> bool:
    """Tell whether a row holds at the end of some bucket of a window without a start."""
    if moment is None:
        return False
    stop = window.end or rows.as_of
    return any(
        holds_at_the_end(rows, leaf, place, moment, rows.calendar.interval(start, grain).cut(stop), stop)
        for start in _buckets(rows.calendar, grain, [moment, *_ends(rows, leaf, place, moment, stop)])
    )


def ends(rows: Rows, leaf: Leaf, place: int, start: Time) -> Iterator[Time]:
    """Yield when a row ends; an open one reaches to `as_of`, and one that never holds ends nowhere."""
    yield from _ends(rows, leaf, place, start, rows.as_of)


def _ends(rows: Rows, leaf: Leaf, place: int, start: Time, stop: Moment | None) -> Iterator[Time]:
    until = rows.column(leaf.home, place, leaf.until or "")
    if until is not None:
        end = time_of(until)
    elif stop is not None:
        end = stop.later(timedelta(microseconds=-1))
    else:
        return
    if instant_of(end, rows.calendar.zone) > instant_of(start, rows.calendar.zone):
        yield end


def _buckets(calendar: Calendar, grain: str, times: list[Time]) -> Iterator[Time]:
    starts = [time_of(s) for t in times if (s := calendar.bucket(t, grain)) is not None]
    if not starts:
        return
    first, last = calendar.interval(starts[0], grain), calendar.interval(starts[-1], grain)
    for (start,) in calendar.buckets(Window(first.start, last.end), [grain]):
        yield time_of(start)
