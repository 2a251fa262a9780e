"""Conditions made of conditions, and aggregates over the rows that meet one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpidsl.model.types import BOOLEAN, INTEGER
from kpidsl.semantics.bound import Aggregate, Apply, Bound


def conjunction(conditions: Sequence[Bound]) -> Bound:
    """Return the condition that all of some conditions hold, of which there is at least one."""
    return conditions[0] if len(conditions) == 1 else Apply("and", tuple(conditions), BOOLEAN)


def disjunction(conditions: Sequence[Bound]) -> Bound:
    """Return the condition that one of some conditions holds, of which there is at least one."""
    return conditions[0] if len(conditions) == 1 else Apply("or", tuple(conditions), BOOLEAN)


def is_present(value: Bound) -> Apply:
    """Return the condition that a value is not null."""
    return Apply("not", (Apply("is_null", (value,), BOOLEAN),), BOOLEAN)


def over_fewer(aggregate: Aggregate, condition: Bound) -> Aggregate:
    """Return the aggregate over those of its rows that meet one more condition."""
    own = () if aggregate.condition is None else (aggregate.condition,)
    return replace(aggregate, condition=conjunction((*own, condition)))


def lacking(aggregate: Aggregate) -> Aggregate:
    """Return the number of an aggregate's rows that lack what it requires; it requires something."""
    lacks = [Apply("is_null", (value,), BOOLEAN) for value in aggregate.required]
    counted = replace(
        aggregate, function="count", argument=None, others=(), required=(), type=INTEGER, empty_is_null=False
    )
    return over_fewer(counted, disjunction(lacks))
