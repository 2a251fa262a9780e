"""The judge: whether a value meets what is promised of it, how nearly, and what status that is.

It judges numbers alone, exactly where they are exact; where a double is among them, numbers are equal whose
difference is no more than a billionth part. `objectives.py` says which numbers are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Number = int | Decimal | float
Kind = Literal[
    "at_least",
    "more_than",
    "at_most",
    "less_than",
    "within",
    "on_target",
    "change",
    "steady",
    "milestone",
    "rank",
    "parity",
    "no_signal",
]
RANGES = ("within", "on_target", "steady", "parity")
NEAR = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised of a value. `sign`: 1 where more is better, -1 where less is.

    `low` and `high` are the ends of `within`, `on_target` and `steady`, `fade` the width over which attainment falls
    outside of them. `baseline` tells nothing where `has_baseline` is false, and is not known where it is None.
    `threshold` and `stretch` are levels on either side of the target.
    """

    kind: Kind
    sign: int
    target: Number | None = None
    low: Number | None = None
    high: Number | None = None
    fade: Number | None = None
    has_baseline: bool = False
    baseline: Number | None = None
    reference_sample: int | None = None
    sides: tuple[str, ...] = ("low", "high")
    """The ends that there are."""
    has_few_rivals: bool = False
    threshold: Number | None = None
    stretch: Number | None = None

    @property
    def has_target(self) -> bool:
        return (self.low if self.kind == "within" else self.target) is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    met: bool | None = None
    gap: Number | None = None
    gap_relative: float | None = None
    attainment: float | None = None
    error: str | None = None
    """Why the way to the target has no length, whatever the value."""


def order(a: Number, b: Number) -> int:
    """Return -1, 0 or 1: whether a is less than b, equal or more."""
    x, y = Fraction(a), Fraction(b)
    is_near = abs(x - y) <= NEAR * max(abs(x), abs(y))
    if x == y or (is_near and (isinstance(a, float) or isinstance(b, float))):
        return 0
    return -1 if x < y else 1


def difference(a: Number, b: Number) -> Number:
    if isinstance(a, float) or isinstance(b, float):
        return float(Fraction(a) - Fraction(b))
    return a - b


def judge(value: Number | None, promise: Promise) -> Verdict:
    """Return what a value is worth. Without a value or a target there is no verdict."""
    if promise.kind in RANGES:
        return _in_a_range(value, promise)
    target = promise.target
    if target is None:
        return Verdict()
    error = _spoils(promise)
    if value is None:
        return Verdict(error=error)
    place = order(value, target) * promise.sign
    met = place > 0 if promise.kind in ("more_than", "less_than") else place >= 0
    gap = difference(value, target)
    return Verdict(met, gap, _relative(gap, target), None if error else _attained(value, promise), error)


def _spoils(promise: Promise) -> str | None:
    """Return what makes a target of no use: it is zero, its baseline, or not better than that."""
    assert promise.target is not None
    if promise.threshold is not None:
        return None  # the threshold is where the way begins
    if not promise.has_baseline:
        return "zero_target" if promise.target == 0 else None
    if promise.baseline is None:
        return None
    way = order(promise.target, promise.baseline) * promise.sign
    return None if way > 0 else "baseline_is_target" if way == 0 else "baseline_beyond_target"


def _attained(value: Number, promise: Promise) -> float | None:
    """Return how far the value is: 1 at the target, whatever the signs, and where it counts as equal to that."""
    if order(value, promise.target or 0) == 0 and (promise.baseline is not None or not promise.has_baseline):
        return 1.0
    v, t = Fraction(value), Fraction(promise.target or 0)
    if promise.threshold is not None and promise.stretch is not None:
        return _between_levels(value, promise)
    if not promise.has_baseline:
        return float(1 + promise.sign * (v - t) / abs(t))
    if promise.baseline is None:
        return None
    b = Fraction(promise.baseline)
    return float((v - b) / (t - b))


def _between_levels(value: Number, promise: Promise) -> float:
    """Return a half at the threshold, 1 at the target, one and a half at the stretch, and what lies between and beyond."""
    assert promise.threshold is not None
    assert promise.stretch is not None
    assert promise.target is not None
    for level, worth in ((promise.threshold, 0.5), (promise.target, 1.0), (promise.stretch, 1.5)):
        if order(value, level) == 0:
            return worth
    v, h, t, x = map(Fraction, (value, promise.threshold, promise.target, promise.stretch))
    half = Fraction(1, 2)
    is_short = (v - t) * promise.sign < 0
    return float(half + half * (v - h) / (t - h) if is_short else 1 + half * (v - t) / (x - t))


