"""Plan nodes: what is done with rows, in the field's terms. Expressions are still the language's.

Columns made by a node have a `Slot`: an internal name with a type. Rows are shown before and after
in each docstring. One node may be the input of several: it is then computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kpidsl.contexts.leaves import Scalar
from kpidsl.model.hashed_once import HashedOnce, hashed_once
from kpidsl.plan.entity_nodes import Completed as Completed
from kpidsl.plan.entity_nodes import Crossed as Crossed
from kpidsl.plan.entity_nodes import EntityMeasure as EntityMeasure
from kpidsl.plan.entity_nodes import EntityValues as EntityValues
from kpidsl.plan.entity_nodes import Inside as Inside
from kpidsl.plan.entity_nodes import OverEntities as OverEntities
from kpidsl.plan.entity_nodes import Spread as Spread
from kpidsl.plan.entity_nodes import WindowBuckets as WindowBuckets
from kpidsl.plan.entity_nodes import WindowSpine as WindowSpine
from kpidsl.plan.given_nodes import Given as Given
from kpidsl.plan.held_nodes import Held as Held
from kpidsl.plan.held_nodes import Presences as Presences
from kpidsl.plan.row_nodes import Filter as Filter
from kpidsl.plan.row_nodes import Lookup as Lookup
from kpidsl.plan.row_nodes import Marked as Marked
from kpidsl.plan.row_nodes import SameColumns
from kpidsl.plan.row_nodes import Scan as Scan
from kpidsl.plan.row_nodes import Slot as Slot
from kpidsl.plan.traced_nodes import Traced as Traced
from kpidsl.semantics.bound import Bound, Constant, Grain, InSet, Member


@dataclass(frozen=True, slots=True)
class RowsOutside:
    """The rows whose members are not among those of a ranking. `values` gives them for a row.

    (order_id, channel, amount)  ->  the same rows, without those of the first channels
    """

    input: RowSource
    values: tuple[Bound, ...]
    top: Top


RowSource = Scan | Lookup | Marked | Filter


@dataclass(frozen=True, slots=True)
class InWindows:
    """Each row once for each bucket in whose window it lies; `condition` is over rows and buckets.

    (2026-01-31, 40)  ->  (January, 40), (February, 40)     in the window of two months
    """

    input: RowSource | RowsOutside
    spine: Spine | WindowSpine
    condition: Bound


Source = RowSource | RowsOutside | InWindows


# groups


@dataclass(frozen=True, slots=True)
class KeySlot:
    slot: Slot
    value: Bound


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the rows for which `conditions` hold. `empty_is_null`: null over nothing.

    `others` are what stands beside the argument, as in a leaf. `counts_for` is the value whose rows it
    counts, where it tells a ranking which groups have any.
    """

    slot: Slot
    function: str
    argument: Bound | None
    others: tuple[Bound, ...]
    conditions: tuple[Bound, ...]
    empty_is_null: bool
    counts_for: Slot | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """The different values of rows in each group; with `first` the earliest time of each.

    (month, customer_id) × n  ->  (month, customer_id)      without nulls unless with `includes_null`
    """

    input: Source
    dataset: str
    keys: tuple[KeySlot, ...]
    value: KeySlot
    includes_null: bool
    first: KeySlot | None
    sought: tuple[SoughtIn, ...]

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return tuple(key.slot for key in self.keys)


