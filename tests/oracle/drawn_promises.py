"""Promises, drawn: values, targets, baselines and ranges of every sign and size, many of them next to each other."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from .judge import Kind, Number, Promise, judge

KINDS: tuple[Kind, ...] = ("at_least", "more_than", "at_most", "less_than", "within", "on_target")
PLACES = Decimal("0.0001")


def amount(chance: Random, *, doubles: bool) -> Number:
    """Return a number of any sign, often a small whole one or zero."""
    match chance.randrange(8):
        case 0:
            found = Decimal(0)
        case 1 | 2:
            found = Decimal(chance.randint(-10, 10))
        case _:
            found = Decimal(chance.randint(-(10**6), 10**6)).scaleb(-chance.randint(0, 4))
    return float(found) if doubles else found.quantize(PLACES)


def near(x: Number, chance: Random) -> Number:
    """Return a number beside x: it itself, a little more or less, or its opposite."""
    step = chance.choice([Decimal(0), PLACES, -PLACES, Decimal(1), Decimal(-1)])
    if chance.randrange(6) == 0:
        return -x
    if isinstance(x, float) and chance.randrange(3) == 0:  # by less than doubles tell, or a little more
        return x * (1 + chance.choice([1, -1]) * chance.choice([2e-10, 5e-10, 3e-9, 1e-8]))
    return float(Decimal(x) + step) if isinstance(x, float) else x + step


def draw(chance: Random, kind: Kind, *, has_baseline: bool, doubles: bool) -> tuple[Number, Promise]:
    """Return a value and what is promised of it; the promise may be spoilt."""
    sign = {"at_least": 1, "more_than": 1, "at_most": -1, "less_than": -1}.get(kind, 0)
    target = amount(chance, doubles=doubles)
    value = near(target, chance) if chance.randrange(3) == 0 else amount(chance, doubles=doubles)
    if kind in ("within", "on_target"):
        width = abs(amount(chance, doubles=doubles)) or (1.0 if doubles else Decimal("1.0000"))
        low, high = _added(target, -width), _added(target, width)
        if chance.randrange(3) == 0:
            value = chance.choice([low, high, near(low, chance), near(high, chance)])
        return value, Promise(kind, 0, target, low, high)
    promise = Promise(kind, sign, target)
    if not has_baseline:
        return value, promise
    baseline = near(target, chance) if chance.randrange(4) == 0 else amount(chance, doubles=doubles)
    if chance.randrange(4):  # mostly on the right side
        baseline = min(baseline, target) if sign > 0 else max(baseline, target)
        if baseline == target:
            baseline = _added(target, -sign * (1.0 if doubles else Decimal("1.0000")))
    return value, replace(promise, has_baseline=True, baseline=baseline)


def _added(a: Number, b: Number) -> Number:
    if isinstance(a, float) or isinstance(b, float):
        return float(a) + float(b)
    return a + b


def is_spoilt(value: Number, promise: Promise) -> bool:
    return judge(value, promise).error is not None
