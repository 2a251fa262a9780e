"""Objectives that compare members with each other: who is compared, by rank or by a share of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import Objective
from kpidsl.model.types import INTEGER
from kpidsl.model.written import Formula
from kpidsl.objectives import rival_errors as errors
from kpidsl.objectives.arithmetic import NOTHING, any_of, applied, cases, is_null, number
from kpidsl.objectives.columns import Column, ColumnNames
from kpidsl.objectives.numbers import known
from kpidsl.objectives.row_members import is_lost
from kpidsl.objectives.values import Values
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import Bound, Constant, MetricRef, Total
from kpidsl.semantics.facts import additivity_of
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.judged import AmongRows
from kpidsl.semantics.objectives import Rivals
from kpidsl.semantics.unit_facts import PLAIN
from kpidsl.source import Span


def rivals_of(
    objective: Objective, by: Sequence[Grouped], value: MetricRef, values: Values, sink: Sink
) -> Rivals | None:
    """Return who is compared in a ranking, having reported what is wrong with that; else None."""
    if objective.kind != "rank":
        return None
    direction, kpi = values.metric.definition.direction or "none", values.metric.definition
    if direction not in ("up", "down"):
        sink.report(errors.no_direction(objective.place("kind"), kpi.name, direction, kpi.span))
    if not by and not objective.by:
        sink.report(errors.nobody(objective.span, objective.name, objective.kind))
    members = among_of(objective, by, sink)
    overall: Bound | None = None
    if objective.share is not None:
        place = objective.place("share")
        if "target" in objective.key_spans:
            sink.report(errors.both(place, objective.key_spans["target"]))
        kind = additivity_of(values.metric.bound, values.project)
        if kind is not Additivity.ADDITIVE:
            sink.report(errors.adds_up_to_nothing(place, kpi.name, kind.value))
        across = tuple(one.member for one in members)
        overall = Total(value, across, False, value.type, value.span, value.unit)
    return Rivals(members, direction == "down", overall)


def among_of(objective: Objective, by: Sequence[Grouped], sink: Sink) -> tuple[Grouped, ...]:
    """Return the members that are compared with each other, having reported those that are not in `by`."""
    if not objective.among:
        return tuple(by)
    named = {one.name: one for one in by}
    found: list[Grouped] = []
    for part in objective.among:
        name = part.text.strip()
        if name in named:
            found.append(named[name])
        elif not is_lost(objective.by, by):
            sink.report(errors.not_in_by(Span.of(part), name, tuple(named)))
    return tuple(dict.fromkeys(found))


def rank_of(formula: Formula, values: Values, sink: Sink) -> Bound | None:
    """Return the last rank that is good enough; what is none is reported."""
    value = values.number("target", formula)
    found = known(value)
    if value is None:
        return None
    if found is None or found < 1 or found.denominator != 1 or value.unit is not PLAIN:
        sink.report(errors.no_rank(formula.span, formula.text.strip()))
        return None
    return Constant(int(found), INTEGER)


def share_of(formula: Formula, values: Values, sink: Sink) -> Bound | None:
    """Return a part of a whole; what is none is reported."""
    value = values.number("share", formula)
    found = known(value)
    if value is None:
        return None
    unit = None if value.unit is None else value.unit.unit
    is_part = unit is None or (unit.is_fraction and not unit.points)
    if found is None or not is_part or not Fraction(0) < found <= 1:
        sink.report(errors.no_part(formula.span, formula.text.strip()))
        return None
    return value


def entered(of: dict[Column, Bound], min_sample: int | None) -> Bound:
    """Return 1 for a row that is ranked, and null for others: they have no value, or a small sample."""
    is_out = is_null(of["value"])
    if min_sample is not None and "sample" in of:
        is_out = any_of(is_out, applied("<", of["sample"], number(min_sample)))
    return cases([(is_out, NOTHING)], number(1))


def placed(
    rivals: Rivals, by: Sequence[Grouped], names: ColumnNames
) -> list[tuple[Column, Bound | AmongRows]]:
    """Return the place of each row among its rivals, and how many there are."""
    groups = tuple(one.name for one in by if one.member not in {rival.member for rival in rivals.members})
    rank = AmongRows("rank", names.of("value"), (*groups, names.of("entered")), rivals.is_least_best)
    return [
        ("placed", rank),
        ("members", replace(rank, function="count", column=names.of("entered"), within=groups)),
    ]
