"""What is refused whatever the rows: whether the compiler is right where it refuses a drawn world.

The rest of the oracle meets what is wrong in a formula only where it computes a value, so that it may well find none
where there are no rows. Here formulas are read without rows, and each refusal is named as the compiler names it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.syntax import tree as t

from .aggregates import leaf_of
from .buckets import GRAINS
from .contexts import across, after
from .definitions import AGGREGATES, Definitions, Measure
from .evaluate import calendar_of
from .queries import Query
from .unit_scopes import UnitScopes
from .units import UnitsClash, unit_of_quantity
from .windows import MONTHS
from .worlds import World

UNITS, WEEKS = "unit/mismatch", "window/week-by-months"
MOVES = ("prior", "change", "growth")
BY_MONTHS = "by months"
WINDOWS = ("rolling", "to_date", "cumulative", "during")


def refused(world: World) -> frozenset[str]:
    """Return the codes with which a world is rightly refused."""
    definitions = Definitions.read(world.project)
    query = Query.read(world.query, definitions, calendar_of(definitions, world.rows))
    asked = [kpi.measure for kpi in query.kpis]
    found = set()
    units = UnitScopes(definitions, query.parameter_units)
    if any(_clashes(units, measure) for measure in (*definitions.measures.values(), *asked)):
        found.add(UNITS)
    around = _Around(frozenset(member.grain or "" for member in query.buckets))
    weeks = _Weeks(definitions)
    if any(weeks.moved(measure.formula, around) for measure in asked):
        found.add(WEEKS)
    return frozenset(found)


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

    A change is a grain that `per` adds, a move by months, or None where the window is no bucket any more.
    """

    grains: frozenset[str]
    changes: tuple[str | None, ...] = ()

    def changed(self, *changes: str | None) -> _Around:
        return replace(self, changes=(*self.changes, *changes))

    def without(self, names: frozenset[str]) -> _Around:
        return replace(self, grains=self.grains - names)

    @property
    def moves_weeks(self) -> bool:
        """Tell whether a window that is within a bucket of a week is moved by months."""
        buckets = self.grains
        for change in self.changes:
            if change == BY_MONTHS and "week" in buckets:
                return True
            if change is None:
                buckets = frozenset()
            elif change != BY_MONTHS:
                buckets |= {change}
        return False


@dataclass(frozen=True, slots=True)
class _Weeks:
    """Finds moves by months of windows that are buckets of a week."""

    definitions: Definitions

    def moved(self, formula: t.Expr, around: _Around) -> bool:
        """Tell whether there is an aggregate in a formula, or a set, whose window is one."""
        match formula:
            case t.Name(parts=(name,)) if name in self.definitions.measures:
                return self.moved(self.definitions.measures[name].formula, around)
            case t.Call(function=name, arguments=(x, *_)) if name in MOVES:
                there = around.changed(BY_MONTHS) if _is_by_months(formula) else around
                return self.moved(x, there) or (name != "prior" and self.moved(x, around))
            case t.Call(function=name, arguments=(x, *_)) if name in WINDOWS:
                return self.moved(x, around.changed(None))
            case t.Call(function="total" | "share" as name, arguments=(x, *_)):
                there = around.without(across(formula) or frozenset())
                return self.moved(x, there) or (name == "share" and self.moved(x, around))
            case t.Call(modifiers=modifiers) if after(formula, "per") is not None:
                keys = [key.text for m in modifiers if m.word == "per" for key in m.names]
                inside = around.changed(*(key for key in keys if key in GRAINS))
                return any(self.moved(part, inside) for part in t.children(formula))
            case t.Call(function=name) if name in AGGREGATES or name == "values":
                inside_too = (self.moved(part, around) for part in t.children(formula))
                return around.moves_weeks or any(inside_too)
            case _:
                return any(self.moved(part, around) for part in t.children(formula))


def _is_by_months(move: t.Call) -> bool:
    """Tell whether a move is by months, quarters or years, and not by comparable days."""
    match move.arguments[1:]:
        case (t.Quantity(unit=unit),):
            (word,) = unit_of_quantity(unit)
            return word in MONTHS and after(move, "comparable") is None
        case _:
            return False
