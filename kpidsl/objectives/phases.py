"""Where a period stands at the instant that is asked for: not begun, in flight, closed, settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kpidsl.model.definitions import Project
from kpidsl.model.types import DATE
from kpidsl.model.zones import known
from kpidsl.objectives.arithmetic import FALSE, TRUE, applied
from kpidsl.semantics.bound import Amount, Bound, Constant
from kpidsl.semantics.elapsed import moved_date
from kpidsl.semantics.periods import Window


@dataclass(frozen=True, slots=True)
class Phases:
    """Conditions on a row's period; constants where the period is one and known."""

    is_ahead: Bound
    has_ended: Bound
    is_unsettled: Bound
    """Of a period that has ended: whether its rows may still change."""


def phases(period: Window | Bound, lags: Iterable[Amount], as_of: Constant, project: Project) -> Phases:
    """Return the phases of a fixed period, or of the one that ends with the day before a column's.

    A bucket that has not begun is no row of a result, so only a fixed period can lie ahead.
    """
    today = local_day(as_of, project)
    settled = [limit for lag in lags if (limit := _settled_until(as_of, lag, project)) is not None]
    if isinstance(period, Window):
        start, end = period.start, period.end
        return Phases(
            _known(start is not None and (start > today or start == as_of.value)),
            _known(end is not None and end <= today),
            _known(end is not None and any(end > limit for limit in settled)),
        )
    return Phases(
        FALSE,
        applied("<=", period, Constant(today, DATE)),
        applied(">", period, Constant(min(settled), DATE)) if settled else FALSE,
    )


def settled_day(lags: Iterable[Amount], as_of: Constant, project: Project) -> date:
    """Return the last day at whose beginning all that happened before is over, and has settled."""
    settled = (_settled_until(as_of, lag, project) for lag in lags)
    return min([local_day(as_of, project), *(limit for limit in settled if limit is not None)])


def local_day(as_of: Constant, project: Project) -> date:
    """Return the local day that an instant is in."""
    return _day(as_of.value, project)


def _day(value: object, project: Project) -> date:
    if isinstance(value, datetime):
        return value.astimezone(known(project.timezone)).date()
    assert isinstance(value, date)
    return value


def _settled_until(as_of: Constant, lag: Amount, project: Project) -> date | None:
    """Return the last day at whose beginning all that happened before has settled."""
    if lag.count == 0:
        return None
    if lag.unit == "second":
        value = as_of.value
        if not isinstance(value, datetime):
            assert isinstance(value, date)
            value = datetime(value.year, value.month, value.day, tzinfo=known(project.timezone))
        return _day(value.astimezone(UTC) - timedelta(seconds=lag.count), project)
    op = "add_days" if lag.unit == "day" else "add_months"
    return moved_date(op, local_day(as_of, project), -lag.count)


def _known(holds: bool) -> Constant:
    return TRUE if holds else FALSE
