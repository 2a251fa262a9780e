"""Leaves: what a query is made of once every change of context has been pushed down.

A leaf is one aggregate that owns its dataset, its conditions (filter and window included) and its
group. The KPIs are plain arithmetic over leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kpidsl.model.definitions import Metric
from kpidsl.model.types import DATE, Kind, Type
from kpidsl.semantics.bound import Bound, Constant, Member, RowColumn
from kpidsl.semantics.periods import Window
from kpidsl.semantics.queries import Grouped, Ordering
from kpidsl.source import Span

DAY = RowColumn((), "calendar", "day", DATE)
"""A day of the calendar from which empty buckets are made."""

MOMENT = RowColumn((), "calendar", "moment", Type(Kind.TIMESTAMP, zone="UTC"))
"""An instant, for grains shorter than a day."""

LEVEL_COLUMN = "_level"
DETAIL, OTHERS = "detail", "others"

_ZERO_OF_NOTHING = ("sum", "count", "count_distinct")


@dataclass(frozen=True, slots=True)
class Key:
    """A member of a leaf's group, as an expression on the leaf's rows."""

    member: Member
    value: Bound


@dataclass(frozen=True, slots=True)
class Leaf:
    """An aggregate in its own context.

    `conditions` must all hold for a row to count; they come from the dataset, the aggregate, the
    context's filter and its window. `keys` are the members of the query's group that it keeps.
    `others` are what stands beside the argument: a percentile's fraction, the rest of a tuple that is
    counted, the time and the key by which there is a first and a last.
    `gathered` are members whose value on a row must not be among the first of the query's ranking.
    """

    function: str
    dataset: str
    argument: Bound | None
    others: tuple[Bound, ...]
    conditions: tuple[Bound, ...]
    keys: tuple[Key, ...]
    empty_is_null: bool
    type: Type
    metric: str | None = field(compare=False)
    span: Span = field(compare=False, repr=False)
    gathered: tuple[Key, ...] = ()

    @property
    def arguments(self) -> tuple[Bound, ...]:
        return () if self.argument is None else (self.argument, *self.others)

    @property
    def values(self) -> tuple[Bound, ...]:
        """Return every expression that is read on the leaf's rows."""
        keys = (key.value for key in (*self.keys, *self.gathered))
        return (*self.arguments, *self.conditions, *keys)

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(key.member for key in self.keys)

    @property
    def what(self) -> object:
        """Return what the leaf aggregates, whatever it is grouped by."""
        return (self.function, self.dataset, self.arguments, frozenset(self.conditions), self.empty_is_null)

    @property
    def is_zero_of_nothing(self) -> bool:
        """Tell whether the aggregate of no rows is 0; else it is null."""
        return self.function in _ZERO_OF_NOTHING and not self.empty_is_null


@dataclass(frozen=True, slots=True)
class LeafValue:
    """The value of a leaf, by its place among the leaves."""

    index: int
    type: Type


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation over leaves; `op` as in the table of functions."""

    op: str
    args: tuple[Scalar, ...]
    type: Type


Scalar = Constant | LeafValue | Operation


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A KPI of the result: its name and its arithmetic over leaves.

    `period` is that of the column where several stand side by side, as it was written.
    """

    name: str
    value: Scalar
    type: Type
    metric: Metric | None = field(compare=False)
    unit: str | None = None
    period: str | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of the result's rows, by the members that they have.

    `leaves` holds, for each leaf of the detail rows, the place of the leaf that is in its stead here.
    With `gathers` the rows stand for the others of the query's ranking.
    """

    name: str
    members: tuple[Member, ...]
    leaves: tuple[int, ...]
    gathers: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """The members to rank, and the value that ranks them, over the leaves of the detail rows.

    `leaves` pairs each leaf in `value` with the one in its stead where the members alone are the group.
    """

    members: tuple[Member, ...]
    value: Scalar
    leaves: tuple[tuple[int, int], ...]
    descending: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """A query as a set of leaves and arithmetic over them.

    The leaves of the detail rows come first; `columns` are over these. The first of `levels` is
    that of the detail rows. `spine` holds the grains whose empty buckets are added, each as an
    expression on `DAY`, or on `MOMENT` where one is shorter than a day.
    """

    leaves: tuple[Leaf, ...]
    by: tuple[Grouped, ...]
    columns: tuple[OutputColumn, ...]
    levels: tuple[Level, ...]
    shows_levels: bool
    ranking: Ranking | None
    spine: tuple[Key, ...]
    window: Window
    having: Bound | None
    order: tuple[Ordering, ...]
    limit: int | None
    null_label: str | None
