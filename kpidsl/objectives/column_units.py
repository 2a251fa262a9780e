"""The units in which judged columns are shown."""

from __future__ import annotations

from kpidsl.objectives.columns import Column
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.semantics.unit_facts import text_of

_PERCENT: tuple[Column, ...] = ("share", "gap_relative", "attainment", "pace", "counted", "budget_left")
_OF_KPI: tuple[Column, ...] = ("expected_to_date", "forecast", "target", "lower", "upper", "center")


def units_of(objective: CheckedObjective, *, has_whole: bool) -> dict[Column, str | None]:
    """Return the units of columns that have one; a gap of shares, where there is a whole, is in points."""
    unit = text_of(objective.value.unit)
    of_gap = "pp" if unit == "percent" or has_whole else unit
    if objective.kind == "rank" and not has_whole:
        of_gap = None
    return {"gap": of_gap, **dict.fromkeys(_PERCENT, "percent"), **dict.fromkeys(_OF_KPI, unit)}
