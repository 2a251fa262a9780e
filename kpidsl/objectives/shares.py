"""Which part of a whole's target is a row's: of its days, and of the members that share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from kpidsl.model.definitions import Project
from kpidsl.model.grains import bucket_of_day
from kpidsl.model.types import DATE, INTEGER
from kpidsl.objectives.arithmetic import applied, cases, minus, number, over
from kpidsl.objectives.days import (
    bucket_end,
    business_days,
    business_days_before,
    days,
    end_of,
    year_before,
)
from kpidsl.objectives.phases import local_day
from kpidsl.semantics.bound import (
    Amount,
    Apply,
    Bound,
    Constant,
    During,
    Grain,
    KeyValue,
    Moved,
    Prior,
    Total,
)
from kpidsl.semantics.objectives import Allocation, CheckedObjective
from kpidsl.semantics.periods import Window

_A_YEAR = Prior(Amount(12, "month", "1 year"))


def part_of(
    target: Bound, objective: CheckedObjective, allocation: Allocation, as_of: Constant, project: Project
) -> Bound:
    """Return a row's part of the target of its whole."""
    shares = _Shares(objective, allocation, local_day(as_of, project), project)
    for part, whole in shares.found():
        divided = over(applied("*", target, part), whole)
        assert isinstance(divided, Apply)
        target = replace(divided, unit=target.unit)
    return target


class _Shares:
    def __init__(
        self, objective: CheckedObjective, allocation: Allocation, today: date, project: Project
    ) -> None:
        self.objective = objective
        self.allocation = allocation
        self.today = today
        self.cut = project.cut
        self.place = objective.definition.place("allocate")
        self.period = None if objective.grain is None else project.grains[objective.grain]

    def found(self) -> Iterator[tuple[Bound, Bound]]:
        """Yield what each share is a part of, with the part first."""
        rule, across = self.allocation.rule, self.allocation.across
        if across:
            value = self._in_whole(self._last_year) if rule is not None else self._in_period()
            members = Total(value, across, False, value.type, self.place, value.unit)
            yield _something(value), members
        match rule:
            case "equal":
                yield number(1), self._in_whole(lambda whole: number(self._number_of_periods(whole)))
            case "days":
                start, end = self._ends()
                yield days(start, end), self._in_whole(_days_of)
            case "business_days":
                start, end = self._ends()
                gone = minus(business_days_before(end), business_days_before(start))
                yield gone, self._in_whole(_business_days_of)
            case "last_year":
                yield _something(self._in_period()), self._in_whole(self._last_year)
            case "copy" | None:
                return

    def _in_whole(self, of: Callable[[Window], Bound]) -> Bound:
        """Return something of the whole that a row's period is in."""
        values = [of(whole) for whole in self.allocation.wholes]
        ends = [Constant(whole.end, DATE) for whole in self.allocation.wholes[:-1]]
        if all(value == values[0] for value in values):
            return values[0]
        branches = [(applied("<", self._key(), end), value) for end, value in zip(ends, values, strict=False)]
        return cases(branches, values[-1])

    def _key(self) -> KeyValue:
        assert self.objective.grain is not None
        return KeyValue(Grain(self.objective.grain), DATE)

    def _ends(self) -> tuple[Bound, Bound]:
        """Return a row's first day and the day after its last, as far as the objective holds."""
        assert self.period is not None
        first, last = self.objective.effective.start, self.objective.effective.end
        assert first is not None
        assert last is not None
        start: Bound = self._key()
        end = bucket_end(self.period, start)
        if bucket_of_day(self.period, first, self.cut) != first:
            start = applied("greatest", start, Constant(first, DATE))
        if bucket_of_day(self.period, last, self.cut) != last:
            end = applied("least", end, Constant(last, DATE))
        return start, end

    def _number_of_periods(self, whole: Window) -> int:
        assert self.period is not None
        start, end = _dates(whole)
        found = 0
        while start < end:
            start, found = end_of(self.period, start), found + 1
        return found

    # What was last year.

    def _last_year(self, whole: Window) -> Bound:
        value = self.objective.value
        during = During(*(year_before(day) for day in _dates(whole)))
        return Moved(value, during, value.type, self.place, value.unit)

    def _in_period(self) -> Bound:
        """Return the KPI a year before a row's period: of all of it where the instant is inside, too."""
        value = self.objective.value
        if self.period is None:
            return self._last_year(self.objective.effective)
        start = bucket_of_day(self.period, self.today, self.cut)
        now = self._last_year(Window(start, end_of(self.period, start)))
        before = Moved(value, _A_YEAR, value.type, self.place, value.unit)
        return cases([(applied("=", self._key(), Constant(start, DATE)), now)], before)


def _dates(whole: Window) -> tuple[date, date]:
    assert whole.start is not None
    assert whole.end is not None
    return whole.start, whole.end


def _days_of(whole: Window) -> Bound:
    start, end = _dates(whole)
    return Constant((end - start).days, INTEGER)


def _business_days_of(whole: Window) -> Bound:
    start, end = _dates(whole)
    return Constant(business_days(end) - business_days(start), INTEGER)


def _something(value: Bound) -> Bound:
    """Return a value, and null in the place of 0: who had nothing has no part."""
    return applied("nullif", value, number(0))
