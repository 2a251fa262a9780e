"""Targets, ranges and bases of an objective, each with what can be told of it without data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import Objective, ObjectiveKind, RangeText, TargetRow, TargetsOf
from kpidsl.model.types import NULL, UNKNOWN
from kpidsl.model.written import Formula
from kpidsl.objectives import value_errors as errors
from kpidsl.objectives.nearness import Nearness, fade_of, nearness, plain
from kpidsl.objectives.numbers import known, percent_of, settled, text_of
from kpidsl.objectives.rivals import rank_of, share_of
from kpidsl.objectives.targets_of import target_of
from kpidsl.objectives.values import Values
from kpidsl.semantics import move_errors
from kpidsl.semantics.ad_hoc import formula_binder
from kpidsl.semantics.bound import COMPARABLE, Apply, Bound, Constant, MetricRef
from kpidsl.semantics.check import CheckedMetric, CheckedProject
from kpidsl.semantics.literals import literal
from kpidsl.semantics.objectives import Benchmark, CheckedTarget, Levels
from kpidsl.source import Excerpt, Span
from kpidsl.syntax import parse_formula, tree

RANGED: tuple[ObjectiveKind, ...] = ("within", "on_target", "steady", "parity", "no_signal")
_SMALL = Fraction(1, 20)
_OPEN = {(True, False): "at_least", (False, True): "at_most", (False, False): None}
"""The kind that a range with an open end means, by whether it has a low end and a high one."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a value should be: a target, or the ends of a range and how far outside attainment ends."""

    target: Bound | None = None
    low: Bound | None = None
    high: Bound | None = None
    fade: Bound | None = None


