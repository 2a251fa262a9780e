"""How windows of buckets are made of pieces of time: the piece, and when it is in a window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from kpidsl.contexts.inside import LeafWindow, within
from kpidsl.contexts.leaves import Leaf
from kpidsl.contexts.sets import depends_on_bucket
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule, bucket_of_day, divides
from kpidsl.model.types import BOOLEAN, DATE, INTEGER
from kpidsl.plan.held import moves_on
from kpidsl.plan.ranking import DECOMPOSABLE
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue, RowColumn
from kpidsl.semantics.conditions import conjunction

PIECE = RowColumn((), "calendar", "piece", DATE)
"""The first day of a piece."""

_COARSEST_FIRST = ("year", "quarter", "month", "week", "day")


@dataclass(frozen=True, slots=True)
class Form:
    """How a leaf is made of pieces: of which grain, and whether of a single one, or of values held."""

    grain: str
    is_one: bool
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Forms:
    """Says in which form leaves are made of pieces."""

    project: Project

    def of(self, leaf: Leaf) -> Form | None:
        window = leaf.window
        if window is None or window.time is None or window.until is not None:
            return None
        if leaf.gathered or len(leaf.grains) != 1:
            return None
        if leaf.grains[0].depth:
            return None
        if any(map(depends_on_bucket, (*leaf.conditions, *leaf.arguments))):
            return None
        rule = self.project.grains[leaf.grains[0].name]
        if rule.calendar is not None or rule.is_instant:
            return None
        compared = window.bounds.compared is not None
        if not compared and self._is_shift(window, rule):
            return Form(rule.name, True)
        is_held = leaf.function == "count_distinct" and moves_on(window, self.project)
        if leaf.function not in DECOMPOSABLE and not is_held:
            return None
        bounds = [bound for bound in (window.bounds.start, window.bounds.end) if bound is not None]
        if compared:
            return Form("day", False) if all(bound.type == DATE for bound in bounds) else None
        for name in dict.fromkeys((rule.name, *_COARSEST_FIRST)):
            piece = self.project.grains[name]
            if divides(piece, rule) and all(self._is_on(bound, piece) for bound in bounds):
                return Form(name, False, is_held)
        return None

    def _is_shift(self, window: LeafWindow, rule: GrainRule) -> bool:
        """Tell whether each bucket's window is one whole bucket of the same grain."""
        start, end = window.bounds.start, window.bounds.end
        if start is None or end is None or not self._is_on(start, rule):
            return False
        if isinstance(start, Constant) or isinstance(end, Constant):
            return False
        key = KeyValue(Grain(rule.name), DATE)
        match start, end:
            case Apply(op="add_months" | "add_days" as op, args=(base, Constant(value=int() as back))), _ if (
                base == key
            ):
                whole = moved(op, key, back + rule.count)
                if rule.unit == ("month" if op == "add_months" else "day"):
                    return end == whole
                # A day, a month or a year ago: the day after the moved one.
                return rule.name == "day" and end == Apply("add_days", (start, Constant(1, INTEGER)), DATE)
            case _:
                return False

    def _is_on(self, bound: Bound, piece: GrainRule) -> bool:
        """Tell whether a bound surely begins a piece."""
        if bound.type != DATE:
            return False
        if piece.name == "day":
            return True
        match bound:
            case Constant(value=date() as day):
                return bucket_of_day(piece, day, self.project.cut) == day
            case (
                KeyValue(member=Grain(name=name))
                | Apply(op="bucket", args=(Constant(value=str() as name), _))
            ):
                return divides(piece, self.project.grains[name])
            case Apply(op="add_months", args=(inner, Constant(value=int() as months))):
                return piece.unit == "month" and months % piece.count == 0 and self._is_on(inner, piece)
            case Apply(op="add_days", args=(inner, Constant(value=int() as days))):
                return piece.unit == "day" and days % piece.count == 0 and self._is_on(inner, piece)
            case Apply(op="least" | "greatest", args=args):
                return all(self._is_on(arg, piece) for arg in args)
            case Apply(op="case", args=(_, a, b)):
                return self._is_on(a, piece) and self._is_on(b, piece)
            case _:
                return False


class CutAlone(LeafWindow):
    """The window of the bucket that is cut, for that bucket alone: `is_cut` tells which it is."""

    @property
    def condition(self) -> Bound:
        assert self.time is not None
        assert self.is_cut is not None
        return conjunction((self.is_cut, *within(self.time, self.bounds, self.exact)))


def inside(window: LeafWindow, *, is_one: bool) -> Bound:
    """Return when a piece is in a bucket's window; none is in that of a bucket that is cut."""
    if is_one:
        assert window.bounds.start is not None
        parts: tuple[Bound, ...] = (Apply("=", (PIECE, window.bounds.start), BOOLEAN),)
    else:
        parts = within(PIECE, window.bounds)
    if window.is_cut is not None:
        assert isinstance(window.is_cut, Apply)
        parts = (replace(window.is_cut, op="<="), *parts)
    return conjunction(parts)


def moved(op: str, key: Bound, amount: int) -> Bound:
    return key if amount == 0 else Apply(op, (key, Constant(amount, INTEGER)), DATE)
