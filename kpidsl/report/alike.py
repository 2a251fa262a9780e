"""Rows of a result that have the same members, as a null label can make of two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpidsl.engines.columns import ResultColumn

if TYPE_CHECKING:
    import pyarrow as pa


def rows_alike(columns: Sequence[ResultColumn], table: pa.Table) -> tuple[int, int] | None:
    """Return the first two rows, counted from 1, with the same members; None where no two have."""
    members = [table.column(place).to_pylist() for place, column in enumerate(columns) if not column.is_kpi]
    first: dict[tuple[Any, ...], int] = {}
    for row, found in enumerate(zip(*members, strict=True), start=1):
        before = first.setdefault(found, row)
        if before != row:
            return before, row
    return None
