"""Leaves: what a query is made of once every change of context has been pushed down.

A leaf is one aggregate that owns its dataset, its conditions (filter and window included) and its
group. The KPIs are plain arithmetic over leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kpidsl.contexts.bounds import InBuckets
from kpidsl.contexts.inside import LeafWindow
from kpidsl.contexts.windows import Change
from kpidsl.model.definitions import Metric
from kpidsl.model.hashed_once import HashedOnce, hashed_once
from kpidsl.model.types import DATE, Kind, Type
from kpidsl.semantics.bound import Bound, Constant, Grain, KeyValue, Member, RowColumn
from kpidsl.semantics.functions import ZERO_OF_NOTHING
from kpidsl.source import Span

DAY = RowColumn((), "calendar", "day", DATE)
"""A day of the calendar from which empty buckets are made."""

MOMENT = RowColumn((), "calendar", "moment", Type(Kind.TIMESTAMP, zone="UTC"))
"""An instant, for grains shorter than a day."""

LEVEL_COLUMN = "_level"
DETAIL, OTHERS = "detail", "others"


@hashed_once
@dataclass(frozen=True, slots=True)
class Key(HashedOnce):
    """A member of a leaf's group, as an expression on the leaf's rows."""

    member: Member
    value: Bound


@hashed_once
@dataclass(frozen=True, slots=True)
class Leaf(HashedOnce):
    """An aggregate in its own context.

    `conditions` must all hold for a row to count; they come from the dataset, the aggregate, the
    context's filter and its window. `keys` are the members of the query's group that it keeps.
    `others` are what stands beside the argument: a percentile's fraction, the rest of a tuple that is
    counted, the time and the key by which there is a first and a last.
    `window` is there where the group has a time grain and the window was moved: it tells in which
    buckets a row counts, and the grains among the keys are then those of buckets, not of rows.
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
    window: LeafWindow | None = None
    moves: tuple[Change, ...] = field(default=(), compare=False)
    """How the window came about, whether or not it depends on the bucket."""
    is_held: bool = field(default=False, compare=False)
    """Whether it reads the rows that hold at the end of its window."""

    @property
    def arguments(self) -> tuple[Bound, ...]:
        return () if self.argument is None else (self.argument, *self.others)

    @property
    def grouped(self) -> tuple[Bound, ...]:
        """Return what tells the group of one of the leaf's rows."""
        keys = (key.value for key in (*self.keys, *self.gathered))
        return tuple(keys) if self.window is None else (*keys, self.window.condition)

    @property
    def read(self) -> tuple[Bound, ...]:
        """Return what is asked of the leaf's rows."""
        return (*self.grouped, *self.conditions, *self.arguments)

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(key.member for key in self.keys)

    @property
    def what(self) -> object:
        """Return what the leaf aggregates, whatever it is grouped by."""
        conditions = frozenset(self.conditions)
        return (self.function, self.dataset, self.arguments, conditions, self.empty_is_null, self.window)

    @property
    def kept(self) -> set[Member]:
        """Return the members of the groups around that no total has dropped."""
        return set(self.members)

    @property
    def grains(self) -> tuple[Grain, ...]:
        """Return the time grains among the members."""
        return tuple(member for member in self.members if isinstance(member, Grain))

    @property
    def is_zero_of_nothing(self) -> bool:
        """Tell whether the aggregate of no rows is 0; else it is null."""
        return self.function in ZERO_OF_NOTHING and not self.empty_is_null

    @property
    def makes_rows(self) -> bool:
        return True

    @property
    def is_gathered(self) -> bool:
        """Tell whether it is of rows that are not among the first of the query's ranking."""
        return bool(self.gathered)


