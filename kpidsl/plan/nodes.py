"""Plan nodes: what is done with rows, in the field's terms. Expressions are still the language's.

Columns made by a node have a `Slot`: an internal name with a type. Rows are shown before and after
in each docstring. One node may be the input of several: it is then computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kpidsl.contexts.leaves import Scalar
from kpidsl.model.types import Type
from kpidsl.semantics.bound import Bound, Grain, RowSequence
from kpidsl.semantics.paths import Path


@dataclass(frozen=True, slots=True)
class Slot:
    """A column inside the plan; `is_zero_of_nothing`: 0, not null, where there are no rows for it.

    `is_narrow`: a value of some row, so that an engine may hold it in fewer bits than its type asks for.
    """

    name: str
    type: Type
    is_zero_of_nothing: bool = False
    is_narrow: bool = False


# rows of a dataset


@dataclass(frozen=True, slots=True)
class Scan:
    """The rows of a dataset's table or SQL.   orders  ->  (order_id, customer_id, amount, …)"""

    dataset: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Each row with its partner over many-to-one joins, or with nulls. Never more rows than before.

    (order_id, customer_id)  ->  (order_id, customer_id, customer.country)

    `nearest` are those of the paths that end with an as-of join. Their partners are looked for row by
    row, or `in_one_pass` over both sides in the order of their times.
    """

    input: Scan
    paths: tuple[Path, ...]
    nearest: tuple[Path, ...] = ()
    in_one_pass: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """Each row with whether other rows come after or before it, for each of the sequences.

    (visit_id, visitor_id, visited_at)  ->  the same, and whether an order follows

    The keys and times that are followed are found once, as a set, in which each row is looked up. An engine
    without semi-joins tests each row on its own, as everything does that is not below such a step.
    """

    input: Scan | Lookup
    sequences: tuple[RowSequence, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which all of `all_of` hold and, where `any_of` has alternatives, one of those."""

    input: Scan | Lookup | Marked
    all_of: tuple[Bound, ...]
    any_of: tuple[tuple[Bound, ...], ...] = ()


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
    spine: Spine
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
class Aggregate:
    """One row for each combination of the keys.

    (channel, amount) × n  ->  (channel, sum of amount)

    Without keys always one row, or with `needs_rows` none where there is nothing to aggregate.
    """

    input: Source
    dataset: str
    keys: tuple[KeySlot, ...]
    measures: tuple[Measure, ...]
    needs_rows: bool = False

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

    input: Groups
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

    A measure without a function is that of the one piece that the window is.
    """

    input: Aggregate
    spine: Spine
    piece: Slot
    condition: Bound
    keys: tuple[Slot, ...]
    measures: tuple[Merged, ...]

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

    inputs: tuple[Aggregate | Regroup | InPieces, ...]
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


Groups = Aggregate | Regroup | InPieces | Stack | Nothing


# groups, with more beside them


@dataclass(frozen=True, slots=True)
class Top:
    """The first `count` members of a ranking: by a value, null last, then in the members' order.

    (channel, revenue)  ->  the channels with the greatest revenue

    `having_rows`, where there are any, are counts of which one must be above 0 for a group to be ranked.
    """

    input: Rows
    keys: tuple[Slot, ...]
    value: Scalar
    slots: tuple[Slot, ...]
    descending: bool
    count: int
    having_rows: tuple[Slot, ...] = ()
    own: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """The groups whose members are among the first of a ranking."""

    input: Groups
    top: Top

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.input.key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return self.input.value_slots


@dataclass(frozen=True, slots=True)
class Days:
    """Every day from a first to a last one: those given, or those of the first and last bucket of rows.

    (2026-01-31, 2026-02-02)  ->  31 January, 1 February, 2 February

    With `seconds`, the length of the shortest bucket, they are instants: one in each such bucket or more.
    """

    first: date | None
    last: date | None
    rows: Groups | Keep | None
    buckets: tuple[Slot, ...]
    seconds: int | None = None


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
class Fill:
    """The groups and, for each tuple of their other members, the buckets that it has no group for.

    (January, email, revenue)  ->  the same, and (February, email, revenue of no rows)

    Without other members the empty buckets are added even where there are no groups, unless with
    `needs_rows`.
    """

    input: Groups | Keep
    spine: Spine
    needs_rows: bool = False

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.input.key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return self.input.value_slots


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

    input: Groups | Fill
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
    total: Aggregate | Regroup | InPieces | Stack

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.input.key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return (*self.input.value_slots, *self.total.value_slots)


Rows = Groups | Keep | Fill | Within | Attach
