"""Targets of a whole, allocated to its parts: what is written, checked, and put into the targets.

A target may be that of more days than a period has (`over`), or of members that are judged one by one
(`across`). Its formula is then evaluated of the whole. Parts that the definition tells are targets of
their own from here on; what the data or the calendar tell is left to the evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import get_args

from kpidsl.diagnostics import Sink
from kpidsl.model.grains import GrainRule, bucket_of_day
from kpidsl.model.objectives import AllocationText, Objective
from kpidsl.model.types import DATE
from kpidsl.objectives import allocation_errors as errors
from kpidsl.objectives.arithmetic import applied, cases
from kpidsl.objectives.days import business_days, end_of
from kpidsl.objectives.parts import Weight, rounded, weighed, weights_of
from kpidsl.objectives.row_members import is_lost
from kpidsl.objectives.trajectories import is_elapsed
from kpidsl.objectives.values import Values
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import (
    Aggregate,
    Bound,
    Constant,
    During,
    Grain,
    KeyValue,
    MetricRef,
    Moved,
    Total,
    WindowEdge,
)
from kpidsl.semantics.facts import additivity_of
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.objectives import Allocation, CheckedTarget, PartRule
from kpidsl.semantics.periods import Window
from kpidsl.semantics.walks import inside
from kpidsl.source import SourceText, Span

_RULES: dict[str, PartRule] = {rule: rule for rule in get_args(PartRule)}
_BY_DAYS: tuple[PartRule, ...] = ("days", "business_days", "copy")
"""Rules by which a period that is cut has a part of its own."""


@dataclass(frozen=True, slots=True)
class Allocating:
    """The allocation of one objective's targets, checked."""

    written: AllocationText
    values: Values
    grain: str | None
    target_grain: str | None
    """The grain of the periods that rows of targets name."""
    rule: PartRule | None
    wholes: tuple[Window, ...]
    across: tuple[Grouped, ...]
    weights: tuple[Weight, ...]
    """Empty where the members share by what they had last year."""
    sink: Sink

    @property
    def evaluated(self) -> Allocation | None:
        """Return what the evaluation has to tell; None where the parts stand in the targets."""
        if self.written.round is not None:
            return Allocation((), None)
        by_last_year = () if self.weights else tuple(one.member for one in self.across)
        return Allocation(self.wholes, self.rule, by_last_year)

    def parts(self, targets: Sequence[CheckedTarget]) -> tuple[CheckedTarget, ...]:
        """Return the targets of parts, as far as the definition tells them."""
        for target in targets:
            nodes = () if target.target is None else tuple(inside(target.target))
            if any(isinstance(node, WindowEdge) or is_elapsed(node) for node in nodes):
                self.sink.report(errors.moved_target(target.span))
        if self.written.round is not None:
            return rounded(self.written.round, targets, self.weights, self.values, self._shares(), self.sink)
        whole = [replace(one, target=self.of_whole(one.target)) for one in targets]
        return tuple(weighed(whole, self.weights)) if self.weights else tuple(whole)

    def of_whole(self, bound: Bound | None) -> Bound | None:
        """Return a formula evaluated of all the days and members that share it."""
        if bound is None or not any(isinstance(node, Aggregate | MetricRef) for node in inside(bound)):
            return bound
        place = self.written.span
        if self.across:
            members = tuple(one.member for one in self.across)
            bound = Total(bound, members, False, bound.type, place, bound.unit)
        if self.rule is None:
            return bound
        assert self.grain is not None
        moved = []
        for whole in self.wholes:
            assert whole.start is not None
            assert whole.end is not None
            moved.append(Moved(bound, During(whole.start, whole.end), bound.type, place, bound.unit))
        key = KeyValue(Grain(self.grain), DATE)
        tests = [applied("<", key, Constant(whole.end, DATE)) for whole in self.wholes[:-1]]
        return cases(list(zip(tests, moved, strict=False)), moved[-1])

    def _shares(self) -> list[list[tuple[Window, Fraction]]]:
        """Return the periods of each whole, with what each weighs; none where periods share nothing."""
        if self.rule is None or self.grain is None:
            return []
        period, cut = self.values.project.project.grains[self.grain], self.values.project.project.cut
        found = []
        for whole in self.wholes:
            start, shares = whole.start, list[tuple[Window, Fraction]]()
            assert start is not None
            assert whole.end is not None
            while start < whole.end:
                end = min(whole.end, end_of(period, bucket_of_day(period, start, cut)))
                shares.append((Window(start, end), _weight(self.rule, start, end)))
                start = end
            found.append(shares)
        return found


