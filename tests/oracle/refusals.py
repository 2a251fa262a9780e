"""What is refused whatever the rows: whether the compiler is right where it refuses a drawn world.

The rest of the oracle meets what is wrong in a formula only where it computes a value, so that it may well find none
where there are no rows. Here formulas are read without rows, and each refusal is named as the compiler names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from kpidsl.syntax import tree as t

from .aggregates import leaf_of
from .compute import compute
from .contexts import across, after
from .definitions import AGGREGATES, Definitions, Measure
from .evaluate import calendar_of
from .queries import Query
from .reaches import TIME_SHIFTS, Reaches
from .table import OracleRefuses
from .unit_scopes import UnitScopes
from .units import UnitsClash
from .windows import (
    MONTHS,
    Amount,
    Change,
    Comparable,
    Cumulative,
    During,
    Opening,
    Prior,
    Rolling,
    Spread,
    ToDate,
)
from .worlds import World

UNITS, WEEKS = "unit/mismatch", "window/week-by-months"
UNBOUNDED, CALENDAR = "window/unbounded", "window/calendar"
TOTAL_IN_BUCKETS = "window/total-in-buckets"
MOVES = ("prior", "change", "growth")
NO_PERIOD = Amount(1, "period", is_period=True)
"""So much a window is moved where nothing says what a period is."""


def refused(world: World) -> frozenset[str]:
    """Return the codes with which a world is rightly refused."""
    definitions = Definitions.read(world.project)
    calendar = calendar_of(definitions, world.rows)
    query = Query.read(world.query, definitions, calendar)
    asked = [kpi.measure for kpi in query.kpis]
    found = set[str]()
    units = UnitScopes(definitions, query.parameter_units)
    if any(_clashes(units, measure) for measure in (*definitions.measures.values(), *asked)):
        found.add(UNITS)
    reaches = Reaches(
        calendar, query.as_of, query.partial, query.one_period, query.shows_hours, query.parameter_units
    )
    windows = _Windows(definitions, reaches, query.parameters)
    for measure, grains in _asked_for(query):
        has_period = query.windows[0][1].whole.is_bounded
        around = _Around(grains, has_period, query.as_of is not None, frozenset(calendar.custom))
        found.update(windows.refusals(measure.formula, around))
    return frozenset(found)


def _asked_for(query: Query) -> Iterator[tuple[Measure, frozenset[str]]]:
    """Yield the measures that are asked for, each with the grains of a kind of rows: of details, totals, others."""
    own = frozenset(member.grain or "" for member in query.buckets)
    levels = {own}
    is_of_buckets = len(query.buckets) == len(query.members)
    if query.totals is not None:
        levels.update(frozenset(kept) for n in range(len(own)) for kept in combinations(sorted(own), n))
    if query.top is not None and query.top.others and is_of_buckets:
        levels.add(frozenset())
    if query.top is not None and not is_of_buckets:
        # Members are ranked over the whole period.
        yield query.top.kpi.measure, frozenset()
    for grains in levels:
        yield from ((kpi.measure, grains) for kpi in query.kpis)


def _clashes(units: UnitScopes, measure: Measure) -> bool:
    """Tell whether a formula, or a condition on the rows of its aggregates, brings units together that are apart."""
    try:
        units.measure_formula(measure)
        for node in t.walk(measure.formula):
            if isinstance(node, t.Call) and node.function in AGGREGATES and after(node, "per") is None:
                leaf = leaf_of(node, units.definitions)
                for formula in (*leaf.arguments, *leaf.wheres):
                    units.in_row(formula, leaf.home)
    except UnitsClash:
        return True
    return False


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around an aggregate: the query's grains, and from the outermost on what changes the window.

    `has_period` and `has_instant` tell whether the query has a period, and an instant.
    """

    grains: frozenset[str]
    has_period: bool
    has_instant: bool
    custom: frozenset[str]
    """The grains of calendars."""
    changes: tuple[Change, ...] = ()
    loses_end: bool = False
    """Whether a total has dropped the bucket with whose end a window ends whose buckets are gone through."""

    def changed(self, *changes: Change) -> _Around:
        return replace(self, changes=(*self.changes, *changes))

    def without(self, names: frozenset[str]) -> _Around:
        # A bucket that `per` has added is none of the window's any more.
        changes = tuple(c for c in self.changes if not (isinstance(c, Spread) and c.grain in names))
        loses_end = self.loses_end or self._loses_end(names)
        return replace(self, grains=self.grains - names, changes=changes, loses_end=loses_end)

    def _loses_end(self, names: frozenset[str]) -> bool:
        """Tell whether without some buckets a window of buckets that stay would end elsewhere."""
        changes = list(self.changes)
        fixed = max((n for n, c in enumerate(changes) if isinstance(c, During)), default=None)
        is_gone = fixed is None and bool(self.grains & names)
        is_widened = False
        for change in changes if fixed is None else changes[fixed:]:
            if isinstance(change, Spread) and change.grain in names:
                is_gone = True
            elif isinstance(change, Spread) and is_widened:
                return True
            elif isinstance(change, Rolling | ToDate | Opening):
                is_widened = is_widened or is_gone
        return False

    @property
    def refusals(self) -> Iterator[str]:
        if self.loses_end:
            yield TOTAL_IN_BUCKETS
        if self._moves_weeks:
            yield WEEKS
        if self._moves_others_buckets or (self.grains and Prior(NO_PERIOD) in self.changes):
            yield CALENDAR
        if (not (self.grains or self.has_period) and self._needs_a_window) or self._opens_history:
            yield UNBOUNDED

    @property
    def _moves_weeks(self) -> bool:
        """Tell whether a window that is within a bucket of a week is moved by months."""
        buckets = self.grains
        for change in self.changes:
            match change:
                case Prior(amount=amount):
                    if amount.unit in MONTHS and "week" in buckets:
                        return True
                case Spread(grain=grain):
                    buckets |= {grain}
                case Comparable():
                    pass
                case _:
                    buckets = frozenset()
        return False

    @property
    def _moves_others_buckets(self) -> bool:
        """Tell whether a window is moved by buckets of a calendar that it is not made of."""
        of = next(iter(self.grains)) if len(self.grains) == 1 else None
        for change in self.changes:
            match change:
                case Prior(amount=Amount(unit=unit)):
                    if unit in self.custom and unit != of:
                        return True
                    of = of if unit == of else None
                case Rolling(amount=Amount(unit=unit)) | ToDate(grain=unit) | Spread(grain=unit):
                    of = unit if unit in self.custom else None
                case _:
                    of = None
        return False

    @property
    def _opens_history(self) -> bool:
        """Tell whether something is asked before the beginning of history."""
        begins = bool(self.grains) or self.has_period
        for change in self.changes:
            match change:
                case Opening() if not begins:
                    return True
                case Cumulative() | Opening():
                    begins = False
                case Prior() | Comparable():
                    pass
                case _:
                    begins = True
        return False

    @property
    def _needs_a_window(self) -> bool:
        """Tell whether the whole history is moved, or widened without an instant at which it ends.

        A fixed window needs none, whatever stands around it.
        """
        if any(isinstance(change, During) for change in self.changes):
            return False
        for change in self.changes:
            match change:
                case Prior() | Comparable() | Opening():
                    return True
                case Rolling() | ToDate():
                    return not self.has_instant
                case Cumulative():
                    pass
                case _:
                    return False
        return False


