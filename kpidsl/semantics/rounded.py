"""The type of a rounded number."""

from __future__ import annotations

from kpidsl.model.types import INTEGER, Kind, Type, decimal
from kpidsl.semantics.bound import Bound, Constant


def rounded_type(found: Type, args: tuple[Bound, ...]) -> Type:
    """Return a rounded decimal's type: no more digits after the point than were asked for."""
    digits = args[1] if len(args) > 1 else Constant(0, INTEGER)
    if (
        found.kind is not Kind.DECIMAL
        or not isinstance(digits, Constant)
        or not isinstance(digits.value, int)
    ):
        return found
    scale = min(found.scale, max(digits.value, 0))
    return decimal(found.precision - found.scale + scale, scale)
