"""The sample behind a figure: how many observations it rests on, as a formula over aggregates.

The rule, made so that the sample never looks larger than it is:

- a count of rows or of different values is its own sample; a sum of whole numbers of something that
  is counted (clicks, impressions) too, since each is an observation;
- any other aggregate rests on the rows that have a value: `count(d.e where …)`;
- a quotient whose denominator counts rests on that count: the trials. Otherwise, and where the
  numerator is itself a mean or a quotient, it rests on the scarcer of its two sides;
- a sum or difference rests on the scarcer of its sides, a sum of two counts on both together;
- an aggregate over entities rests on those that have a value; over buckets of time on what is in them;
- constants observe nothing; a changed context changes the sample's too, and so does the age of rows that a
  metric demands.
"""

from __future__ import annotations

from dataclasses import replace

from kpidsl.model.types import INTEGER, Kind
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Filtered,
    Grain,
    MetricRef,
    Moved,
    PerEntity,
    Ripe,
    RowColumn,
    Total,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.conditions import conjunction, is_present

_COUNTS = frozenset({"count", "count_distinct"})


def sample(bound: Bound, project: CheckedProject) -> Bound | None:
    """Return the formula of the sample behind a bound formula, or None where it observes nothing."""
    match bound:
        case Aggregate():
            return _of_aggregate(bound)
        case MetricRef(name=name, span=span):
            metric = project.metrics[name]
            inner = sample(metric.bound, project)
            if inner is None or metric.maturity is None:
                return inner
            return Ripe(inner, name, INTEGER, span)
        case Filtered(operand=x, condition=condition, span=span):
            inner = sample(x, project)
            return None if inner is None else Filtered(inner, condition, INTEGER, span)
        case Total(operand=x, across=across, span=span):
            inner = sample(x, project)
            return None if inner is None else Total(inner, across, False, INTEGER, span)
        case Moved(operand=x, move=move, span=span):
            inner = sample(x, project)
            return None if inner is None else Moved(inner, move, INTEGER, span)
        case PerEntity():
            return _of_entities(bound, project)
        case Apply(op="/", args=(a, b)):
            return _of_quotient(a, b, project)
        case Apply(op="+", args=(a, b)) if is_count(a, project) and is_count(b, project):
            return _together(sample(a, project), sample(b, project))
        case _:
            return _scarcest([sample(child, project) for child in children(bound)])


def is_count(bound: Bound, project: CheckedProject) -> bool:
    """Tell whether a figure counts observations, so that it is its own sample."""
    match bound:
        case Aggregate(function=function):
            return function in _COUNTS or (function == "sum" and _counts_each(bound))
        case MetricRef(name=name):
            return is_count(project.metrics[name].bound, project)
        case PerEntity(function=function):
            return function == "count" and not _has_grain(bound)
        case Filtered(operand=x) | Total(operand=x) | Moved(operand=x):
            return is_count(x, project)
        case Apply(op="+", args=args):
            return all(is_count(arg, project) for arg in args)
        case Apply(op="nullif" | "coalesce", args=(x, *_)):
            return is_count(x, project)
        case _:
            return False


def _counts_each(aggregate: Aggregate) -> bool:
    argument = aggregate.argument
    if not isinstance(argument, RowColumn) or argument.type.kind is not Kind.INTEGER:
        return False
    unit = None if argument.unit is None else argument.unit.unit
    return unit is not None and unit.is_count


def _of_aggregate(aggregate: Aggregate) -> Bound:
    if aggregate.function in _COUNTS or (aggregate.function == "sum" and _counts_each(aggregate)):
        return replace(aggregate, empty_is_null=False, required=())
    condition = aggregate.condition
    if aggregate.function == "weighted_avg":
        # Only rows with a weight too.
        own = () if condition is None else (condition,)
        condition = conjunction((*own, *map(is_present, aggregate.others)))
    return replace(
        aggregate,
        function="count",
        condition=condition,
        empty_is_null=False,
        type=INTEGER,
        unit=None,
        others=(),
        required=(),
    )


def _of_entities(bound: PerEntity, project: CheckedProject) -> Bound | None:
    """Return how many entities have a value; of buckets of time, the sample behind all their values."""
    if _has_grain(bound):
        return sample(bound.operand, project)
    return replace(bound, function="count", others=(), empty_is_null=False, type=INTEGER, unit=None)


def is_stock(bound: PerEntity, project: CheckedProject) -> bool:
    """Tell whether it is the sum of what each entity has last."""
    inner = bound.operand
    while isinstance(inner, Filtered | MetricRef):
        inner = inner.operand if isinstance(inner, Filtered) else project.metrics[inner.name].bound
    is_last = isinstance(inner, Aggregate) and inner.function == "last"
    return bound.function == "sum" and is_last and not _has_grain(bound)


def _has_grain(bound: PerEntity) -> bool:
    return any(isinstance(member, Grain) for member in bound.members)


def _of_quotient(a: Bound, b: Bound, project: CheckedProject) -> Bound | None:
    above, below = sample(a, project), sample(b, project)
    if is_count(b, project) and not _is_quotient(a, project):
        return below
    return _scarcest([above, below])


def _is_quotient(bound: Bound, project: CheckedProject) -> bool:
    """Tell whether a figure is a mean or a quotient somewhere, so that its own trials matter."""
    match bound:
        case Aggregate(function=function) | PerEntity(function=function):
            return function not in _COUNTS | {"sum"}
        case MetricRef(name=name):
            return _is_quotient(project.metrics[name].bound, project)
        case Apply(op="/", args=(a, b)):
            return sample(b, project) is not None or _is_quotient(a, project)
        case Filtered(operand=x) | Total(operand=x) | Moved(operand=x):
            return _is_quotient(x, project)
        case _:
            return any(_is_quotient(child, project) for child in children(bound))


def _together(a: Bound | None, b: Bound | None) -> Bound | None:
    if a is None or b is None:
        return b if a is None else a
    return Apply("+", (a, b), INTEGER)


def _scarcest(samples: list[Bound | None]) -> Bound | None:
    found = tuple(dict.fromkeys(one for one in samples if one is not None))
    if len(found) < 2:
        return found[0] if found else None
    return Apply("least", found, INTEGER)
