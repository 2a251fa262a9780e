"""How a value compares with its target: met, gap, attainment.

Attainment is 1 on the target, grows in the good direction, and does not depend on the unit. With a
baseline it is the part of the way from there to the target that is covered, else 1 and the distance as
a part of the target's size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from kpidsl.model.objectives import ObjectiveKind
from kpidsl.model.types import decimal
from kpidsl.objectives.arithmetic import (
    FALSE,
    NOTHING,
    TRUE,
    all_of,
    applied,
    cases,
    is_inexact,
    is_near,
    is_null,
    minus,
    number,
    over,
    plus,
    reaches,
    slack,
    stays_below,
    text,
)
from kpidsl.objectives.columns import Column
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.objectives import Reconciled

_HALF, _ONE_AND_A_HALF = (Constant(Decimal(text), decimal(2, 1)) for text in ("0.5", "1.5"))
_WORTH: Mapping[Column, Bound] = {"threshold": _HALF, "stretch": _ONE_AND_A_HALF, "target": number(1)}
"""The attainments of levels."""

Columns = Mapping[Column, Bound]
_ENDS: tuple[Column, ...] = ("lower", "upper")
_INSIDE = {"lower": reaches, "upper": stays_below}
Named = Iterator[tuple[Column, Bound]]


def comparison(of: Columns, kind: ObjectiveKind, sign: int) -> Named:
    """Yield what compares a value with its target or its range, or its place among others with that."""
    value, target = of["value"], of.get("target")
    if "placed" in of:
        rank = cases([(is_null(of["entered"]), NOTHING)], of["placed"])
        yield "rank", rank
        value = rank
        if "overall" in of:
            value = over(of["value"], cases([(applied(">", of["overall"], number(0)), of["overall"])]))
            yield "share", value
    ends = [of[end] for end in _ENDS if end in of]
    if ends:
        tests = [_INSIDE[end](value, of[end]) for end in _ENDS if end in of]
        yield "met", _met(all_of(*tests), value, *ends)
        yield "gap", outside(value, *ends) if target is None else minus(value, target)
        return
    assert target is not None
    test = reaches if sign > 0 else stays_below
    yield "met", _met(test(value, target, strictly=kind in ("more_than", "less_than")), value, target)
    yield "gap", minus(value, target)
    if "planned" in of:
        yield "expected_to_date", _along(of["planned"], target, of.get("baseline"))


def _along(part: Bound, target: Bound, baseline: Bound | None) -> Bound:
    """Return where a part of the way to the target leads."""
    if baseline is None:
        return applied("*", part, target)
    return plus(baseline, applied("*", part, minus(target, baseline)))


def rating(of: Columns, sign: int, *, is_fixed: bool) -> Named:
    """Yield the gap as a part of the target's size, and attainment.

    A way from a baseline that leads away from the target is none: only one that is not `is_fixed` can.
    """
    gap, target, baseline = of["gap"], of.get("target"), of.get("baseline")
    if target is not None:
        yield "gap_relative", over(gap, applied("abs", target))
    if len(ends := [end for end in _ENDS if end in of]) == 1:
        end = of[ends[0]]
        distance = minus(end, of["value"]) if ends == ["lower"] else minus(of["value"], end)
        beyond = applied("greatest", distance, number(0))
        yield "attainment", minus(number(1), over(beyond, of["fade"]))
    elif ends:
        low, high = of["lower"], of["upper"]
        width = of.get("fade", over(minus(high, low), number(2)))
        distance = applied("abs", gap)
        if target is not None:
            distance = minus(distance, minus(high, target))
        is_inside = of["reached"] if "reached" in of else of["met"]
        outside = minus(number(1), over(distance, width))
        yield "attainment", cases([(is_inside, number(1))], outside)
    elif "threshold" in of:
        assert target is not None
        yield "attainment", _between_levels(of, target, sign)
        yield "level", _level(of, target, sign)
    elif baseline is not None:
        assert target is not None
        covered = over(minus(of["value"], baseline), minus(target, baseline))
        covered = _at(target, of["value"], number(1), covered)
        yield "attainment", covered if is_fixed else cases([(leads_from(baseline, target, sign), covered)])
    else:
        assert target is not None
        yield "attainment", _beside(gap, target, sign)
    if "expected_to_date" in of:
        yield from _progress(of, sign)


def _beside(gap: Bound, target: Bound, sign: int) -> Bound:
    """Return 1 and the distance to a target as a part of its size, 1 near to it."""
    found = applied("+" if sign > 0 else "-", number(1), over(gap, applied("abs", target)))
    if not is_inexact(gap, target):
        return found
    # A target of zero has no margin: nothing is near to it, and the distance has no size.
    return cases([(applied("<", applied("abs", gap), slack(target)), number(1))], found)


def _progress(of: Columns, sign: int) -> Named:
    """Yield the attainment of what should be there by now, and what the whole will be at this pace."""
    value, expected, baseline = of["value"], of["expected_to_date"], of.get("baseline")
    if baseline is None:
        yield "pace", _beside(minus(value, expected), expected, sign)
        yield "forecast", _forecast(of, over(value, of["planned"]))
        return
    gone = minus(value, baseline)
    yield "pace", _at(expected, value, number(1), over(gone, minus(expected, baseline)))
    yield "forecast", _forecast(of, plus(baseline, over(gone, of["planned"])))


def _forecast(of: Columns, at_this_pace: Bound) -> Bound:
    return plus(of["value"], of["rest"]) if "rest" in of else at_this_pace


def _between_levels(of: Columns, target: Bound, sign: int) -> Bound:
    """Return 0.5 at the threshold, 1 at the target, 1.5 at the stretch, and a straight line in between."""
    value, half = of["value"], _HALF
    test = reaches if sign > 0 else stays_below
    above = over(minus(value, target), minus(of["stretch"], target))
    below = over(minus(value, of["threshold"]), minus(target, of["threshold"]))
    found = cases(
        [(test(value, target), plus(number(1), applied("*", above, half)))],
        plus(half, applied("*", below, half)),
    )
    for column, worth in _WORTH.items():
        found = _at(of[column], value, worth, found)
    return found


def _level(of: Columns, target: Bound, sign: int) -> Bound:
    """Return the highest level that a value reaches."""
    value, test = of["value"], reaches if sign > 0 else stays_below
    return cases(
        [
            (is_null(value), NOTHING),
            (test(value, of["stretch"]), text("stretch")),
            (test(value, target), text("target")),
            (test(value, of["threshold"]), text("threshold")),
        ],
        text("below"),
    )


def budget_left(of: Columns, sign: int) -> Bound:
    """Return which part of the misses that a target allows is left; below 0 where there are more."""
    value, target, one = of["value"], of["target"], number(1)
    spent = over(minus(one, value), minus(one, target)) if sign > 0 else over(value, target)
    return _at(target, value, number(0), minus(one, spent))


def is_reconciled(of: Columns, written: Reconciled) -> Bound:
    """Return whether the targets of members add up to that of the whole, as nearly as is asked."""
    found, total = of["sum_of_targets"], of["total_target"]
    limit = applied("*", written.tolerance, applied("abs", total)) if written.is_part else written.tolerance
    test = all_of(reaches(found, minus(total, limit)), stays_below(found, plus(total, limit)))
    return _met(test, found, total)


def _met(test: Bound, *values: Bound) -> Bound:
    """Return whether a test holds; where a value of it is missing, nobody knows."""
    return cases([(is_null(*values), NOTHING), (test, TRUE)], FALSE)


def outside(value: Bound, low: Bound, high: Bound) -> Bound:
    """Return how far a value is outside a range: above 0 over it, below 0 under it, and 0 inside."""
    branches = [
        (is_null(value, low, high), NOTHING),
        (reaches(value, high, strictly=True), minus(value, high)),
        (stays_below(value, low, strictly=True), minus(value, low)),
    ]
    return cases(branches, number(0))


def doubts(of: Columns, sign: int, is_fixed: bool) -> Iterator[tuple[str, Bound]]:
    """Yield why attainment cannot be told of a target that only the data give, each with its test."""
    target, baseline = of.get("target"), of.get("baseline")
    if target is None or any(end in of for end in _ENDS) or "threshold" in of or is_fixed:
        return
    if "target_rows" in of:
        yield "several_targets", applied(">", of["target_rows"], number(1))
    if baseline is None:
        yield "zero_target", applied("=", target, number(0))
        return
    yield "baseline_is_target", is_near(target, baseline)
    yield "baseline_beyond_target", leads_from(target, baseline, sign)


def leads_from(start: Bound, end: Bound, sign: int) -> Bound:
    """Return whether a value lies in the good direction of another one that it does not equal."""
    test = reaches if sign > 0 else stays_below
    return test(end, start, strictly=True)


def _at(point: Bound, value: Bound, worth: Bound, otherwise: Bound) -> Bound:
    """Return what a point of the way is worth where a double counts as equal to it."""
    if not is_inexact(value, point):
        return otherwise
    return cases([(is_near(value, point), worth)], otherwise)
