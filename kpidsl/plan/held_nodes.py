"""Plan nodes of different values counted in windows: when each comes in and when it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpidsl.plan.row_nodes import Slot
from kpidsl.semantics.bound import Bound

if TYPE_CHECKING:
    from kpidsl.plan.nodes import Aggregate, KeySlot, RowSource, SoughtIn, Spine, WindowSpine


@dataclass(frozen=True, slots=True)
class Presences:
    """Which values rows hold, in which group and when: `piece` is a day, or a bucket of a grain.

    (order_id, customer_id, ordered_at)  ->  (channel, customer_id, day)
    """

    input: RowSource
    dataset: str
    keys: tuple[KeySlot, ...]
    values: tuple[Bound, ...]
    piece: Bound
    sought: tuple[SoughtIn, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The different values in each bucket's window, from when each comes in and when it goes out.

    A row holds its value from the first bucket in whose window it is to the last, or until the next row of
    the value; what comes in and what goes out is added up from bucket to bucket:

    (day, customer) × n  ->  (bucket, + 3 - 1)  ->  (bucket, customers of the 28 days before its end)

    Needs: windows that end no earlier from bucket to bucket, and begin no earlier. With `once` no window
    begins anew while it still has rows of the one before, so a value's first row holds it to the end.
    `pieces` counts all rows, which tell the groups that there are, and those that hold a value; where there
    are `having_rows`, only pieces tell in which one of these counts is above 0.
    """

    pieces: Aggregate
    rows: Presences
    spine: Spine | WindowSpine
    piece: Slot
    condition: Bound
    keys: tuple[Slot, ...]
    slot: Slot
    held: Slot
    empty_is_null: bool
    once: bool
    having_rows: tuple[Slot, ...] = ()

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return (self.slot,)
