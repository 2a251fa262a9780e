"""When something is asked: at which instant, and of which periods.

A period is judged whole or not at all: what is asked for chooses periods, and cuts none. So a week is never
compared with a target by some of its days, and a year is not on its way because March is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule, bucket_of_day
from kpidsl.model.types import DATE
from kpidsl.objectives.arithmetic import all_of, applied
from kpidsl.objectives.days import end_of, year_before
from kpidsl.objectives.phases import local_day
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.semantics.periods import EVERYTHING, Window
from kpidsl.semantics.prepared import both


@dataclass(frozen=True, slots=True)
class When:
    """The instant that is asked for, and the days of which the periods are."""

    as_of: Constant
    asked: Window = EVERYTHING

    def days(self, effective: Window, grain: str | None, project: Project) -> Window:
        """Return the days that are looked at: those of whole periods, as far as an objective holds.

        Without a grain there is one period. Where one of a calendar's own ends is told by its rows alone, so
        that all are looked at, and those that are asked for are `chosen`. Of others the last is the one under
        way, so that there is always an end: what has no time lies before none.
        """
        if grain is None:
            return effective
        rule, asked = project.grains[grain], both(effective, self.asked)
        if asked.is_empty or rule.calendar is not None:
            return asked if asked.is_empty else effective
        found = both(effective, whole_periods(rule, asked, project))
        return found if found != EVERYTHING else Window(None, last_begun(rule, self.as_of, project).end)

    def chosen(self, rule: GrainRule, start: Bound, end: Bound) -> Bound | None:
        """Return whether some day of a period is asked for, where the days looked at do not tell."""
        if rule.calendar is None:
            return None
        tests = []
        if self.asked.start is not None:
            tests.append(applied(">", end, Constant(self.asked.start, DATE)))
        if self.asked.end is not None:
            tests.append(applied("<", start, Constant(self.asked.end, DATE)))
        return all_of(*tests) if tests else None


def whole_periods(rule: GrainRule, days: Window, project: Project) -> Window:
    """Return the days of the buckets that some days are in; not for calendars."""
    start = None if days.start is None else bucket_of_day(rule, days.start, project.cut)
    if days.end is None:
        return Window(start, None)
    last = bucket_of_day(rule, days.end - timedelta(days=1), project.cut)
    return Window(start, end_of(rule, last))


def days_a_year_before(days: Window, rule: GrainRule | None, as_of: Constant, project: Project) -> Window:
    """Return the days a year before those of periods, the last of which is the last that has begun."""
    begun = days if rule is None else both(days, Window(None, last_begun(rule, as_of, project).end))
    return Window(*(None if day is None else year_before(day) for day in (begun.start, begun.end)))


def last_begun(rule: GrainRule, as_of: Constant, project: Project) -> Window:
    """Return the bucket that holds the last moment before an instant; not for calendars."""
    day = local_day(as_of, project)
    if as_of.type == DATE:
        day -= timedelta(days=1)
    start = bucket_of_day(rule, day, project.cut)
    return Window(start, end_of(rule, start))


@dataclass(frozen=True, slots=True)
class Days:
    """The days from a first one on, until before another."""

    start: date
    end: date


def under_way(objective: CheckedObjective, when: When, project: Project) -> Days | None:
    """Return the period that is looked at and not over, as far as the objective holds; not of calendars."""
    days, grain = when.days(objective.effective, objective.grain, project), objective.grain
    if grain is not None:
        days = both(days, last_begun(project.grains[grain], when.as_of, project))
    if days.start is None or days.end is None or days.is_empty:
        return None
    return None if days.end <= local_day(when.as_of, project) else Days(days.start, days.end)
