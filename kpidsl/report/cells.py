"""The values of a result's column as Python has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpidsl.model.types import Type
from kpidsl.model.zones import known

if TYPE_CHECKING:
    import pyarrow as pa


def values(array: pa.Array | pa.ChunkedArray, type: Type) -> list[Any]:
    """Return each value; an instant is a time of its zone, by the zones of the package.

    Arrow would ask the machine's zones, which may be older.
    """
    if type.shown_in is None:
        found: list[Any] = array.to_pylist()
        return found
    import pyarrow as pa

    place = known(type.shown_in)
    instants = array.cast(pa.timestamp("us", tz="UTC")).to_pylist()
    return [None if moment is None else moment.astimezone(place) for moment in instants]
