"""How far windows reach, whatever the bucket: what a dataset is read for where the period is known.

    rolling(revenue, 28 days)     by month of 2026:  from 4 January 2026 to before 1 January 2027
    prior(revenue, 1 year)        by month of 2026:  from 1 January 2025 to before 1 January 2026

Ends of windows are worked out for all buckets at once, as intervals of days: rules of calendars keep the
order of days, so the first and the last bucket tell how far an end reaches, and of alternatives each counts.
Rows outside are in no window; a row inside may not be either, for the window of each bucket is tested all the
same. What constants do not tell (calendars of a project's own, comparable days) reaches anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil, floor

from kpidsl.contexts.bounds import BoundArithmetic, Bounds, day, is_day, local_day
from kpidsl.contexts.inside import within
from kpidsl.contexts.sets import depends_on_bucket
from kpidsl.model.definitions import Project
from kpidsl.model.grains import bucket_of_day
from kpidsl.model.types import BOOLEAN
from kpidsl.model.zones import is_near_change
from kpidsl.plan.nodes import Spine, WindowSpine
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue, Member
from kpidsl.semantics.conditions import conjunction, disjunction
from kpidsl.semantics.elapsed import moved_date

_YEARS = (1000, 9990)
"""Between these years all midnights are in the calendar, in every zone."""
_NONE = Decimal(0)
_SHORTEST_DAY = 72_000
"""Seconds that each day surely has, whatever clocks do."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Between which midnights, both included, a day or an instant surely lies; None: that is not known."""

    first: date | None = None
    last: date | None = None

    def widened(self, before: int, after: int) -> Extent:
        return Extent(_moved("add_days", self.first, -before), _moved("add_days", self.last, after))


ANYWHERE = Extent()

Buckets = Spine | WindowSpine


