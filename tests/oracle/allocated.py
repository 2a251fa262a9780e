"""Which part of a target a period and a member have, by the days and the weights alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Allocate:
    """What is written under `allocate`."""

    over: str | None
    by: str | None
    across: tuple[str, ...]
    weights: Sequence[Mapping[str, Any]] | None
    step: Fraction | None

    @classmethod
    def read(cls, body: Mapping[str, Any] | None) -> Allocate | None:
        if body is None:
            return None
        across = body.get("across") or ()
        weights = body.get("weights")
        step = body.get("round")
        return cls(
            body.get("over"),
            body.get("by"),
            (across,) if isinstance(across, str) else tuple(across),
            None if weights is None or isinstance(weights, str) else weights,
            None if step is None else Fraction(str(step)),
        )

    @property
    def is_by_last_year(self) -> bool:
        return self.by == "last_year" or (bool(self.across) and self.weights is None)

    def weight(self, row: Mapping[str, Any]) -> Fraction:
        text = str(row["weight"])
        return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)

    def part_of_member(self, place: int, total: Fraction) -> Fraction:
        """Return what one row of weights has of a target."""
        assert self.weights is not None
        weights = [self.weight(row) for row in self.weights]
        return self._part(total, weights, place)

    def part_of_period(self, total: Fraction, periods: Sequence[Days], mine: Days) -> Fraction:
        """Return what one of the periods of a whole has of the whole's target."""
        if self.by == "copy":
            return total
        weights = [Fraction(measure(period, self.by or "")) for period in periods]
        return self._part(total, weights, periods.index(mine))

    def _part(self, total: Fraction, weights: Sequence[Fraction], place: int) -> Fraction:
        if self.step is None:
            return total * weights[place] / sum(weights)
        return self.step * largest_remainders(int(total / self.step), weights)[place]


def measure(period: Days, by: str) -> int:
    """Return how much a period weighs beside others."""
    days = [period[0] + timedelta(days=n) for n in range((period[1] - period[0]).days)]
    match by:
        case "equal":
            return 1
        case "days":
            return len(days)
        case "business_days":
            return sum(day.isoweekday() <= 5 for day in days)
    raise AssertionError(by)


def largest_remainders(seats: int, weights: Sequence[Fraction]) -> list[int]:
    """Give each what it surely has, then one more to those that lack most, the first of them first."""
    whole = sum(weights)
    found = [seats * weight // whole for weight in weights]
    while sum(found) < seats:
        lacks = [seats * weight / whole - have for weight, have in zip(weights, found, strict=True)]
        found[lacks.index(max(lacks))] += 1
    return found


def year_before(day: date, *, ends: bool) -> date:
    """Return the day a year before; of an end, the day after that of the last day."""
    if ends and day.day != 1:
        return year_before(day - timedelta(days=1), ends=False) + timedelta(days=1)
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(day.year - 1, day.month, last)
