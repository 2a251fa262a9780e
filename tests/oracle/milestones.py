"""Targets that are reached by some day, late, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .judge import Number, Promise, Standing, judge


@dataclass(frozen=True, slots=True)
class Due:
    """`value` is that of the due day, `now` that of the instant, and the same before the day is over."""

    value: Number | None
    now: Number | None
    sample: int | None


def attained(due: Due, promise: Promise, *, is_over: bool) -> float | None:
    if due.now is None or promise.target is None or _error(promise) is not None:
        return None
    if _reaches(due.now, promise):
        return 1.0
    if is_over or not promise.has_baseline:
        return 0.0
    if promise.baseline is None:
        return None
    b = Fraction(promise.baseline)
    return float((Fraction(due.now) - b) / (Fraction(promise.target) - b))


def status_of(due: Due, promise: Promise, standing: Standing, min_sample: int | None) -> tuple[str, str]:
    """Return the status and its reason: the first that holds."""
    if not standing.has_begun:
        return "not_started", "not_begun"
    if (error := _error(promise)) is not None:
        return "error", error
    if due.now is None:
        return "no_data", "no_rows" if due.sample == 0 else "no_value"
    if promise.target is None:
        return "target_missing", "no_target"
    if standing.is_over and not standing.has_settled:
        return "immature", "settling"
    if standing.is_over and not standing.is_loaded:
        return "immature", "not_loaded"
    if min_sample is not None and (due.sample or 0) < min_sample:
        return "insufficient_data", "small_sample"
    if _reaches(due.value, promise):
        return "met", "target_met"
    if not standing.is_over:
        return "not_due", "not_yet"
    return ("met_late", "reached_late") if _reaches(due.now, promise) else ("missed", "target_not_met")


def _reaches(value: Number | None, promise: Promise) -> bool:
    return judge(value, promise).met is True


def _error(promise: Promise) -> str | None:
    """Return what is wrong with a baseline; a target of zero is one as any other."""
    error = None if promise.target is None else judge(0, promise).error
    return None if error == "zero_target" else error
