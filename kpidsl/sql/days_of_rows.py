"""Between which days the times of rows lie, as far as conditions on the rows tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from kpidsl.plan.nodes import Filter
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.periods import Window
from kpidsl.sql.products import Value


def days_of_rows(rows: Filter) -> dict[Value, Window]:
    """Return the local days in which some times of the filtered rows surely lie."""
    found = _bounded(rows.all_of)
    alternatives = [_bounded(group) for group in rows.any_of]
    for time in alternatives[0] if alternatives else ():
        windows = [group[time] for group in alternatives if time in group]
        if len(windows) == len(alternatives):
            starts, ends = zip(*((w.start, w.end) for w in windows), strict=True)
            found.setdefault(time, Window(min(starts), max(ends)))
    return found


def _bounded(conditions: Iterable[Bound]) -> dict[Value, Window]:
    """Return the times that the conditions bound at both ends."""
    starts: dict[Value, date] = {}
    ends: dict[Value, date] = {}
    for condition in conditions:
        match condition:
            case Apply(op=">=" | "<" as op, args=(time, Constant(value=datetime() as instant))):
                # Its local day is one of these, whatever the zone.
                bound = instant.date() + timedelta(days=-1 if op == ">=" else 2)
                (starts if op == ">=" else ends)[time] = bound
            case Apply(op=">=" | "<" as op, args=(time, Constant(value=date() as day))):
                (starts if op == ">=" else ends)[time] = day
            case _:
                pass
    return {time: Window(start, ends[time]) for time, start in starts.items() if time in ends}
