"""What an objective measures of each member and period: value, sample, target, baseline …

Each is a formula in the context of the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from kpidsl.model.types import DATE
from kpidsl.objectives import signals
from kpidsl.objectives.arithmetic import any_of, is_null, negation
from kpidsl.objectives.benchmarks import of_rivals
from kpidsl.objectives.column_units import in_its_unit
from kpidsl.objectives.columns import PLACES, Column, ColumnNames
from kpidsl.objectives.forecasts import rest
from kpidsl.objectives.loaded import lags, loaded_through
from kpidsl.objectives.parity import in_segment, measured
from kpidsl.objectives.phases import settled_day
from kpidsl.objectives.planned import planned
from kpidsl.objectives.row_targets import RowTargets, has_every_row
from kpidsl.objectives.usual import as_far_as_settled
from kpidsl.objectives.when import When, days_a_year_before
from kpidsl.semantics.bound import Bound, Constant, During, Filtered, Moved, ResultValue, WindowEdge
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.semantics.presence import has_rows
from kpidsl.semantics.shown import Asked

OF_LOADING: tuple[Column, ...] = ("data_through", "known_through")


class Measured:
    """The columns of an objective that a query measures. With an `owner` they stand beside those of others.

    Where `is_scoped` the objective's condition is on its columns, and the query has none. Where it
    `keeps_all` every row stays, whatever this objective tells of it.
    """

    def __init__(
        self,
        project: CheckedProject,
        objective: CheckedObjective,
        when: When,
        owner: str | None = None,
        *,
        is_scoped: bool = False,
        keeps_all: bool = False,
    ) -> None:
        self.project = project
        self.objective = _as_of(objective, when, project)
        self.when = when
        self.days = when.days(objective.effective, objective.grain, project.project)
        self.by = objective.grouped(project.project)
        self.scope = objective.where if is_scoped else None
        self.keeps_all = keeps_all or has_every_row(objective)
        self.is_beside_others = owner is not None
        self.names = ColumnNames((grouped.name for grouped in self.by), owner)
        self.measured = self._measures()
        self.conditions = self._conditions()
        self.rows_of_conditions = tuple(self._rows_of_conditions())

    def own(self) -> tuple[Asked, ...]:
        """Return the columns, those of conditions that guard the objective behind the others."""
        return (*self.measured.values(), *self.conditions.values(), *self.rows_of_conditions)

    def chosen(self) -> Bound | None:
        """Return whether a row is of a period, and of one that is asked for, where the days do not tell.

        Rows without a time are in none, nor are those on days that a calendar of one's own lacks.
        """
        grain = self.objective.grain
        if grain is None:
            return None
        rule, start = self.project.project.grains[grain], ResultValue(grain, DATE)
        chosen = self.when.chosen(rule, start, ResultValue(self.names.of("period_end"), DATE))
        if chosen is not None or rule.calendar is None:
            return chosen
        return negation(is_null(start))

    def _conditions(self) -> dict[str, Asked]:
        """Return the conditions that guard the objective, as columns."""
        found: dict[str, Asked] = {}
        for guard in self.objective.guardrails:
            if guard.condition is not None:
                place = guard.span or self.objective.definition.place("guardrails")
                state = self._scoped("value", guard.condition)
                found[guard.text] = Asked(self.names.guard(len(found) + 1), state, None, place)
        return found

    def _rows_of_conditions(self) -> Iterator[Asked]:
        """Yield whether conditions that guard the objective have rows, where that tells which rows stay."""
        guards = [guard for guard in self.objective.guardrails if guard.condition is not None]
        for place, guard in enumerate(guards, 1):
            assert guard.condition is not None
            found = self._has_rows(guard.condition)
            if found is not None:
                span = guard.span or self.objective.definition.place("guardrails")
                yield Asked(self.names.rows_of_guard(place), self._scoped("value", found), None, span)

    def _has_rows(self, bound: Bound) -> Bound | None:
        """Return whether a figure has rows of data, with a value or without; None where all rows stay."""
        if self.keeps_all:
            return None
        return has_rows(bound, self.project, [grouped.member for grouped in self.by])

    def _measures(self) -> dict[Column, Asked]:
        """Return the columns that the query measures, by what each is to the objective."""
        objective, place = self.objective, self.objective.definition.place
        kpi = self.project.metrics[objective.kpi].definition
        found: dict[Column, Bound | None] = {"value": objective.value, "sample": objective.sample}
        found["has_rows"] = self._has_rows(objective.value)
        if objective.parity is not None:
            found = {
                column: None if bound is None else in_segment(bound, objective.parity, objective.value)
                for column, bound in found.items()
            }
        found |= {
            **RowTargets(self.project, objective, self.by, self.when.as_of).columns(),
            "baseline": objective.baseline,
            "planned": self._planned(),
            "rest": self._rest(),
            "had_rows": self._had_rows(),
            "target_rows": objective.target_rows,
            "overall": None if objective.rivals is None else objective.rivals.overall,
        }
        found |= of_rivals(objective, self.when.as_of, self.project.project)
        if objective.parity is not None:
            found |= measured(objective.parity)
        if objective.signals is not None:
            found |= signals.of_signals(objective.signals)
        if objective.levels is not None:
            found |= {"threshold": objective.levels.threshold, "stretch": objective.levels.stretch}
        if objective.grain is not None:
            found["period_end"] = WindowEdge("period_end", DATE, place("period"))
        found |= dict(loaded_through(objective.kpi, self.project, place("kpi")))
        return {
            column: Asked(
                self.names.of(column),
                in_its_unit(objective, column, self._scoped(column, bound)),
                kpi if column == "value" else None,
                objective.definition.place(PLACES.get(column, "kpi")),
                is_apart=column in OF_LOADING,
            )
            for column, bound in found.items()
            if bound is not None
        }

    def _scoped(self, column: Column, bound: Bound) -> Bound:
        """Return a value under the objective's condition, where the query has none."""
        if self.scope is None or column in ("period_end", *OF_LOADING) or isinstance(bound, Constant):
            return bound
        return Filtered(bound, self.scope, bound.type, self.objective.definition.place("where"), bound.unit)

    def _planned(self) -> Bound | None:
        objective = self.objective
        if objective.trajectory is None:
            return None
        return planned(objective, objective.trajectory, self.when, self.project.project)

    def _rest(self) -> Bound | None:
        trajectory = self.objective.trajectory
        if trajectory is None or trajectory.forecast is None:
            return None
        return rest(self.objective, trajectory.forecast, self.when, self.project.project)

    def _had_rows(self) -> Bound | None:
        """Return whether there were rows in earlier days by which the way to the target is told.

        Whoever had some is judged, too: on the way, and when a period is over.
        """
        objective, place = self.objective, self.objective.definition.place("trajectory")
        found = []
        for days in self._earlier_days() if objective.by else ():
            then = Moved(objective.value, days, objective.value.type, place, objective.value.unit)
            had_some = has_rows(then, self.project, [grouped.member for grouped in self.by])
            found.extend([] if had_some is None else [had_some])
        return any_of(*found) if found else None

    def _earlier_days(self) -> Iterator[During]:
        """Yield the days before the periods that a trajectory or a forecast reads.

        Without a beginning there are none: from the first rows on everybody is there.
        """
        trajectory, project, grain = self.objective.trajectory, self.project.project, self.objective.grain
        if trajectory is None:
            return
        forecast = trajectory.forecast
        if trajectory.shape == "last_year" or (forecast is not None and forecast.days is None):
            rule = None if grain is None else project.grains[grain]
            before = days_a_year_before(self.days, rule, self.when.as_of, project)
            if before.start is not None and before.end is not None and not before.is_empty:
                yield During(before.start, before.end)
        start = self.days.start
        if forecast is not None and forecast.days is not None and start is not None:
            yield During(start - timedelta(days=forecast.days), start)


def _as_of(objective: CheckedObjective, when: When, project: CheckedProject) -> CheckedObjective:
    """Return an objective whose usual days are those that have settled at an instant."""
    if objective.signals is None or objective.grain is None:
        return objective
    day = settled_day(lags(objective.kpi, project), when.as_of, project.project)
    rule = project.project.grains[objective.grain]
    return replace(objective, signals=as_far_as_settled(objective.signals, day, rule, project.project))
