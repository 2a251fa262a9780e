"""Plan nodes: the rows of a dataset, with their partners, under conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from kpidsl.contexts.leaves import AnyLeaf
from kpidsl.model.types import Type
from kpidsl.semantics.bound import Bound, RowSequence
from kpidsl.semantics.paths import Path


@dataclass(frozen=True, slots=True)
class Slot:
    """A column inside the plan; `is_zero_of_nothing`: 0, not null, where there are no rows for it.

    `leaf`: whose value it is, where it is a leaf's.
    """

    name: str
    type: Type
    is_zero_of_nothing: bool = False
    leaf: AnyLeaf | None = field(default=None, compare=False, repr=False)


class Columned(Protocol):
    """Rows with keys and values."""

    @property
    def key_slots(self) -> tuple[Slot, ...]: ...

    @property
    def value_slots(self) -> tuple[Slot, ...]: ...


class SameColumns:
    """A step whose rows have the columns of its `input`."""

    __slots__ = ()

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        found: Columned = self.input  # type: ignore[attr-defined]
        return found.key_slots

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        found: Columned = self.input  # type: ignore[attr-defined]
        return found.value_slots


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
    without semi-joins tests each row on its own, as everything does that is not below such a step; so does
    a step that is not `at_once`, on an engine that can.
    """

    input: Scan | Lookup
    sequences: tuple[RowSequence, ...]
    at_once: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which all of `all_of` hold and, where `any_of` has alternatives, one of those."""

    input: Scan | Lookup | Marked
    all_of: tuple[Bound, ...]
    any_of: tuple[tuple[Bound, ...], ...] = ()
