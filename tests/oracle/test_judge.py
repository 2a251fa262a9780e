"""Attainment is 1 at the target, better where the value is better, and the same in every unit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from .drawn_promises import KINDS, draw
from .judge import Bands, Number, Promise, Standing, judge, order, status

MANY = 100_000
UNDER_WAY = Standing(has_begun=True, is_over=False, is_loaded=True, has_settled=True)


def drawn(seed: int) -> Iterator[tuple[Number, Promise]]:
    chance = Random(seed)
    for n in range(MANY // len(KINDS)):
        for kind in KINDS:
            yield draw(chance, kind, has_baseline=n % 2 == 0, doubles=n % 3 == 0)


@pytest.mark.drawn
@pytest.mark.parametrize("seed", [1])
def test_attainment_keeps_its_laws(seed: int) -> None:
    judged = 0
    for value, promise in drawn(seed):
        verdict = judge(value, promise)
        if verdict.error is not None:
            assert verdict.attainment is None
            assert verdict.met is not None  # whether it is met is known all the same
            continue
        judged += 1
        own = verdict.attainment
        assert own is not None, (value, promise)
        assert math.isfinite(own)
        if promise.kind in ("within", "on_target"):
            assert (own == 1) == verdict.met
            continue
        assert promise.target is not None
        place = order(value, promise.target) * promise.sign
        assert (own == 1) == (place == 0), (value, promise)
        assert (own >= 1) == (place >= 0), (value, promise)
        _is_better_where_the_value_is(value, promise, own)
        _is_the_same_in_every_unit(value, promise, own)
    assert judged > MANY // 2


def _is_better_where_the_value_is(value: Number, promise: Promise, own: float) -> None:
    for step in (Decimal("0.01"), Decimal(1), Decimal(1000)):
        further = float(Decimal(value) + step) if isinstance(value, float) else value + step
        there = judge(further, promise).attainment
        assert there is not None
        assert (there - own) * promise.sign > 0, (value, step, promise)


def _is_the_same_in_every_unit(value: Number, promise: Promise, own: float) -> None:
    if isinstance(value, float):
        return
    for times, plus in (
        (Decimal(60), 0),
        (Decimal("0.01"), 0),
        (Decimal(3), 32 if promise.has_baseline else 0),
    ):

        def moved(x: Number | None, times: Decimal = times, plus: int = plus) -> Number | None:
            return None if x is None else Decimal(x) * times + plus

        other = replace(promise, target=moved(promise.target), baseline=moved(promise.baseline))
        assert judge(moved(value), other).attainment == pytest.approx(own, rel=1e-12, abs=1e-12)


@pytest.mark.drawn
@pytest.mark.parametrize("seed", [2])
def test_met_is_the_comparator(seed: int) -> None:
    for value, promise in drawn(seed):
        verdict = judge(value, promise)
        if isinstance(value, float) or isinstance(promise.target, float):
            continue
        t = promise.target
        assert t is not None
        match promise.kind:
            case "at_least":
                assert verdict.met == (value >= t)
            case "more_than":
                assert verdict.met == (value > t)
            case "at_most":
                assert verdict.met == (value <= t)
            case "less_than":
                assert verdict.met == (value < t)
            case _:
                assert promise.low is not None
                assert promise.high is not None
                assert verdict.met == (promise.low <= value <= promise.high)


@pytest.mark.parametrize(
    ("sign", "value", "target", "baseline", "relative", "span"),
    [
        (1, 50, 100, 40, 0.5, 1 / 6),
        (1, 3, -2, -5, 3.5, 8 / 3),
        (1, -3, -2, -5, 0.5, 2 / 3),
        (1, 5, 0, -10, None, 1.5),
        (-1, 100, 50, 120, 0.0, 2 / 7),
        (-1, 25, 50, 120, 1.5, 95 / 70),
        (-1, 0, 50, 120, 2.0, 12 / 7),
        (-1, 2, 0, 10, None, 0.8),
        (-1, 60, 50, 52, 0.8, -4.0),
    ],
)
def test_attainment_of_known_values(
    sign: int, value: int, target: int, baseline: int, relative: float | None, span: float
) -> None:
    promise = Promise("at_least" if sign > 0 else "at_most", sign, target)
    assert judge(value, promise).attainment == (None if relative is None else pytest.approx(relative))
    from_there = replace(promise, has_baseline=True, baseline=baseline)
    assert judge(value, from_there).attainment == pytest.approx(span)


def test_null_in_null_out() -> None:
    promise = Promise("at_least", 1, 10)
    assert judge(None, promise).met is None
    assert judge(5, replace(promise, target=None)).attainment is None
    assert judge(5, replace(promise, has_baseline=True)).attainment is None
    assert judge(5, Promise("within", 0, low=1)).met is None


def test_exactly_one_status() -> None:
    promise = Promise("at_least", 1, 10)
    over = replace(UNDER_WAY, is_over=True)
    assert status(None, 0, promise, over, Bands(), None) == ("no_data", "no_rows")
    assert status(0, 0, promise, over, Bands(), None) == ("missed", "target_not_met")
    assert status(9, 3, promise, UNDER_WAY, Bands(), None) == ("at_risk", "attainment")
    assert status(9, 3, promise, replace(over, is_loaded=False), Bands(), 4) == ("immature", "not_loaded")
    assert status(9, 3, promise, replace(over, has_settled=False), Bands(), None) == ("immature", "settling")
    assert status(9, 3, promise, over, Bands(), 4) == ("insufficient_data", "small_sample")
    assert status(9, 3, replace(promise, target=0), over, Bands(), 4) == ("error", "zero_target")
    assert status(9, 3, promise, replace(over, has_begun=False), Bands(), None)[0] == "not_started"