@dataclass(frozen=True, slots=True)
class Extents:
    """Tells how far the windows of buckets reach, which are all in a period that is known."""

    project: Project

    def conditions(
        self, windows: Iterable[tuple[Bound, Buckets]], known: Iterable[Bound]
    ) -> tuple[Bound, ...]:
        """Return the conditions, on rows alone, that each row meets which is in some bucket's window.

        The windows are conditions over rows and buckets, each with its buckets. No row is asked for
        between windows that lie apart, and what is `known` of the rows is not asked again.
        """
        every = [self._reached(window, self._buckets(spine)) for window, spine in windows]
        told = _in_all([self._reached(as_test(condition), {}) for condition in known]) if any(every) else {}
        found: list[Bound] = []
        for time in every[0] if every else ():
            if all(time in one for one in every):
                extents = _apart([one[time] for one in every])
                tests = [_test(time, extent, told.get(time, ANYWHERE)) for extent in extents]
                if all(tests):
                    alone = len(tests) == 1
                    found.extend(tests[0] if alone else (disjunction([conjunction(one) for one in tests]),))
        return tuple(found)

    # where buckets are

    def _buckets(self, spine: Buckets) -> Mapping[Member, Extent]:
        """Return between which midnights the buckets of each grain begin."""
        if isinstance(spine, Spine):
            days = Extent(spine.days.first, spine.days.last)
            return {grain: self._beginning(grain, days) for grain, _ in spine.members}
        of = spine.of
        outer = {} if of.outer is None else self._buckets(of.outer)
        first, last = (ANYWHERE if end is None else self.of(end, outer) for end in (of.first, of.last))
        days = Extent(first.first, last.last)
        return {
            grain: outer[grain] if grain in outer else self._beginning(grain, days)
            for grain, _ in spine.members
        }

    def _beginning(self, grain: Grain, days: Extent) -> Extent:
        rule = self.project.grains[grain.name]
        return self._with_instants(days) if rule.is_instant else self._bucket(grain.name, days)

    def _bucket(self, grain: str, days: Extent) -> Extent:
        rule = self.project.grains[grain]
        if rule.calendar is not None:
            return ANYWHERE
        ends = (end and bucket_of_day(rule, end, self.project.cut) for end in (days.first, days.last))
        return Extent(*ends)

    # where windows are

    def _reached(self, condition: Bound, buckets: Mapping[Member, Extent]) -> dict[Bound, Extent]:
        """Return, for values of rows, the days from which on and before which they are under a condition."""
        match condition:
            case Apply(op="and", args=parts):
                return _in_all([self._reached(part, buckets) for part in parts])
            case Apply(op="or", args=parts):
                return _in_some([self._reached(part, buckets) for part in parts])
            case Apply(op=">=" | ">" | "<" | "<=" | "=" as op, args=(value, end)) if _is_time_of_row(value):
                found = self._on_clocks(self.of(end, buckets), end)
                after = found.widened(0, 1).last if op in ("<=", "=") else found.last
                extent = Extent(
                    None if op in ("<", "<=") else found.first, None if op in (">", ">=") else after
                )
                return {_itself(value): extent}
            case _:
                return {}

    def of(self, bound: Bound, buckets: Mapping[Member, Extent], seconds: Decimal = _NONE) -> Extent:
        """Return between which midnights a bound, or what is some seconds after it, lies in all buckets."""
        match bound:
            case Apply(op="add_seconds", args=(inner, Constant(value=int() | Decimal() as more))):
                return self.of(inner, buckets, seconds + more)
            case Apply(op="least", args=args):
                found = [self.of(arg, buckets, seconds) for arg in args]
                return Extent(_least(found), min(_known(one.last for one in found), default=None))
            case Apply(op="greatest", args=args):
                found = [self.of(arg, buckets, seconds) for arg in args]
                return Extent(max(_known(one.first for one in found), default=None), _greatest(found))
            case Apply(op="case", args=args):
                found = [self.of(result, buckets, seconds) for result in (*args[1::2], args[-1])]
                return Extent(_least(found), _greatest(found))
            case _:
                return _later(self._of_one(bound, buckets), seconds)

    def _of_one(self, bound: Bound, buckets: Mapping[Member, Extent]) -> Extent:
        match bound:
            case Constant(value=datetime()):
                return self._around(bound)
            case Constant(value=date() as known):
                return Extent(known, known).widened(0, 0)
            case KeyValue(member=member):
                return buckets.get(member, ANYWHERE)
            case Apply(op="add_days" | "add_months" as op, args=(inner, Constant(value=int() as amount))):
                found = self.of(inner, buckets)
                found = Extent(_moved(op, found.first, amount), _moved(op, found.last, amount))
                return found if is_day(inner) else found.widened(1, 1)
            case Apply(op="bucket", args=(Constant(value=str() as grain), inner)):
                return self._bucket_at(grain, self.of(inner, buckets), inner)
            case _:
                return ANYWHERE

    def _around(self, bound: Constant) -> Extent:
        """Return the midnights around an instant."""
        clock = BoundArithmetic(self.project)
        moment, own = clock.moment(bound), local_day(bound, self.project)
        if clock.moment(day(own)) == moment:
            return Extent(own, own)
        return self._with_instants(Extent(own, own))

    def _with_instants(self, days: Extent) -> Extent:
        """Return the midnights between which all instants of some days are."""
        after = days.widened(0, 1)
        return after.widened(0, int(self._is_near(after.last)))

    def _bucket_at(self, grain: str, time: Extent, inner: Bound) -> Extent:
        """Return between which midnights the buckets begin that hold a day or an instant."""
        days = self._on_clocks(time, inner)
        rule = self.project.grains[grain]
        return days.widened(1, 0) if rule.is_instant else self._bucket(grain, days)

    def _on_clocks(self, time: Extent, bound: Bound) -> Extent:
        """Return the midnights around what clocks show at and after a bound, and before it."""
        return time if is_day(bound) else time.widened(int(self._is_near(time.first)), 0)

    def _is_near(self, known: date | None) -> bool:
        """Tell whether a change of clocks is so near to where a day begins that it may begin twice."""
        if known is None:
            return False
        return is_near_change(BoundArithmetic(self.project).moment(day(known)), self.project.timezone)


