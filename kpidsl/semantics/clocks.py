"""Local times beside instants: where clocks tell which comes first, and where they lead astray.

A clock that is put back shows times twice. By days, and far from such a change, clocks tell; else a local
time is compared as the instant that it is, the earlier of two.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kpidsl.model.definitions import Project
from kpidsl.model.types import IN_UTC, INTEGER, Kind
from kpidsl.model.zones import is_near_change, is_utc
from kpidsl.semantics.bound import Apply, Bound, Constant


def exactly(time: Bound, ends: Iterable[Bound | None], project: Project) -> Bound:
    """Return a time as it is compared with instants: an instant too where clocks lead astray."""
    zones = (project.timezone, time.type.zone)
    if time.type.kind is Kind.DATE or any(zone is not None and is_utc(zone) for zone in zones):
        return time
    if any(end is not None and _is_misleading(end, project.timezone) for end in ends):
        return Apply("add_seconds", (time, Constant(0, INTEGER)), IN_UTC)
    return time


def _is_misleading(end: Bound, zone: str) -> bool:
    """Tell whether clocks, beside those of an instant, may show the order of times wrongly; a day is none."""
    if end.type.kind is Kind.DATE:
        return False
    if not isinstance(end, Constant):
        return True
    assert isinstance(end.value, datetime)
    return is_near_change(end.value, zone)
