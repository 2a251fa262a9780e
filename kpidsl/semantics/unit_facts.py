"""What is known of a value's unit, and how that combines. Nothing here knows of formulas.

A fact is None where nobody has said a unit: such a value combines with anything, and a product with
it has no known unit either. `PLAIN` is a number that stands in a formula (`2`, `1.5`): it takes the unit
of what it meets, and changes none that it multiplies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from kpidsl.diagnostics import Label
from kpidsl.semantics.units import FRACTION, POINTS, Unit, settled
from kpidsl.source import Span

MOST_ORIGINS = 3
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A value's unit with the places that it comes from.

    `optional` is a unit that may be multiplied on as well: the mean of amounts over orders is in EUR,
    and in EUR/order. What such a value meets decides.
    """

    unit: Unit | None
    origins: tuple[Label, ...] = ()
    optional: Unit | None = None

    @property
    def readings(self) -> tuple[Unit, ...]:
        if self.unit is None:
            return ()
        return (self.unit,) if self.optional is None else (self.unit, self.unit * self.optional)

    def known(self) -> Unit:
        assert self.unit is not None
        return self.unit


PLAIN = UnitFact(None)


def origins_of(facts: Iterable[UnitFact]) -> tuple[Label, ...]:
    """Return the first places of each, once."""
    found: dict[Label, None] = {}
    for fact in facts:
        found.update(dict.fromkeys(fact.origins[:MOST_ORIGINS]))
    return tuple(found)


def text_of(fact: UnitFact | None) -> str | None:
    """Return a fact's unit as it is shown, or None where there is none."""
    return None if fact is None or fact.unit is None else str(fact.unit)


def meet(left: UnitFact, right: UnitFact) -> tuple[Unit, Unit] | None:
    """Return the readings under which two known values may be added, or None where there is none.

    A fraction and `order/session` meet as fractions: both say how many of a hundred.
    """
    for a in left.readings:
        for b in right.readings:
            if a.is_convertible(b):
                return a, b
    for a in left.readings:
        for b in right.readings:
            if (a.is_fraction and b.is_rate_of_counts) or (b.is_fraction and a.is_rate_of_counts):
                return _as_fraction(a), _as_fraction(b)
    return None


def _as_fraction(unit: Unit) -> Unit:
    return unit if unit.is_fraction else FRACTION


def multiplied(left: UnitFact | None, right: UnitFact | None, sign: int) -> tuple[UnitFact | None, Fraction]:
    """Return the fact of a product (sign 1) or quotient (-1), and what its values are multiplied by for
    what cancels only in part (see `settled`)."""
    if left is None or right is None:
        return None, ONE
    if right.unit is None:
        return left, ONE
    if left.unit is None and sign > 0:
        return right, ONE
    unit, factor, optional = _product(left.unit or FRACTION, right.unit, left.optional, right.optional, sign)
    return UnitFact(unit, origins_of((left, right)), optional), factor


def quotient_of_one(quotient: UnitFact | None, span: Span, what: str) -> UnitFact:
    """Return the fact of a quotient of two values of one formula: a fraction, whatever their unit is.

    Where nothing is, the quotient itself at `span` is where the fraction comes from, and `what` says so.
    """
    origins = () if quotient is None else quotient.origins
    return UnitFact(FRACTION, origins or (Label(span, what),))


@lru_cache(maxsize=4096)
def _product(
    left: Unit, right: Unit, left_optional: Unit | None, right_optional: Unit | None, sign: int
) -> tuple[Unit, Fraction, Unit | None]:
    raw = left * right if sign > 0 else left / right
    optional = _optional(left_optional, right_optional, sign)
    if optional is not None and _size(raw * optional) < _size(raw):
        raw, optional = raw * optional, None
    unit, factor = settled(raw)
    return unit, factor, optional


def _optional(left: Unit | None, right: Unit | None, sign: int) -> Unit | None:
    if left is not None and right is not None:
        return None
    if right is None:
        return left
    return right if sign > 0 else FRACTION / right


def _size(unit: Unit) -> int:
    return sum(abs(power) for _, power in unit.powers)


def difference(left: Unit, right: Unit, *, from_whole: bool) -> Unit:
    """Return what the difference of two dimensionless values is: points, unless a whole is completed.

    `rate - prior_rate` is in points and so is `points - points`; `rate - points` is a rate, and so is
    `100% - rate`.
    """
    if from_whole:
        return FRACTION
    return POINTS if left.points == right.points else FRACTION


def total(left: Unit, right: Unit) -> Unit:
    return POINTS if left.points and right.points else FRACTION


def fits(found: UnitFact, declared: Unit) -> Unit | None:
    """Return the reading of a fact that a declaration agrees with, or None.

    `percent` and `pp` fit every fraction and every rate of counts; what converts is converted.
    """
    for unit in found.readings:
        if unit.is_convertible(declared):
            return unit
    if declared.is_fraction and any(unit.is_rate_of_counts for unit in found.readings):
        return declared
    return None


def as_declared(found: UnitFact | None, declared: Unit, origin: Label) -> UnitFact:
    return UnitFact(declared, (origin, *(() if found is None else found.origins[: MOST_ORIGINS - 1])))


def seen_as(fact: UnitFact, origin: Label) -> UnitFact:
    """Return a fact with a place put first: the metric through which a formula has it."""
    return replace(fact, origins=(origin, *fact.origins[: MOST_ORIGINS - 1]))
