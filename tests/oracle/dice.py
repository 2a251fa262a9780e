"""Choices under short names: drawn by Hypothesis, or from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

T = TypeVar("T")


class Dice(Protocol):
    """What the drawing code asks of chance."""

    def pick(self, items: Sequence[T]) -> T: ...

    def chance(self, one_in: int) -> bool: ...

    def between(self, low: int, high: int) -> int: ...


class HypothesisDice:
    """Every choice shrinks to the first item, to no, to the lowest number."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def pick(self, items: Sequence[T]) -> T:
        return items[self._draw(st.integers(0, len(items) - 1))] if len(items) > 1 else items[0]

    def chance(self, one_in: int) -> bool:
        return self._draw(st.integers(0, one_in - 1)) == one_in - 1

    def between(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))


def some(dice: Dice, items: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
    """Return some of the items, each at most once, in a drawn order."""
    left = list(items)
    top = len(left) if most is None else min(most, len(left))
    many = dice.between(min(least, top), top)
    return [left.pop(dice.between(0, len(left) - 1)) for _ in range(many)]


class SeededDice:
    """Choices from a seed: the same world for the same number, many times faster than Hypothesis."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def pick(self, items: Sequence[T]) -> T:
        return self._random.choice(items)

    def chance(self, one_in: int) -> bool:
        return self._random.randrange(one_in) == 0

    def between(self, low: int, high: int) -> int:
        return self._random.randint(low, high)
