"""Which part of a target should be there by now, along its trajectory."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from fractions import Fraction

from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule
from kpidsl.model.types import DATE, FLOAT, INTEGER
from kpidsl.objectives.arithmetic import applied, cases, minus, number, over
from kpidsl.objectives.days import business_days, business_days_before, days, year_before
from kpidsl.objectives.phases import local_day
from kpidsl.objectives.when import When, under_way
from kpidsl.semantics.bound import Bound, Constant, During, Moved, WindowEdge
from kpidsl.semantics.objectives import CheckedObjective, Trajectory
from kpidsl.source import Span


def planned(objective: CheckedObjective, trajectory: Trajectory, when: When, project: Project) -> Bound:
    """Return the part of a row's target that should be there at an instant, by whole days that are over."""
    today, effective = local_day(when.as_of, project), objective.effective
    place = objective.definition.place("trajectory")
    if objective.grain is not None and trajectory.shape == "last_year":
        return _of_bucket_of_last_year(objective, when, project)
    if objective.grain is not None:
        return _of_bucket(trajectory, project.grains[objective.grain], today, place)
    start, end = effective.start, effective.end
    assert start is not None
    assert end is not None
    day = max(start, min(today, end))
    match trajectory.shape:
        case "linear":
            share = Fraction((day - start).days, (end - start).days)
        case "business_days":
            whole = business_days(end) - business_days(start)
            gone = business_days(day) - business_days(start)
            share = Fraction(gone, whole) if whole else Fraction(day == end)
        case "checkpoints":
            share = _between(trajectory.checkpoints, day)
        case "last_year":
            return number(1) if day == end else over(*of_last_year(objective, start, day, end, place))
    return Constant(float(share), FLOAT)


def _of_bucket_of_last_year(objective: CheckedObjective, when: When, project: Project) -> Bound:
    """Return the part of a bucket by last year's: only the last one that is looked at may not be over."""
    last, today = under_way(objective, when, project), local_day(when.as_of, project)
    if last is None:
        return number(1)
    place = objective.definition.place("trajectory")
    share = over(*of_last_year(objective, last.start, today, last.end, place))
    is_over = applied("<=", WindowEdge("period_end", DATE, place), Constant(today, DATE))
    return cases([(is_over, number(1))], share)


def _of_bucket(trajectory: Trajectory, rule: GrainRule, today: date, place: Span) -> Bound:
    """Return the part of a bucket that is over: days, or days from Monday to Friday."""
    start, end = WindowEdge("period_start", DATE, place), WindowEdge("period_end", DATE, place)
    now = Constant(today, DATE)
    is_over = applied("<=", end, now)
    if trajectory.shape == "linear":
        gone, whole = days(start, now), days(start, end)
    else:
        begun = business_days_before(start)
        gone = minus(Constant(business_days(today), INTEGER), begun)
        whole = minus(business_days_before(end), begun)
    share = over(gone, whole)
    if trajectory.shape == "business_days" and (rule.name == "day" or rule.calendar is not None):
        share = applied("coalesce", share, number(0))  # a weekend has no such days
    return cases([(is_over, number(1))], share)


def _between(points: tuple[tuple[date, Fraction], ...], day: date) -> Fraction:
    """Return the share at a day on straight lines from each point to the next."""
    place = bisect_right([at for at, _ in points], day)
    if place == len(points):
        return points[-1][1]
    (before, low), (after, high) = points[place - 1], points[place]
    return low + (high - low) * Fraction((day - before).days, (after - before).days)


def of_last_year(
    objective: CheckedObjective, start: date, day: date, end: date, place: Span
) -> tuple[Bound, Bound]:
    """Return what of last year's value was there on the same day, and all of it."""
    before = [year_before(one) for one in (start, day, end)]
    value = objective.value

    def of(last: date) -> Bound:
        return Moved(value, During(before[0], last), value.type, place, value.unit)

    return of(before[1]), of(before[2])
