"""Which part of a target should be there by now, along its trajectory."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from fractions import Fraction

from kpidsl.model.definitions import Project
from kpidsl.model.types import DATE, FLOAT, INTEGER
from kpidsl.objectives.arithmetic import applied, cases, minus, number, over, plus
from kpidsl.objectives.phases import local_day
from kpidsl.semantics.bound import Apply, Bound, Constant, During, Moved, WindowEdge
from kpidsl.semantics.elapsed import moved_date
from kpidsl.semantics.objectives import CheckedObjective, Trajectory
from kpidsl.source import Span

_MONDAY = date(1970, 1, 5)
_DAYS_OF_WEEK, _BUSINESS_DAYS = 7, 5


def planned(objective: CheckedObjective, trajectory: Trajectory, as_of: Constant, project: Project) -> Bound:
    """Return the part of a row's target that should be there at an instant, by whole days that are over."""
    today, effective = local_day(as_of, project), objective.effective
    place = objective.definition.place("trajectory")
    if objective.grain is not None:
        return _of_bucket(trajectory, today, place)
    start, end = effective.start, effective.end
    assert start is not None
    assert end is not None
    day = max(start, min(today, end))
    match trajectory.shape:
        case "linear":
            share = Fraction((day - start).days, (end - start).days)
        case "business_days":
            whole = _business_days(end) - _business_days(start)
            share = Fraction(_business_days(day) - _business_days(start), whole) if whole else Fraction(1)
        case "checkpoints":
            share = _between(trajectory.checkpoints, day)
        case "last_year":
            return number(1) if day == end else _of_last_year(objective, start, day, end, place)
    return Constant(float(share), FLOAT)


def _of_bucket(trajectory: Trajectory, today: date, place: Span) -> Bound:
    """Return the part of a bucket that is over: days, or days from Monday to Friday."""
    start, end = WindowEdge("period_start", DATE, place), WindowEdge("period_end", DATE, place)
    now = Constant(today, DATE)
    is_over = applied("<=", end, now)
    if trajectory.shape == "linear":
        gone, whole = _days(start, now), _days(start, end)
    else:
        begun = _business_days_before(start)
        gone = minus(Constant(_business_days(today), INTEGER), begun)
        whole = minus(_business_days_before(end), begun)
    return cases([(is_over, number(1))], over(gone, whole))


def _days(start: Bound, end: Bound) -> Bound:
    return Apply("days_between", (end, start), INTEGER)


def _business_days(day: date) -> int:
    """Return how many days from Monday to Friday lie between a fixed Monday and a day."""
    weeks, rest = divmod((day - _MONDAY).days, _DAYS_OF_WEEK)
    return weeks * _BUSINESS_DAYS + min(rest, _BUSINESS_DAYS)


def _business_days_before(day: Bound) -> Bound:
    """Return the same of a day that the data give: five for each whole week, and at most five of the rest."""
    days = _days(Constant(_MONDAY, DATE), day)
    weeks = applied("floor", over(days, number(_DAYS_OF_WEEK)))
    rest = minus(days, applied("*", weeks, number(_DAYS_OF_WEEK)))
    return plus(applied("*", weeks, number(_BUSINESS_DAYS)), applied("least", rest, number(_BUSINESS_DAYS)))


def _between(points: tuple[tuple[date, Fraction], ...], day: date) -> Fraction:
    """Return the share at a day on straight lines from each point to the next."""
    place = bisect_right([at for at, _ in points], day)
    if place == len(points):
        return points[-1][1]
    (before, low), (after, high) = points[place - 1], points[place]
    return low + (high - low) * Fraction((day - before).days, (after - before).days)


def _of_last_year(objective: CheckedObjective, start: date, day: date, end: date, place: Span) -> Bound:
    """Return the part of last year's value that was there on the same day."""
    before = [_year_before(one) for one in (start, day, end)]
    value = objective.value

    def of(last: date) -> Bound:
        return Moved(value, During(before[0], last), value.type, place, value.unit)

    return over(of(before[1]), of(before[2]))


def _year_before(day: date) -> date:
    """Return the same day of the year before; the end of a 28 February is that of a 29th, too."""
    last = moved_date("add_months", day - timedelta(days=1), -12)
    return moved_date("add_months", day, -12) if day.day == 1 else last + timedelta(days=1)