@dataclass(frozen=True, slots=True)
class BucketsOfWindow:
    """The buckets of grains that `per` adds: all those of the window in which an entity leaf stands.

    `first` and `last` are the window's first and last day, or instant, over the buckets of `outer`. Where a
    calendar leaves days out, `only` are those in it.
    Where one is open, `ranges` count rows by `members`, which are all others of the group, and the added
    grains; the first or last bucket that has rows there is it, and no bucket is after `latest`.
    """

    outer: tuple[Grain, ...]
    first: Bound | None
    last: Bound | None
    grains: tuple[Key, ...]
    """Each as an expression on `DAY`, or on `MOMENT` where one is shorter than a day."""
    members: tuple[Member, ...]
    ranges: tuple[Leaf, ...]
    latest: Constant | None
    fills: bool
    """Whether every bucket has a value; else only those with rows."""
    asked: BucketsOfWindow | None = None
    """Those for which sets in windows are made that the rows of `ranges` are asked of: at least the buckets
    of the rows that ask, of deeper grains too where the sets are told by these."""
    only: tuple[InBuckets, ...] = ()


@hashed_once
@dataclass(frozen=True, slots=True)
class EntityLeaf(HashedOnce):
    """An aggregate over values of entities, in its own context.

    `inner` are the leaves of the values, each with the members of `added` among its keys, and `value` is
    over them; without it the groups of entities are counted, nobody's too. `tested` are the members that
    must not be null. With `buckets` there is a value for each of them, whether it has rows or not.
    `among`, where it is there, is the one of `inner` whose rows alone make entities. `makes_rows` tells
    whether they make rows of the result; else the leaf is only found by its keys. `is_elsewhere` tells that
    all of the values are of other windows than the bucket's own rows: without a bucket there is nothing.
    """

    function: str
    inner: tuple[AnyLeaf, ...]
    value: Scalar | None
    others: tuple[Bound, ...]
    keys: tuple[Key, ...]
    added: tuple[Key, ...]
    tested: tuple[KeyValue, ...]
    buckets: BucketsOfWindow | None
    among: AnyLeaf | None
    is_gathered: bool
    empty_is_null: bool
    makes_rows: bool
    is_elsewhere: bool
    type: Type
    metric: str | None = field(compare=False)
    span: Span = field(compare=False, repr=False)
    stands_in: int = 0
    """Whether it is the value of groups without rows (1), or of those without what a total has, too (2): at
    another level of the result, that is another one."""
    asked: tuple[Key, ...] = ()
    """Keys of the groups to which it is attached. In each of these, whatever rows it has, there are the
    entities of all of `inner`, found by those of the keys that each has."""
    named: tuple[Member, ...] = ()
    """All that `per` names, also what the groups around have."""
    lost: tuple[Member, ...] = ()
    """Members that a total has dropped: what its inner leaf has in a bucket is in all windows that hold this.
    Its rows make entities there, and no rows of the result."""

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(key.member for key in self.keys)

    @property
    def grains(self) -> tuple[Grain, ...]:
        return tuple(member for member in self.members if isinstance(member, Grain))

    @property
    def kept(self) -> set[Member]:
        return set(self.members) - set(self.lost)

    @property
    def spreads(self) -> bool:
        """Tell whether the inner leaf lacks what tells the windows in which it is."""
        return not set(self.lost) <= {member for leaf in self.inner for member in leaf.members}

    @property
    def what(self) -> object:
        """Return what the leaf aggregates; nothing coarser follows from it."""
        return self

    @property
    def groups(self) -> object:
        """Return what leaves of the same groups of entities have in common."""
        made = (self.buckets, self.among, self.is_gathered, self.makes_rows, self.asked)
        return (self.inner, self.keys, self.added, self.named, self.lost, *made)

    @property
    def full(self) -> tuple[AnyLeaf, ...]:
        """Return the leaves whose rows make entities."""
        keys = {key.member for key in (*self.keys, *self.added)} | set(self.named)
        return tuple(
            leaf
            for leaf in self.inner
            if leaf.kept == keys and has_rows(leaf) and leaf.is_gathered == self.is_gathered
            if self.among is None or has_rows_of(self.among, leaf)
        )

    @property
    def partial(self) -> tuple[AnyLeaf, ...]:
        """Return the leaves that have entities too, but not all members of the groups around."""
        if self.among is not None:
            return ()
        found = (leaf for leaf in self.inner if has_rows(leaf) and set(self.named) <= leaf.kept)
        return tuple(leaf for leaf in found if leaf not in self.full)

    @property
    def around(self) -> tuple[AnyLeaf, ...]:
        """Return the leaves whose rows make groups without an entity: they have all that is around.

        Those of which each row is one of an entity, or of nobody, add nothing to these.
        """
        if self.among is not None or self.asked:
            return ()
        full = self.full
        return tuple(
            leaf
            for leaf in self.inner
            if leaf not in full and has_rows(leaf) and leaf.is_gathered == self.is_gathered
            if self.keeps_group(leaf) and not self.has_entities_for(leaf)
        )

    def has_entities_for(self, leaf: AnyLeaf) -> bool:
        """Tell whether each group with rows of one of the inner leaves surely has entities, or nobody."""
        return self.keeps_group(leaf) and any(_tells_groups(wide, leaf) for wide in self.full)

    def keeps_group(self, leaf: AnyLeaf) -> bool:
        """Tell whether one of the inner leaves has all members of the groups around."""
        return {key.member for key in self.keys} <= leaf.kept

    @property
    def is_zero_of_nothing(self) -> bool:
        return self.function in ZERO_OF_NOTHING and not self.empty_is_null


