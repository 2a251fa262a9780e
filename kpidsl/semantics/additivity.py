"""May a formula's values be added up? An algebra of the kinds of figures.

`plus`, `product`, `quotient` and `other` say of what kind an operation's value is, from the kinds of
its operands. A moved window and a cohort stay visible through every operation; whatever is no
longer of one kind is composite, which promises nothing.

Laws: `plus` and `product` are commutative and associative; adding a constant 0 and multiplying or
dividing by a constant change nothing; nothing but sums of additive figures is additive.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Additivity(Enum):
    CONSTANT = "constant"
    """The same number in every group."""
    ADDITIVE = "additive"
    """The whole is the sum of its parts, over any dimension and over time."""
    SEMI_ADDITIVE = "semi-additive"
    """The whole is the sum of its parts over dimensions, but not over time: a stock."""
    DISTINCT = "distinct"
    """Counts different values: one that is in two parts is in the whole once."""
    RATIO = "ratio"
    """A quotient of sums: the whole's value is the quotient of the whole's sums."""
    RATIO_WITH_DISTINCT = "ratio with a distinct part"
    QUANTILE = "quantile"
    """A value picked by rank: least, greatest, median, percentile."""
    PER_ENTITY = "per entity"
    """An aggregate of values that each entity has in the context."""
    COHORT = "cohort"
    """Counts those who belong to a set that was fixed in another window."""
    OVER_TIME = "derived over time"
    """Rests on a window that is not the query's own."""
    COMPOSITE = "composite"
    """None of these."""


_ABSORBING = (Additivity.OVER_TIME, Additivity.COHORT)
_LINEAR = {
    # Sums of these stay what the second column says; the constant has its own rule.
    frozenset({Additivity.ADDITIVE}): Additivity.ADDITIVE,
    frozenset({Additivity.SEMI_ADDITIVE}): Additivity.SEMI_ADDITIVE,
    frozenset({Additivity.ADDITIVE, Additivity.SEMI_ADDITIVE}): Additivity.SEMI_ADDITIVE,
    frozenset({Additivity.DISTINCT}): Additivity.DISTINCT,
    frozenset({Additivity.ADDITIVE, Additivity.DISTINCT}): Additivity.DISTINCT,
}
_SHIFTABLE = frozenset(
    {
        Additivity.CONSTANT,
        Additivity.RATIO,
        Additivity.RATIO_WITH_DISTINCT,
        Additivity.QUANTILE,
        Additivity.PER_ENTITY,
    }
)
"""What stays of its kind with a constant added: `1 - a / b` is `(b - a) / b`."""
_SUMS = frozenset({Additivity.ADDITIVE, Additivity.SEMI_ADDITIVE, Additivity.DISTINCT})


def _absorbed(kinds: Iterable[Additivity]) -> Additivity | None:
    found = set(kinds)
    return next((kind for kind in _ABSORBING if kind in found), None)


def plus(a: Additivity, b: Additivity) -> Additivity:
    """Return the kind of a sum or a difference."""
    absorbed = _absorbed((a, b))
    if absorbed is not None:
        return absorbed
    for constant, other in ((a, b), (b, a)):
        if constant is Additivity.CONSTANT:
            return other if other in _SHIFTABLE else Additivity.COMPOSITE
    return _LINEAR.get(frozenset({a, b}), Additivity.COMPOSITE)


def product(a: Additivity, b: Additivity) -> Additivity:
    """Return the kind of a product."""
    absorbed = _absorbed((a, b))
    if absorbed is not None:
        return absorbed
    if a is Additivity.CONSTANT:
        return b
    return a if b is Additivity.CONSTANT else Additivity.COMPOSITE


def quotient(a: Additivity, b: Additivity) -> Additivity:
    """Return the kind of a quotient."""
    absorbed = _absorbed((a, b))
    if absorbed is not None:
        return absorbed
    if b is Additivity.CONSTANT:
        return a
    if b not in _SUMS or a not in _SUMS | {Additivity.CONSTANT}:
        return Additivity.COMPOSITE
    return Additivity.RATIO_WITH_DISTINCT if Additivity.DISTINCT in (a, b) else Additivity.RATIO


def other(kinds: Iterable[Additivity]) -> Additivity:
    """Return the kind of any other function of figures."""
    found = set(kinds)
    absorbed = _absorbed(found)
    if absorbed is not None:
        return absorbed
    return Additivity.CONSTANT if found <= {Additivity.CONSTANT} else Additivity.COMPOSITE
