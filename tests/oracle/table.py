"""What the oracle gives back, and how it declines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .moments import Moment

Value = int | Decimal | float | str | date | Moment | bool | None
"""A cell. In a result, timestamps are naive local times, and buckets of an hour or a minute aware ones."""


class OracleRefuses(Exception):  # noqa: N818 - it is a verdict on the input, named as one reads it
    """The input is ambiguous, out of reach or outside the language: there is no right number."""


@dataclass(frozen=True, slots=True)
class Table:
    """A result: the bucket's column, the dimensions, `_level` where asked, the KPIs; rows in order."""

    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]