def _weight(rule: PartRule, start: date, end: date) -> Fraction:
    match rule:
        case "days":
            return Fraction((end - start).days)
        case "business_days":
            return Fraction(business_days(end) - business_days(start))
        case _:
            return Fraction(1)


def allocation_of(
    objective: Objective,
    by: Sequence[Grouped],
    grain: str | None,
    effective: Window,
    where: Bound | None,
    values: Values,
    sink: Sink,
) -> Allocating | None:
    """Return how targets are allocated; None where they are not, or something is wrong."""
    written = objective.allocate
    if written is None:
        return None
    return _Check(objective, written, grain, effective, where, values, sink).checked(by)


@dataclass(frozen=True, slots=True)
class _Check:
    objective: Objective
    written: AllocationText
    grain: str | None
    effective: Window
    where: Bound | None
    values: Values
    sink: Sink

    def checked(self, by: Sequence[Grouped]) -> Allocating | None:
        before = self.sink.errors
        written = self.written
        if written.by is None and written.over is None and not written.across:
            self.sink.report(errors.nothing(written.span))
        rule = None if written.by is None else _RULES.get(written.by.text.strip())
        self._adds_up(rule)
        for key in ("baseline", "levels"):
            if key in self.objective.key_spans:
                why = f"`{key}` is of each part, and the target of the whole"
                self.sink.report(errors.useless(self.objective.key_spans[key], key, why))
        across = self._across(by)
        wholes = self._wholes(rule)
        weights = self._weights(across)
        if written.round is not None:
            self._can_round(written.round.span, rule, has_weights=bool(weights))
        if self.sink.errors > before:
            return None
        has_over = rule is not None and written.over is not None
        over = written.over.text.strip() if has_over and written.over is not None else None
        target_grain = self.grain if rule is None else over
        return Allocating(
            written, self.values, self.grain, target_grain, rule, wholes, across, weights, self.sink
        )

    def _adds_up(self, rule: PartRule | None) -> None:
        kind = additivity_of(self.values.metric.bound, self.values.project)
        place, name = self.written.place("by" if rule is not None else "across"), self.values.name
        if rule == "copy":
            if kind is Additivity.ADDITIVE:
                self.sink.report(errors.copied_sum(place, name))
            if self.written.across:
                why = "a target that is copied is shared by nobody"
                self.sink.report(errors.useless(self.written.place("across"), "across", why))
        elif kind is not Additivity.ADDITIVE:
            self.sink.report(errors.no_sum(place, name, kind.value, by_periods=rule is not None))

    # Among which days.

    def _wholes(self, rule: PartRule | None) -> tuple[Window, ...]:
        """Return the days that each target is of; none where targets are of periods."""
        written, start, end = self.written, self.effective.start, self.effective.end
        if rule is None:
            if written.over is not None:
                why = "`over` says of which days the target is, and nothing how periods share it"
                self.sink.report(errors.lacks(written.place("over"), "by", why, "add `by: days`"))
            return ()
        project, place = self.values.project.project, written.place("by")
        if self.grain is None:
            why = "the objective has one period, which shares its target with no other"
            self.sink.report(errors.useless(place, "by", why))
            return ()
        if start is None or end is None:
            why = "the days that share a target have to be known"
            help = "add `effective: {from: 2026-01-01, until: 2027-01-01}`"
            self.sink.report(errors.lacks(place, "effective", why, help))
            return ()
        period = project.grains[self.grain]
        if period.calendar is not None or (rule == "last_year" and period.unit != "month"):
            self._refuse_grain(period)
            return ()
        wholes = (self.effective,) if written.over is None else self._buckets(written.over, start, end)
        self._fit(wholes, rule, period)
        return wholes

    def _refuse_grain(self, period: GrainRule) -> None:
        part = self.objective.period
        assert part is not None
        span = Span.of(part)
        if period.calendar is not None:
            self.sink.report(errors.no_grain(span, period.name, ("day", "week", "month", "quarter")))
        else:
            self.sink.report(errors.by_days_of_last_year(self.written.place("by"), period.name))

    def _buckets(self, part: SourceText, start: date, end: date) -> tuple[Window, ...]:
        """Return the buckets of a grain that make the objective's days."""
        project, name, span = self.values.project.project, part.text.strip(), Span.of(part)
        rule = project.grains.get(name)
        if rule is None or rule.is_instant or rule.calendar is not None:
            known = [one.name for one in project.grains.values() if not one.is_instant and not one.calendar]
            self.sink.report(errors.no_grain(span, name, known))
            return ()
        found = []
        for day in (start, end):
            begins = bucket_of_day(rule, day, project.cut)
            if begins != day:
                days = (day.isoformat(), begins.isoformat(), end_of(rule, begins).isoformat())
                self.sink.report(errors.cut_whole(self.objective.place("effective"), name, *days))
                return ()
        while start < end:
            found.append(Window(start, end_of(rule, start)))
            start = end_of(rule, start)
        return tuple(found)

    def _fit(self, wholes: Sequence[Window], rule: PartRule, period: GrainRule) -> None:
        """Report wholes that are not made of periods."""
        cut = self.values.project.project.cut
        edges = dict.fromkeys(edge for whole in wholes for edge in (whole.start, whole.end))
        outer = (self.effective.start, self.effective.end)
        for edge in edges:
            assert edge is not None
            if bucket_of_day(period, edge, cut) == edge:
                continue
            day = edge.isoformat()
            if edge not in outer:
                self.sink.report(errors.straddles(self.written.place("over"), period.name, day))
            elif rule not in _BY_DAYS:
                place = self.objective.place("effective")
                self.sink.report(errors.cut_period(place, rule, period.name, day))
            else:
                continue
            return

    # Among which members.

    def _across(self, by: Sequence[Grouped]) -> tuple[Grouped, ...]:
        found: list[Grouped] = []
        for part in self.written.across:
            one = next((one for one in by if one.name == part.text.strip()), None)
            if one is None and is_lost(self.objective.by, by):
                continue
            if one is None:
                names = [one.name for one in by]
                self.sink.report(errors.not_grouped(Span.of(part), part.text.strip(), names))
            elif one not in found:
                found.append(one)
        shared = {one.name for one in found}
        for row in self.objective.targets:
            for member in row.members:
                if member.name.text in shared:
                    span = Span.of(member.name)
                    self.sink.report(errors.whose_member(span, member.name.text))
        return tuple(found)

    def _weights(self, across: tuple[Grouped, ...]) -> tuple[Weight, ...]:
        written = self.written
        if not written.across:
            if "weights" in written.key_spans:
                why = "members weigh nothing where they share no target"
                self.sink.report(errors.useless(written.place("weights"), "weights", why))
            return ()
        if "weights" not in written.key_spans:
            why = "how members share a target has to be said"
            names = "".join(f"{one.name}: …, " for one in across)
            help = f"add `weights: last_year`, or rows: `weights: [{{{names}weight: 2}}]`"
            self.sink.report(errors.lacks(written.place("across"), "weights", why, help))
            return ()
        if is_lost(written.across, across):
            return ()
        if written.weights is not None:
            return weights_of(self.objective, written.weights, across, self.where, self.values, self.sink)
        rule = None if self.grain is None else self.values.project.project.grains[self.grain]
        if rule is not None and written.by is None and (rule.calendar is not None or rule.unit != "month"):
            self.sink.report(errors.by_days_of_last_year(written.place("weights"), rule.name))
        return ()

    def _can_round(self, span: Span, rule: PartRule | None, *, has_weights: bool) -> None:
        if rule == "copy":
            self.sink.report(errors.no_rounding(span, "a target that is copied has none"))
        elif rule == "last_year" or (self.written.across and not has_weights):
            self.sink.report(errors.no_rounding(span, "what was last year only the data tell"))
