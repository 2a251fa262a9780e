"""Plan nodes: what is done with rows, in the field's terms. Expressions are still the language's.

Columns made by a node have a `Slot`: an internal name with a type. Rows are shown before and after
in each docstring.
"""

from __future__ import annotations

from dataclasses import dataclass

from kpidsl.contexts.leaves import OutputColumn
from kpidsl.model.types import Type
from kpidsl.semantics.bound import Bound
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


@dataclass(frozen=True, slots=True)
class Scan:
    """The rows of a dataset's table or SQL.   orders  ->  (order_id, customer_id, amount, …)"""

    dataset: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Each row with its partner over many-to-one joins, or with nulls. Never more rows than before.

    (order_id, customer_id)  ->  (order_id, customer_id, customer.country)
    """

    input: Scan
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which all of `all_of` hold and, where `any_of` has alternatives, one of those."""

    input: Scan | Lookup
    all_of: tuple[Bound, ...]
    any_of: tuple[tuple[Bound, ...], ...] = ()


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

    (channel, amount) × n  ->  (channel, sum of amount).   Without keys always one row.
    """

    input: Scan | Lookup | Filter
    dataset: str
    keys: tuple[KeySlot, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Aggregates of several facts, aligned on their keys; null members meet null members.

    (channel, revenue) + (channel, visits)  ->  (channel, revenue, visits)
    """

    inputs: tuple[Aggregate, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No fact gives rows: one row without keys where the query has none, else no row at all."""

    keys: tuple[Slot, ...]


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

    input: Aggregate | Stack
    totals: tuple[WindowTotal, ...]


@dataclass(frozen=True, slots=True)
class Attach:
    """The same rows with the value of a coarser aggregate, found by the keys that it has."""

    input: Aggregate | Stack | Nothing | Within | Attach
    total: Aggregate


Rows = Aggregate | Stack | Nothing | Within | Attach


@dataclass(frozen=True, slots=True)
class Compute:
    """The KPIs, as arithmetic over the slots that hold the leaves."""

    input: Rows
    keys: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    by: tuple[Grouped, ...]
    columns: tuple[OutputColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """The rows for which `having` holds, in their order, cut to `limit` rows."""

    input: Compute
    having: Bound | None
    order: tuple[Ordering, ...]
    limit: int | None
    window: Window
