"""Values that keep their hash.

Formulas, leaves and plan nodes are the keys of many tables while a query is compiled, and each is a tree:
without this a tree is walked to its bottom at every look-up.
"""

from __future__ import annotations

from typing import TypeVar

_Value = TypeVar("_Value", bound="HashedOnce")


class HashedOnce:
    """Room for the hash of a `hashed_once` class; it is no field, so it is neither compared nor copied."""

    __slots__ = ("_hash",)

    _hash: int


def hashed_once(value: type[_Value]) -> type[_Value]:
    """Return a frozen dataclass whose values work out their hash when it is first asked for.

    Needs: fields that never change, and hash as they compare.
    """
    whole = value.__hash__

    def kept(self: _Value) -> int:
        found = getattr(self, "_hash", None)
        if found is None:
            found = whole(self)
            object.__setattr__(self, "_hash", found)
        return found

    value.__hash__ = kept  # type: ignore[assignment]
    return value
