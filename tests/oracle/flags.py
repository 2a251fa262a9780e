"""Flags of result rows: `_partial` and `_provisional`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .aggregates import Leaf
from .buckets import HOURS
from .contexts import Context
from .groups import Groups
from .interpreter import Interpreter
from .moments import Moment, day_of
from .queries import Query
from .values import time_of
from .windows import Reach, Window, shifted


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of one query's result."""

    query: Query
    interpreter: Interpreter
    groups: Groups

    @property
    def columns(self) -> tuple[str, ...]:
        return (
            *(("_partial",) if self._can_be_partial() else ()),
            *(("_provisional",) if self._can_be_provisional() else ()),
        )

    def of(self, context: Context) -> tuple[bool | None, ...]:
        found: list[bool | None] = []
        if "_partial" in self.columns:
            found.append(self.is_partial(context))
        if "_provisional" in self.columns:
            found.append(self._is_provisional(context))
        return tuple(found)

    # Partial: the period or `as_of` cuts the bucket

    def _can_be_partial(self) -> bool:
        buckets, calendar = self.query.buckets, self.interpreter.calendar
        if not buckets:
            return False
        whole, as_of = self.query.windows[0][1].whole, self.query.as_of
        if as_of is not None and (whole.end is None or as_of < whole.end):
            return True
        if not whole.is_bounded:
            return False
        return not all(
            any(
                calendar.bucket(day, m.grain or "") == day
                for m in buckets
                if m.grain not in ("hour", "minute") and m.grain not in calendar.custom
            )
            or any(m.grain in ("hour", "minute") for m in buckets)
            for day in (whole.start.day, whole.end.day)  # type: ignore[union-attr]
        )

    def is_partial(self, context: Context) -> bool | None:
        buckets = context.buckets
        if not buckets:
            return None
        if any(value is None for _, value in buckets):
            return False
        whole_bucket = replace(context, period=Reach(Window(), Window()))
        own, period = self.groups.stretch(whole_bucket), context.period.whole
        days = self._days(context)
        if days is not None:
            firsts = [Moment.midnight(day, self.interpreter.calendar.zone) for day in days]
            lasts = [Moment.midnight(d + timedelta(days=1), self.interpreter.calendar.zone) for d in days]
            cut = any(not period.holds(first) for first in firsts)
            return cut or (self.query.as_of is not None and lasts[-1] > self.query.as_of)
        assert own.start is not None
        assert own.end is not None
        return (
            (period.start is not None and own.start < period.start)
            or (period.end is not None and own.end > period.end)
            or (self.query.as_of is not None and own.end > self.query.as_of)
        )

    def _days(self, context: Context) -> list[date] | None:
        """Return the days of a bucket of a custom calendar, which may lie apart."""
        calendar = self.interpreter.calendar
        grains = [m.grain for m, _ in context.buckets]
        if not any(grain in calendar.custom for grain in grains) or any(grain in HOURS for grain in grains):
            return None
        return calendar.common_days([(m.grain or "", day_of(time_of(v))) for m, v in context.buckets])

    def is_cut_by_as_of(self, context: Context) -> bool:
        """Tell whether `as_of` lies within a row's bucket ∩ the period."""
        as_of = self.query.as_of
        if as_of is None or not context.buckets or any(value is None for _, value in context.buckets):
            return False
        own, days = self.groups.stretch(context), self._days(context)
        if days is not None and own.end is not None:
            zone = self.interpreter.calendar.zone
            ends = [Moment.midnight(day + timedelta(days=1), zone) for day in days]
            return any(as_of < end <= own.end for end in ends)
        return own.end is not None and own.end > as_of

    # Provisional: a window reaches into what is not settled

    def _can_be_provisional(self) -> bool:
        return self.query.as_of is not None and any(
            self.interpreter.definitions.datasets[leaf.home].settles_after
            for leaf, _ in self._leaves(self.groups.nothing())
        )

    def _leaves(self, context: Context) -> Iterator[tuple[Leaf, Context]]:
        for asked in self.query.kpis:
            for _, period in self.query.windows:
                there = replace(context, period=period)
                yield from self.interpreter.leaves(asked.measure.formula, there)

    def _is_provisional(self, context: Context) -> bool:
        as_of = self.query.as_of
        assert as_of is not None
        for leaf, there in self._leaves(context):
            dataset = self.interpreter.definitions.datasets[leaf.home]
            if dataset.settles_after is None or any(value is None for _, value in there.buckets):
                continue
            for reach in self.interpreter.reaches.each(there, ahead=dataset.lies_ahead) or ():
                window = reach.whole if dataset.lies_ahead else reach.cut
                if self.interpreter.calendar.reaches_past(window, shifted(as_of, dataset.settles_after, -1)):
                    return True
        return False
