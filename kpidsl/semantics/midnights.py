"""Days beside timestamps where clocks jump over a midnight, or show it twice.

A day beside a timestamp is the instant of its first midnight. What clocks show tells the same, but for a
midnight that is not one instant: there a comparison is made of instants.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kpidsl.model.definitions import Project
from kpidsl.model.types import IN_UTC, Kind
from kpidsl.model.zones import is_utc, odd_midnights
from kpidsl.semantics.bound import Apply, Bound, Constant, WindowEdge

_COMPARISONS = frozenset({"=", "<", "<=", ">", ">=", "in", "nullif"})
_BEFORE_AND_FROM = (("<", Kind.TIMESTAMP), (">=", Kind.TIMESTAMP), (">", Kind.DATE), ("<=", Kind.DATE))
"""What does not tell a midnight from the time to which clocks jump over it: operator, and its left side."""


def as_instants(op: str, args: tuple[Bound, ...], project: Project) -> tuple[Bound, ...]:
    """Return what is compared, as instants where clocks do not tell days and times apart.

    The ends of windows stay days, which are those that clocks show.
    """
    if op not in _COMPARISONS or is_utc(project.timezone):
        return args
    if not {Kind.DATE, Kind.TIMESTAMP} <= {arg.type.kind for arg in args}:
        return args
    if any(isinstance(arg, WindowEdge) for arg in args):
        return args
    odd = odd_midnights(project.timezone, *project.zone_years)
    days = [arg for arg in args if arg.type.kind is Kind.DATE]
    known = [day.value for day in days if isinstance(day, Constant) and isinstance(day.value, date)]
    if len(known) == len(days):
        odd = odd_midnights(project.timezone, *_years_of(known)).among(known)
    is_elsewhere = any(arg.type.zone not in (None, project.timezone) for arg in args)
    if (op, args[0].type.kind) in _BEFORE_AND_FROM:
        is_told = not (odd.left and is_elsewhere)
    else:
        is_told = not (odd.skipped or (odd.twice and is_elsewhere))
    return args if is_told else tuple(_as_instant(arg) for arg in args)


def _years_of(days: Sequence[date]) -> tuple[int, int]:
    """Return years around days; those of UTC may be others than those of the clocks."""
    years = [day.year for day in days]
    return max(min(years) - 1, 1), min(max(years) + 1, 9999)


def _as_instant(time: Bound) -> Bound:
    is_time = time.type.is_time and time.type != IN_UTC
    return Apply("as_type", (time,), IN_UTC, unit=time.unit) if is_time else time
