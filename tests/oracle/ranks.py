"""The place of a member beside its rivals, by counting who is better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .judge import Number


@dataclass(frozen=True, slots=True)
class Rival:
    """`group` tells who is compared with whom."""

    group: tuple[object, ...]
    value: Number | None
    is_ranked: bool


@dataclass(frozen=True, slots=True)
class Place:
    rank: int | None
    members: int


def places(rivals: Sequence[Rival], sign: int) -> list[Place]:
    """Return the place of each; `sign` is 1 where more is better."""
    is_better: Callable[[Number, Number], bool] = lambda a, b: (Fraction(a) - Fraction(b)) * sign > 0  # noqa: E731
    found: list[Place] = []
    for one in rivals:
        others = [
            other.value
            for other in rivals
            if other.group == one.group and other.is_ranked and other.value is not None
        ]
        if not one.is_ranked or one.value is None:
            found.append(Place(None, len(others)))
            continue
        found.append(Place(1 + sum(is_better(other, one.value) for other in others), len(others)))
    return found


def share_of_all(value: Number | None, overall: Number | None) -> float | None:
    """Return a member's part of what all have, null unless that is above zero."""
    if value is None or overall is None or overall <= 0:
        return None
    return float(Fraction(value) / Fraction(overall))
