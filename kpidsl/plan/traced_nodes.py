"""Plan nodes of different values in buckets, found from the buckets in which each of them has rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpidsl.plan.row_nodes import Slot
from kpidsl.semantics.bound import Bound

if TYPE_CHECKING:
    from kpidsl.plan.nodes import Aggregate, KeySlot, Presences

BITS = 62
"""How many buckets one number tells of: the bits of an integer that has a sign, and one to spare."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The buckets in which a value has rows that meet conditions: `slot` holds them as bits."""

    slot: Slot
    conditions: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class TraceTest:
    """Whether a value has, or with `is_in` false has not, rows of a trace: in the bucket itself, or in the
    one that is reached by a move, told by its place among the moves. Null is in no set."""

    trace: Slot
    move: int | None
    is_in: bool


@dataclass(frozen=True, slots=True)
class TracedMeasure:
    """The values in a bucket that have rows of a trace there, and for which all tests hold.

    With `counts_rows` null is counted with them: it is above 0 where there is such a row.
    """

    slot: Slot
    trace: Slot
    tests: tuple[TraceTest, ...]
    counts_rows: bool
    empty_is_null: bool


@dataclass(frozen=True, slots=True)
class Traced:
    """Different values in each bucket, and those of them that other buckets or conditions have too.

    The rows are read once: buckets are numbered, and each value takes the buckets in which it has rows, as
    the bits of numbers, a number for so many buckets as it has bits.

    (ordered_at, customer_id) × n  ->  (customer_id, 0110)  ->  (month, customers, those of the month before)

    `days` are those of at least these rows, and `bucket` is over a day's. No move goes back by more buckets
    than a number has bits. `plain` has the same groups and values, from sets, for engines that lack bits.
    """

    days: Presences
    rows: Presences
    day: Slot
    bucket: KeySlot
    keys: tuple[Slot, ...]
    value: Slot
    traces: tuple[Trace, ...]
    moves: tuple[Bound, ...]
    measures: tuple[TracedMeasure, ...]
    plain: Aggregate

    @property
    def dataset(self) -> str:
        return self.rows.dataset

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return tuple(measure.slot for measure in self.measures)
