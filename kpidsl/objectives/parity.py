"""Objectives by which members or segments are not to differ: what each is compared with, and how nearly."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import Objective
from kpidsl.model.types import BOOLEAN
from kpidsl.model.written import Formula
from kpidsl.objectives import parity_errors as errors
from kpidsl.objectives.arithmetic import FALSE, NOTHING, applied, cases, minus, number, plus
from kpidsl.objectives.columns import Column, ColumnNames
from kpidsl.objectives.rivals import among_of
from kpidsl.objectives.targets import Targets
from kpidsl.semantics.bound import Bound, Filtered, MemberValue, MetricRef, Total
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.formulas import MemberBinder
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.judged import AmongRows
from kpidsl.semantics.objectives import End, Parity
from kpidsl.semantics.walks import inside
from kpidsl.syntax import tree

_OVERALL, _BEST = "overall", "best"


def parity_of(
    objective: Objective,
    by: Sequence[Grouped],
    value: MetricRef,
    observed: Bound | None,
    targets: Targets,
    sink: Sink,
) -> Parity | None:
    """Return what is compared with what, or None after reporting what is wrong with that."""
    if objective.kind != "parity":
        return None
    return _Comparison(objective, by, targets, sink).checked(value, observed)


class _Comparison:
    def __init__(self, objective: Objective, by: Sequence[Grouped], targets: Targets, sink: Sink) -> None:
        self.objective = objective
        self.by = by
        self.targets = targets
        self.project: CheckedProject = targets.project
        self.sink = sink
        self.kpi = targets.metric.definition
        self.direction = self.kpi.direction or "none"

    def checked(self, value: MetricRef, observed: Bound | None) -> Parity | None:
        written, before = self.objective.parity, self.sink.errors
        word = _word(written.reference)
        segment = self._condition(written.segment)
        self._whom(word)
        members = () if written.segment is not None else among_of(self.objective, self.by, self.sink)
        sides = self._sides(word)
        near = self.targets.nearness(takes_part=True)
        condition = None if word is not None else self._condition(written.reference)
        if condition is not None:
            self._reaches(condition, members)
        if near is None or self.sink.errors > before or (word is None and condition is None):
            return None

        def of_reference(found: Bound | None) -> Bound | None:
            if found is None or word == _BEST:
                return None
            if members:
                across = tuple(one.member for one in members)
                found = Total(found, across, False, found.type, value.span, found.unit)
            return found if condition is None else _narrowed(found, condition, value)

        return Parity(
            members=members,
            segment=segment,
            reference=of_reference(value),
            reference_sample=of_reference(observed),
            is_least_best=self.direction == "down",
            tolerance=near.tolerance,
            is_part=near.is_part,
            fade=near.fade,
            sides=sides,
        )

    def _whom(self, word: str | None) -> None:
        """Report an objective that compares nobody, or members and segments at once."""
        written, place = self.objective.parity, self.objective.place
        if written.segment is None:
            if not self.by and not self.objective.by:
                self.sink.report(errors.nobody(self.objective.span, self.objective.name))
            return
        if self.objective.among:
            self.sink.report(errors.among_segments(place("among")))
        if word == _BEST:
            assert written.reference is not None
            self.sink.report(errors.best_of_one(written.reference.span))

    def _sides(self, word: str | None) -> tuple[End, ...]:
        """Return on which sides of the reference a value may be too far away."""
        if self.objective.side != "worse" and word != _BEST:
            return "lower", "upper"
        if self.direction not in ("up", "down"):
            place = self.objective.place("reference" if word == _BEST else "side")
            self.sink.report(errors.no_direction(place, self.kpi.name, self.direction, self.kpi.span))
        return ("upper",) if self.direction == "down" else ("lower",)

    def _condition(self, formula: Formula | None) -> Bound | None:
        if formula is None or formula.expr is None:
            return None
        model = self.project
        found = MemberBinder(model.project, model.types, self.sink).condition(formula.expr)
        return found if found.type is BOOLEAN else None

    def _reaches(self, condition: Bound, members: Sequence[Grouped]) -> None:
        """Report a condition on a member that every row keeps: in other rows it is true of nothing."""
        compared = {one.member for one in members}
        kept = {one.member: one.name for one in self.by if one.member not in compared}
        for part in inside(condition):
            if isinstance(part, MemberValue) and part.member in kept:
                self.sink.report(errors.kept(part.span, kept[part.member]))


def _word(formula: Formula | None) -> str | None:
    """Return the word in a condition's place that tells a reference, if it is one."""
    match None if formula is None else formula.expr:
        case tree.Name(parts=(word,)) if word in (_OVERALL, _BEST):
            return word
        case _:
            return None


def _narrowed(found: Bound, condition: Bound, value: MetricRef) -> Bound:
    return Filtered(found, condition, found.type, value.span, found.unit)


def in_segment(found: Bound, parity: Parity, value: MetricRef) -> Bound:
    """Return a value of the segment that is judged."""
    return found if parity.segment is None else _narrowed(found, parity.segment, value)


def measured(parity: Parity) -> dict[Column, Bound | None]:
    """Return what is measured beside the value."""
    return {
        "reference": parity.reference,
        "reference_sample": parity.reference_sample,
        "tolerance": parity.tolerance,
        "fade": parity.fade,
    }


def best_of(
    parity: Parity, by: Sequence[Grouped], names: ColumnNames, of: dict[Column, Bound]
) -> tuple[Column, AmongRows]:
    """Return the best value of those that are compared; `entered` is the value of each that takes part."""
    compared = {one.member for one in parity.members}
    groups = tuple(one.name for one in by if one.member not in compared)
    best = AmongRows("best", names.of("entered"), groups, parity.is_least_best, of["entered"].type)
    return "reference", best


def bounded(parity: Parity, of: dict[Column, Bound]) -> list[tuple[Column, Bound]]:
    """Return the reference as a target, with what is near enough to it; of nothing there is no part."""
    target, tolerance = of["reference"], of["tolerance"]
    if parity.is_part:
        target = applied("nullif", target, number(0))
        tolerance = applied("*", tolerance, applied("abs", target))
    found: list[tuple[Column, Bound]] = [("target", target)]
    if "lower" in parity.sides:
        found.append(("lower", minus(target, tolerance)))
    if "upper" in parity.sides:
        found.append(("upper", plus(target, tolerance)))
    if parity.fade is None:
        found.append(("fade", tolerance))
    return found


def taking_part(of: dict[Column, Bound], min_sample: int | None) -> Bound:
    """Return the value of a row that may be the best, and null for one with too small a sample."""
    is_small = is_fewer(of.get("sample"), min_sample)
    return cases([] if is_small == FALSE else [(is_small, NOTHING)], of["value"])


def is_fewer(sample: Bound | None, least: int | None) -> Bound:
    """Return whether a value rests on too few observations."""
    return FALSE if sample is None or least is None else applied("<", sample, number(least))
