"""Levels around a target, and what is left of what may go wrong."""

from __future__ import annotations

from fractions import Fraction

from .judge import Number, Promise, order


def level(value: Number | None, promise: Promise) -> str | None:
    """Return the highest level that a value reaches."""
    if value is None or promise.target is None or promise.threshold is None or promise.stretch is None:
        return None
    reached = "below"
    for name, border in (
        ("threshold", promise.threshold),
        ("target", promise.target),
        ("stretch", promise.stretch),
    ):
        if order(value, border) * promise.sign >= 0:
            reached = name
    return reached


def budget_left(value: Number | None, promise: Promise) -> float | None:
    """Return which part of what may go wrong has not; of a share that is to be small it goes wrong itself."""
    if value is None or promise.target is None:
        return None
    v, t = Fraction(value), Fraction(promise.target)
    wrong, may = (1 - v, 1 - t) if promise.sign > 0 else (v, t)
    return float(1 - wrong / may) if may else None