def _is_time_of_row(value: Bound) -> bool:
    is_bucket = isinstance(value, Apply) and value.op == "bucket"
    return not (isinstance(value, Constant) or is_bucket or depends_on_bucket(value))


def _apart(extents: Iterable[Extent]) -> list[Extent]:
    """Return extents in order, those as one that meet."""
    found: list[Extent] = []
    for extent in sorted(extents, key=lambda one: one.first or date.min):
        before = found[-1] if found else None
        if before is None or (
            before.last is not None and extent.first is not None and before.last < extent.first
        ):
            found.append(extent)
        else:
            found[-1] = Extent(before.first, _greatest((before, extent)))
    return found


def _test(time: Bound, extent: Extent, told: Extent) -> tuple[Bound, ...]:
    """Return the conditions for a time to lie in an extent, without what is told of it."""
    first, last = extent.first, extent.last
    if first is not None and told.first is not None and first <= told.first:
        first = None
    if last is not None and told.last is not None and told.last <= last:
        last = None
    return within(time, Bounds(None if first is None else day(first), None if last is None else day(last)))


def is_of_rows(condition: Bound) -> bool:
    """Tell whether a condition compares a row's time with what is the same in every bucket."""
    match condition:
        case Apply(op=">=" | "<", args=(value, Constant())):
            return _is_time_of_row(value)
        case _:
            return False


def _itself(value: Bound) -> Bound:
    """Return a time that stands as the instant that it is."""
    match value:
        case Apply(op="add_seconds", args=(time, Constant(value=0))):
            return time
        case _:
            return value


def _in_all(parts: Iterable[Mapping[Bound, Extent]]) -> dict[Bound, Extent]:
    found: dict[Bound, Extent] = {}
    for part in parts:
        for value, extent in part.items():
            both = (extent, found.get(value, ANYWHERE))
            first = max(_known(one.first for one in both), default=None)
            last = min(_known(one.last for one in both), default=None)
            found[value] = Extent(first, last)
    return found


def _in_some(parts: list[dict[Bound, Extent]]) -> dict[Bound, Extent]:
    if not parts:
        return {}
    first, *others = parts
    found = {}
    for value in first:
        if all(value in other for other in others):
            every = [part[value] for part in parts]
            found[value] = Extent(_least(every), _greatest(every))
    return found


def _least(extents: Iterable[Extent]) -> date | None:
    firsts = [one.first for one in extents]
    return None if None in firsts else min(_known(firsts), default=None)


def _greatest(extents: Iterable[Extent]) -> date | None:
    lasts = [one.last for one in extents]
    return None if None in lasts else max(_known(lasts), default=None)


def _known(days: Iterable[date | None]) -> Iterator[date]:
    return (one for one in days if one is not None)


def _later(extent: Extent, seconds: Decimal) -> Extent:
    """Return where an instant lies that is some seconds later, days being longer or shorter than others."""
    days, spare = seconds / 86_400, 1 if abs(seconds) > _SHORTEST_DAY else 0
    return extent.widened(spare - floor(days), ceil(days) + spare)


def as_test(condition: Bound) -> Bound:
    """Return that a row exists at an instant as the test that its time is before that."""
    match condition:
        case Apply(op="not", args=(Apply(op=">=", args=ends),)):
            return Apply("<", ends, BOOLEAN)
        case _:
            return condition


def _moved(op: str, known: date | None, amount: int) -> date | None:
    """Return a day moved; beyond the calendar there are no rows to leave out."""
    if known is None:
        return None
    try:
        found = moved_date(op, known, amount)
    except (OverflowError, ValueError):
        return None
    return found if _YEARS[0] <= found.year < _YEARS[1] else None
