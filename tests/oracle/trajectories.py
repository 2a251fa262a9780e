"""Which part of a target should be there by now, by looking at each day; what is expected and what is to come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .allocated import Days, year_before
from .judge import Number, Promise, Way, judge, order

Before = Callable[[date, date], Number | None]
"""Gives the KPI's value of days a year before those that are given."""
Recent = Callable[[int], Number | None]
"""Gives the KPI's value of so many last days."""


@dataclass(frozen=True, slots=True)
class Trajectory:
    shape: str
    checkpoints: tuple[tuple[date, Fraction], ...]
    least: Fraction
    forecast: str = "pace"

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Trajectory | None:
        if "trajectory" not in body:
            return None
        points = tuple(
            (date.fromisoformat(str(point["at"])), share_of(point["share"]))
            for point in body.get("checkpoints") or ()
        )
        least = share_of(body.get("too_early", "10%"))
        return cls(str(body["trajectory"]), points, least, str(body.get("forecast", "pace")))

    def way(
        self,
        days: Days,
        today: date,
        value: Number | None,
        promise: Promise,
        before: Before,
        recent: Recent,
    ) -> Way:
        """Return the way of a period, whose days before `today` are over."""
        way = self._at_this_pace(days, today, value, promise, before)
        if self.forecast == "pace":
            return way
        left = None if value is None else self._yet_to_come(days, today, before, recent)
        return replace(way, forecast=None if value is None or left is None else float(Fraction(value) + left))

    def _yet_to_come(self, days: Days, today: date, before: Before, recent: Recent) -> Fraction | None:
        start, end = days
        today = max(today, start)
        if today >= end:
            return Fraction(0)
        if self.forecast == "last_year":
            whole, so_far = before(start, end), before(start, today)
            return Fraction(whole) - Fraction(so_far) if whole and so_far is not None else None
        count = int(self.forecast.split()[1])
        found = recent(count)
        return None if found is None else Fraction(found) / count * (end - today).days

    def _at_this_pace(
        self, days: Days, today: date, value: Number | None, promise: Promise, before: Before
    ) -> Way:
        part = self.part(days, today, before)
        target = promise.target
        baseline = promise.baseline if promise.has_baseline else 0
        if part is None or baseline is None:
            return Way(part, self.least)
        b = Fraction(baseline)
        forecast = None if value is None or not part else float(b + (Fraction(value) - b) / part)
        if target is None:
            return Way(part, self.least, forecast=forecast)
        expected = b + part * (Fraction(target) - b)
        pace = None if value is None else _pace(value, expected, b, promise)
        return Way(part, self.least, float(expected), pace, forecast)

    def part(self, days: Days, today: date, before: Before) -> Fraction | None:
        start, end = days
        today = max(today, start)
        if today >= end:
            return Fraction(1)
        match self.shape:
            case "linear":
                return Fraction((today - start).days, (end - start).days)
            case "business_days":
                weighed = [(start + timedelta(days=n)) for n in range((end - start).days)]
                of_all = [day for day in weighed if day.isoweekday() <= 5]
                return Fraction(sum(day < today for day in of_all), len(of_all)) if of_all else None
            case "last_year":
                whole, so_far = before(start, end), before(start, today)
                return Fraction(so_far) / Fraction(whole) if whole and so_far is not None else None
            case "checkpoints":
                return self._between(start, end, today)
        raise AssertionError(self.shape)

    def _between(self, start: date, end: date, today: date) -> Fraction:
        points = [(start, Fraction(0)), *self.checkpoints, (end, Fraction(1))]
        last = max(n for n, (day, _) in enumerate(points) if day <= today)
        (day, share), (following, then) = points[last], points[last + 1]
        return share + (then - share) * Fraction((today - day).days, (following - day).days)


def year_before_days(start: date, end: date) -> Days:
    """Return the days a year before; where none is over yet there are none."""
    first = year_before(start, ends=False)
    return first, max(first, year_before(end, ends=True) if end > start else first)


def share_of(text: Any) -> Fraction:
    written = str(text)
    return Fraction(written.removesuffix("%")) / (100 if written.endswith("%") else 1)


def _pace(value: Number, expected: Fraction, baseline: Fraction, promise: Promise) -> float | None:
    """Return the attainment of what is expected."""
    if judge(0, promise).error is not None:
        return None
    if expected != (baseline if promise.has_baseline else 0) and order(value, float(expected)) == 0:
        return 1.0
    v = Fraction(value)
    if promise.has_baseline:
        way = expected - baseline
        return float((v - baseline) / way) if way else None
    return float(1 + promise.sign * (v - expected) / abs(expected)) if expected else None
