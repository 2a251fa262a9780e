"""What is no signal: a KPI's values by period, what is usual of them, and what is a signal beside that."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from kpidsl.syntax import tree as t

from .contexts import Context
from .definitions import Measure, read_formula
from .interpreter import Interpreter
from .judge import Number, Standing, difference, order
from .moments import Moment, day_of
from .values import number, time_of
from .windows import During, Window

TIMES = {"moving_range": 2.66, "deviation": 3.0, "absolute_deviation": 3.0}


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a row; what nobody can tell is None."""

    value: Number | None
    center: float | None
    low: float | None
    high: float | None
    points: int | None
    signal: str | None
    met: bool | None
    gap: Number | None
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Charts:
    """Works out the signals of one objective's rows."""

    body: Mapping[str, Any]
    direction: str
    kpi: Measure
    interpreter: Interpreter
    times: Mapping[str, str]
    """The time of each dataset of the KPI."""
    has_settled: Callable[[date], bool]
    """Whether what was before a day is over and cannot change any more."""
    is_loaded: Callable[[date], bool]
    """Whether there are rows of the day before a day, or later ones."""

    # Periods

    def _bucket(self, day: date) -> tuple[date, date]:
        calendar = self.interpreter.calendar
        start = calendar.bucket(Moment.midnight(day, self.interpreter.definitions.zone), self.body["period"])
        assert start is not None
        interval = calendar.interval(start, self.body["period"])
        assert interval.start is not None
        assert interval.end is not None
        return day_of(interval.start), day_of(interval.end)

    def _between(self, start: date, end: date) -> list[date]:
        found = []
        while start < end:
            found.append(start)
            start = self._bucket(start)[1]
        return found

    def _before(self, start: date, count: int) -> list[date]:
        """Return so many periods before one, the first first."""
        found: list[date] = []
        for _ in range(count):
            start = self._bucket(date.fromordinal(start.toordinal() - 1))[0]
            found.insert(0, start)
        return found

    def _value(self, start: date, context: Context) -> Number | None:
        whole = context.without(frozenset({self.body["period"]}))
        window = Window.of_days(*self._bucket(start), self.interpreter.definitions.zone)
        found = self.interpreter.measured(self.kpi, whole.changed(During(window)))
        return None if found is None else number(found)

    def _usual(self, start: date) -> list[date]:
        usual = self.body["usual"]
        if "last" in usual:
            return self._before(start, int(usual["last"]))
        return self._between(*(date.fromisoformat(str(usual[key])) for key in ("from", "until")))

    def _told_by(self, start: date) -> tuple[list[date], list[date]]:
        """Return the usual periods of one, and those of them that tell something: frozen ones have settled."""
        every = self._usual(start)
        return every, [
            p for p in every if "last" in self.body["usual"] or self.has_settled(self._bucket(p)[1])
        ]

    def reads(self) -> Iterator[t.Expr]:
        """Yield what has rows of whoever is judged beside those with rows in the period: of what was before."""
        yield from self._first_times()
        if "last" not in self.body["usual"]:
            _, settled = self._told_by(date.max)
            if settled:
                days = f"{settled[0]}, {self._bucket(settled[-1])[1]}"
                yield read_formula(f"during({self.body['kpi']}, {days})")

    def _first_times(self) -> Iterator[t.Expr]:
        for home, time in self.times.items():
            yield read_formula(f"cumulative(min({home}.{time}))")

    def _first_row(self, context: Context) -> date | None:
        """Return the period in which every dataset has had a row."""
        found = [self.interpreter.measured(Measure(first), context) for first in self._first_times()]
        if None in found:
            return None
        grain = self.body["period"]
        starts = [self.interpreter.calendar.bucket(time_of(first), grain) for first in found]
        return max((day_of(start) for start in starts if start is not None), default=None)

    # What is told

    def told(
        self, context: Context, own: Number | None, sample: int | None, standing: Standing, least: int | None
    ) -> Told:
        start = day_of(time_of(next(value for member, value in context.members if member.is_bucket)))
        usual = self.body["usual"]
        every, periods = self._told_by(start)
        if "last" not in usual and periods and not self.is_loaded(self._bucket(periods[-1])[1]):
            standing = replace(standing, is_loaded=False)
        values = [self._value(period, context) for period in periods]
        known = [float(value) for value in values if value is not None]
        center, spread = self._limits(values, known)
        away = float(usual.get("times", TIMES[usual.get("spread", "moving_range")])) * (spread or 0)
        low, high = (None, None) if center is None or spread is None else (center - away, center + away)
        points: int | None = len(known)
        if "last" in usual and not standing.is_over:
            center = low = high = points = None
        first = self._first_row(context)
        is_short = first is None or first > every[0]
        is_few = low is None or len(known) < int(usual.get("min_points", 12))
        can_tell = standing.is_over and own is not None and not is_short and not is_few
        signal = self._signal(start, context, center, low, high) if can_tell else None
        gap: Number | None = None
        if own is not None and low is not None and high is not None:
            end = low if own < low else high if own > high else None
            gap = 0 if end is None else difference(own, end)
        met = signal is None if can_tell else None
        is_small = least is not None and (sample or 0) < least
        status = self._status(own, sample, standing, is_small, is_short, is_few, signal)
        return Told(own, center, low, high, points, signal, met, gap, *status)

    def _limits(self, values: list[Number | None], known: list[float]) -> tuple[float | None, float | None]:
        """Return the center and the spread."""
        if not known:
            return None, None
        match self.body["usual"].get("spread", "moving_range"):
            case "deviation":
                return math.fsum(known) / len(known), statistics.stdev(known) if len(known) > 1 else None
            case "absolute_deviation":
                center = statistics.median(known)
                return center, statistics.median(abs(value - center) for value in known)
        steps = [abs(float(b) - float(a)) for a, b in _pairs(values)]
        return math.fsum(known) / len(known), math.fsum(steps) / len(steps) if steps else None

    def _signal(
        self, start: date, context: Context, center: float | None, low: float | None, high: float | None
    ) -> str | None:
        assert center is not None
        assert low is not None
        assert high is not None
        sides = self._sides()
        own = self._value(start, context)
        assert own is not None
        if ("low" in sides and order(own, low) < 0) or ("high" in sides and order(own, high) > 0):
            return "outside_limits"
        run = int(self.body.get("run", 0 if "last" in self.body["usual"] else 8))
        if run and self._is_run(self._values(start, run, context), center, sides):
            return "run"
        trend = int(self.body.get("trend", 0))
        if trend and self._is_trend(self._values(start, trend, context), center, sides):
            return "trend"
        return None

    def _values(self, start: date, count: int, context: Context) -> list[Number | None]:
        return [self._value(period, context) for period in (*self._before(start, count - 1), start)]

    def _is_run(self, values: list[Number | None], center: float, sides: tuple[str, ...]) -> bool:
        places = {0 if value is None else order(value, center) for value in values}
        return places == {-1 if "low" in sides else 1} or ("high" in sides and places == {1})

    def _is_trend(self, values: list[Number | None], center: float, sides: tuple[str, ...]) -> bool:
        if None in values:
            return False
        slack = 1e-9 * abs(center) if any(isinstance(value, float) for value in values) else 0
        steps = [difference(b, a) for a, b in _pairs(values)]
        falls, rises = all(step < -slack for step in steps), all(step > slack for step in steps)
        return ("low" in sides and falls) or ("high" in sides and rises)

    def _sides(self) -> tuple[str, ...]:
        if self.body.get("side") == "both" or self.direction not in ("up", "down"):
            return "low", "high"
        return ("high",) if self.direction == "down" else ("low",)

    def _status(
        self,
        own: Number | None,
        sample: int | None,
        standing: Standing,
        is_small: bool,
        is_short: bool,
        is_few: bool,
        signal: str | None,
    ) -> tuple[str, str]:
        if own is None:
            return "no_data", "no_rows" if sample == 0 else "no_value"
        if not standing.is_over:
            return "too_early", "not_over"
        if not standing.has_settled:
            return "immature", "settling"
        if not standing.is_loaded:
            return "immature", "not_loaded"
        if is_small:
            return "insufficient_data", "small_sample"
        if is_short or is_few:
            return "insufficient_data", "short_history" if is_short else "few_points"
        return ("met", "no_signal") if signal is None else ("missed", signal)


def _pairs(values: list[Number | None]) -> Iterator[tuple[Number, Number]]:
    """Yield the values of periods that follow each other, where both have one."""
    for a, b in pairwise(values):
        if a is not None and b is not None:
            yield a, b
