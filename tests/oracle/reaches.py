"""The window of a context: buckets ∩ period, cut at `as_of`, then changed from the outermost inwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from kpidsl.syntax import tree as t

from .buckets import HOURS, Calendar
from .contexts import Context, after
from .moments import Moment
from .table import OracleRefuses
from .units import Unit, unit_of_quantity
from .values import time_of
from .windows import (
    MONTHS,
    Amount,
    Change,
    Comparable,
    Cumulative,
    During,
    Opening,
    Prior,
    Reach,
    Rolling,
    Spread,
    ToDate,
    Window,
    before,
    moved_back,
    rolled,
    to_date,
)

TIME_SHIFTS = ("prior", "change", "growth", "rolling", "to_date", "cumulative", "opening", "during")
_FISCAL = {"fiscal_quarter": 3, "fiscal_year": 12}


@dataclass(frozen=True, slots=True)
class Reaches:
    """How one query's contexts come to their windows."""

    calendar: Calendar
    as_of: Moment | None
    partial: str
    one_period: Amount | None
    shows_hours: bool
    parameter_units: Mapping[str, Unit]

    # Changes, read

    def change(self, call: t.Call, constant: Callable[[t.Expr], Any]) -> Change:
        """Read what a call does to the window."""
        if after(call, "comparable") is not None:
            return self._comparable(call)
        given = call.arguments[1:]
        match call.function, given:
            case (("prior" | "change" | "growth"), (x,)):
                return Prior(self.amount(x, constant))
            case "rolling", (x,):
                return Rolling(self.amount(x, constant))
            case "to_date", (t.Name(parts=(grain,)),):
                return ToDate(grain)
            case "cumulative", ():
                return Cumulative()
            case "opening", ():
                return Opening()
            case "during", (a, b):
                start, end = constant(a), constant(b)
                if not isinstance(start, date) or not isinstance(end, date):
                    raise OracleRefuses("`during` takes two dates")
                return During(Window.of_days(start, end, self.calendar.zone))
            case _:
                raise OracleRefuses(f"`{call.function}` with {given}")

    def _comparable(self, call: t.Call) -> Comparable:
        """Read a move by comparable days, which is one of a year."""
        if self.calendar.comparable is None:
            raise OracleRefuses("no calendar of comparable days")
        if call.function not in ("prior", "change", "growth"):
            raise OracleRefuses(f"`{call.function}` by comparable days")
        match call.arguments[1:]:
            case (t.Quantity(value=1, unit="year" | "years"),):
                return Comparable()
            case given:
                raise OracleRefuses(f"comparable days {given} back")

    def amount(self, x: t.Expr, constant: Callable[[t.Expr], Any]) -> Amount:
        """Read an amount of time: a quantity, or a parameter that is one."""
        if isinstance(x, t.Quantity):
            many, unit = x.value, unit_of_quantity(x.unit)
        elif isinstance(x, t.Name) and x.text in self.parameter_units:
            many, unit = constant(x), self.parameter_units[x.text]
        else:
            raise OracleRefuses(f"{x} is no amount of time")
        ((word, power),) = unit.items()
        if power != 1 or many != int(many):
            raise OracleRefuses(f"{many} {word}")
        if word == "period":
            if self.one_period is None:
                raise OracleRefuses("`1 period` without a grain and without a period")
            return Amount(int(many) * self.one_period.many, self.one_period.unit, is_period=True)
        if word in _FISCAL:
            return Amount(int(many) * _FISCAL[word], "month")
        return Amount(int(many), word)

    # Windows

    def of(self, context: Context, *, ahead: bool = False) -> Reach | None:
        """Return the context's window; None under a null bucket."""
        found = self.each(context, ahead=ahead)
        if found is None or len(found) == 1:
            return None if found is None else found[0]
        raise AssertionError(context)

    def each(self, context: Context, *, ahead: bool = False) -> list[Reach] | None:
        """Return the context's window, or those of its buckets where it is spread over them.

        None under a null bucket, and where the calendar lacks a day from which one is made: the uncut one where
        rows may lie `ahead`, the cut one where none may.
        """
        if any(value is None for _, value in context.buckets):
            return None
        whole, cut = context.period.whole, context.period.cut
        for member, value in context.buckets:
            if not isinstance(value, date | Moment):
                continue
            own = replace(self.calendar.interval(value, member.grain or ""), by_end=True)
            if isinstance(value, date) and member.grain in self.calendar.custom:
                own = self.calendar.of_buckets(value, value, member.grain)
            whole, cut = whole.within(own), cut.within(own)
        self._owes_days(context)
        late = self.partial == "whole" and _goes_back(context.changes)
        found = [Reach(whole, whole if late else cut.cut(self.as_of))]
        buckets, back = found, 0
        for n, change in enumerate(context.changes):
            if buckets and (hours := self._hours(change, context)):
                # So many buckets in all: what is left of the first is laid into the last alone.
                back += hours.many
                found = [self._hours_back(reach, back, hours.unit) for reach in buckets]
                if late and not _goes_back(context.changes[n + 1 :]):
                    found, late = [replace(r, cut=r.cut.cut(self.as_of)) for r in found], False
                continue
            if isinstance(change, Spread):
                if any(reach.whole.stands_for is not None for reach in found):
                    raise OracleRefuses("the buckets of comparable days")
                found = [part for reach in found for part in self.spread(reach, change.grain)]
                is_hour = change.grain in _told_hours(context)
                is_coarser = bool(buckets) and not back and change.grain not in HOURS
                buckets, back = found if is_hour or is_coarser else [], 0
                continue
            if isinstance(change, During):
                # A window as the query's own is: cut at the instant, before what stands inside it changes it.
                late = self.partial == "whole" and _goes_back(context.changes[n + 1 :])
                own = change.window
                found = [Reach(own, own if late else own.cut(self.as_of), reach.spread) for reach in found]
                buckets = []
                continue
            is_replaced = any(isinstance(c, During) for c in context.changes[n + 1 :])
            if is_replaced and not any(reach.whole.is_bounded for reach in found):
                continue
            buckets, changed = [], list[Reach]()
            for reach in found:
                whole, cut = self._changed(change, reach.whole), self._changed(change, reach.cut)
                inside = next((c for c in context.changes[n + 1 :] if isinstance(c, During | Spread)), None)
                if isinstance(inside, During):
                    # A frozen window is the same whatever stands around it, but for buckets that there are none of.
                    whole, cut = whole or reach.whole, cut or reach.cut
                told = whole if ahead else cut
                if told is None:
                    return None
                changed.append(Reach(whole or told, cut or told, reach.spread))
            found = changed
            if late and isinstance(change, Prior | Comparable) and not _goes_back(context.changes[n + 1 :]):
                # Moved as often as it is: of what is compared nothing is cut before.
                found = [replace(r, cut=r.cut.cut(self.as_of)) for r in found]
                late = False
        # A frozen window may lie ahead; nothing reaches beyond the instant.
        return [replace(r, cut=r.cut.cut(self.as_of)) for r in found]

    def _hours(self, change: Change, context: Context) -> Amount | None:
        """Return by how many of the query's own hours a bucket of them is moved."""
        if not isinstance(change, Prior) or not change.amount.is_period or change.amount.unit not in HOURS:
            return None
        return change.amount if _told_hours(context) == {change.amount.unit} else None

    def _hours_back(self, reach: Reach, many: int, grain: str) -> Reach:
        whole, cut = (self.calendar.hours_back(w, many, grain) for w in (reach.whole, reach.cut))
        return Reach(whole, cut, reach.spread)

    def spread(self, reach: Reach, grain: str) -> list[Reach]:
        """Return the parts of a window that its buckets are, up to `as_of`."""
        whole = reach.whole
        if whole.start is None or whole.end is None:
            # No rows beyond the last bucket that begins before `as_of` are in any of them.
            until = self.last_end((grain,))
            return [Reach(whole.cut(until), reach.cut.cut(until), grain)]
        parts: list[Reach] = []
        # What ends at the instant is another stretch, where it is as long.
        ends = [w for w in (reach.cut, whole) if w.start is not None and w.end is not None]
        found = {start: w for w in ends for (start,) in self.calendar.buckets(w, [grain])}
        for start, window in found.items():
            own = replace(self.calendar.interval(start, grain), by_end=True)
            if grain in self.calendar.custom and isinstance(start, date):
                own = self.calendar.of_buckets(start, start, grain)
            part = Reach(whole.within(own), reach.cut.within(own))
            begins = self.calendar.beginning([(grain, start)], window)
            if self.as_of is None or (begins is not None and begins < self.as_of):
                parts.append(part)
        return parts

    def last_end(self, grains: Iterable[str]) -> Moment | None:
        """Return where the last of the grains' buckets end that begin before `as_of`: the earliest end."""
        if self.as_of is None:
            return None
        ends = [self._last_end(grain, self.as_of) for grain in grains]
        return min(ends, default=None)

    def _last_end(self, grain: str, as_of: Moment) -> Moment:
        last = as_of.later(timedelta(microseconds=-1))
        start = self.calendar.bucket(last, grain)
        if start is None:
            # A day that the calendar leaves out, in the midst of a bucket or between two.
            begun = [first for first in self.calendar.custom[grain].values() if first <= last.day]
            start = max(begun, default=None)
        end = None if start is None else self.calendar.interval(time_of(start), grain).end
        return as_of if end is None else max(end, as_of)

    def is_open(self, context: Context) -> bool:
        """Tell whether buckets are changed whose first and last only the rows of a group tell."""
        for place, change in enumerate(context.changes):
            later = context.changes[place + 1 :]
            if isinstance(change, Spread) and any(not isinstance(c, Spread) for c in later):
                found = self.each(replace(context, changes=context.changes[:place]))
                return found is not None and any(None in (r.whole.start, r.whole.end) for r in found)
        return False

    def _owes_days(self, context: Context) -> None:
        """Refuse to move buckets of a week by months or years: the query's, and those that `per` adds."""
        added = [change.grain for change in context.changes if isinstance(change, Spread)]
        own = sum(member.grain == "week" for member, _ in context.buckets)
        is_of_weeks = own > added.count("week")
        for change in context.changes:
            if isinstance(change, Spread):
                is_of_weeks = is_of_weeks or change.grain == "week"
            elif isinstance(change, Prior):
                if is_of_weeks and change.amount.unit in MONTHS:
                    raise OracleRefuses("buckets of a week moved by months: take 52 weeks")
            elif not isinstance(change, Comparable):
                is_of_weeks = False

    def _bounds(self, change: Change, window: Window) -> Window | None:
        """Return the bounds that a further change moves; None where comparable days give none."""
        if window.stands_for is None or isinstance(change, During):
            return window
        needed = window
        if isinstance(change, Opening):
            needed = replace(window, end=None)
        elif not isinstance(change, Prior | Comparable):
            needed = replace(window, start=None)
        return self.calendar.bounds_a_year_ago(needed)

    def _changed(self, change: Change, window: Window) -> Window | None:
        """Return a window changed; None where the calendar lacks a day that it takes."""
        bounds = self._bounds(change, window)
        if bounds is None:
            return None
        if isinstance(change, ToDate):
            return self._to_date(self._ended(bounds), change.grain)
        return self._applied(change, bounds)

    def _applied(self, change: Change, window: Window) -> Window | None:
        match change:
            case Comparable():
                if not window.is_bounded:
                    raise OracleRefuses("`prior` without a grain and without a period")
                return self.calendar.year_ago(window)
            case Prior(amount=amount):
                if not window.is_bounded:
                    raise OracleRefuses("`prior` without a grain and without a period")
                if amount.unit in self.calendar.custom:
                    return self.calendar.earlier(window, amount.many, amount.unit)
                return moved_back(replace(window, days=None, buckets=()), amount)
            case Rolling(amount=amount):
                if amount.unit in self.calendar.custom:
                    return self.calendar.rolling(self._ended(window), amount.many, amount.unit)
                return rolled(self._ended(window), amount)
            case Cumulative():
                return Window(None, window.end)
            case Opening():
                return before(window)
            case During(window=own):
                return own
            case ToDate() | Spread():
                raise AssertionError(change)

    def _to_date(self, window: Window, grain: str) -> Window | None:
        """Return a bucket's window up to now, or None where the last instant is in no bucket."""
        if window.days == frozenset():
            return window
        assert window.end is not None
        first = self.calendar.last_bucket(window, grain)
        if first is None:
            return None
        own = to_date(window, first)
        if grain not in self.calendar.custom or not isinstance(first, date):
            return own
        by_end = window.by_end_beside(grain)
        # It ends with the window, which may be later than the bucket's last day.
        return replace(self.calendar.of_buckets(first, first, grain).within(own), end=own.end, by_end=by_end)

    def _ended(self, window: Window) -> Window:
        """Return a window that has an end: `as_of` where nothing else bounds it."""
        if window.end is not None:
            return window
        if self.as_of is None:
            raise OracleRefuses("a window without an end, and no `as_of`")
        return Window(window.start, self.as_of)


def _goes_back(changes: Sequence[Change]) -> bool:
    """Tell whether some of the changes move a window back."""
    return any(isinstance(change, Prior | Comparable) for change in changes)


def _told_hours(context: Context) -> frozenset[str | None]:
    """Return the grains of hours or less whose bucket is known: not those that `per` goes through."""
    told = [member.grain for member, value in context.buckets if isinstance(value, date | Moment)]
    return frozenset(grain for grain in told if grain in HOURS)
