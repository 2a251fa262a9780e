"""The units in which the columns of an objective are shown."""

from __future__ import annotations

from dataclasses import replace

from kpidsl.objectives.columns import Column
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.semantics.unit_facts import UnitFact, text_of
from kpidsl.semantics.units import FRACTION

_PERCENT: tuple[Column, ...] = ("share", "gap_relative", "attainment", "pace", "counted", "budget_left")
_LEVELS: tuple[Column, ...] = ("target", "lower", "upper", "baseline", "threshold", "stretch")
_OF_KPI: tuple[Column, ...] = ("expected_to_date", "forecast", "target", "lower", "upper", "center")


def units_of(objective: CheckedObjective, *, has_whole: bool) -> dict[Column, str | None]:
    """Return the units of columns that have one; a gap of shares, where there is a whole, is in points."""
    unit = text_of(objective.value.unit)
    of_gap = "pp" if unit == "percent" or has_whole else unit
    if objective.kind == "rank" and not has_whole:
        of_gap = None
    return {"gap": of_gap, **dict.fromkeys(_PERCENT, "percent"), **dict.fromkeys(_OF_KPI, unit)}


def in_its_unit(objective: CheckedObjective, column: Column, bound: Bound) -> Bound:
    """Return what is measured with its unit: a number alone is in the KPI's, or a part of a whole."""
    if column not in _LEVELS or text_of(bound.unit) is not None:
        return bound
    if objective.kind != "rank":
        return replace(bound, unit=objective.value.unit)
    has_whole = objective.rivals is not None and objective.rivals.overall is not None
    return replace(bound, unit=UnitFact(FRACTION)) if has_whole else bound
