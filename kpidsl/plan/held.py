"""When different values can be counted in windows by what comes in and what goes out.

From bucket to bucket windows must move on and never back: then the buckets in whose windows a row lies
stand one after another, and so do those of all rows of a value, up to gaps.
"""

from __future__ import annotations

from dataclasses import replace

from kpidsl.contexts.bounds import BoundArithmetic
from kpidsl.contexts.inside import LeafWindow
from kpidsl.contexts.leaves import Leaf
from kpidsl.model.definitions import Project
from kpidsl.model.types import INTEGER
from kpidsl.semantics.bound import Apply, Bound, Constant, KeyValue, ToDate
from kpidsl.semantics.conditions import is_present


def moves_on(window: LeafWindow, project: Project) -> bool:
    """Tell whether both ends of the windows surely never move back from one bucket to the next."""
    bounds = window.bounds
    if bounds.only or bounds.compared is not None:
        # Buckets of a calendar may lack days, and days compared with others stand in any order.
        return False
    return all(_never_falls(bound, project) for bound in (bounds.start, bounds.end))


def _never_falls(bound: Bound | None, project: Project) -> bool:
    match bound:
        case None | Constant() | KeyValue():
            return True
        case Apply(op="add_days" | "add_months", args=(inner, Constant(value=int()))):
            return _never_falls(inner, project)
        case Apply(op="bucket", args=(Constant(value=str() as name), inner)):
            return project.grains[name].calendar is None and _never_falls(inner, project)
        case Apply(op="least" | "greatest", args=args):
            return all(_never_falls(arg, project) for arg in args)
        case _:
            return False


def is_held_once(window: LeafWindow, project: Project) -> bool:
    """Tell whether a row that is in some window is in all later ones that begin as early.

    So it is where all windows begin together, or with the bucket of a longer grain in which they end.
    """
    start, end = window.bounds.start, window.bounds.end
    if start is None or isinstance(start, Constant):
        return True
    last = window.moves[-1]
    if not isinstance(last, ToDate) or end is None:
        return False
    return BoundArithmetic(project).bucket_before(last.grain, end) == start


def rows_of(leaf: Leaf) -> Leaf:
    """Return the count of a leaf's rows."""
    return replace(leaf, function="count", argument=None, others=(), empty_is_null=False, type=INTEGER)


def rows_with_values(leaf: Leaf) -> Leaf:
    """Return the count of a leaf's rows that hold a value."""
    conditions = (*leaf.conditions, *map(is_present, leaf.arguments))
    return replace(rows_of(leaf), conditions=tuple(dict.fromkeys(conditions)))
