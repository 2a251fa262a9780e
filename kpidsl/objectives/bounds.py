"""The least and the greatest value that a KPI can have: declared, or because it counts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kpidsl.objectives.numbers import known
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Filtered, MetricRef, Moved, Total
from kpidsl.semantics.check import CheckedMetric, CheckedProject
from kpidsl.semantics.samples import is_count
from kpidsl.semantics.walks import conjuncts
from kpidsl.source import Span

_PARTS = frozenset({"count", "count_distinct"})
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Ends:
    """`span` is where they are declared, None where the formula says so, by what it counts: `why`."""

    low: Fraction | None
    high: Fraction | None
    span: Span | None = None
    why: str = ""
    is_reached: bool = False
    """Whether it is no rare thing to be at the end, as of a count that is 0."""


def ends_of(metric: CheckedMetric, project: CheckedProject) -> Ends | None:
    """Return the ends of what a KPI can be, or None where there are none."""
    declared = metric.definition.terms.bounds
    if declared is not None:
        low, high = (None if end is None else Fraction(end) for end in (declared.low, declared.high))
        return Ends(low, high, declared.span)
    if _is_share(metric.bound, project):
        return Ends(Fraction(0), Fraction(1), why="it counts a part of what it divides by")
    if is_count(metric.bound, project):
        return Ends(Fraction(0), None, why="it counts", is_reached=True)
    return None


def _is_share(bound: Bound, project: CheckedProject) -> bool:
    """Tell whether a formula counts, of some rows, those that satisfy one more condition."""
    match written_out(bound, project):
        case Apply(op="/", args=(x, y)):
            part, whole = written_out(x, project), written_out(y, project)
        case _:
            return False
    if not isinstance(part, Aggregate) or not isinstance(whole, Aggregate):
        return False
    kept = frozenset(() if whole.condition is None else conjuncts(whole.condition))
    also = frozenset(() if part.condition is None else conjuncts(part.condition))
    alike = ("function", "dataset", "argument", "others", "at")
    is_same = all(getattr(part, name) == getattr(whole, name) for name in alike)
    return part.function in _PARTS and is_same and kept <= also


def written_out(bound: Bound, project: CheckedProject) -> Bound:
    while isinstance(bound, MetricRef):
        bound = project.metrics[bound.name].bound
    return bound


def is_scaled(bound: Bound, project: CheckedProject) -> bool:
    """Tell whether a number of 100 or more multiplies all of a formula, as in `100 * x / y`."""
    match written_out(bound, project):
        case Apply(op="*", args=args):
            numbers = [known(arg) for arg in args]
            is_great = any(number is not None and abs(number) >= _HUNDRED for number in numbers)
            return is_great or any(is_scaled(arg, project) for arg in args)
        case Apply(op="/", args=(x, _)):
            return is_scaled(x, project)
        case _:
            return False


def is_proportion(bound: Bound, project: CheckedProject) -> bool:
    """Tell whether a formula divides counts by counts, or other sums by such: its 1 is the whole, or once.

    A sum divided by a count is a mean, on the scale of what it is the mean of.
    """
    match written_out(bound, project):
        case Apply(op="/", args=(x, y)):
            return is_proportion(x, project) or _counts(x, project) == _counts(y, project)
        case Apply(op="+" | "-" | "*" | "negative" | "nullif" | "coalesce", args=args):
            left = [arg for arg in args if known(arg) is None]
            return bool(left) and all(is_proportion(arg, project) for arg in left)
        case Moved(operand=operand) | Filtered(operand=operand) | Total(operand=operand):
            return is_proportion(operand, project)
        case Aggregate(function="avg", argument=Apply(op="case", args=(*branches, otherwise))):
            results = [known(result) for result in (*branches[1::2], otherwise)]
            return all(result is not None and 0 <= result <= 1 for result in results)
        case _:
            return False


def _counts(bound: Bound, project: CheckedProject) -> bool:
    match written_out(bound, project):
        case Apply(op="-" | "*" | "negative", args=args):
            return all(_counts(arg, project) for arg in args if known(arg) is None)
        case other:
            return is_count(other, project)
