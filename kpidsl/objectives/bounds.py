"""The least and the greatest value that a KPI can have: declared, or because it counts parts of a whole."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kpidsl.semantics.bound import Aggregate, Apply, Bound, MetricRef
from kpidsl.semantics.check import CheckedMetric, CheckedProject
from kpidsl.semantics.walks import conjuncts
from kpidsl.source import Span

_PARTS = frozenset({"count", "count_distinct"})


@dataclass(frozen=True, slots=True)
class Ends:
    """`span` is where they are declared, None where the formula says so."""

    low: Fraction | None
    high: Fraction | None
    span: Span | None


def ends_of(metric: CheckedMetric, project: CheckedProject) -> Ends | None:
    """Return the ends of what a KPI can be, or None where there are none."""
    declared = metric.definition.terms.bounds
    if declared is not None:
        low, high = (None if end is None else Fraction(end) for end in (declared.low, declared.high))
        return Ends(low, high, declared.span)
    return Ends(Fraction(0), Fraction(1), None) if _is_share(metric.bound, project) else None


def _is_share(bound: Bound, project: CheckedProject) -> bool:
    """Tell whether a formula counts, of some rows, those that satisfy one more condition."""
    match _written_out(bound, project):
        case Apply(op="/", args=(x, y)):
            part, whole = _written_out(x, project), _written_out(y, project)
        case _:
            return False
    if not isinstance(part, Aggregate) or not isinstance(whole, Aggregate):
        return False
    kept = frozenset(() if whole.condition is None else conjuncts(whole.condition))
    also = frozenset(() if part.condition is None else conjuncts(part.condition))
    alike = ("function", "dataset", "argument", "others", "at")
    is_same = all(getattr(part, name) == getattr(whole, name) for name in alike)
    return part.function in _PARTS and is_same and kept <= also


def _written_out(bound: Bound, project: CheckedProject) -> Bound:
    while isinstance(bound, MetricRef):
        bound = project.metrics[bound.name].bound
    return bound