class Targets:
    """Reads the targets of one objective; what is wrong with them goes to the sink."""

    def __init__(
        self,
        objective: Objective,
        value: MetricRef,
        metric: CheckedMetric,
        sign: int,
        project: CheckedProject,
        sink: Sink,
    ) -> None:
        self.objective = objective
        self.value = value
        self.metric = metric
        self.sign = sign
        self.project = project
        self.sink = sink
        self.values = Values(project, metric, sink)
        self.binder = formula_binder(project, sink)
        self.target_rows: Bound | None = None
        self.benchmark: Benchmark | None = None
        self.baseline = self._baseline()
        if self.baseline is None or objective.kind == "change":
            self.from_baseline: Fraction | None = None
        else:
            self.from_baseline = known(self.baseline)

    def aim(self, holder: Objective | TargetRow) -> Aim | None:
        """Return what an objective or one of its rows asks for; None where that is nothing, or wrong."""
        match self.objective.kind:
            case "steady":
                return self._steady() if holder is self.objective else None
            case "within":
                return None if holder.range is None else self._range(holder.range)
            case "on_target":
                return None if holder.target is None else self._on_target(holder.target)
            case "change":
                return None if holder.target is None else self._change(holder.target)
            case "rank":
                return self._place(holder)
            case "parity" | "no_signal":
                return None
            case _:
                if isinstance(holder, Objective) and holder.target_from is not None:
                    return self._from_dataset(holder.target_from)
                is_row = holder is not self.objective
                return None if holder.target is None else self._level(holder.target, is_row=is_row)

    def _place(self, holder: Objective | TargetRow) -> Aim | None:
        """Return the last rank that is good enough, or the least share of the whole."""
        is_share = self.objective.share is not None
        formula = self.objective.share if is_share and holder is self.objective else holder.target
        if formula is None:
            return None
        found = (share_of if is_share else rank_of)(formula, self.values, self.sink)
        return None if found is None else Aim(found)

    def _from_dataset(self, written: TargetsOf) -> Aim | None:
        found = target_of(self.objective, written, self.values, self.sink)
        if found is None:
            return None
        self.target_rows, self.benchmark = found.rows, found.benchmark
        return Aim(found.target)

    # A value that is to be reached, or not to be passed.

    def _level(self, formula: Formula, *, is_row: bool) -> Aim | None:
        target = self.values.level("target", formula)
        if target is None:
            return None
        number = known(target)
        if self.objective.has_budget:
            self._has_budget(number)
        if number is not None:
            text = formula.text.strip()
            self.values.within_ends(number, text, formula.span)
            self._at_bound(number, text, formula.span)
            self._from_baseline(number, text, formula.span, is_row=is_row)
        return Aim(target)

    def _has_budget(self, target: Fraction | None) -> None:
        """Report an error budget of what is no part of a whole, or of which nothing is left to go wrong."""
        place, name = self.objective.place("error_budget"), self.values.name
        if self.objective.each.grain is not None:
            return
        if not self.values.is_fraction:
            self.sink.report(errors.no_budget(place, name, f"`{name}` is no part of a whole"))
        elif target is not None and (1 - target if self.sign > 0 else target) <= 0:
            self.sink.report(errors.no_budget(place, name, "this target lets nothing go wrong"))

    def _from_baseline(self, target: Fraction, text: str, span: Span, *, is_row: bool) -> None:
        written = self.objective.baseline
        if written is None:
            needs_way = self.objective.levels is None and self.objective.each.grain is None
            needs_way = needs_way and self.objective.kind != "milestone"
            if target == 0 and needs_way:
                example = f"{'-' if self.sign > 0 else ''}{'10%' if self.values.is_fraction else '100'}"
                whose = "this row" if is_row else f"`{self.objective.name}`"
                self.sink.report(errors.zero(span, whose, example))
            return
        start = self.from_baseline
        if start is None:
            return
        shown = written.text.strip()
        if start == target:
            self.sink.report(errors.at_target(written.span, shown, span))
        elif (target - start) * self.sign < 0:
            kind = self.objective.kind
            self.sink.report(errors.wrong_side(written.span, kind, shown, text, span, upwards=self.sign > 0))
        elif abs(target - start) < abs(target) * _SMALL:
            self.sink.report(errors.short_way(written.span, shown, text, span))

    def _at_bound(self, number: Fraction, text: str, span: Span) -> None:
        ends, kind = self.values.ends, self.objective.kind
        if ends is None:
            return
        best, worst = (ends.high, ends.low) if self.sign > 0 else (ends.low, ends.high)
        is_strict = kind in ("more_than", "less_than")
        if number == best and is_strict:
            self.sink.report(errors.never(span, text, self.values.name, kind))
        elif (number == best and not ends.is_reached) or (number == worst and not is_strict):
            self.sink.report(errors.at_bound(span, text, self.values.name, always=number == worst))

    # A range, and a target with a tolerance.

    def _range(self, written: RangeText) -> Aim | None:
        if written.low is None or written.high is None:
            ends = (written.low is not None, written.high is not None)
            self.sink.report(errors.open_range(written.span, _OPEN[ends]))
            return None
        low = self.values.level("range", written.low)
        high = self.values.level("range", written.high)
        if low is None or high is None:
            return None
        least, most = known(low), known(high)
        for number, end in ((least, written.low), (most, written.high)):
            if number is not None:
                self.values.within_ends(number, end.text.strip(), end.span)
        if least is not None and most is not None and least >= most:
            self.sink.report(
                errors.range_crossed(written.span, written.low.text.strip(), written.high.text.strip())
            )
            return None
        width = self.binder.apply("-", (high, low), written.span)
        half = self.binder.apply("/", (width, literal(tree.Number(2, "", written.span))), written.span)
        return Aim(None, low, high, self._fade() or settled(half))

    def _on_target(self, formula: Formula) -> Aim | None:
        target = self.values.level("target", formula)
        number = known(target)
        if number is not None:
            self.values.within_ends(number, formula.text.strip(), formula.span)
        near = self.nearness()
        if near is not None and near.is_part and number == 0:
            self.sink.report(errors.part_of_zero(self.objective.place("tolerance"), formula.span))
            return None
        return None if target is None or near is None else self._around(target, near, formula.span)

    def _steady(self) -> Aim | None:
        """Return what the KPI was, give or take the tolerance; of nothing no part is told."""
        base = self._base()
        written = self.objective.change.against
        if base is None or written is None:
            return None
        near = self.nearness()
        place = Span.of(written)
        if near is None:
            return None
        if near.is_part:
            zero = literal(tree.Number(0, "", place))
            base = Apply("nullif", (base, zero), base.type, place, base.unit)
        return self._around(base, near, place)

    def _around(self, target: Bound, near: Nearness, place: Span) -> Aim:
        """Return a target with what is near enough on either side."""
        tolerance = near.tolerance
        if near.is_part:
            absolute = Apply("abs", (target,), target.type, place, target.unit)
            tolerance = settled(self.binder.apply("*", (tolerance, absolute), place))
        low = settled(self.binder.apply("-", (target, tolerance), place))
        high = settled(self.binder.apply("+", (target, tolerance), place))
        return Aim(target, low, high, near.fade or tolerance)

    def nearness(self, *, takes_part: bool = False) -> Nearness | None:
        """Return what is near enough, or None after reporting what is wrong with that."""
        return nearness(self.objective, self.value, self.values, self.sink, takes_part=takes_part)

    def _fade(self) -> Bound | None:
        return fade_of(self.objective, self.values, self.sink)

    # Levels on either side of the target.

    def levels(self, rows: Sequence[CheckedTarget]) -> Levels | None:
        """Return what is just acceptable and what is more than was asked for, in the KPI's unit."""
        written = self.objective.levels
        if written is None or self.sign == 0 or written.threshold is None or written.stretch is None:
            return None
        for key in ("targets", "baseline"):
            if key in self.objective.key_spans:
                self.sink.report(errors.levels_beside(self.objective.key_spans[key], key))
        threshold = self.values.level("threshold", written.threshold)
        stretch = self.values.level("stretch", written.stretch)
        if threshold is None or stretch is None:
            return None
        target = rows[-1].target if rows else None
        texts = (written.threshold.text.strip(), written.stretch.text.strip())
        numbers = [known(threshold), known(target), known(stretch)]
        steps = [number * self.sign for number in numbers if number is not None]
        if len(steps) < len(numbers):
            if target is not None:
                self.sink.report(errors.levels_of_formulas(written.span))
        elif not steps[0] < steps[1] < steps[2]:
            self.sink.report(errors.levels_crossed(written.span, *texts, upwards=self.sign > 0))
        for number, formula in ((numbers[0], written.threshold), (numbers[2], written.stretch)):
            if number is not None:
                self.values.within_ends(number, formula.text.strip(), formula.span)
        return Levels(threshold, stretch)

    # A change, and where any way begins.

    def _baseline(self) -> Bound | None:
        objective = self.objective
        if objective.kind == "change":
            return self._base()
        if objective.baseline is None or objective.kind in RANGED:
            return None
        return self.values.level("baseline", objective.baseline)

    def _base(self) -> Bound | None:
        """Return the KPI, so far back as the change says."""
        against = self.objective.change.against
        if against is None:
            return None
        text = against.text.rstrip()
        amount = Excerpt(against, 0, len(text))
        modifiers: tuple[tree.Modifier, ...] = ()
        if text.endswith(f" {COMPARABLE}"):
            word = Span(against, len(text) - len(COMPARABLE), len(text))
            amount = Excerpt(against, 0, word.start)
            modifiers = (tree.Modifier("comparable", (), word),)
        back = parse_formula(amount, Sink())
        if back is None:
            told = Span.of(amount)
            self.sink.report(move_errors.amount(told, "against", amount.text.strip(), ()))
            return None
        span = Span.of(against)
        name = tree.Name((self.values.name,), span)
        found = self.binder.bind(tree.Call("prior", (name, back), modifiers, span, span))
        return None if found.type is UNKNOWN else found

    def _change(self, formula: Formula) -> Aim | None:
        if self.baseline is None:
            return None
        found = self._step(formula)
        if found is None:
            return None
        step, is_part = found
        number = known(step)
        if number is not None and number * self.sign <= 0:
            direction = "up" if self.sign > 0 else "down"
            text = formula.text.strip()
            self.sink.report(errors.for_the_worse(formula.span, self.values.name, direction, text))
        base, apply = self.baseline, self.binder.apply
        if is_part and self.objective.change.takes_size:
            size = Apply("abs", (base,), base.type, formula.span, base.unit)
            return Aim(apply("+", (base, apply("*", (plain(step), size), formula.span)), formula.span))
        if not is_part:
            return Aim(apply("+", (base, step), formula.span))
        one = literal(tree.Number(1, "", formula.span))
        zero = literal(tree.Number(0, "", formula.span))
        times = settled(apply("+", (one, plain(step)), formula.span))
        product = apply("*", (base, times), formula.span)
        has_base = apply(">", (base, zero), formula.span)
        none = Constant(None, NULL)
        return Aim(Apply("case", (has_base, product, none), product.type, formula.span, product.unit))

    def _step(self, formula: Formula) -> tuple[Bound, bool] | None:
        """Return by how much the KPI is to change, and whether that is a part of the base."""
        value = self.values.number("target", formula)
        if value is None:
            return None
        unit = None if value.unit is None else value.unit.unit
        is_percent = unit is not None and unit.is_fraction and not unit.points
        is_relative, place = self.objective.change.is_relative, self.objective.place("relative")
        text, number = formula.text.strip(), known(value)
        if self.values.is_fraction and (is_percent or unit is None) and not (is_percent and is_relative):
            size = None if number is None else number if is_percent else number / 100
            points = "…pp" if size is None else percent_of(size, "pp")
            percent = "…%" if size is None else percent_of(size)
            self.sink.report(errors.two_ways(formula.span, text, self.values.name, points, percent))
            return None
        if unit is None:
            percent = "…%" if number is None else f"{text_of(number)}%"
            self.sink.report(errors.two_ways(formula.span, text, self.values.name, None, percent))
            return None
        if is_relative and not (self.values.is_fraction and is_percent):
            help = (
                "leave `relative` out"
                if is_percent
                else f"write the target in percent: `{text_of(Fraction(10))}%`"
            )
            self.sink.report(errors.relative(place, help))
            return None
        return (value, True) if is_percent else self.values.distance("target", formula)
