"""An objective as a query: what is measured of each member and period, and how that is judged.

measured   value, sample, target, baseline …, each a formula in the context of the row
compared   met, gap, attainment: from what is measured
judged     status: from both; and the reason for it
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kpidsl.objectives import signals, statuses
from kpidsl.objectives.arithmetic import (
    FALSE,
    all_of,
    any_of,
    applied,
    is_null,
    negation,
    number,
)
from kpidsl.objectives.attainment import budget_left, comparison, doubts, is_reconciled, rating
from kpidsl.objectives.benchmarks import are_few
from kpidsl.objectives.column_units import units_of
from kpidsl.objectives.columns import SHOWN, Column
from kpidsl.objectives.guarded import (
    Guard,
    first_of,
    guarded,
    layer_names,
    of_condition,
    of_objective,
    reason_beside,
    side_by_side,
)
from kpidsl.objectives.loaded import is_unloaded, lags
from kpidsl.objectives.measured import Measured
from kpidsl.objectives.parity import best_of, bounded, is_fewer, taking_part
from kpidsl.objectives.phases import Phases, phases
from kpidsl.objectives.rivals import entered, placed
from kpidsl.objectives.row_targets import has_default, is_fixed, is_rated
from kpidsl.objectives.scopes import has_one_scope
from kpidsl.objectives.statuses import Tests
from kpidsl.objectives.untold import gaps
from kpidsl.objectives.usual import beside
from kpidsl.objectives.when import When
from kpidsl.semantics.bound import Bound, Constant, ResultValue
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.judged import AmongRows, Judged, Judgement, Layer
from kpidsl.semantics.objectives import CheckedObjective, Parity
from kpidsl.semantics.periods import Window
from kpidsl.semantics.prepared import Prepared
from kpidsl.semantics.shown import Asked

NamedColumn = tuple[Column, Bound | AmongRows]


def prepared(project: CheckedProject, objective: CheckedObjective, when: When) -> Prepared:
    """Return an objective as the query whose rows tell how it stands at an instant."""
    return Evaluation(project, objective, when, is_scoped=not has_one_scope([objective])).prepared()


def rows_kept(evaluations: Sequence[Evaluation]) -> Bound | None:
    """Return which rows stay of objectives side by side: what one of them keeps, of periods asked for."""
    kept = [condition for one in evaluations if (condition := one.kept()) is not None]
    tests = [any_of(*kept)] if kept else []
    chosen = evaluations[0].chosen()
    tests += [] if chosen is None else [chosen]
    return all_of(*tests) if tests else None


class Evaluation(Measured):
    """An objective's columns, measured and judged, with those of what guards it."""

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
        super().__init__(project, objective, when, owner, is_scoped=is_scoped, keeps_all=keeps_all)
        self.guards = {
            guard.text: Evaluation(
                project,
                replace(guard.objective, effective=objective.effective, by=objective.by),
                when,
                self.names.owner_of(guard.text),
                is_scoped=is_scoped,
                keeps_all=self.keeps_all,
            )
            for guard in objective.guardrails
            if guard.objective is not None
        }
        self.of: dict[Column, Bound] = {
            column: ResultValue(asked.name, asked.type, asked.bound.unit)
            for column, asked in self.measured.items()
        }
        """The columns that are there so far."""

    def prepared(self) -> Prepared:
        layers = tuple(self.layers())
        judged = {column.name for layer in layers for column in layer.columns}
        there = judged | {asked.name for asked in self.measured.values()}
        shown = tuple(name for column in SHOWN if (name := self.names.of(column)) in there)
        return self.query(Judgement(layers, shown, rows_kept([self])))

    def query(self, judgement: Judgement) -> Prepared:
        """Return the query that measures the objective, judged in some way."""
        objective = self.objective
        return Prepared(
            kpis=self.asked(),
            by=self.by,
            where=objective.where if self.scope is None else None,
            window=self.days,
            fill=objective.grain is not None,
            named=tuple(dict.fromkeys(self.named())),
            judgement=judgement,
        )

    def asked(self) -> tuple[Asked, ...]:
        """Return the columns that the query measures, those of guardrails behind the own ones."""
        return (*self.own(), *(asked for guard in self.guards.values() for asked in guard.asked()))

    def named(self) -> list[tuple[Constant, ...]]:
        """Return the members that rows of targets name, of guards too, where a row names all of them."""
        found = []
        for target in self.objective.targets:
            values = dict(target.members)
            if values and len(values) == len(self.objective.by):
                found.append(tuple(values[grouped.member] for grouped in self.objective.by))
        return [*found, *(row for guard in self.guards.values() for row in guard.named())]

    # what is judged

    def layer(self, name: str, columns: Sequence[NamedColumn], comment: str | None = None) -> Layer:
        """Return a layer, whose columns are there from now on."""
        units = units_of(self.objective, has_whole="overall" in self.of)
        found = [
            (called, Judged(self.names.of(called), value, units.get(called), comment))
            for called, value in columns
        ]
        self.of |= {called: ResultValue(column.name, column.type) for called, column in found}
        return Layer(name, tuple(column for _, column in found))

    def layers(self) -> list[Layer]:
        objective, layer = self.objective, self.layer
        found = list(self._beside())
        is_guarded = bool(objective.guardrails)
        told = dict(self._compared())
        if is_guarded:
            told = {"reached" if called == "met" else called: value for called, value in told.items()}
        if objective.reconciled is not None and "sum_of_targets" in self.of:
            told["reconciled"] = is_reconciled(self.of, objective.reconciled)
        compared = layer("compared", list(told.items()))
        found.append(compared)
        if objective.signals is None:
            ratings = list(rating(self.of, objective.sign, is_fixed=is_rated(objective)))
            if objective.has_budget:
                ratings.append(("budget_left", budget_left(self.of, objective.sign)))
            found.append(layer("rated", ratings))
        tests = self.tests()
        status, reason = (
            (statuses.status, statuses.reason)
            if objective.signals is None
            else (signals.signal_status, signals.signal_reason)
        )
        if not is_guarded:
            found.append(layer("judged", [("status", status(self.of, tests))], self.comment()))
            found.append(layer("told", [("reason", reason(self.of, tests)), ("as_of", self.when.as_of)]))
            return found
        found.append(layer("judged", [("standing", status(self.of, tests))]))
        found = side_by_side((*found, *(one for guard in self.guards.values() for one in guard.layers())))
        found = [one for one in found if one.name != "told"]
        guards = self._guards()
        among, after = layer_names(self.depth)
        found.append(layer(among, list(first_of(guards))))
        found.append(layer(after, list(guarded(self.of, guards)), self.comment()))
        found.append(
            layer(
                "told",
                [("reason", reason_beside(self.of, reason(self.of, tests))), ("as_of", self.when.as_of)],
            )
        )
        return found

    def _beside(self) -> Iterator[Layer]:
        """Yield what tells with what a row is compared, where that is told by other rows or periods."""
        objective, layer = self.objective, self.layer
        if objective.rivals is not None:
            yield layer("entered", [("entered", entered(self.of, objective.min_sample))])
            yield layer("placed", placed(objective.rivals, self.by, self.names))
        if objective.parity is not None:
            yield from self._referred(objective.parity)
        if objective.signals is not None:
            yield layer("bounded", list(signals.limits(objective.signals, self.of, self._phases().has_ended)))
            yield layer("signalled", [("signal", signals.signal(objective.signals, self.of))])

    def _compared(self) -> Iterator[tuple[Column, Bound]]:
        objective = self.objective
        if objective.signals is not None:
            return signals.compared(self.of)
        return comparison(self.of, objective.kind, objective.sign)

    def _phases(self) -> Phases:
        objective = self.objective
        period = self.of.get("period_end", objective.effective)
        return phases(period, lags(objective.kpi, self.project), self.when.as_of, self.project.project)

    def _referred(self, parity: Parity) -> Iterator[Layer]:
        """Yield what tells with what a row is compared, and how near to that it is to be."""
        if "reference" not in self.of:
            yield self.layer("entered", [("entered", taking_part(self.of, self.objective.min_sample))])
            yield self.layer("placed", [best_of(parity, self.by, self.names, self.of)])
        yield self.layer("bounded", bounded(parity, self.of))

    def _is_early(self) -> Bound:
        """Return whether too little of the trajectory is behind to tell."""
        trajectory = self.objective.trajectory
        if trajectory is None:
            return FALSE
        if trajectory.too_early.value == 0:
            return applied("=", self.of["planned"], number(0))
        return applied("<", self.of["planned"], trajectory.too_early)

    @property
    def depth(self) -> int:
        """Return how many levels of guardrails there are."""
        if not self.objective.guardrails:
            return 0
        return 1 + max((guard.depth for guard in self.guards.values()), default=0)

    def _guards(self) -> list[Guard]:
        found = []
        for guard in self.objective.guardrails:
            if guard.text in self.guards:
                found.append(of_objective(guard.text, self.guards[guard.text].of))
            else:
                asked = self.conditions[guard.text]
                found.append(of_condition(guard.text, ResultValue(asked.name, asked.type)))
        return found

    def comment(self) -> str:
        definition = self.objective.definition
        version = f" {definition.version}" if definition.version else ""
        return f"objective {definition.name}{version}"

    def tests(self) -> Tests:
        objective, of = self.objective, self.of
        period = of.get("period_end", objective.effective)
        told = [of[column] for column in ("target", "lower", "upper") if column in of]
        rated = is_rated(objective)
        return Tests(
            phases=self._phases(),
            errors=tuple(doubts(of, objective.sign, rated)),
            is_missing_target=is_null(*told)
            if not is_fixed(objective) or not has_default(objective)
            else FALSE,
            are_few=are_few(of, objective.benchmark),
            is_unloaded=self._is_unloaded(period),
            is_small=is_fewer(of.get("sample"), objective.min_sample),
            is_alone=is_fewer(of.get("reference_sample"), objective.min_sample),
            gaps=tuple(gaps(objective, of, self.measured.get("fade"), rated=rated)),
            is_early=self._is_early(),
            bands=objective.bands,
            sign=objective.sign,
        )

    def _is_unloaded(self, period: Window | Bound) -> Bound:
        """Return whether some dataset may lack rows of a row's period, or of days that tell what is usual."""
        usual = beside(self.objective.signals, self.objective.effective)
        periods = [period] if usual is None else [period, usual]
        tests = [is_unloaded(self.of, one, self.objective.kpi, self.project) for one in periods]
        return FALSE if tests[0] == FALSE else any_of(*tests)

    def kept(self) -> Bound | None:
        """Return which rows stay where some have no target.

        They are those with a target and those with rows of data, of the objective or of what guards it.
        """
        if self.keeps_all:
            return None
        targets = [self.of[column] for column in ("target", "lower", "upper") if column in self.of]
        tests = [negation(is_null(target)) for target in targets]
        tests += [ResultValue(asked.name, asked.type) for asked in self.rows_of_conditions]
        if "has_rows" in self.of:
            tests.append(self.of["has_rows"])
        tests += [kept for guard in self.guards.values() if (kept := guard.kept()) is not None]
        return any_of(*tests)
