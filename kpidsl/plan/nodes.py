"""Plan nodes: what is done with rows, in the field's terms. Expressions are still the language's.

Columns made by a node have a `Slot`: an internal name with a type. Rows are shown before and after
in each docstring. One node may be the input of several: it is then computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kpidsl.contexts.leaves import OutputColumn, Scalar
from kpidsl.model.types import Type
from kpidsl.semantics.bound import Bound, RowSequence
from kpidsl.semantics.paths import Path
from kpidsl.semantics.periods import Window
from kpidsl.semantics.queries import Grouped, Ordering


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
Source = RowSource | RowsOutside


# groups


@dataclass(frozen=True, slots=True)
class KeySlot:
    slot: Slot
    value: Bound


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the rows for which `conditions` hold. `empty_is_null`: null over nothing.

    `others` are what stands beside the argument, as in a leaf.
    """

    slot: Slot
    function: str
    argument: Bound | None
    others: tuple[Bound, ...]
    conditions: tuple[Bound, ...]
    empty_is_null: bool


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

    `outside` leaves out the groups of a ranking first. Without keys always one row, or with
    `needs_rows` none where there are no groups.
    """

    input: Groups
    keys: tuple[Slot, ...]
    measures: tuple[Merged, ...]
    outside: Top | None = None
    needs_rows: bool = False

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

    inputs: tuple[Aggregate | Regroup, ...]
    needs_rows: bool = False

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.inputs[0].key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return tuple(slot for part in self.inputs for slot in part.value_slots)


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


Groups = Aggregate | Regroup | Stack | Nothing


# groups, with more beside them


@dataclass(frozen=True, slots=True)
class Top:
    """The first `count` members of a ranking: by a value, null last, then in the members' order.

    (channel, revenue)  ->  the channels with the greatest revenue
    """

    input: Rows
    keys: tuple[Slot, ...]
    value: Scalar
    slots: tuple[Slot, ...]
    descending: bool
    count: int


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
    total: Aggregate | Regroup

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.input.key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return (*self.input.value_slots, *self.total.value_slots)


Rows = Groups | Keep | Fill | Within | Attach


# the result


@dataclass(frozen=True, slots=True)
class LevelRows:
    """The rows of one level; `values` are the slots in which it has the plan's values."""

    name: str
    rows: Rows
    gathers: bool
    values: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """The rows of several levels one after another, each with its level's name.

    (month, channel, revenue) + (month, revenue)  ->  (month, channel or null, level, revenue)
    """

    levels: tuple[LevelRows, ...]


@dataclass(frozen=True, slots=True)
class Compute:
    """The KPIs, as arithmetic over the slots that hold the leaves."""

    input: Rows | Levels
    keys: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    by: tuple[Grouped, ...]
    columns: tuple[OutputColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """The rows for which `having` holds, in their order, cut to `limit` rows.

    With levels, a row that sums up others stands after them. `null_label` is shown for the null
    members of texts in detail rows; order and `having` know nothing of it.
    """

    input: Compute
    having: Bound | None
    order: tuple[Ordering, ...]
    limit: int | None
    null_label: str | None
    window: Window
