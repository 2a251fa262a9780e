"""What holds for a row of the result: of the rows of targets the first that fits, or its part of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kpidsl.model.grains import bucket_of_day
from kpidsl.model.types import DATE
from kpidsl.objectives.arithmetic import NOTHING, all_of, applied, cases, is_null
from kpidsl.objectives.columns import Column
from kpidsl.objectives.shares import part_of
from kpidsl.semantics.bound import Bound, Constant, Grain, KeyValue, Total
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.members import Member
from kpidsl.semantics.objectives import CheckedObjective, CheckedTarget


@dataclass(frozen=True, slots=True)
class RowTargets:
    """The targets of one objective; `by` are the period and the members of its rows."""

    project: CheckedProject
    objective: CheckedObjective
    by: tuple[Grouped, ...]
    as_of: Constant

    def columns(self) -> dict[Column, Bound | None]:
        """Return targets, ends of ranges, and what targets add up to, as far as the objective has them."""
        targets = self.objective.targets
        return {
            "target": self.target(),
            "lower": self._chosen([(target, target.low) for target in targets]),
            "upper": self._chosen([(target, target.high) for target in targets]),
            "fade": self._chosen([(target, target.fade) for target in targets]),
            **self._reconciled(),
        }

    def target(self) -> Bound | None:
        """Return what holds for a row, or its part of that."""
        objective = self.objective
        found = self._chosen([(target, target.target) for target in objective.targets])
        if found is None or objective.allocation is None:
            return found
        return part_of(found, objective, objective.allocation, self.as_of, self.project.project)

    def _reconciled(self) -> dict[Column, Bound | None]:
        """Return what the targets of a period's members add up to, and what they should."""
        objective = self.objective
        if objective.reconciled is None:
            return {}
        total = RowTargets(self.project, objective.reconciled.total, self.by, self.as_of).target()
        sums = self._chosen([(one, one.target) for one in objective.reconciled.sums])
        if sums is not None and objective.allocation is not None:
            sums = part_of(sums, objective, objective.allocation, self.as_of, self.project.project)
        if total is not None:
            members = tuple(one.member for one in objective.by)
            place = objective.definition.place("reconcile")
            total = Total(total, members, False, total.type, place, objective.value.unit)
        return {"sum_of_targets": sums, "total_target": total}

    def _key(self, member: Member) -> KeyValue:
        type_ = next(grouped.type for grouped in self.by if grouped.member == member)
        return KeyValue(member, type_)

    def _chosen(self, values: list[tuple[CheckedTarget, Bound | None]]) -> Bound | None:
        """Return what stands in the first row of targets that fits, of those that say most."""
        if all(value is None for _, value in values):
            return None
        branches: list[tuple[Bound, Bound]] = []
        for target, value in values:
            found = NOTHING if value is None else value
            tests = list(self._fits(target))
            if not tests:
                return cases(branches, found)
            branches.append((all_of(*tests), found))
        return cases(branches)

    def _fits(self, target: CheckedTarget) -> list[Bound]:
        """Return when a row of targets holds for a row of the result."""
        tests: list[Bound] = []
        for member, value in target.members:
            key = self._key(member)
            tests.append(is_null(key) if value.value is None else applied("=", key, value))
        if target.period is not None:
            assert self.objective.grain is not None
            bucket = self._key(Grain(self.objective.grain))
            if target.period.start is not None:
                tests.append(applied(">=", bucket, Constant(self._bucket_of(target.period.start), DATE)))
            if target.period.end is not None:
                tests.append(applied("<", bucket, Constant(target.period.end, DATE)))
        return tests

    def _bucket_of(self, day: date) -> date:
        """Return the first day of the bucket that a day is in, which `effective` may cut."""
        assert self.objective.grain is not None
        project = self.project.project
        rule = project.grains[self.objective.grain]
        return day if rule.calendar is not None else bucket_of_day(rule, day, project.cut)


def is_fixed(objective: CheckedObjective) -> bool:
    """Tell whether all targets stand in the definition, whatever the data are."""
    if objective.parity is not None or objective.signals is not None:
        return False
    told = [bound for target in objective.targets for bound in (target.target, target.low, target.high)]
    allocation = objective.allocation
    if allocation is not None and (allocation.across or allocation.rule not in ("equal", "days")):
        return False
    return all(isinstance(bound, Constant | None) for bound in told)


def is_rated(objective: CheckedObjective) -> bool:
    """Tell whether the baseline stands in the definition, too."""
    return is_fixed(objective) and isinstance(objective.baseline, Constant | None)


def has_default(objective: CheckedObjective) -> bool:
    """Tell whether every row has a target, by what stands in the definition."""
    if not objective.targets:
        return False
    last = objective.targets[-1]
    return not last.members and last.period is None


def has_every_row(objective: CheckedObjective) -> bool:
    """Tell whether all rows of the query stay, whatever the data are.

    Each has a target by the definition, or is compared with others. One that is told by what was is
    promised to every row, too: where nothing was it is missing, as what is judged is when a feed has stopped.
    """
    if objective.kind in ("parity", "no_signal") or (objective.grain is None and not objective.by):
        return True
    if has_default(objective) and (is_fixed(objective) or objective.kind in ("change", "steady")):
        return True
    return any(one.objective is not None and has_every_row(one.objective) for one in objective.guardrails)
