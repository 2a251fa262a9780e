"""Values outside the bounds that their definitions give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpidsl.engines.columns import ResultColumn

if TYPE_CHECKING:
    import pyarrow as pa

_TOLERANCE = 1e-9
"""How far a float may be beyond a bound, relative to it: 0.1 + 0.2 is a little more than 0.3."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A value outside its KPI's bounds; `row` counts from 1, `members` say of what the value is."""

    row: int
    members: Mapping[str, Any]
    column: str
    value: int | Decimal | float
    low: Decimal | None
    high: Decimal | None

    def __str__(self) -> str:
        """Return one line: `row 2 (month = 2026-02-01): rate is 1.2, above 1`."""
        of = ", ".join(
            f"{name} = {'null' if value is None else value}" for name, value in self.members.items()
        )
        return f"row {self.row}{f' ({of})' if of else ''}: {self.column} is {self.value}, {self._side}"

    @property
    def _side(self) -> str:
        if isinstance(self.value, float) and math.isnan(self.value):
            return "which is no number"
        if self.low is not None and self.value < self.low:
            return f"below {self.low:f}"
        return f"above {self.high:f}"


def violations(columns: Sequence[ResultColumn], table: pa.Table) -> tuple[Violation, ...]:
    """Return the values outside their columns' bounds. A null is no value; NaN is outside all bounds."""
    if not any(column.bounds is not None for column in columns):
        return ()
    found: list[tuple[int, int, ResultColumn]] = []
    for place, column in enumerate(columns):
        if column.bounds is not None:
            values = table.column(place).to_pylist()
            found.extend(
                (row, place, column)
                for row, value in enumerate(values)
                if value is not None and not _is_within(value, *column.bounds)
            )
    return tuple(_violation(columns, table, *one) for one in sorted(found, key=lambda one: one[:2]))


def _violation(
    columns: Sequence[ResultColumn], table: pa.Table, row: int, place: int, column: ResultColumn
) -> Violation:
    members = {c.name: table.column(n)[row].as_py() for n, c in enumerate(columns) if not c.is_kpi}
    assert column.bounds is not None
    value = table.column(place)[row].as_py()
    return Violation(row + 1, members, column.name, value, *column.bounds)


def _is_within(value: int | Decimal | float, low: Decimal | None, high: Decimal | None) -> bool:
    if isinstance(value, float):
        if math.isnan(value):
            return False
        below = low is not None and value < float(low) - _TOLERANCE * max(1.0, abs(float(low)))
        above = high is not None and value > float(high) + _TOLERANCE * max(1.0, abs(float(high)))
        return not below and not above
    return (low is None or value >= low) and (high is None or value <= high)