@dataclass(frozen=True, slots=True)
class _Windows:
    """Finds windows that nobody can make, of the aggregates in a formula and of its sets."""

    definitions: Definitions
    reaches: Reaches
    parameters: Any

    def refusals(self, formula: t.Expr, around: _Around) -> Iterator[str]:
        match formula:
            case t.Name(parts=(name,)) if name in self.definitions.measures:
                yield from self.refusals(self.definitions.measures[name].formula, around)
            case t.Call(function=name, arguments=(x, *_)) if name in TIME_SHIFTS:
                yield from self.refusals(x, around.changed(*self._changes(formula)))
                if name in ("change", "growth"):
                    yield from self.refusals(x, around)
            case t.Call(function="total" | "share" as name, arguments=(x, *_)):
                yield from self.refusals(x, around.without(across(formula) or frozenset()))
                if name == "share":
                    yield from self.refusals(x, around)
            case t.Call(modifiers=modifiers) if after(formula, "per") is not None:
                keys = [key.text for m in modifiers if m.word == "per" for key in m.names]
                inside = around.changed(*(Spread(key) for key in keys if key in self.definitions.grains))
                for part in t.children(formula):
                    yield from self.refusals(part, inside)
            case t.Call(function=name) if name in AGGREGATES or name == "values":
                yield from around.refusals
                for part in t.children(formula):
                    yield from self.refusals(part, around)
            case _:
                for part in t.children(formula):
                    yield from self.refusals(part, around)

    def _changes(self, call: t.Call) -> tuple[Change, ...]:
        try:
            return (self.reaches.change(call, self._constant),)
        except OracleRefuses:
            # Of `1 period`, where there is none, nothing can be said but that it moves a window.
            return (Prior(NO_PERIOD),) if call.function in MOVES else ()

    def _constant(self, node: t.Expr) -> Any:
        def atom(inner: t.Expr) -> Any:
            if isinstance(inner, t.Name) and inner.text in self.parameters:
                return self.parameters[inner.text]
            raise OracleRefuses(f"a constant is wanted, not {inner}")

        return compute(node, atom)
