"""An objective as a query: what is measured of each member and period, and how that is judged.

measured   value, sample, target, baseline …, each a formula in the context of the row
compared   met, gap, attainment: from what is measured
judged     status: from both; and the reason for it
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kpidsl.model.types import DATE
from kpidsl.objectives import signals, statuses
from kpidsl.objectives.arithmetic import (
    FALSE,
    any_of,
    applied,
    is_null,
    negation,
    number,
)
from kpidsl.objectives.attainment import budget_left, comparison, doubts, is_reconciled, rating
from kpidsl.objectives.benchmarks import are_few, of_rivals
from kpidsl.objectives.column_units import units_of
from kpidsl.objectives.columns import PLACES, SHOWN, Column, ColumnNames
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
from kpidsl.objectives.loaded import is_unloaded, lags, loaded_through
from kpidsl.objectives.parity import best_of, bounded, in_segment, is_fewer, measured, taking_part
from kpidsl.objectives.phases import Phases, phases
from kpidsl.objectives.planned import planned
from kpidsl.objectives.rivals import entered, placed
from kpidsl.objectives.row_targets import RowTargets, has_default, has_every_row, is_fixed, is_rated
from kpidsl.objectives.scopes import has_one_scope
from kpidsl.objectives.statuses import Tests
from kpidsl.objectives.untold import gaps
from kpidsl.semantics.bound import (
    Bound,
    Constant,
    Filtered,
    Grain,
    KeyValue,
    Member,
    ResultValue,
    WindowEdge,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.judged import AmongRows, Judged, Judgement, Layer
from kpidsl.semantics.objectives import CheckedObjective, Parity
from kpidsl.semantics.prepared import Prepared
from kpidsl.semantics.presence import has_rows
from kpidsl.semantics.shown import Asked
from kpidsl.semantics.times import type_of

NamedColumn = tuple[Column, Bound | AmongRows]


def prepared(project: CheckedProject, objective: CheckedObjective, as_of: Constant) -> Prepared:
    """Return an objective as the query whose rows tell how it stands at an instant."""
    return Evaluation(project, objective, as_of, is_scoped=not has_one_scope([objective])).prepared()


class Evaluation:
    """An objective's columns. With an `owner` they stand beside those of others.

    Where `is_scoped` the objective's condition is on its columns, and the query has none. Where it
    `keeps_all` every row stays, whatever this objective tells of it.
    """

    def __init__(
        self,
        project: CheckedProject,
        objective: CheckedObjective,
        as_of: Constant,
        owner: str | None = None,
        *,
        is_scoped: bool = False,
        keeps_all: bool = False,
    ) -> None:
        self.project = project
        self.objective = objective
        self.as_of = as_of
        self.by = self._grouped()
        self.scope = objective.where if is_scoped else None
        self.keeps_all = keeps_all or has_every_row(objective)
        self.is_beside_others = owner is not None
        self.names = ColumnNames((grouped.name for grouped in self.by), owner)
        self.measured = self._measures()
        self.guards = {
            guard.text: Evaluation(
                project,
                replace(guard.objective, effective=objective.effective, by=objective.by),
                as_of,
                self.names.owner_of(guard.text),
                is_scoped=is_scoped,
                keeps_all=self.keeps_all,
            )
            for guard in objective.guardrails
            if guard.objective is not None
        }
        self.conditions = self._conditions()
        self.rows_of_conditions = tuple(self._rows_of_conditions())
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
        return self.query(Judgement(layers, shown, self.kept()))

    def query(self, judgement: Judgement) -> Prepared:
        """Return the query that measures the objective, judged in some way."""
        objective = self.objective
        return Prepared(
            kpis=self.asked(),
            by=self.by,
            where=objective.where if self.scope is None else None,
            window=objective.effective,
            fill=objective.grain is not None,
            named=tuple(dict.fromkeys(self.named())),
            judgement=judgement,
        )

    def _grouped(self) -> tuple[Grouped, ...]:
        objective = self.objective
        if objective.grain is None:
            return objective.by
        grain = Grain(objective.grain)
        span = objective.definition.place("period")
        return (Grouped(grain, type_of(self.project.project, grain), span), *objective.by)

    def _key(self, member: Member) -> KeyValue:
        type_ = next(grouped.type for grouped in self.by if grouped.member == member)
        return KeyValue(member, type_)

    # what is measured

    def asked(self) -> tuple[Asked, ...]:
        """Return the columns that the query measures, those of guardrails behind the own ones."""
        of_guards = [asked for guard in self.guards.values() for asked in guard.asked()]
        return (*self.measured.values(), *self.conditions.values(), *self.rows_of_conditions, *of_guards)

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
            **RowTargets(self.project, objective, self.by, self.as_of).columns(),
            "baseline": objective.baseline,
            "planned": self._planned(),
            "target_rows": objective.target_rows,
            "overall": None if objective.rivals is None else objective.rivals.overall,
        }
        found |= of_rivals(objective, self.as_of, self.project.project)
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
                self._scoped(column, bound),
                kpi if column == "value" else None,
                objective.definition.place(PLACES.get(column, "kpi")),
                is_apart=column in OF_LOADING,
                beside=objective.kpi if column in ("sample", "has_rows", "reference_sample") else None,
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
        return planned(objective, objective.trajectory, self.as_of, self.project.project)

    def _is_early(self) -> Bound:
        """Return whether too little of the trajectory is behind to tell."""
        trajectory = self.objective.trajectory
        if trajectory is None:
            return FALSE
        if trajectory.too_early.value == 0:
            return applied("=", self.of["planned"], number(0))
        return applied("<", self.of["planned"], trajectory.too_early)

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
            found.append(layer("told", [("reason", reason(self.of, tests)), ("as_of", self.as_of)]))
            return found
        found.append(layer("judged", [("standing", status(self.of, tests))]))
        found = side_by_side((*found, *(one for guard in self.guards.values() for one in guard.layers())))
        found = [one for one in found if one.name != "told"]
        guards = self._guards()
        among, after = layer_names(self.depth)
        found.append(layer(among, list(first_of(guards))))
        found.append(layer(after, list(guarded(self.of, guards)), self.comment()))
        found.append(
            layer("told", [("reason", reason_beside(self.of, reason(self.of, tests))), ("as_of", self.as_of)])
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
        return phases(period, lags(objective.kpi, self.project), self.as_of, self.project.project)

    def _referred(self, parity: Parity) -> Iterator[Layer]:
        """Yield what tells with what a row is compared, and how near to that it is to be."""
        if "reference" not in self.of:
            yield self.layer("entered", [("entered", taking_part(self.of, self.objective.min_sample))])
            yield self.layer("placed", [best_of(parity, self.by, self.names, self.of)])
        yield self.layer("bounded", bounded(parity, self.of))

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
            is_unloaded=is_unloaded(of, period, objective.kpi, self.project),
            is_small=is_fewer(of.get("sample"), objective.min_sample),
            is_alone=is_fewer(of.get("reference_sample"), objective.min_sample),
            gaps=tuple(gaps(objective, of, self.measured.get("fade"), rated=rated)),
            is_early=self._is_early(),
            bands=objective.bands,
            sign=objective.sign,
        )

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


OF_LOADING: tuple[Column, ...] = ("data_through", "known_through")
