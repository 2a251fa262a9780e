"""Whole numbers that add up to a whole number, each as near as can be to its share of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def apportioned(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Return the parts of a total by weights, by largest remainder; of equal remainders the first.

    Needs: no weight is below 0, and one of them is above.
    """
    whole = sum(weights)
    shares = [total * weight / whole for weight in weights]
    parts = [floor(share) for share in shares]
    nearest = sorted(range(len(parts)), key=lambda place: (parts[place] - shares[place], place))
    for place in nearest[: total - sum(parts)]:
        parts[place] += 1
    return parts
