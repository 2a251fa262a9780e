"""Objectives by which a value is to be no signal: what is usual of the KPI, and what is a signal beside that.

periods   8, 9, 7, 8, …   center and limits, from frozen days or from the last periods before each
signal    outside the limits; so many in a row on one side of the center; so many, each worse than the last
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from kpidsl.diagnostics import Sink
from kpidsl.model.grains import GrainRule, bucket_of_day
from kpidsl.model.objectives import Objective, UsualText
from kpidsl.model.types import DATE, FLOAT, INTEGER, Kind
from kpidsl.objectives import errors as whole_errors
from kpidsl.objectives import signal_errors as errors
from kpidsl.objectives.arithmetic import (
    FALSE,
    NOTHING,
    RELATIVE_TOLERANCE,
    TRUE,
    all_of,
    any_of,
    applied,
    cases,
    is_null,
    minus,
    negation,
    number,
    plus,
    reaches,
    stays_below,
    text,
)
from kpidsl.objectives.attainment import outside
from kpidsl.objectives.columns import Column
from kpidsl.objectives.days import end_of
from kpidsl.objectives.made import made
from kpidsl.objectives.numbers import known
from kpidsl.objectives.periods import day_asked
from kpidsl.objectives.statuses import Tests, first_of
from kpidsl.objectives.values import Values
from kpidsl.semantics.ad_hoc import bound_formula
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue
from kpidsl.semantics.functions import number_type
from kpidsl.semantics.objectives import End, Signals
from kpidsl.semantics.periods import Window
from kpidsl.source import SourceText, Span

Named = Iterator[tuple[Column, Bound]]
Columns = Mapping[Column, Bound]

_TIMES: Mapping[str, Decimal] = {
    "moving_range": Decimal("2.66"),
    "deviation": Decimal(3),
    "absolute_deviation": Decimal(3),
}
_LEAST_POINTS, _RUN = 12, 8


def signals_of(objective: Objective, grain: str | None, values: Values, sink: Sink) -> Signals | None:
    """Return what is a signal, or None after reporting what is wrong with that."""
    if objective.kind != "no_signal" or objective.signals.usual is None or grain is None:
        return None
    rule = values.project.project.grains[grain]
    if rule.calendar is not None:
        sink.report(errors.of_a_calendar(objective.place("period"), grain))
        return None
    return _Reading(objective, objective.signals.usual, rule, values, sink).checked()


class _Reading:
    def __init__(
        self, objective: Objective, usual: UsualText, rule: GrainRule, values: Values, sink: Sink
    ) -> None:
        self.objective = objective
        self.usual = usual
        self.rule = rule
        self.values = values
        self.sink = sink
        self.kpi = values.name
        self.place = objective.place("usual")

    def checked(self) -> Signals | None:
        before = self.sink.errors
        around = self._around()
        times = self._times()
        written = self.objective.signals
        run = written.run if written.run is not None else _RUN if self.usual.last is None else 0
        trend = written.trend or 0
        for key, count in (("run", run), ("trend", trend)):
            if count == 1 or (count == 2 and key == "trend"):
                self.sink.report(errors.too_short(self.objective.place(key), key))
        if around is None or times is None or self.sink.errors > before:
            return None
        kpi, grain = self.kpi, self.rule.name
        step = f"change({kpi}, {length(1, self.rule)}) per {grain}"
        spreads = {
            "moving_range": around.later(f"avg(abs(change({kpi}, {length(1, self.rule)})) per {grain})"),
            "deviation": around.all(f"stddev({kpi} per {grain})"),
            "absolute_deviation": around.all(
                f"median(abs({kpi} - {around.all(f'median({kpi} per {grain})')}) per {grain})"
            ),
        }
        middle = "median" if self.usual.spread == "absolute_deviation" else "avg"
        measured: dict[str, str] = {
            "middle": around.all(f"{middle}({kpi} per {grain})"),
            "spread": spreads[self.usual.spread],
            "usual_points": around.all(f"count({kpi} per {grain})"),
        }
        if run:
            long = length(run, self.rule)
            measured |= {
                "run_low": f"rolling(min({kpi} per {grain}), {long})",
                "run_high": f"rolling(max({kpi} per {grain}), {long})",
                "run_points": f"rolling(count({kpi} per {grain}), {long})",
            }
        if trend:
            long = length(trend - 1, self.rule)
            measured |= {
                "least_step": f"rolling(min({step}), {long})",
                "greatest_step": f"rolling(max({step}), {long})",
                "steps": f"rolling(count({step}), {long})",
            }
        bound = {column: self._bound(formula) for column, formula in measured.items()}
        found = {column: value for column, value in bound.items() if value is not None}
        return Signals(
            measured={**found, **self._since(around)},
            times=times,
            least_points=self.usual.min_points or _LEAST_POINTS,
            run=run,
            trend=trend,
            sides=self._sides(),
            frozen=Window(around.start, around.end) if isinstance(around, _Frozen) else None,
        )

    def _bound(self, formula: str) -> Bound | None:
        expr = made(formula, self.place, self.sink).expr
        return None if expr is None else bound_formula(self.values.project, expr, self.sink)

    def _sides(self) -> tuple[End, ...]:
        """Return the sides on which a signal counts: the one that is worse, where one is."""
        direction = self.values.metric.definition.direction
        side = self.objective.side
        if side == "worse" and direction not in ("up", "down"):
            self.sink.report(errors.no_direction(self.objective.place("side"), self.kpi))
        if side == "both" or direction not in ("up", "down"):
            return "lower", "upper"
        return ("upper",) if direction == "down" else ("lower",)

    def _times(self) -> Constant | None:
        written = self.usual.times
        if written is None:
            usual = _TIMES[self.usual.spread]
            return Constant(usual, number_type(usual))
        value = self.values.number("times", written)
        size = known(value)
        if value is not None and (size is None or size <= 0 or not isinstance(value, Constant)):
            self.sink.report(errors.times(written.span, written.text.strip()))
            return None
        return value if isinstance(value, Constant) else None

    # The periods that tell what is usual.

    def _around(self) -> _Periods | None:
        usual = self.usual
        if (usual.last is None) == (usual.start is None and usual.end is None):
            self.sink.report(errors.which_periods(usual.span))
            return None
        if usual.last is not None:
            if usual.spread == "absolute_deviation":
                self.sink.report(errors.moving_median(usual.key_spans["spread"]))
            self._enough(usual.last)
            return _Last(usual.last, self.rule)
        if usual.start is None or usual.end is None:
            self.sink.report(errors.which_periods(usual.span))
            return None
        start, end = self._day(usual.start), self._day(usual.end)
        if start is None or end is None:
            return None
        if start >= end:
            self.sink.report(whole_errors.no_days(usual.span, str(start), str(end)))
            return None
        second, count = end_of(self.rule, start), 0
        day = start
        while day < end:
            day, count = end_of(self.rule, day), count + 1
        self._enough(count)
        return _Frozen(start, second, end)

    def _day(self, part: SourceText) -> date | None:
        """Return a day on which a period begins."""
        day = day_asked(part, self.sink)
        if day is None or bucket_of_day(self.rule, day, self.values.project.project.cut) == day:
            return day
        self.sink.report(errors.inside_a_period(Span.of(part), part.text.strip(), self.rule.name))
        return None

    def _enough(self, count: int) -> None:
        least = self.usual.min_points or _LEAST_POINTS
        if count < least:
            self.sink.report(errors.few_periods(self.usual.span, count, least))

    def _since(self, around: _Periods) -> dict[str, Bound]:
        """Return the first period with rows, and the one in which there must have been some already."""
        project, grain = self.values.project, self.rule.name
        firsts = []
        for name in sorted(project.metrics[self.kpi].datasets):
            dataset = project.datasets[name].definition
            # A time that is wrong has been told where the dataset has it.
            is_known = project.datasets[name].time is not None
            if dataset.time is not None and dataset.until is None and is_known:
                time = ".".join((name, *dataset.time.parts))
                firsts.append(f"cumulative(min(date_trunc({grain}, {time})))")
        if not firsts:
            return {}
        first = self._bound(firsts[0] if len(firsts) == 1 else f"greatest({', '.join(firsts)})")
        return {} if first is None else {"since": first, "due": around.first(KeyValue(Grain(grain), DATE))}


@dataclass(frozen=True, slots=True)
class _Frozen:
    """The periods from a day until before another; the second of them is the first that has one before it."""

    start: date
    second: date
    end: date

    def all(self, formula: str) -> str:
        return f"during({formula}, {self.start}, {self.end})"

    def later(self, formula: str) -> str:
        return f"during({formula}, {self.second}, {self.end})"

    def first(self, _: Bound) -> Bound:
        return Constant(self.start, DATE)


@dataclass(frozen=True, slots=True)
class _Last:
    """So many periods before each."""

    count: int
    rule: GrainRule

    def all(self, formula: str) -> str:
        return self._of(self.count, formula)

    def later(self, formula: str) -> str:
        return self._of(self.count - 1, formula)

    def _of(self, count: int, formula: str) -> str:
        return f"prior(rolling({formula}, {length(count, self.rule)}), {length(1, self.rule)})"

    def first(self, bucket: Bound) -> Bound:
        op = "add_days" if self.rule.unit == "day" else "add_months"
        return Apply(op, (bucket, Constant(-self.count * self.rule.count, INTEGER)), DATE)


_Periods = _Frozen | _Last


def length(count: int, rule: GrainRule) -> str:
    """Return so many periods as a duration."""
    return f"{count * rule.count} {rule.unit}s"


# What is judged.


def of_signals(signals: Signals) -> dict[Column, Bound | None]:
    """Return what is measured beside the value."""
    return {cast(Column, name): value for name, value in signals.measured.items()}


def limits(signals: Signals, of: Columns, has_ended: Bound) -> Named:
    """Yield what is usual, and whether it can be told; of the last periods only when one is over."""
    middle, away = of["middle"], applied("*", signals.times, of["spread"])

    def told(value: Bound) -> Bound:
        return cases([(has_ended, value)]) if signals.frozen is None else value

    yield "center", told(middle)
    yield "lower", told(minus(middle, away))
    yield "upper", told(plus(middle, away))
    yield "points", told(of["usual_points"])
    tests = [
        has_ended,
        negation(is_null(of["value"], middle, of["spread"])),
        applied(">=", of["usual_points"], number(signals.least_points)),
    ]
    if "since" in of:
        tests.append(negation(_is_short(of)))
    yield "is_told", all_of(*tests)


def _is_short(of: Columns) -> Bound:
    return any_of(is_null(of["since"]), applied(">", of["since"], of["due"]))


def signal(signals: Signals, of: Columns) -> Bound:
    """Return the first signal that there is, in words; null where there is none, or nothing is told."""
    value, center = of["value"], of["center"]
    outside, runs, trends = [], [], []
    step = of.get("greatest_step", NOTHING)
    is_double = step.type.kind is Kind.FLOAT
    slack = (
        applied("*", Constant(float(RELATIVE_TOLERANCE), FLOAT), applied("abs", center))
        if is_double
        else number(0)
    )
    for side in signals.sides:
        is_low = side == "lower"
        outside.append(negation(reaches(value, of["lower"]) if is_low else stays_below(value, of["upper"])))
        if signals.run:
            is_full = applied("=", of["run_points"], number(signals.run))
            is_beside = (
                stays_below(of["run_high"], center, strictly=True)
                if is_low
                else reaches(of["run_low"], center, strictly=True)
            )
            runs.append(all_of(is_full, is_beside))
        if signals.trend:
            is_full = applied("=", of["steps"], number(signals.trend - 1))
            falls = applied("<", step, applied("negative", slack) if is_double else slack)
            rises = applied(">", of["least_step"], slack)
            trends.append(all_of(is_full, falls if is_low else rises))
    found = (("outside_limits", outside), ("run", runs), ("trend", trends))
    branches = [(any_of(*tests), text(word)) for word, tests in found if tests]
    return cases([(negation(of["is_told"]), NOTHING), *branches])


def compared(of: Columns) -> Named:
    """Yield whether there is no signal, and how far a value is outside the limits."""
    is_unknown = negation(of["is_told"])
    yield "met", cases([(is_unknown, NOTHING), (is_null(of["signal"]), TRUE)], FALSE)
    yield "gap", outside(of["value"], of["lower"], of["upper"])


def signal_status(of: Columns, tests: Tests) -> Bound:
    """Return the status of a row: one that is not over is no point yet."""
    met = of.get("reached", of.get("met"))
    assert met is not None
    has_ended = tests.phases.has_ended
    immature = [test for test in (tests.phases.is_unsettled, tests.is_unloaded) if test != FALSE]
    branches = [
        (is_null(of["value"]), text("no_data")),
        (negation(has_ended), text("too_early")),
        *((test, text("immature")) for test in immature),
        (tests.is_small, text("insufficient_data")),
        (negation(of["is_told"]), text("insufficient_data")),
        (met, text("met")),
    ]
    return first_of(branches, text("missed"))


def signal_reason(of: Columns, tests: Tests) -> Bound:
    """Return the reason for a row's status, which of a missed one is the signal."""
    status = of.get("standing", of.get("status"))
    assert status is not None
    short = [] if "since" not in of else [(_is_short(of), text("short_history"))]
    few = first_of([(tests.is_small, text("small_sample")), *short], text("few_points"))
    unsettled = first_of([(tests.phases.is_unsettled, text("settling"))], text("not_loaded"))
    rows = [] if "sample" not in of else [(applied("=", of["sample"], number(0)), text("no_rows"))]
    reasons = {
        "no_data": first_of(rows, text("no_value")),
        "too_early": text("not_over"),
        "immature": unsettled,
        "insufficient_data": few,
        "met": text("no_signal"),
    }
    branches = [(applied("=", status, text(name)), reason) for name, reason in reasons.items()]
    return cases(branches, of["signal"])
