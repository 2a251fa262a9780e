"""What the oracle gives back, and how it declines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Value = int | Decimal | float | str | date | bool | None
"""A cell. A `datetime` is a `date` for Python's types; timestamps are naive."""


class OracleRefuses(Exception):  # noqa: N818 - it is a verdict on the input, named as one reads it
    """The input is ambiguous, out of reach or outside the language: there is no right number."""


@dataclass(frozen=True, slots=True)
class Table:
    """A result: the bucket's column, the dimensions, the KPIs; rows in the query's order."""

    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]