@dataclass(frozen=True, slots=True)
class SoughtIn:
    """Each row's value, looked up among the values of a group: `at` is what the row has for their keys.

    With `True` no null meets another. `until` must hold for the earliest time found.
    """

    condition: InSet
    values: Values | EntityValues
    at: tuple[tuple[Bound, bool], ...]
    until: Bound | None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One row for each combination of the keys.

    (channel, amount) × n  ->  (channel, sum of amount)

    Without keys always one row, or with `needs_rows` none where there is nothing to aggregate. What its
    rows are asked of sets is looked up in these: `sought`. `are_pieces` has windows made of its groups.
    """

    input: Source
    dataset: str
    keys: tuple[KeySlot, ...]
    measures: tuple[Measure, ...]
    needs_rows: bool = False
    sought: tuple[SoughtIn, ...] = ()
    are_pieces: bool = False

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return tuple(key.slot for key in self.keys)

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return tuple(measure.slot for measure in self.measures)


@dataclass(frozen=True, slots=True)
class Merged:
    """A value of a coarser group from those of the finer ones in it: `function` over `source`."""

    slot: Slot
    function: str
    source: Slot


@dataclass(frozen=True, slots=True)
class Regroup:
    """Coarser groups from finer ones, without reading the dataset again.

    (month, channel, revenue)  ->  (month, revenue)

    `outside` leaves out the groups of a ranking first, `having_rows` those in which all of these counts
    are 0. Without keys always one row, or with `needs_rows` none where there are no groups.
    """

    input: Groups | Keep
    keys: tuple[Slot, ...]
    measures: tuple[Merged, ...]
    outside: Top | None = None
    having_rows: tuple[Slot, ...] = ()
    needs_rows: bool = False

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return tuple(measure.slot for measure in self.measures)


@dataclass(frozen=True, slots=True)
class InPieces:
    """Buckets from groups by pieces of time: those in each bucket's window, `condition` saying which.

    (day, channel, revenue)  ->  (month, channel, revenue of the 28 days before its end)

    A measure without a function is that of the one piece that the window is. `having_rows` leaves out
    pieces in which all of these counts are 0: those that only leaves in other windows have rows in.
    """

    input: Aggregate | Traced
    spine: Spine | WindowSpine
    piece: Slot
    condition: Bound
    keys: tuple[Slot, ...]
    measures: tuple[Merged, ...]
    having_rows: tuple[Slot, ...] = ()

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return tuple(measure.slot for measure in self.measures)


@dataclass(frozen=True, slots=True)
class Stack:
    """Groups of several facts, aligned on their keys; null members meet null members.

    (channel, revenue) + (channel, visits)  ->  (channel, revenue, visits)
    """

    inputs: tuple[Aggregate | Regroup | InPieces | Held | Traced | OverEntities | Given, ...]
    needs_rows: bool = False

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.inputs[0].key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return tuple(dict.fromkeys(slot for part in self.inputs for slot in part.value_slots))


@dataclass(frozen=True, slots=True)
class Nothing:
    """No fact gives rows: one row without keys where the query has none, else no row at all."""

    keys: tuple[Slot, ...]

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return ()


Groups = Aggregate | Regroup | InPieces | Held | Traced | OverEntities | Stack | Nothing


# groups, with more beside them


@dataclass(frozen=True, slots=True)
class Top:
    """The first `count` members of a ranking: by a value, null last, then in the members' order.

    (channel, revenue)  ->  the channels with the greatest revenue

    `having_rows`, where there are any, are counts of which one must be above 0 for a group to be ranked.
    """

    input: Rows
    members: tuple[Member, ...]
    keys: tuple[Slot, ...]
    value: Scalar
    slots: tuple[Slot, ...]
    descending: bool
    count: int
    having_rows: tuple[Slot, ...] = ()
    own: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep(SameColumns):
    """The groups whose members are among the first of a ranking."""

    input: Groups
    top: Top


@hashed_once
@dataclass(frozen=True, slots=True)
class Days(HashedOnce):
    """Every day from a first to a last one, each of them given, or that of the first or last bucket of rows.

    (2026-01-31, 2026-02-02)  ->  31 January, 1 February, 2 February

    With `seconds`, the length of the shortest bucket, they are instants: one in each such bucket or more, of
    which only those are taken that begin before `until`. None is after `latest`, whatever the rows.

    With `own`, a calendar's own grain beside others, the first and the last are told by the groups that have
    all `buckets`, and a group stands where the first day is that has these: days of `own` may lie apart.
    """

    first: date | None
    last: date | None
    rows: Groups | Keep | None
    buckets: tuple[Slot, ...]
    seconds: int | None = None
    until: Constant | None = None
    latest: Constant | None = None
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Spine:
    """The buckets of some days.   31 January, 1 February, 2 February  ->  January, February"""

    days: Days
    buckets: tuple[KeySlot, ...]
    grains: tuple[Grain, ...] = ()

    @property
    def members(self) -> tuple[tuple[Grain, Slot], ...]:
        """Return each grain with the slot that holds its buckets."""
        return tuple((grain, key.slot) for grain, key in zip(self.grains, self.buckets, strict=True))


@dataclass(frozen=True, slots=True)
class Fill(SameColumns):
    """The groups and, for each tuple of their other members, the buckets that it has no group for.

    (January, email, revenue)  ->  the same, and (February, email, revenue of no rows)

    Without other members the empty buckets are added even where there are no groups, unless with
    `needs_rows`. `named` are tuples of other members that have all buckets though no group has them.
    """

    input: Groups | Keep
    spine: Spine | WindowSpine
    needs_rows: bool = False
    named: tuple[tuple[Constant, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class WindowTotal:
    """A total over rows that are there already: `function` over `source`, for equal `keys`."""

    slot: Slot
    function: str
    source: Slot
    keys: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The same rows with totals over groups of them.

    (month, channel, revenue)  ->  (month, channel, revenue, revenue of the month)
    """

    input: Groups | Fill | Completed
    totals: tuple[WindowTotal, ...]

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.input.key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return (*self.input.value_slots, *(total.slot for total in self.totals))


@dataclass(frozen=True, slots=True)
class Attach:
    """The same rows with the value of a coarser group, found by the keys that it has."""

    input: Rows
    total: Aggregate | Regroup | InPieces | Held | Traced | OverEntities | Stack

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.input.key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return (*self.input.value_slots, *self.total.value_slots)


Rows = Groups | Keep | Fill | Completed | Inside | Spread | Crossed | Within | Attach
