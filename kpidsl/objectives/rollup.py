"""The score of a scorecard, from the attainments and statuses of its objectives in each row.

counted  which of them can be judged, and what the attainment of each counts
summed   how many these are, their part of the weights, the sum of what they count
scored   the score: of what is there, or of all with 0 for what is not, or of all or nothing
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Literal

from kpidsl.model.types import FLOAT
from kpidsl.objectives.arithmetic import (
    NOTHING,
    all_of,
    any_of,
    applied,
    cases,
    is_null,
    is_one_of,
    negation,
    number,
    over,
    plus,
    reaches,
    text,
)
from kpidsl.objectives.columns import Column as OfObjective
from kpidsl.objectives.evaluate import Evaluation
from kpidsl.objectives.phases import phases
from kpidsl.objectives.statuses import first_of
from kpidsl.semantics.bound import Apply, Bound, Constant, ResultValue
from kpidsl.semantics.functions import number_type
from kpidsl.semantics.judged import Judged, Layer
from kpidsl.semantics.objectives import CheckedObjective, CheckedScorecard

CLOSED = ("met", "missed")
IN_FLIGHT = ("on_track", "at_risk", "off_track")
JUDGED = (*CLOSED, "met_late", *IN_FLIGHT)
"""The statuses of what can be judged."""
_REACHED: dict[str, tuple[str, ...]] = {
    "on_track": ("met", "on_track"),
    "at_risk": ("met", "on_track", "at_risk"),
}

_COUNTING: tuple[OfObjective, ...] = ("attainment", "counted")

Column = Literal["score", "judged", "weight", "status", "reason", "as_of"]
SHOWN: tuple[Column, ...] = ("score", "judged", "weight", "status", "reason")


class ScorecardNames:
    """Names of a scorecard's columns beside those of members: a name that one of these has is longer.

    With an `owner`, a scorecard that is in another, all have its name.
    """

    def __init__(self, members: Iterable[str], owner: str | None = None) -> None:
        self._members = frozenset(members)
        self.owner = owner

    def of(self, column: Column) -> str:
        if self.owner is not None:
            return f"{self.owner}_{column}"
        return f"scorecard_{column}" if column in self._members else column

    def inner(self, column: str) -> str:
        """Return the name of a column that is not shown."""
        return column if self.owner is None else f"{self.owner}_{column}"


def _double(value: Bound) -> Bound:
    return Apply("as_type", (value,), FLOAT)


@dataclass(frozen=True, slots=True)
class _Child:
    """An objective or a scorecard in a scorecard, by its columns."""

    name: str
    attainment: Bound
    status: Bound
    met: Bound


class Rollup:
    """The score of one scorecard. Those inside it are put into `rollups`, inner ones first."""

    def __init__(
        self,
        card: CheckedScorecard,
        evaluations: Mapping[str, Evaluation],
        rollups: dict[str, Rollup],
        as_of: Constant,
        *,
        is_whole: bool = False,
    ) -> None:
        self.card = card
        self.as_of = as_of
        self.project = next(iter(evaluations.values())).project.project
        self.evaluations = evaluations
        self.rollups = rollups
        for child in card.children:
            if isinstance(child, CheckedScorecard) and child.name not in rollups:
                inner = Rollup(child, evaluations, rollups, as_of)
                rollups[child.name] = inner
        self.by = next(iter(evaluations.values())).by
        self.names = ScorecardNames((grouped.name for grouped in self.by), None if is_whole else card.name)
        self.of: dict[str, Bound] = {}
        self.weights = [Constant(child.weight, number_type(child.weight)) for child in card.children]

    def shown(self) -> Iterator[str]:
        """Yield the columns of all that is in it."""
        for child in self.card.children:
            if isinstance(child, CheckedScorecard):
                inner = self.rollups[child.name]
                yield inner.names.of("score")
                yield inner.names.of("status")
                yield from inner.shown()
            else:
                names = self.evaluations[child.name].names
                there = self.evaluations[child.name].of
                yield from (names.of(column) for column in _COUNTING if column in there)
                yield names.of("status")

    @property
    def children(self) -> list[_Child]:
        """What is in it; its layers come after theirs."""
        return [self._child(child) for child in self.card.children]

    def _child(self, child: CheckedObjective | CheckedScorecard) -> _Child:
        if isinstance(child, CheckedScorecard):
            inner = self.rollups[child.name]
            score, status = inner.of[inner.names.of("score")], inner.of[inner.names.of("status")]
            is_down = is_one_of(status, ("missed", "off_track"))
            return _Child(child.name, score, status, all_of(reaches(score, number(1)), negation(is_down)))
        of = self.evaluations[child.name].of
        attainment = of["counted"] if "counted" in of else of["attainment"]
        return _Child(child.name, attainment, of["status"], of["met"])

    def layers(self) -> Iterator[Layer]:
        yield self._layer("counted", self._counted())
        yield self._layer("summed", self._summed())
        yield self._layer("scored", self._scored())
        yield self._layer("standing", [(self.names.of("status"), self._status())], self._comment())

    def told(self) -> Layer:
        told = [(self.names.of("reason"), self._reason()), (self.names.of("as_of"), self.as_of)]
        return self._layer("told", told)

    def _layer(self, name: str, columns: Iterable[tuple[str, Bound]], comment: str | None = None) -> Layer:
        units = {self.names.of("score"): "percent", self.names.of("weight"): "percent"}
        found = tuple(Judged(called, value, units.get(called), comment) for called, value in columns)
        self.of |= {column.name: ResultValue(column.name, column.type) for column in found}
        return Layer(name if self.names.owner is None else f"{name}_{self.names.owner}", found)

    def _comment(self) -> str:
        definition = self.card.definition
        return f"scorecard {definition.name}" + (f" {definition.version}" if definition.version else "")

    # what each objective counts

    def _counted(self) -> Iterator[tuple[str, Bound]]:
        for child in self.children:
            attainment = child.attainment
            is_judged = is_one_of(child.status, JUDGED)
            if self.card.policy.word != "count":
                is_judged = all_of(is_judged, negation(is_null(attainment)))
            yield self.names.inner(f"{child.name}_counts"), cases([(is_judged, number(1))], number(0))
            yield (
                self.names.inner(f"{child.name}_part"),
                cases(
                    [
                        (negation(is_judged), self._absent()),
                        (applied(">", attainment, self.card.high), self.card.high),
                        (applied("<", attainment, self.card.low), self.card.low),
                    ],
                    attainment,
                ),
            )

    def _absent(self) -> Bound:
        return number(0) if self.card.definition.missing == "zero" else NOTHING

    def _there(self) -> list[Bound]:
        return [self.of[self.names.inner(f"{child.name}_counts")] for child in self.card.children]

    def _parts(self) -> list[Bound]:
        return [self.of[self.names.inner(f"{child.name}_part")] for child in self.card.children]

    def _summed(self) -> Iterator[tuple[str, Bound]]:
        there = self._there()
        yield self.names.of("judged"), reduce(plus, there)
        total = sum((child.weight for child in self.card.children), Decimal(0))
        if total:
            weighed = [applied("*", one, weight) for one, weight in zip(there, self.weights, strict=True)]
            yield self.names.of("weight"), over(reduce(plus, weighed), Constant(total, number_type(total)))
        else:
            yield self.names.of("weight"), over(reduce(plus, there), number(len(there)))
        if self.card.policy.word == "count":
            met = [
                cases([(all_of(applied("=", one, number(1)), child.met), number(1))], number(0))
                for one, child in zip(there, self.children, strict=True)
            ]
            yield self.names.inner("card_reached"), reduce(plus, met)
            for called, statuses in _REACHED.items():
                yield self.names.inner(f"card_{called}"), reduce(plus, self._numbers(statuses))
        else:
            yield self.names.inner("card_sum"), self._sum()
            if self.card.policy.word == "geometric":
                weighing = zip(self._parts(), self.weights, strict=True)
                zeros = [applied("=", part, number(0)) for part, weight in weighing if weight.value]
                is_zero = any_of(*zeros)
                yield self.names.inner("card_nothing"), cases([(is_zero, number(1))], number(0))
        if self.card.veto:
            yield self.names.inner("card_vetoed"), cases([(self._is_vetoed(), number(1))], number(0))

    def _is_vetoed(self) -> Bound:
        """Return whether an objective that has a veto is missed, or is not on its way to be met."""
        statuses = [c.status for c in self.children if c.name in self.card.veto]
        return any_of(*(is_one_of(status, ("missed", "off_track")) for status in statuses))

    def _numbers(self, statuses: tuple[str, ...]) -> list[Bound]:
        """Return for each objective 1 where its status is one of these, else 0."""
        return [cases([(is_one_of(child.status, statuses), number(1))], number(0)) for child in self.children]

    def _sum(self) -> Bound:
        """Return what the parts make together, before it is divided by the weights that are there."""
        parts = self._parts()
        match self.card.policy.word:
            case "worst":
                known = [applied("coalesce", part, self.card.high) for part in parts]
                return applied("least", *known) if len(known) > 1 else known[0]
            case "best":
                known = [applied("coalesce", part, self.card.low) for part in parts]
                return applied("greatest", *known) if len(known) > 1 else known[0]
            case "geometric":
                logarithms = [applied("ln", _double(applied("nullif", part, number(0)))) for part in parts]
                weighed = [
                    applied("*", applied("coalesce", part, number(0)), weight)
                    for part, weight in zip(logarithms, self.weights, strict=True)
                ]
                return reduce(plus, weighed)
            case _:
                known = [applied("coalesce", part, number(0)) for part in parts]
                weighed = [
                    applied("*", part, weight) for part, weight in zip(known, self.weights, strict=True)
                ]
                return reduce(plus, weighed)

    # the score, and what it says

    def _scored(self) -> Iterator[tuple[str, Bound]]:
        card = self.card
        judged, weight = self.of[self.names.of("judged")], self.of[self.names.of("weight")]
        if card.policy.word == "count":
            score = over(self.of[self.names.inner("card_reached")], number(card.policy.count))
        elif card.policy.word in ("weighted", "geometric"):
            total = sum((child.weight for child in card.children), Decimal(0))
            there: Bound = Constant(total, number_type(total))
            if card.definition.missing != "zero":
                there = applied("*", weight, there)
            score = over(self.of[self.names.inner("card_sum")], there)
            if card.policy.word == "geometric":
                is_nothing = applied("=", self.of[self.names.inner("card_nothing")], number(1))
                score = cases([(is_nothing, Constant(0.0, FLOAT))], applied("exp", _double(score)))
        else:
            score = self.of[self.names.inner("card_sum")]
        none: list[tuple[Bound, Bound]] = [(applied("=", judged, number(0)), NOTHING)]
        if (lacking := self._is_lacking()) is not None:
            none.append((lacking, NOTHING))
        yield self.names.of("score"), cases(none, score)

    def _is_lacking(self) -> Bound | None:
        """Return whether too little can be judged for a score."""
        card = self.card
        if card.policy.word == "count" or card.definition.missing == "zero":
            return None
        if card.definition.missing == "null":
            judged = self.of[self.names.of("judged")]
            return applied("<", judged, number(len(self.card.children)))
        weight = self.of[self.names.of("weight")]
        if card.min_weight.value == 0:
            return applied("=", weight, number(0))
        return negation(reaches(weight, card.min_weight))

    def _status(self) -> Bound:
        statuses = [child.status for child in self.children]
        score, judged = self.of[self.names.of("score")], self.of[self.names.of("judged")]
        branches = [
            (
                all_of(*(applied("=", status, text("not_started")) for status in statuses)),
                text("not_started"),
            ),
            (any_of(*(applied("=", status, text("immature")) for status in statuses)), text("immature")),
            (applied("=", judged, number(0)), text("no_data")),
        ]
        if (lacking := self._is_lacking()) is not None:
            branches.append((lacking, text("insufficient_data")))
        has_ended = self._has_ended()
        if card_vetoed := self.of.get(self.names.inner("card_vetoed")):
            is_vetoed = applied("=", card_vetoed, number(1))
            branches += [
                (all_of(is_vetoed, has_ended), text("missed")),
                (is_vetoed, text("off_track")),
            ]
        branches += [
            (all_of(has_ended, reaches(score, number(1))), text("met")),
            (has_ended, text("missed")),
        ]
        if self.card.policy.word == "count":
            least = number(self.card.policy.count)
            branches += [
                (applied(">=", self.of[self.names.inner(f"card_{name}")], least), text(name))
                for name in ("on_track", "at_risk")
            ]
        else:
            bands = self.card.bands
            branches += [
                (reaches(score, bands.on_track), text("on_track")),
                (reaches(score, bands.at_risk), text("at_risk")),
            ]
        return first_of(branches, text("off_track"))

    def _has_ended(self) -> Bound:
        """Return whether the period is over: a milestone may be met before."""
        evaluations = (self.evaluations[one.name] for one in self.card.objectives)
        ends = (one.of["period_end"] for one in evaluations if "period_end" in one.of)
        return phases(next(ends, self.card.effective), (), self.as_of, self.project).has_ended

    def _reason(self) -> Bound:
        status = self.of[self.names.of("status")]
        why = {
            "not_started": "not_begun",
            "immature": "objective_immature",
            "no_data": "nothing_judged",
            "insufficient_data": "objectives_missing",
            "met": "score_met",
            "missed": "score_not_met",
        }
        told = [(applied("=", status, text(name)), text(reason)) for name, reason in why.items()]
        if card_vetoed := self.of.get(self.names.inner("card_vetoed")):
            is_down = is_one_of(status, ("missed", "off_track"))
            told.insert(0, (all_of(applied("=", card_vetoed, number(1)), is_down), text("veto")))
        return cases(told, text("score"))
