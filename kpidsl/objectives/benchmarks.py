"""Targets that are taken from what rivals reach: of each rival the latest value, and one figure of these.

rival  time        value        with `max_age: 2 months`, in March
a      2026-01-01  8            -- replaced by the next
a      2026-03-01  9            ->  9
b      2026-02-01  7            ->  7      the median is 8, of 2 rivals, 31 days old when March is over
c      2025-12-01  6            -- too old
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Dataset, Project
from kpidsl.model.objectives import Objective, TargetsOf
from kpidsl.model.types import DATE
from kpidsl.model.written import Formula
from kpidsl.objectives import benchmark_errors as errors
from kpidsl.objectives.arithmetic import FALSE, all_of, applied, cases, is_null, number
from kpidsl.objectives.columns import Column
from kpidsl.objectives.days import days
from kpidsl.objectives.made import made
from kpidsl.objectives.phases import local_day
from kpidsl.objectives.values import Values
from kpidsl.semantics import errors as name_errors
from kpidsl.semantics.ad_hoc import bound_formula
from kpidsl.semantics.bound import Apply, Bound, Constant, WindowEdge
from kpidsl.semantics.objectives import Benchmark, CheckedObjective
from kpidsl.source import Span
from kpidsl.syntax import tree

_FUNCTIONS = {"median": "median", "mean": "avg"}
_OF_OTHERS = ("trajectory", "allocate", "reconcile")
_OF_RIVALS = ("rival", "max_age", "min_rivals")


def benchmark_of(
    objective: Objective, written: TargetsOf, dataset: Dataset, values: Values, sink: Sink
) -> tuple[Bound, Benchmark] | None:
    """Return what rivals reach as a target, and what is told of it; None after reporting what is wrong.

    Needs: `take` is written, and the dataset has the column with the values.
    """
    return _Reading(objective, written, dataset, values, sink).checked()


def report_without_take(written: TargetsOf, sink: Sink) -> None:
    """Report keys that say something of rivals where none of their values is taken."""
    for key in _OF_RIVALS:
        if key in written.key_spans:
            sink.report(errors.takes_nothing(written.key_spans[key], key))


class _Reading:
    def __init__(
        self, objective: Objective, written: TargetsOf, dataset: Dataset, values: Values, sink: Sink
    ) -> None:
        self.objective = objective
        self.written = written
        self.dataset = dataset
        self.values = values
        self.sink = sink

    def checked(self) -> tuple[Bound, Benchmark] | None:
        before = self.sink.errors
        function = self._function()
        rival = self._rival()
        self._beside()
        time = self.dataset.time
        if time is None or self.dataset.until is not None:
            self.sink.report(errors.no_time(Span.of(self.written.dataset), self.dataset.name))
            return None
        if self.values.project.datasets[self.dataset.name].time is None:
            # It is wrong, which has been told.
            return None
        age = self._age()
        if function is None or rival is None or self.sink.errors > before:
            return None
        name, column = self.dataset.name, self.written.value.text.strip()
        latest = f"last({name}.{column})"
        first, *others = function
        target = self.values.level(
            "target_from", self._formula(f"{first}({', '.join((latest, *others))} per {rival})", age)
        )
        is_there = f"{column} is not null and {rival} is not null"
        days_of = f"max(date_trunc(day, {name}.{'.'.join(time.parts)}) where {is_there})"
        rivals = self._bound(f"count({latest} per {rival})", age)
        newest = self._bound(days_of, age)
        if target is None or rivals is None or newest is None:
            return None
        least = self.written.min_rivals or 1
        if least > 1:
            is_enough = applied(">=", rivals, number(least))
            target = _with_unit(cases([(is_enough, target)]), target)
        return target, Benchmark(rivals, newest, least)

    def _function(self) -> tuple[str, ...] | None:
        """Return the aggregate that makes one figure of those of rivals, with its other arguments."""
        take = self.written.take
        assert take is not None
        text = take.text.strip()
        if text in _FUNCTIONS:
            return (_FUNCTIONS[text],)
        if text == "leader":
            direction = self.values.metric.definition.direction
            falls = direction == "down" or (
                direction != "up" and self.objective.kind in ("at_most", "less_than")
            )
            return ("min",) if falls else ("max",)
        share = _share(text)
        if share is None:
            self.sink.report(errors.no_way(Span.of(take), text))
            return None
        return "percentile", text

    def _rival(self) -> str | None:
        """Return the column that tells rivals apart."""
        part = self.written.rival
        if part is None:
            self.sink.report(errors.lacks_rival(self.written.span))
            return None
        text, columns = part.text.strip(), self.dataset.columns
        if text not in columns:
            told = f"column of `{self.dataset.name}`"
            self.sink.report(name_errors.unknown(Span.of(part), told, text, columns))
            return None
        return text

    def _beside(self) -> None:
        for key in _OF_OTHERS:
            if key in self.objective.key_spans:
                self.sink.report(errors.beside(self.objective.key_spans[key], key))

    def _age(self) -> tree.Expr | None:
        return None if self.written.max_age is None else self.written.max_age.expr

    def _formula(self, text: str, age: tree.Expr | None) -> Formula:
        """Return a formula over the rows of a period, or over those up to its end that are young enough."""
        span = self.written.span
        expr = made(text, span, self.sink).expr
        if age is not None and expr is not None:
            expr = tree.Call("rolling", (expr, age), (), span, span)
        return Formula(text, expr, span)

    def _bound(self, text: str, age: tree.Expr | None) -> Bound | None:
        expr = self._formula(text, age).expr
        return None if expr is None else bound_formula(self.values.project, expr, self.sink)


def _share(text: str) -> Fraction | None:
    """Return a share of the rivals that is written in percent, None where it is none."""
    try:
        found = Fraction(text.removesuffix("%")) / 100
    except ValueError:
        return None
    return found if text.endswith("%") and 0 <= found <= 1 else None


def _with_unit(value: Bound, like: Bound) -> Bound:
    assert isinstance(value, Apply)
    return Apply(value.op, value.args, value.type, value.span, like.unit)


def of_rivals(objective: CheckedObjective, as_of: Constant, project: Project) -> dict[Column, Bound | None]:
    """Return how many rivals there are, and how many days old the newest of their values is.

    That is from its day to the end of the period, or to the day of the instant where that is earlier.
    """
    benchmark = objective.benchmark
    if benchmark is None:
        return {}
    today, end = local_day(as_of, project), objective.effective.end
    until: Bound = Constant(today if end is None else min(today, end), DATE)
    if objective.grain is not None:
        place = objective.definition.place("target_from")
        until = applied("least", WindowEdge("period_end", DATE, place), Constant(today, DATE))
    return {"rivals": benchmark.rivals, "benchmark_age": days(benchmark.newest, until)}


def are_few(of: Mapping[Column, Bound], benchmark: Benchmark | None) -> Bound:
    """Return whether a row has no target because there are too few rivals."""
    if benchmark is None:
        return FALSE
    return all_of(is_null(of["target"]), applied("<", of["rivals"], number(benchmark.least)))
