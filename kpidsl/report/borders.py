"""Numbers beside what they are judged by: rounding takes none of them to the other side of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from kpidsl.model.number_formats import NumberFormat
from kpidsl.objectives.arithmetic import RELATIVE_TOLERANCE
from kpidsl.report.numbers import as_shown, exact_digits

_MOST_DECIMALS = 40
_Test = Callable[[NumberFormat, NumberFormat], bool]


@dataclass(frozen=True, slots=True)
class Border:
    """A number that others reach from below, or where it `falls` from above.

    What is on it has reached it, unless it has to be passed. `is_shown`: it is read beside the other
    number, with decimals of its own.
    """

    number: object
    falls: bool = False
    is_passed: bool = False
    is_shown: bool = False

    def is_reached(self, number: Fraction, border: Fraction) -> bool:
        """Tell whether a number reaches the border, both as they are or both as they are shown."""
        if number == border:
            return not self.is_passed
        return number < border if self.falls else number > border


def apart(
    number: object, borders: Sequence[Border], format_: NumberFormat, of_borders: NumberFormat | None = None
) -> tuple[NumberFormat, NumberFormat]:
    """Return how a number and its borders are written: with the decimals that show which it has reached.

    `of_borders` is how borders are written that are shown, by default as the number.
    """
    beside = of_borders or format_
    tests = [test for border in borders if (test := _test(number, border)) is not None]
    for more in range(_MOST_DECIMALS if tests else 0):
        written = replace(format_, most=format_.most + more), replace(beside, most=beside.most + more)
        if all(test(*written) for test in tests):
            return written
    return format_, beside


def _test(number: object, border: Border) -> _Test | None:
    """Return what tells of formats whether they show the number on its side; none where one is missing."""
    exact, limit = exact_digits(number), exact_digits(border.number)
    if exact is None or limit is None:
        return None
    is_reached = border.is_reached(_settled(number, exact, border.number, limit), Fraction(limit))

    def is_kept(format_: NumberFormat, of_borders: NumberFormat) -> bool:
        beside = as_shown(limit, of_borders) if border.is_shown else limit
        return border.is_reached(Fraction(as_shown(exact, format_)), Fraction(beside)) is is_reached

    return is_kept


def _settled(number: object, exact: Decimal, border: object, limit: Decimal) -> Fraction:
    """Return a number, or its border where the two are one: doubles are that within a tolerance."""
    far = abs(Fraction(exact) - Fraction(limit))
    if isinstance(number, float) or isinstance(border, float):
        far -= abs(Fraction(limit)) * Fraction(RELATIVE_TOLERANCE)
    return Fraction(limit if far <= 0 else exact)
