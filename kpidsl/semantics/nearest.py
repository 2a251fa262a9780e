"""As-of joins: of the target's rows with equal columns, the latest or earliest next to an own moment.

    session: {to: sessions, using: visitor_id, match: latest, before: ordered_at, within: 30 days}

Instants are compared; a date beside a timestamp is its local midnight, two dates are compared as days.
`within` is the farthest distance that is still near enough: between instants a day is 24 hours, between
dates a calendar day, and months are those of the calendar. Rows at one time go by the target's key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Dataset, Formula, Join, Nearest, Side
from kpidsl.model.types import BOOLEAN, UNKNOWN
from kpidsl.semantics import errors, join_errors
from kpidsl.semantics.bound import Bound, Constant, ParameterRef
from kpidsl.semantics.literals import quantity
from kpidsl.semantics.rows import RowBinder, RowNames
from kpidsl.semantics.units import Unit, named
from kpidsl.syntax import tree

_DAY, _MICROSECOND, _MONTH = map(named, ("day", "microsecond", "month"))
_MOST_DAYS = 366 * 1_000
_MOST = {_MONTH: 12 * 1_000, _DAY: _MOST_DAYS, _MICROSECOND: _MOST_DAYS * 86_400 * 1_000_000}
"""A thousand years: what is farther is bounded by nothing, and leads beyond the years of some engines."""


@dataclass(frozen=True, slots=True)
class Length:
    """A duration in whole numbers of the coarsest of months, days and microseconds that has it."""

    amount: int
    unit: Literal["months", "days", "microseconds"]


def length_of(duration: Constant) -> Length | None:
    """Return how long a duration is, or None where it is none, or is no whole number of any unit."""
    fact, figure = duration.unit, duration.value
    if fact is None or fact.unit is None or isinstance(figure, bool | str | date | None):
        return None
    units: tuple[tuple[Unit, Literal["months", "days", "microseconds"]], ...] = (
        (_MONTH, "months"),
        (_DAY, "days"),
        (_MICROSECOND, "microseconds"),
    )
    for unit, name in units:
        if fact.unit.is_convertible(unit):
            amount = Fraction(figure) * fact.unit.factor(unit)
            if amount.denominator == 1 and abs(amount) <= _MOST[unit]:
                return Length(int(amount), name)
    return None


@dataclass(frozen=True, slots=True)
class Pick:
    """Which row of the target is a row's partner.

    `keys` pairs the target's value with one's own. `moment` and the own sides of the keys are values
    of the own row, `time`, `order` and `condition` of the target's. `within` is a duration as written.
    """

    takes_latest: bool
    side: Side
    moment: Bound
    time: Bound
    within: Constant | ParameterRef | None
    keys: tuple[tuple[Bound, Bound], ...]
    order: tuple[Bound, ...]
    condition: Bound | None

    @property
    def own(self) -> tuple[Bound, ...]:
        """Return what is read of one's own row, beyond what is the same in every row."""
        return (self.moment, *(own for _, own in self.keys))

    @property
    def there(self) -> tuple[Bound, ...]:
        """Return what is read of the target's row."""
        conditions = () if self.condition is None else (self.condition,)
        return (self.time, *(theirs for theirs, _ in self.keys), *self.order, *conditions)


def pick_of(rows: RowNames, dataset: Dataset, join: Join, target: Dataset, sink: Sink) -> Pick | None:
    """Return how an as-of join finds its row, or None after reporting what is wrong with it."""
    nearest = join.nearest
    assert nearest is not None
    before = sink.errors
    there = RowBinder(rows, target.name, sink)
    moment = _moment(rows, dataset, nearest, sink)
    time = None
    if target.time is None:
        sink.report(join_errors.match_without_time(nearest.span, join.name, target.name, target.span))
    else:
        time = there.name(target.time)
    within = None if nearest.within is None else _duration(rows, dataset, nearest.within, sink)
    condition = None
    if nearest.where is not None and nearest.where.expr is not None:
        condition = there.condition(nearest.where.expr)
    keys = _keys(rows, dataset, join, target, sink)
    if moment is None or time is None or not time.type.is_time or sink.errors > before:
        return None
    if condition is not None and condition.type is not BOOLEAN:
        return None
    order = tuple(
        rows.column(target.name, target.columns[name]) for name in target.key if name in target.columns
    )
    is_latest = nearest.match == "latest"
    return Pick(is_latest, nearest.side, moment, time, within, keys, order, condition)


def _moment(rows: RowNames, dataset: Dataset, nearest: Nearest, sink: Sink) -> Bound | None:
    found = RowBinder(rows, dataset.name, sink).name(nearest.moment)
    if found.type is UNKNOWN:
        return None
    if not found.type.is_time:
        sink.report(join_errors.match_moment(nearest.moment, found.type))
        return None
    return found


def _duration(
    rows: RowNames, dataset: Dataset, within: Formula, sink: Sink
) -> Constant | ParameterRef | None:
    expr = within.expr
    if expr is None:
        return None
    found: Bound | None = None
    if isinstance(expr, tree.Quantity):
        found = quantity(expr, sink)
        if found.type is UNKNOWN:
            return None
    elif isinstance(expr, tree.Name):
        found = RowBinder(rows, dataset.name, Sink()).parameter(expr, rows.units)
    if isinstance(found, Constant) and length_of(found) is not None:
        return found
    if isinstance(found, ParameterRef) and found.is_duration:
        return found
    sink.report(join_errors.match_within(within.span, within.text))
    return None


def _keys(
    rows: RowNames, dataset: Dataset, join: Join, target: Dataset, sink: Sink
) -> tuple[tuple[Bound, Bound], ...]:
    pairs: list[tuple[Bound, Bound]] = []
    for theirs, own in join.keys:
        if theirs not in target.columns:
            if own in dataset.columns:
                what = f"column of `{target.name}` called"
                sink.report(errors.unknown(join.keys_span, what, theirs, target.columns))
        elif own in dataset.columns:
            there = rows.column(target.name, target.columns[theirs])
            pairs.append((there, rows.column(dataset.name, dataset.columns[own])))
    return tuple(pairs)
