"""An objective that is judged part by part: each week of a month by itself, then how many of them are met.

measured   value, sample, target … of each part, as of any objective
compared   whether each is met
parts      what each part counts as, and the period that it belongs to
periods    the days of a period, and the parts that it has: told by the calendar
runs       places from the end, or parts one after another, where these are asked for
collected  the parts of a period, as numbers of parts
whole      how many there are, and how many are met
rated      met, gap, attainment: from these
judged     status, and then the reason for it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from kpidsl.model.types import DATE, INTEGER
from kpidsl.objectives.arithmetic import (
    FALSE,
    NOTHING,
    TRUE,
    all_of,
    any_of,
    applied,
    cases,
    is_null,
    is_one_of,
    minus,
    negation,
    number,
    over,
    plus,
    text,
)
from kpidsl.objectives.attainment import comparison
from kpidsl.objectives.calendar_of_parts import CalendarOfParts
from kpidsl.objectives.columns import SHOWN, Column, ColumnNames
from kpidsl.objectives.each import days_of_parts
from kpidsl.objectives.evaluate import Evaluation, rows_kept
from kpidsl.objectives.numbers import exact_share
from kpidsl.objectives.outlook import has_share, is_enough_so_far, is_out_of_reach, is_secured
from kpidsl.objectives.statuses import first_of
from kpidsl.objectives.when import When, last_begun
from kpidsl.semantics.bound import Bound, Constant, ResultValue
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.judged import AnyLayer, Collected, Collection, Judged, Judgement, Layer, Running, Runs
from kpidsl.semantics.objectives import CheckedObjective, Each
from kpidsl.semantics.periods import Window
from kpidsl.semantics.prepared import Prepared, both

_NONE_BEFORE = ("several_targets",)


class PartByPart:
    """The columns of an objective with `each`."""

    def __init__(self, project: CheckedProject, objective: CheckedObjective, each: Each, when: When) -> None:
        self.project = project
        self.objective = objective
        self.each = each
        self.times = each.times
        self.when = when
        part = replace(objective, grain=each.grain, effective=each.effective, each=None, has_budget=False)
        self.part = Evaluation(project, part, When(when.as_of))
        self.by = objective.grouped(project.project)
        self.keys = tuple(grouped.name for grouped in self.by)
        self.names = ColumnNames((*self.keys, each.grain))
        self.days = CalendarOfParts(project.project, objective, each, when.as_of)
        self.of: dict[str, Bound] = {}

    def prepared(self) -> Prepared:
        layers = tuple(self._layers())
        there = {column.name for layer in layers for column in layer.columns}
        shown = tuple(name for column in SHOWN if (name := self.names.of(column)) in there)
        judgement = Judgement(layers, shown, self._kept(), self.by)
        asked = days_of_parts(self.each, self.objective.grain, self.when.asked, self.project.project)
        # The part that the first day cuts is none, but its days tell that the period has begun.
        days = Window(self.objective.effective.start, self.part.days.end)
        return replace(self.part.query(judgement), window=both(days, asked))

    def _kept(self) -> Bound | None:
        """Return which parts stay: those of a period that has begun, with a target or with facts.

        A week may begin before the month to which it belongs.
        """
        tests = [rows_kept([self.part])]
        if self.objective.grain is not None:
            project = self.project.project
            begun = last_begun(project.grains[self.objective.grain], self.when.as_of, project).start
            assert begun is not None
            period = self.days.period_of(self.part.of["period_end"])
            tests.append(applied("<=", period, Constant(begun, DATE)))
        found = [test for test in tests if test is not None]
        return all_of(*found) if found else None

    def _key(self, name: str) -> Bound:
        return ResultValue(name, DATE)

    def _layers(self) -> list[AnyLayer]:
        found: list[AnyLayer] = [self._compared(), self._parts()]
        if self.objective.grain is not None:
            found += self._calendar(self._key(self.objective.grain))
        found += self._runs()
        found.append(self._collected())
        found.append(self._layer("whole", self._whole()))
        found.append(self._layer("rated", self._rated()))
        found.append(self._layer("judged", [("reason", self._reason())]))
        status = self._layer("told", [("status", self._status())], self.part.comment())
        as_of = Judged(self._called("as_of"), self.when.as_of)
        found.append(replace(status, columns=(*status.columns, as_of)))
        return found

    def _layer(self, name: str, columns: list[tuple[str, Bound]], comment: str | None = None) -> Layer:
        units = dict.fromkeys(("gap_relative", "attainment", "budget_left"), "percent")
        if self.times.word == "share":
            units |= {"value": "percent", "target": "percent", "gap": "pp"}
        found = tuple(
            Judged(self._called(called), value, units.get(called), comment) for called, value in columns
        )
        pairs = zip(columns, found, strict=True)
        self.of |= {called: ResultValue(column.name, column.type) for (called, _), column in pairs}
        return Layer(name, found)

    def _called(self, name: str) -> str:
        shown: dict[str, Column] = {column: column for column in SHOWN}
        return self.names.of(shown[name]) if name in shown else name

    # each part

    def _compared(self) -> Layer:
        part = self.part
        met = next(
            value
            for name, value in comparison(part.of, part.objective.kind, part.objective.sign)
            if name == "met"
        )
        column = Judged(part.names.of("met"), met)
        part.of["met"] = ResultValue(column.name, column.type)
        return Layer("compared", (column,))

    def _parts(self) -> Layer:
        """Return what each part counts as, and the period in which its last day lies."""
        tests, of = self.part.tests(), self.part.of
        errors = [(test, text(why)) for why, test in tests.errors if why in _NONE_BEFORE]
        gaps = [(is_null(of["value"]), text("no_data")), (tests.is_small, text("small"))]
        counts_as = first_of(
            [
                *self._cut(),
                *errors,
                (negation(tests.phases.has_ended), text("open")),
                (tests.phases.is_unsettled, text("unsettled")),
                (tests.is_unloaded, text("unloaded")),
                (tests.is_missing_target, text("no_target")),
                *gaps,
                (of["met"], text("met")),
            ],
            text("missed"),
        )
        columns = [("counts_as", counts_as)]
        if self.objective.grain is not None:
            columns.append((self.objective.grain, self.days.period_of(of["period_end"])))
        return self._layer("parts", columns)

    def _cut(self) -> Iterator[tuple[Bound, Bound]]:
        """Yield what the part that the objective's first day cuts counts as: it is none."""
        first, start = self.each.effective.start, self.objective.effective.start
        if first is not None and first != start:
            is_cut = applied("<", self._key(self.each.grain), Constant(first, DATE))
            yield is_cut, text("cut")

    def _calendar(self, period: Bound) -> Iterator[Layer]:
        """Yield what the calendar tells of each period: its days, and then its parts."""
        days = self.days
        yield self._layer("periods", [("begins", days.begins(period)), ("ends", days.ends(period))])
        begins, ends = self.of["begins"], self.of["ends"]
        columns = [("parts", days.parts(begins, ends)), ("not_over", days.not_over(begins, ends))]
        yield self._layer("numbered", columns)

    def _is(self, *names: str) -> Bound:
        """Return 1 for a part that counts as one of these, else 0."""
        return cases([(is_one_of(self.of["counts_as"], names), number(1))], number(0))

    @property
    def _not_met(self) -> tuple[str, ...]:
        return ("missed", "no_data", "small") if self.each.missing == "not_met" else ("missed",)

    def _runs(self) -> list[Runs]:
        """Return what parts need to know of those beside them."""
        if self.times.word == "share":
            return []
        week, missed, per = self.each.grain, self._is(*self._not_met), self.keys
        if self.times.word == "last":
            judged = self._is("met", *self._not_met)
            waiting = self._is("unsettled", "unloaded")
            runs = [
                Runs(
                    "runs",
                    (
                        Running("from_the_end", judged, per, week, is_from=True),
                        Running("all_waiting", waiting, per),
                    ),
                )
            ]
        else:
            breaks = Running("breaks", missed, per, week)
            runs = [
                Runs("broken", (breaks, Running("all_breaks", missed, per))),
                Runs("runs", (Running("run", self._is("met"), (*per, "breaks")),)),
            ]
        self.of |= {one.name: ResultValue(one.name, INTEGER) for layer in runs for one in layer.columns}
        return runs

    # the parts of a period

    def _collected(self) -> Collected:
        met = self._is("met")
        sums: dict[str, Bound] = {
            "all_met": met,
            "all_missed": self._is("missed"),
            "without_data": self._is("no_data"),
            "small": self._is("small"),
            "without_target": self._is("no_target"),
            "unsettled": self._is("unsettled"),
            "unloaded": self._is("unloaded"),
            "errors": self._is(*_NONE_BEFORE),
        }
        greatest: dict[str, Bound] = {
            name: self.of[name] for name in ("ends", "parts", "not_over") if name in self.of
        }
        if "data_through" in self.part.of:
            greatest["data_through"] = self.part.of["data_through"]
        match self.times.word:
            case "last":
                place, last = self.of["from_the_end"], number(self.times.of)
                sums["recent"] = cases([(applied("<=", place, last), met)], number(0))
                not_over = self.of.get("not_over") or number(self.days.of_the_one()[1])
                left = plus(not_over, self.of["all_waiting"])
                is_there = applied("<=", place, minus(last, left))
                sums["recent_for_sure"] = cases([(is_there, met)], number(0))
            case "run":
                greatest["longest"] = self.of["run"]
                is_last = applied("=", self.of["breaks"], self.of["all_breaks"])
                sums["current"] = cases([(is_last, met)], number(0))
            case "share":
                pass
        columns = [
            *(Collection(name, "sum", value) for name, value in sums.items()),
            *(Collection(self._called(name), "max", value) for name, value in greatest.items()),
        ]
        self.of = {
            name: ResultValue(column.name, column.type)
            for name, column in zip((*sums, *greatest), columns, strict=True)
        }
        return Collected("collected", self.keys, tuple(columns))

    def _whole(self) -> list[tuple[str, Bound]]:
        of = self.of
        judged = [of["all_met"], of["all_missed"]]
        judged += [of["without_data"], of["small"]] if self.each.missing == "not_met" else []
        total = judged[0]
        for one in judged[1:]:
            total = plus(total, one)
        waiting = plus(of["unsettled"], of["unloaded"])
        whole = [("judged_alone", plus(of["all_met"], of["all_missed"])), ("sample", total)]
        not_over = of.get("not_over")
        if not_over is None:
            parts, left = self.days.of_the_one()
            whole.append(("parts", number(parts)))
            not_over = number(left)
        return [*whole, ("parts_met", of["all_met"]), ("parts_left", plus(not_over, waiting))]

    def _rated(self) -> list[tuple[str, Bound]]:
        of, times = self.of, self.times
        judged, met = of["sample"], of["parts_met"]
        nothing: list[tuple[Bound, Bound]] = [(self._is_unknown(), NOTHING)]
        target: Bound
        if times.word == "share":
            target = exact_share(times.share)
            value = over(met, judged)
            reached = has_share(times, met, judged)
            attainment = over(value, target)
        else:
            target = number(times.count)
            value = of["recent"] if times.word == "last" else applied("coalesce", of["longest"], number(0))
            reached = applied(">=", value, target)
            attainment = applied("least", over(value, target), number(1))
        columns = [
            ("value", cases(nothing, value)),
            ("target", target),
            ("met", cases([*nothing, (reached, TRUE)], FALSE)),
            ("gap", cases(nothing, minus(value, target))),
            ("gap_relative", cases(nothing, over(minus(value, target), target))),
            ("attainment", cases(nothing, attainment)),
        ]
        if self.objective.has_budget:
            spent = over(over(minus(judged, met), of["parts"]), exact_share(1 - times.share))
            columns.append(("budget_left", cases(nothing, minus(number(1), spent))))
        return columns

    def _is_unknown(self) -> Bound:
        """Return whether nothing can be told of a period: no part is judged, or one is missing."""
        none = applied("=", self.of["sample"], number(0))
        return any_of(none, self._is_missing()) if self.each.missing == "null" else none

    def _is_missing(self) -> Bound:
        return applied(">", plus(self.of["without_data"], self.of["small"]), number(0))

    # how the period stands

    def _reason(self) -> Bound:
        """Return why a period stands as it does: the first that holds."""
        of, some = self.of, partial(applied, ">")
        zero = number(0)
        is_over = self.days.has_ended(of.get("ends"))
        is_unjudged = applied("=", of["judged_alone"], zero)
        branches: list[tuple[Bound, str]] = [
            (self.days.is_ahead, "not_begun"),
            (some(of["errors"], zero), "several_targets"),
            (all_of(is_over, some(of["unsettled"], zero)), "settling"),
            (all_of(is_over, some(of["unloaded"], zero)), "not_loaded"),
            (all_of(is_unjudged, some(of["small"], zero)), "small_sample"),
            (all_of(is_unjudged, some(of["without_data"], zero)), "no_value"),
            (all_of(is_unjudged, some(of["without_target"], zero)), "no_target"),
            (all_of(is_unjudged, is_over), "no_rows"),
            (is_unjudged, "none_over"),
        ]
        if self.each.missing == "null":
            branches.append((self._is_missing(), "part_missing"))
        branches += [
            (all_of(is_over, of["met"]), "target_met"),
            (is_over, "target_not_met"),
            (is_out_of_reach(of, self.times), "out_of_reach"),
            (is_secured(of, self.times), "secured"),
            (is_enough_so_far(of, self.times), "enough_so_far"),
        ]
        return first_of([(test, text(why)) for test, why in branches], text("too_few_so_far"))

    def _status(self) -> Bound:
        """Return the status that a reason is for."""
        return cases([(is_one_of(self.of["reason"], whys), text(name)) for name, whys in _REASONS.items()])


_REASONS: Mapping[str, tuple[str, ...]] = {
    "not_started": ("not_begun",),
    "error": ("several_targets",),
    "immature": ("settling", "not_loaded"),
    "insufficient_data": ("small_sample", "part_missing"),
    "no_data": ("no_value", "no_rows"),
    "target_missing": ("no_target",),
    "too_early": ("none_over",),
    "met": ("target_met",),
    "missed": ("target_not_met",),
    "on_track": ("secured", "enough_so_far"),
    "at_risk": ("too_few_so_far",),
    "off_track": ("out_of_reach",),
}
"""The statuses, each with the reasons for it."""
