"""Targets of a whole, and the part of them that a row has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpidsl.syntax import tree as t

from .allocated import Allocate, Days, year_before
from .contexts import Context
from .definitions import Measure
from .interpreter import Interpreter
from .judge import Number
from .moments import day_of
from .table import Table, Value
from .values import number, time_of
from .windows import During, Window


@dataclass(frozen=True, slots=True)
class SharedTargets:
    """Works out the targets of one objective's rows."""

    allocate: Allocate | None
    body: Mapping[str, Any]
    kpi: Measure
    interpreter: Interpreter
    value: Callable[[t.Expr, Context], Number | None]

    def target(self, formula: t.Expr, weight: int | None, context: Context) -> Number | None:
        """Return a formula's value, or a row's part of it; `weight` is the row of weights that it has."""
        if self.allocate is None:
            return self.value(formula, context)
        allocate, days = self.allocate, self._days(context)
        whole = self._whole(days)
        there = context.without(frozenset(allocate.across))
        if allocate.by is not None:
            there = there.changed(During(Window.of_days(*whole, self.interpreter.definitions.zone)))
        total = self.value(formula, there)
        if total is None or self.allocate.by == "copy":
            return total
        found = Fraction(total)
        if weight is not None:
            found = allocate.part_of_member(weight, found)
        elif allocate.across:
            span = days if allocate.by is None else whole
            found *= _part(self._last_year(span, context), self._last_year(span, there))
        if allocate.by == "last_year":
            found *= _part(self._last_year(days, context), self._last_year(whole, context))
        elif allocate.by is not None:
            found = allocate.part_of_period(found, self._periods(whole), days)
        return None if found == 0 and allocate.is_by_last_year else _exact(found)

    def _last_year(self, days: Days, context: Context) -> Fraction:
        """Return the KPI of the same days a year before; of nothing a number that leaves nothing."""
        before = (year_before(days[0], ends=False), year_before(days[1], ends=True))
        window = Window.of_days(*before, self.interpreter.definitions.zone)
        found = self.interpreter.measured(self.kpi, context.changed(During(window)))
        return Fraction(number(found) if found is not None else 0)

    def _days(self, context: Context) -> Days:
        """Return the days of a row's period, whatever the period that is asked for."""
        grain = self.body.get("period")
        effective = self._effective()
        if grain is None:
            assert effective is not None
            return effective
        start = next(v for m, v in context.members if m.is_bucket)
        interval = self.interpreter.calendar.interval(time_of(start), grain)
        assert interval.start is not None
        assert interval.end is not None
        found = day_of(interval.start), day_of(interval.end)
        if effective is None:
            return found
        return max(found[0], effective[0]), min(found[1], effective[1])

    def _effective(self) -> Days | None:
        written = self.body.get("effective") or {}
        if "from" not in written or "until" not in written:
            return None
        return _day(written["from"]), _day(written["until"])

    def _whole(self, days: Days) -> Days:
        assert self.allocate is not None
        if self.allocate.over is None:
            found = self._effective()
            return days if found is None else found
        start = self.interpreter.calendar.bucket(days[0], self.allocate.over)
        assert start is not None
        interval = self.interpreter.calendar.interval(start, self.allocate.over)
        assert interval.start is not None
        assert interval.end is not None
        return day_of(interval.start), day_of(interval.end)

    def _periods(self, whole: Days) -> list[Days]:
        """Return the periods of a whole; its ends cut the first and the last."""
        grain, window = self.body["period"], Window.of_days(*whole, self.interpreter.definitions.zone)
        starts = [day_of(start) for (start,) in self.interpreter.calendar.buckets(window, [grain])]
        return list(zip([whole[0], *starts[1:]], [*starts[1:], whole[1]], strict=True))


def _day(text: Any) -> date:
    return text if isinstance(text, date) else date.fromisoformat(str(text))


def _part(part: Fraction, whole: Fraction) -> Fraction:
    return part / whole if whole else Fraction(0)


def _exact(found: Fraction) -> Number:
    """Return a number that is told exactly where it can be."""
    if found.denominator == 1:
        return found.numerator
    told = Decimal(found.numerator) / Decimal(found.denominator)
    return told if Fraction(told) == found else float(found)


def with_sums(table: Table, whole: Table, body: Mapping[str, Any]) -> Table:
    """Return a table with what the targets of each period's members add up to, and the target of the whole."""
    grain, place = body.get("period"), table.columns.index("target")
    period = None if grain is None else table.columns.index(grain)
    other = whole.columns.index("target")
    totals = {None if period is None else row[0]: row[other] for row in whole.rows}
    lines: list[tuple[Value, ...]] = []
    for row in table.rows:
        key = None if period is None else row[period]
        same = [one[place] for one in table.rows if period is None or one[period] == key]
        there = [Fraction(number(target)) for target in same if target is not None]
        found = _exact(sum(there, Fraction(0))) if there else None
        total = totals.get(key)
        lines.append((*row, found, total, _is_near(found, total, body["reconcile"].get("tolerance", 0))))
    return Table((*table.columns, "sum_of_targets", "total_target", "reconciled"), lines)


def _is_near(found: Number | None, total: Value, tolerance: Any) -> bool | None:
    if found is None or total is None:
        return None
    text, aim = str(tolerance), Fraction(number(total))
    size = Fraction(text.removesuffix("%"))
    limit = size * abs(aim) / 100 if text.endswith("%") else size
    return abs(Fraction(found) - aim) <= limit + Fraction(1, 10**9) * abs(aim)
