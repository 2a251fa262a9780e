"""A milestone as a query: what is there when it is due, and what is there now.

measured   value, until the due day is over, and the same until now
compared   whether the target is met in time, and whether it is by now
rated      gap_relative, attainment, and the reason for a status: from these
judged     that status
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from kpidsl.objectives.arithmetic import (
    FALSE,
    NOTHING,
    TRUE,
    all_of,
    applied,
    cases,
    is_null,
    is_one_of,
    minus,
    negation,
    number,
    over,
    reaches,
    stays_below,
    text,
)
from kpidsl.objectives.attainment import comparison, doubts, leads_from
from kpidsl.objectives.columns import Column
from kpidsl.objectives.evaluate import Evaluation
from kpidsl.objectives.measured import OF_LOADING
from kpidsl.objectives.phases import local_day
from kpidsl.objectives.row_targets import is_rated
from kpidsl.objectives.statuses import first_of
from kpidsl.semantics.bound import Bound, Constant, During, Moved
from kpidsl.semantics.judged import Layer
from kpidsl.semantics.shown import Asked

_STATUSES: Mapping[str, tuple[str, ...]] = {
    "not_started": ("not_begun",),
    "no_data": ("no_rows", "no_value"),
    "target_missing": ("no_target",),
    "immature": ("settling", "not_loaded"),
    "insufficient_data": ("small_sample",),
    "met": ("target_met",),
    "met_late": ("reached_late",),
    "missed": ("target_not_met",),
    "not_due": ("not_yet",),
}
"""The statuses, each with the reasons for it; every other reason is that of an error."""


class Milestone(Evaluation):
    """A target that is to be reached by some day; the one period ends with that day."""

    def _measures(self) -> dict[Column, Asked]:
        objective = self.objective
        start, end = self._days()
        today = local_day(self.when.as_of, self.project.project)
        span = objective.definition.place("due")
        now = max(end, today + timedelta(days=1))
        value = objective.value
        until_now = Moved(value, During(start, now), value.type, span, value.unit)
        asked = Asked(self.names.of("value_now"), self._scoped("value_now", until_now), None, span)
        return {**super()._measures(), "value_now": asked}

    def _days(self) -> tuple[date, date]:
        start, end = self.objective.effective.start, self.objective.effective.end
        assert start is not None
        assert end is not None
        return start, end

    def _scoped(self, column: Column, bound: Bound) -> Bound:
        """Return a value as the milestone counts it: beside others it has days of its own."""
        is_of_its_days = column not in (*OF_LOADING, "value_now") and not isinstance(bound, Constant)
        if self.is_beside_others and is_of_its_days:
            span = self.objective.definition.place("due")
            bound = Moved(bound, During(*self._days()), bound.type, span, bound.unit)
        return super()._scoped(column, bound)

    def layers(self) -> list[Layer]:
        told = [*comparison(self.of, self.objective.kind, self.objective.sign)]
        test = reaches if self.objective.sign > 0 else stays_below
        value, target = self.of["value_now"], self.of["target"]
        reached = cases([(is_null(value, target), NOTHING), (test(value, target), TRUE)], FALSE)
        found = [self.layer("compared", [*told, ("is_reached", reached)])]
        found.append(self.layer("rated", [*self._rated(), ("reason", self._reason())]))
        reason = self.of["reason"]
        named = [(is_one_of(reason, whys), text(name)) for name, whys in _STATUSES.items()]
        found.append(self.layer("judged", [("status", cases(named, text("error")))], self.comment()))
        found.append(self.layer("told", [("as_of", self.when.as_of)]))
        return found

    def _rated(self) -> Iterator[tuple[Column, Bound]]:
        of, target = self.of, self.of["target"]
        yield "gap_relative", over(of["gap"], applied("abs", target))
        known = is_null(of["value_now"], target)
        branches: list[tuple[Bound, Bound]] = [(known, NOTHING), (of["is_reached"], number(1))]
        baseline = of.get("baseline")
        if baseline is None or self.tests().phases.has_ended == TRUE:
            yield "attainment", cases(branches, number(0))
            return
        way = over(minus(of["value"], baseline), minus(target, baseline))
        if not is_rated(self.objective):
            branches.insert(0, (negation(leads_from(baseline, target, self.objective.sign)), NOTHING))
        yield "attainment", cases(branches, way)

    def _reason(self) -> Bound:
        """Return why the milestone stands as it does: the first that holds."""
        of, tests = self.of, self.tests()
        is_over = tests.phases.has_ended
        errors = [
            one
            for one in doubts(of, self.objective.sign, is_rated(self.objective))
            if one[0] != "zero_target"
        ]
        nothing = is_null(of["value_now"])
        no_rows = applied("=", of["sample"], number(0)) if "sample" in of else FALSE
        branches = [
            (tests.phases.is_ahead, "not_begun"),
            *((test, why) for why, test in errors),
            (all_of(nothing, no_rows), "no_rows"),
            (nothing, "no_value"),
            (tests.is_missing_target, "no_target"),
            (all_of(is_over, tests.phases.is_unsettled), "settling"),
            (all_of(is_over, tests.is_unloaded), "not_loaded"),
            (tests.is_small, "small_sample"),
            (of["met"], "target_met"),
            (all_of(is_over, of["is_reached"]), "reached_late"),
            (is_over, "target_not_met"),
        ]
        return first_of([(test, text(why)) for test, why in branches], text("not_yet"))
