"""How many parts a period has, and how many of them are over: told by the calendar, whatever the data."""

from __future__ import annotations

from datetime import date

from kpidsl.model.definitions import Project
from kpidsl.model.grains import bucket_of_day
from kpidsl.model.types import DATE, INTEGER
from kpidsl.objectives.arithmetic import FALSE, TRUE, applied, cases, number
from kpidsl.objectives.each import ends_before
from kpidsl.objectives.phases import local_day
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.elapsed import date_diff, date_trunc
from kpidsl.semantics.objectives import CheckedObjective, Each


class CalendarOfParts:
    """Counts parts of periods. A period is its first day, or None where the objective has only one."""

    def __init__(self, project: Project, objective: CheckedObjective, each: Each, as_of: Constant) -> None:
        self.project = project
        self.objective = objective
        self.each = each
        self.today = local_day(as_of, project)
        start = objective.effective.start
        self.is_ahead = FALSE
        if objective.grain is None and start is not None and (start > self.today or start == as_of.value):
            self.is_ahead = TRUE
        self.place = objective.definition.place("each")

    def period_of(self, end: Bound) -> Bound:
        """Return the period that holds the last day of a part that ends before a day."""
        assert self.objective.grain is not None
        last = Apply("add_days", (end, Constant(-1, INTEGER)), DATE)
        return date_trunc(self.objective.grain, last, self.project, self.place)

    def of_the_one(self) -> tuple[int, int]:
        """Return how many parts the only period has, and how many of them are not over."""
        day = max(self._start(), min(self.today, self._end()))
        last = self._ends(self._end())
        return last - self._ends(self._start()), last - self._ends(day)

    def has_ended(self, ends: Bound | None) -> Bound:
        """Return whether a period is over that ends when a day begins, or the only one."""
        if ends is None:
            end = self.objective.effective.end
            assert end is not None
            return TRUE if end <= self.today else FALSE
        return applied("<=", ends, Constant(self.today, DATE))

    def parts(self, begins: Bound, ends: Bound) -> Bound:
        """Return how many parts a period has."""
        return self._between(begins, ends)

    def not_over(self, begins: Bound, ends: Bound) -> Bound:
        """Return how many parts of a period that has begun are not over."""
        start: Bound = Constant(self.today, DATE)
        if self._has_cut_part():  # on the days of which no part of the period has begun
            start = cases([(applied(">", begins, start), begins)], start)
        left = self._between(start, ends)
        return cases([(self.has_ended(ends), number(0))], left)

    def _between(self, start: Bound, end: Bound) -> Bound:
        """Return how many parts end after a day begins, until another does."""
        found = date_diff(self.each.grain, start, end, self.project, self.place)
        return Apply(found.op, found.args, INTEGER) if isinstance(found, Apply) else found

    def _has_cut_part(self) -> bool:
        return self.each.effective.start != self.objective.effective.start

    def begins(self, period: Bound) -> Bound:
        """Return the day from which on the parts of a period are whole."""
        start = self.each.effective.start
        assert self.objective.grain is not None
        rule = self.project.grains[self.objective.grain]
        if start is None or self.objective.effective.start is None:
            return period
        if bucket_of_day(rule, self.objective.effective.start, self.project.cut) == start:
            return period
        first = Constant(start, DATE)
        return cases([(applied("<", period, first), first)], period)

    def ends(self, period: Bound) -> Bound:
        """Return the day before which a period ends, and the objective."""
        assert self.objective.grain is not None
        rule, end = self.project.grains[self.objective.grain], self.objective.effective.end
        op = "add_months" if rule.unit == "month" else "add_days"
        limit: Bound = Apply(op, (period, Constant(rule.count, INTEGER)), DATE)
        if end is None or bucket_of_day(rule, end, self.project.cut) == end:
            return limit
        last = Constant(end, DATE)
        return cases([(applied(">", limit, last), last)], limit)

    def _start(self) -> date:
        start = self.each.effective.start
        assert start is not None
        return start

    def _end(self) -> date:
        end = self.each.effective.end
        assert end is not None
        return end

    def _ends(self, day: date) -> int:
        return ends_before(self.project.grains[self.each.grain], day, self.project)
