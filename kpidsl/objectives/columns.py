"""The columns by which an objective is told, and what they are called in a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Column = Literal[
    "value",
    "value_now",
    "sample",
    "has_rows",
    "had_rows",
    "target",
    "lower",
    "upper",
    "fade",
    "baseline",
    "planned",
    "rest",
    "threshold",
    "stretch",
    "target_rows",
    "rivals",
    "benchmark_age",
    "reference",
    "reference_sample",
    "tolerance",
    "middle",
    "spread",
    "usual_points",
    "run_low",
    "run_high",
    "run_points",
    "least_step",
    "greatest_step",
    "steps",
    "since",
    "due",
    "center",
    "points",
    "is_told",
    "signal",
    "sum_of_targets",
    "total_target",
    "period_end",
    "data_through",
    "known_through",
    "reconciled",
    "met",
    "is_reached",
    "gap",
    "gap_relative",
    "attainment",
    "expected_to_date",
    "pace",
    "forecast",
    "overall",
    "entered",
    "placed",
    "members",
    "rank",
    "share",
    "level",
    "budget_left",
    "reached",
    "standing",
    "guardrail",
    "unknown_guardrail",
    "counted",
    "parts",
    "parts_met",
    "parts_left",
    "status",
    "reason",
    "as_of",
]

SHOWN: tuple[Column, ...] = (
    "value",
    "sample",
    "overall",
    "share",
    "rank",
    "members",
    "reference_sample",
    "rivals",
    "benchmark_age",
    "target",
    "center",
    "lower",
    "upper",
    "points",
    "signal",
    "baseline",
    "met",
    "gap",
    "gap_relative",
    "attainment",
    "expected_to_date",
    "pace",
    "forecast",
    "threshold",
    "stretch",
    "level",
    "budget_left",
    "guardrail",
    "value_now",
    "parts",
    "parts_met",
    "parts_left",
    "sum_of_targets",
    "total_target",
    "reconciled",
    "status",
    "reason",
    "data_through",
    "as_of",
)
"""What a result shows, in this order, of what there is."""


PLACES: Mapping[Column, str] = {
    "target": "target",
    "lower": "range",
    "upper": "range",
    "fade": "fade",
    "baseline": "baseline",
    **dict.fromkeys(("planned", "had_rows"), "trajectory"),
    "rest": "forecast",
    "threshold": "levels",
    "stretch": "levels",
    **dict.fromkeys(("target_rows", "rivals", "benchmark_age"), "target_from"),
    "sum_of_targets": "reconcile",
    "total_target": "reconcile",
    "overall": "share",
    **dict.fromkeys(("reference", "reference_sample"), "reference"),
    "tolerance": "tolerance",
    **dict.fromkeys(("middle", "spread", "usual_points", "since", "due"), "usual"),
    **dict.fromkeys(("run_low", "run_high", "run_points"), "run"),
    **dict.fromkeys(("least_step", "greatest_step", "steps"), "trend"),
    "period_end": "period",
}
"""The key at which a column is told of, where that is not the KPI."""


class ColumnNames:
    """Names of columns beside those of the members: what a member is called already has a longer name.

    With an `owner` all have its name, so that columns of several objectives stand side by side.
    """

    def __init__(self, members: Iterable[str], owner: str | None = None) -> None:
        self._members = frozenset(members)
        self._owner = owner

    def of(self, column: Column) -> str:
        if self._owner is not None:
            return f"{self._owner}_{column}"
        return f"objective_{column}" if column in self._members else column

    def guard(self, place: int) -> str:
        """Return the name of what tells whether a condition holds that guards the objective."""
        return f"guard_{place}" if self._owner is None else f"{self._owner}_guard_{place}"

    def rows_of_guard(self, place: int) -> str:
        """Return the name of what tells whether such a condition has rows of data."""
        return f"{self.guard(place)}_has_rows"

    def owner_of(self, guard: str) -> str:
        """Return the owner of the columns of an objective that guards this one."""
        return guard if self._owner is None else f"{self._owner}__{guard}"