def _relative(gap: Number, target: Number) -> float | None:
    return None if target == 0 else float(Fraction(gap) / abs(Fraction(target)))


def _in_a_range(value: Number | None, promise: Promise) -> Verdict:
    low, high = promise.low, promise.high
    if value is None or any(getattr(promise, side) is None for side in promise.sides):
        return Verdict()
    beyond = high is not None and order(value, high) > 0
    short = low is not None and order(value, low) < 0
    end = high if beyond else low if short else None
    outside = 0 if end is None else difference(value, end)
    fade = promise.fade
    if fade is None:
        assert low is not None
        assert high is not None  # a range of 20 to 30 fades over 5, a tolerance of 2 over 2 more
        fade = float((Fraction(high) - Fraction(low)) / 2)
    attainment: float | None = 1.0
    if outside != 0:
        attainment = float(1 - abs(Fraction(outside)) / Fraction(fade)) if fade else None
    if promise.kind == "within":
        return Verdict(outside == 0, outside, None, attainment)
    assert promise.target is not None
    gap = difference(value, promise.target)
    return Verdict(outside == 0, gap, _relative(gap, promise.target), attainment)


# Status


@dataclass(frozen=True, slots=True)
class Bands:
    """`on_track` and `at_risk` are borders on one axis, which belong to the better side."""

    axis: Literal["attainment", "value", "gap", "pace"] = "attainment"
    on_track: Number = 1
    at_risk: Number = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Way:
    """How far a value should be by now, and is; `part` is None where nothing tells it."""

    part: Fraction | None
    least: Fraction
    """Before this part it is too early."""
    expected: float | None = None
    pace: float | None = None
    forecast: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """When a value is judged: whether the period has begun, is over, is loaded, has settled."""

    has_begun: bool
    is_over: bool
    is_loaded: bool
    has_settled: bool


def status(
    value: Number | None,
    sample: int | None,
    promise: Promise,
    standing: Standing,
    bands: Bands,
    min_sample: int | None,
    way: Way | None = None,
    verdict: Verdict | None = None,
) -> tuple[str, str]:
    """Return the status and its reason: the first that holds.

    `verdict` is that of the value where none is given: of a rank it is that of its place.
    """
    if verdict is None:
        verdict = judge(value, promise)
    if not standing.has_begun:
        return "not_started", "not_begun"
    if verdict.error is not None:
        return "error", verdict.error
    if value is None:
        return "no_data", "no_rows" if sample == 0 else "no_value"
    if not promise.has_target:
        return "target_missing", "few_rivals" if promise.has_few_rivals else "no_target"
    if not standing.is_over and (untold := _untold(verdict, promise, bands, way)) is not None:
        return "target_missing", untold
    if standing.is_over and not standing.has_settled:
        return "immature", "settling"
    if standing.is_over and not standing.is_loaded:
        return "immature", "not_loaded"
    if min_sample is not None and (sample or 0) < min_sample:
        return "insufficient_data", "small_sample"
    if promise.reference_sample is not None and promise.reference_sample < (min_sample or 0):
        return "insufficient_data", "small_reference"
    if standing.is_over:
        return ("met", "target_met") if verdict.met else ("missed", "target_not_met")
    if way is not None and way.part is not None and (way.part < way.least or not way.part):
        return "too_early", "small_part"
    return _band(value, verdict, promise, bands, way)


def _untold(verdict: Verdict, promise: Promise, bands: Bands, way: Way | None) -> str | None:
    """Return why nothing tells what the bands are of; values and gaps are there where the target is."""
    if bands.axis not in ("attainment", "pace") or promise.kind == "rank":
        return None  # a rank that nobody has is that of a small sample
    if promise.has_baseline and promise.baseline is None:
        return "no_baseline"
    if bands.axis == "pace":
        return "no_trajectory" if way is None or way.part is None else None
    return "no_fade" if verdict.attainment is None else None


def _band(
    value: Number, verdict: Verdict, promise: Promise, bands: Bands, way: Way | None
) -> tuple[str, str]:
    match bands.axis:
        case "pace":
            place, sign = (None if way is None else way.pace), 1
        case "attainment":
            place, sign = verdict.attainment, 1
        case "value":
            place, sign = value, promise.sign
        case "gap":
            place, sign = verdict.gap, promise.sign
    assert place is not None
    if order(place, bands.on_track) * sign >= 0:
        return "on_track", bands.axis
    if order(place, bands.at_risk) * sign >= 0:
        return "at_risk", bands.axis
    return "off_track", bands.axis