AnyLeaf = Leaf | EntityLeaf


def has_rows(leaf: AnyLeaf) -> bool:
    """Tell whether a leaf may have rows: not one over entities that drops members from all of its value."""
    if isinstance(leaf, Leaf):
        return True
    return leaf.makes_rows and (not leaf.keys or leaf.spreads or bool(leaf.full) or bool(leaf.around))


def _tells_groups(wide: AnyLeaf, leaf: AnyLeaf) -> bool:
    """Tell whether every row of a leaf is surely one of another leaf's, in a part of its own group."""
    if isinstance(leaf, EntityLeaf):
        return False
    if isinstance(wide, EntityLeaf):
        return wide.makes_rows and any(_tells_groups(one, leaf) for one in wide.full)
    same = (wide.dataset, wide.gathered, wide.window)
    is_same = same == (leaf.dataset, leaf.gathered, leaf.window)
    has_windows = leaf.window is None or wide.grains == leaf.grains
    keeps = set(leaf.keys) <= set(wide.keys) and set(wide.conditions) <= set(leaf.conditions)
    return is_same and has_windows and keeps


def has_rows_of(wide: AnyLeaf, leaf: AnyLeaf) -> bool:
    """Tell whether every row of a leaf is surely one of another leaf's, in the same group."""
    if isinstance(wide, EntityLeaf) or isinstance(leaf, EntityLeaf):
        return wide == leaf
    same = (wide.dataset, wide.keys, wide.gathered, wide.window)
    is_same = same == (leaf.dataset, leaf.keys, leaf.gathered, leaf.window)
    return is_same and set(wide.conditions) <= set(leaf.conditions)


def asks_for_buckets(leaf: AnyLeaf) -> bool:
    """Tell whether a leaf has windows or buckets that are made for each bucket of its group."""
    if isinstance(leaf, Leaf):
        return leaf.window is not None
    return leaf.buckets is not None or any(map(asks_for_buckets, leaf.inner))


def rows_of(leaf: AnyLeaf) -> Iterator[Leaf]:
    """Yield the leaves over rows of datasets that a leaf is made of: itself, or those inside it."""
    if isinstance(leaf, Leaf):
        yield leaf
        return
    for inner in leaf.inner:
        yield from rows_of(inner)
    if leaf.buckets is not None:
        yield from leaf.buckets.ranges


def ranges_of(leaf: AnyLeaf) -> Iterator[Leaf]:
    """Yield the counts that tell the first and the last bucket of what `per` adds in a leaf."""
    if isinstance(leaf, EntityLeaf):
        if leaf.buckets is not None:
            yield from leaf.buckets.ranges
        for inner in leaf.inner:
            yield from ranges_of(inner)


@dataclass(frozen=True, slots=True)
class LeafValue:
    """The value of a leaf, by its place among the leaves."""

    index: int
    type: Type


@dataclass(frozen=True, slots=True)
class LevelValue:
    """A value that the rows of each level have from their own members alone: see `Level.values`."""

    index: int
    type: Type


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation over leaves; `op` as in the table of functions."""

    op: str
    args: tuple[Scalar, ...]
    type: Type


Scalar = Constant | LeafValue | LevelValue | Operation | KeyValue


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
