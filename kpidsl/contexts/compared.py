"""Rows read on other days than theirs: on each day whose comparable day is their own, at the same clock time.

    prior(x, 1 year comparable)     the row's day is the comparable day of some day in the window

Where the window begins or ends at an instant that is known (`as_of`), clock times tell what is before it;
on a day on which the clocks change they may do so in two pieces. Where it is another instant in each bucket
(hours), the row's time is moved to the other day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from kpidsl.contexts.bounds import Bounds, day, is_day
from kpidsl.model.types import BOOLEAN, DATE, IN_UTC, INTEGER, TEXT, TIMESTAMP, Kind
from kpidsl.model.zones import changes, known
from kpidsl.semantics.bound import Apply, Bound, Constant, RowColumn
from kpidsl.semantics.conditions import conjunction, disjunction

COMPARED_DAY = RowColumn((), "comparable days", "day", DATE)
"""The day on which a row is read."""
COMPARED_MOMENT = RowColumn((), "comparable days", "moment", TIMESTAMP)
"""The local time at which a row is read."""

ON_OTHER_DAYS = frozenset({"compared", "compared_at", "clock_before"})
"""Conditions that only windows of comparable days ask."""

Clocks = tuple[time | None, time | None]
"""From a clock time on, up to another one."""


def compared(moment: Bound, bounds: Bounds, only: tuple[Bound, ...], zone: str) -> Bound:
    """Return the condition that a time is read on some day in a window; `only` are conditions on that day."""
    own = Apply("bucket", (Constant("day", TEXT), moment), DATE)
    ends = [end for end in (bounds.start, bounds.end) if end is not None and not is_day(end)]
    if moment.type.kind is Kind.DATE or not ends:
        days = (*_ends(COMPARED_DAY, bounds), *only)
        return Apply("compared", (own, conjunction(days)), BOOLEAN)
    if not all(isinstance(end, Constant) for end in ends):
        instant = Apply("add_seconds", (COMPARED_MOMENT, Constant(0, INTEGER)), IN_UTC)
        there = Apply("add_days", (moment, Apply("days_between", (COMPARED_DAY, own), INTEGER)), TIMESTAMP)
        return Apply("compared_at", (own, there, conjunction((*only, *_ends(instant, bounds)))), BOOLEAN)
    return disjunction(
        [
            conjunction((Apply("compared", (own, conjunction((*days, *only))), BOOLEAN), *clocks))
            for days, clocks in _parts(moment, bounds, zone)
        ]
    )


def _ends(moment: Bound, bounds: Bounds) -> tuple[Bound, ...]:
    ends = ((">=", bounds.start), ("<", bounds.end))
    return tuple(Apply(op, (moment, end), BOOLEAN) for op, end in ends if end is not None)


def _parts(moment: Bound, bounds: Bounds, zone: str) -> Iterator[tuple[tuple[Bound, ...], tuple[Bound, ...]]]:
    """Yield what days are in a window, and of these the day's own clock times that are.

    The whole days come first, then the day on which the window ends, and that on which it begins.
    """
    start, end = bounds.start, bounds.end
    first = start if isinstance(start, Constant) and not is_day(start) else None
    last = end if isinstance(end, Constant) and not is_day(end) else None
    first_day = None if first is None else day(_local(first, zone).date())
    last_day = None if last is None else day(_local(last, zone).date())
    from_start = () if start is None else (_day(">=", start),)
    until_end = () if end is None else (_day("<", end),)
    whole_start = from_start if first_day is None else (_day(">", first_day),)
    whole_end = until_end if last_day is None else (_day("<", last_day),)
    yield (*whole_start, *whole_end), ()
    if (
        isinstance(start, Constant)
        and isinstance(end, Constant)
        and _instant(start, zone) >= _instant(end, zone)
    ):
        # A period that has not begun has no day, the instant's own neither.
        return
    after = () if first is None else (Apply("not", (_before(moment, first, zone),), BOOLEAN),)
    if last is not None and last_day is not None:
        clocks = (_before(moment, last, zone),)
        if first_day == last_day:
            yield (_day("=", last_day),), (*after, *clocks)
            return
        yield (_day("=", last_day), *(() if isinstance(start, Constant) else from_start)), clocks
    if first_day is not None:
        yield (_day("=", first_day), *(() if isinstance(end, Constant) else until_end)), after


def _day(op: str, bound: Bound) -> Bound:
    return Apply(op, (COMPARED_DAY, bound), BOOLEAN)


def _before(moment: Bound, instant: Constant, zone: str) -> Bound:
    """Return the condition that a time's clock comes before an instant on the instant's own day."""

    def before(clock: time) -> Bound:
        return Apply("clock_before", (moment, Constant(clock.isoformat(), TEXT)), BOOLEAN)

    pieces: list[Bound] = []
    for low, high in clocks_before(_local(instant, zone), zone):
        parts: list[Bound] = [] if low is None else [Apply("not", (before(low),), BOOLEAN)]
        if high is not None:
            parts.append(before(high))
        pieces.append(conjunction(parts) if parts else Constant(True, BOOLEAN))
    return disjunction(pieces)


def _instant(bound: Constant, zone: str) -> datetime:
    """Return where a window that begins or ends at a day, or at an instant, does so."""
    if isinstance(bound.value, datetime):
        return _local(bound, zone)
    assert isinstance(bound.value, date)
    return datetime.combine(bound.value, time(), known(zone))


def _local(instant: Constant, zone: str) -> datetime:
    assert isinstance(instant.value, datetime)
    return instant.value.astimezone(known(zone))


def clocks_before(local: datetime, zone: str) -> tuple[Clocks, ...]:
    """Return which clock times of an instant's own local day come before it.

    One that exists twice is the earlier instant, and one that does not exist shifts forward.
    """
    clock = local.replace(tzinfo=None)
    for change in changes(zone, max(local.year - 1, 1), min(local.year + 1, 9999)):
        at = change.at.replace(tzinfo=None)
        was, becomes = (at + timedelta(seconds=seconds) for seconds in (change.before, change.after))
        if local >= change.at and becomes <= clock < was:
            # In the second of two hours: all clock times of the first one are before it.
            return ((None, was.time() if was.date() == clock.date() else None),)
        if local >= change.at and becomes <= clock < becomes + (becomes - was):
            # Just after clocks went forward: the missing times that shift beyond it are not before it.
            missing = was + (clock - becomes)
            begins = missing.time() if missing.date() == clock.date() else None
            pieces = () if begins is None else ((None, begins),)
            return (*pieces, (becomes.time() if becomes.date() == clock.date() else None, clock.time()))
    return ((None, clock.time()),)
