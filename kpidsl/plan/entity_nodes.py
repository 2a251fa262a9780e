"""Plan nodes over the values that entities have, and over the buckets that `per` adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpidsl.contexts.bounds import InBuckets
from kpidsl.contexts.leaves import Scalar
from kpidsl.plan.row_nodes import SameColumns
from kpidsl.semantics.bound import Bound, Constant, Grain, KeyValue, Member

if TYPE_CHECKING:
    from kpidsl.plan.nodes import Aggregate, Groups, KeySlot, Rows, Slot, Spine, Stack


@dataclass(frozen=True, slots=True)
class EntityMeasure:
    """An aggregate over values of entities that have all of `tested`; without a value they are counted."""

    slot: Slot
    function: str
    value: Scalar | None
    others: tuple[Bound, ...]
    tested: tuple[KeyValue, ...]
    empty_is_null: bool


@dataclass(frozen=True, slots=True)
class OverEntities:
    """One row for each combination of the keys, over finer rows that have entities' keys too.

    (channel, customer, spending)  ->  (channel, mean of spending)

    `slots` hold the leaves that the values are over, `members` the keys. Without keys always one row, or
    with `needs_rows` none where there are no entities.
    """

    input: Rows
    keys: tuple[Slot, ...]
    entities: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    members: tuple[tuple[Member, Slot], ...]
    measures: tuple[EntityMeasure, ...]
    needs_rows: bool = False

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return tuple(measure.slot for measure in self.measures)


@dataclass(frozen=True, slots=True)
class EntityValues:
    """A set of the entities in each group that a condition holds for.

    (month, customer, orders)  ->  (month, customer)

    `slots` hold the leaves that the condition `holds` is over, `members` the keys. Nobody is left out, unless
    with `includes_null`.
    """

    input: Rows
    dataset: str
    keys: tuple[Slot, ...]
    entity: Slot
    slots: tuple[Slot, ...]
    members: tuple[tuple[Member, Slot], ...]
    holds: Scalar
    includes_null: bool

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys


@dataclass(frozen=True, slots=True)
class Completed(SameColumns):
    """The groups and, in each group `around`, the entities that are only in coarser parts.

    (web, customer 1) and (customer 1), (customer 2)  ->  (web, customer 1), (web, customer 2)

    Buckets among the keys of entities are those `within` the window of the group.
    """

    input: Groups | Inside
    around: tuple[Slot, ...]
    parts: tuple[Aggregate | OverEntities | Stack, ...]
    within: WindowSpine | None = None


@dataclass(frozen=True, slots=True)
class Inside(SameColumns):
    """The groups whose bucket is in the window of their other members, or that have none.

    (web, January, customer 1), (web, March, customer 2)  ->  (web, January, customer 1)
    """

    input: Groups
    within: WindowSpine


@dataclass(frozen=True, slots=True)
class Spread:
    """The groups in each window that holds their bucket, by what tells the windows.

    (1 January, customer 1)  ->  (2025, 1 January, customer 1), (2026, 1 January, customer 1)
    """

    input: Groups
    keys: tuple[Slot, ...]
    within: WindowSpine

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return self.input.value_slots


@dataclass(frozen=True, slots=True)
class Crossed:
    """In each of the groups that some rows have, the entities of parts, or where there are none the buckets.

    (January), (March) and (customer 1), (customer 2)  ->  (January, customer 1), (January, customer 2), …

    Buckets among the keys of entities are those `within` the window of the group.
    """

    groups: Rows
    around: tuple[Slot, ...]
    entities: tuple[Slot, ...]
    parts: tuple[Aggregate | OverEntities | Stack, ...]
    within: WindowSpine | None

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return (*self.around, *self.entities)

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class WindowBuckets:
    """The buckets in the window of each outer one, from its first day to its last.

    February  ->  (February, 1 February), (February, 2 February), …

    Where an end is open it is that of the first or last bucket of `rows`, for each tuple of their
    `members`, and `latest` at the latest. With `seconds` the ends are instants, as in `Days`. Where calendars
    leave days out, `only` are those that are in the window.
    """

    outer: Spine | WindowSpine | None
    members: tuple[Slot, ...]
    first: Bound | None
    last: Bound | None
    rows: Groups | None
    buckets: tuple[KeySlot, ...]
    ranged: tuple[Slot, ...]
    seconds: int | None
    latest: Constant | None
    only: tuple[InBuckets, ...] = ()

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        """Return what says which window a bucket is in."""
        return (*(slot for _, slot in self.outer_members), *self.members)

    @property
    def outer_members(self) -> tuple[tuple[Grain, Slot], ...]:
        return () if self.outer is None else self.outer.members


@dataclass(frozen=True, slots=True)
class WindowSpine:
    """The buckets of windows, those of some grains; with `whole` all of them, by members too."""

    of: WindowBuckets
    members: tuple[tuple[Grain, Slot], ...]
    whole: bool = False
