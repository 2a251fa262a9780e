"""The bands of an objective's status: two ends on one axis, so that no value is between bands or in two."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import get_args

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import BandsText, Objective
from kpidsl.model.types import decimal
from kpidsl.model.written import Formula
from kpidsl.objectives import errors, trajectory_errors, value_errors
from kpidsl.objectives.numbers import known, percent_of, text_of
from kpidsl.objectives.values import Values
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.objectives import Axis, Bands
from kpidsl.semantics.unit_facts import PLAIN

_AXES: dict[str, Axis] = {axis: axis for axis in get_args(Axis)}
PARTS: tuple[Axis, ...] = ("attainment", "pace")
"""The axes that are parts of a way: more is better, whatever the KPI."""
OF_OTHERS = ("rank",)
"""The kinds that do not judge the KPI's own value."""
_PART = decimal(3, 2)
_HALF = Constant(Decimal("0.50"), _PART)
USUAL = Bands("attainment", Constant(Decimal("1.00"), _PART), Constant(Decimal("0.90"), _PART))
"""What holds where an objective says nothing."""


def bands_of(objective: Objective, sign: int, values: Values, sink: Sink) -> Bands | None:
    """Return the bands of an objective, or None after reporting what is wrong with them."""
    written = objective.status
    usual: Axis = "attainment" if objective.trajectory.shape is None else "pace"
    if written is None:
        if usual == "attainment" and objective.levels is not None:
            return Bands("attainment", USUAL.on_track, _HALF)
        return replace(USUAL, axis=usual)
    axis = usual if written.of is None else _AXES[written.of.text.strip()]
    if axis == "pace" and objective.trajectory.shape is None:
        sink.report(trajectory_errors.no_pace(written.span))
        return None
    if objective.kind in OF_OTHERS and axis not in PARTS:
        sink.report(errors.axis_of_others(written.span, axis, objective.kind))
        return None
    if sign == 0 and axis not in PARTS:
        sink.report(errors.axis(written.span, axis, objective.kind))
        return None
    ends = [_end(axis, formula, key, values, sink) for key, formula in _parts(written)]
    if None in ends:
        return None
    on_track, at_risk = (end for end in ends if end is not None)
    bands = Bands(axis, on_track, at_risk)
    upwards = axis in PARTS or sign > 0
    return bands if are_apart(bands, written, sink, upwards=upwards) else None


def are_apart(bands: Bands, written: BandsText, sink: Sink, *, upwards: bool) -> bool:
    """Tell whether values lie between the two ends; where none does that is reported."""
    first, second = known(bands.on_track), known(bands.at_risk)
    assert first is not None
    assert second is not None
    if first > second if upwards else first < second:
        return True
    texts = [formula.text.strip() for _, formula in _parts(written) if formula is not None]
    sink.report(errors.bands_crossed(written.span, texts[0], texts[1], upwards=upwards))
    return False


def _parts(written: BandsText) -> tuple[tuple[str, Formula | None], ...]:
    return ("on_track", written.on_track), ("at_risk", written.at_risk)


def _end(axis: Axis, formula: Formula | None, key: str, values: Values, sink: Sink) -> Constant | None:
    if formula is None or formula.expr is None:
        return None
    match axis:
        case "attainment" | "pace":
            found = part_of_way(formula, values.number(key, formula), sink)
        case "value":
            found = values.level(key, formula)
        case "gap":
            distance = values.distance(key, formula)
            if distance is not None and distance[1]:
                sink.report(value_errors.part_of_nothing(formula.span, formula.text.strip()))
                return None
            found = None if distance is None else distance[0]
    if found is not None and not isinstance(found, Constant):
        sink.report(errors.band_not_constant(formula.span))
        return None
    return found


def part_of_way(formula: Formula, value: Bound | None, sink: Sink) -> Bound | None:
    """Return a value as a part of a way: a percentage, or a number up to 2; what is none is reported."""
    number = known(value)
    text = formula.text.strip()
    if value is None:
        return None
    unit = None if value.unit is None else value.unit.unit
    if unit is not None and (not unit.is_fraction or unit.points):
        meant = "90%" if number is None else percent_of(number) if unit.points else f"{text_of(number)}%"
        sink.report(value_errors.attainment(formula.span, text, meant))
        return None
    if value.unit is PLAIN and number is not None and abs(number) > 2:
        meant = f"`{text_of(number)}%` or `{text_of(number / 100)}`"
        told = value_errors.bare_fraction(formula.span, text, "attainment", meant, percent_of(number))
        sink.report(told)
        return None
    return value
