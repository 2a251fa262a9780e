"""Counts of rows that tell from when to when there are any: for windows and calendars that are open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kpidsl.contexts.contexts import Context
from kpidsl.contexts.counting import Counted, Counting
from kpidsl.contexts.leaves import AnyLeaf, Leaf, asks_for_buckets, rows_of
from kpidsl.contexts.placing import of_query
from kpidsl.contexts.pushed import OpenRange
from kpidsl.contexts.sets import has_sets, is_windowed, members_in, without_sets
from kpidsl.contexts.windows import Change, InBucket
from kpidsl.model.types import BOOLEAN, INTEGER
from kpidsl.semantics import time_errors
from kpidsl.semantics.bound import Apply, Bound, Constant, During, Grain, Member, Prior, children
from kpidsl.semantics.reads import until_of


@dataclass(frozen=True, slots=True)
class Origin:
    """What a leaf with a time was made of: enough to count its rows otherwise."""

    found: Counted
    context: Context


class Ranges:
    """Makes counts of the rows of leaves; `origins` has what each leaf with a time was made of."""

    def __init__(self, counting: Counting) -> None:
        self.counting = counting
        self.on_rows = counting.on_rows
        self.origins: dict[Leaf, Origin] = {}
        self._unmoved: dict[Leaf, tuple[Leaf, ...]] = {}
        self._telling: dict[OpenRange, list[Leaf]] = {}
        """The leaves whose rows tell each range."""

    def of_detail(self, leaves: Iterable[AnyLeaf], detail: Context) -> OpenRange:
        """Return the range of the detail rows, after reporting leaves that have none for want of a time."""
        found = tuple(leaves)
        asks = detail.grains and any(map(asks_for_buckets, found))
        if asks and not detail.window.is_bounded and not self._making(found, detail):
            self._no_time(found, detail)
        return self._range(found, detail)

    def of_level(self, leaves: Iterable[AnyLeaf], context: Context, detail: OpenRange) -> OpenRange:
        """Return the range of rows of leaves in a context: that of the detail rows where it is the same."""
        found = self._range(leaves, context)
        is_same = not found.counts or _whatever_grains(found.counts) == _whatever_grains(detail.counts)
        return detail if is_same or context.window.is_bounded else found

    def of_all(self, ranges: Iterable[OpenRange], detail: Context) -> OpenRange:
        """Return the range over several ranges of levels."""
        first, *others = dict.fromkeys(ranges)
        if not others:
            return first
        return self._by_rows([leaf for one in (first, *others) for leaf in self._telling[one]], detail.grains)

    def _range(self, leaves: Iterable[AnyLeaf], context: Context) -> OpenRange:
        telling = self._telling_leaves(tuple(leaves), context)
        found = self._by_rows(telling, context.grains)
        self._telling.setdefault(found, telling)
        return found

    def _by_rows(self, leaves: Iterable[Leaf], grains: tuple[Grain, ...]) -> OpenRange:
        counts = tuple(dict.fromkeys(count for leaf in leaves for count in self._by_grains(leaf, grains)))
        return OpenRange(counts, self.latest(counts, grains))

    def _making(self, leaves: Iterable[AnyLeaf], context: Context) -> list[Leaf]:
        """Return the leaves whose rows make those of a context."""
        size = len(context.group)
        making = [leaf for leaf in leaves if len(leaf.keys) == size and leaf.makes_rows]
        return [row for leaf in making for row in making_rows(leaf) if row in self.origins]

    def _telling_leaves(self, found: tuple[AnyLeaf, ...], context: Context) -> list[Leaf]:
        """Return the leaves from whose first to whose last row, unmoved, an open calendar reaches.

        They are those that make rows; where some stand under no move back and no fixed window, these alone.
        None where no window is moved, and where there are no buckets.
        """
        if not context.grains or not any(map(asks_for_buckets, found)):
            return []
        full = self._making(found, context)
        near = [leaf for leaf in full if leaf.window is None or not any(map(_goes_back, leaf.window.moves))]
        # Where none makes rows, each drops some member, and so may lack some of the grains.
        return near or full or self._timed(found)

    def latest(self, counts: Iterable[Leaf], grains: Iterable[Grain]) -> Constant | None:
        """Return the last day or instant before `as_of` where some of the counted rows may lie ahead of it.

        Buckets that begin later are none of the result's, though those of rows are.
        """
        if not any(map(self._lies_ahead, counts)):
            return None
        return self.counting.placing.windows.last_by_now(grains)

    def _lies_ahead(self, leaf: Leaf) -> bool:
        return self.on_rows.project.datasets[leaf.dataset].definition.lies_ahead

    def of_sets(self, leaves: Iterable[AnyLeaf]) -> tuple[Leaf, ...]:
        """Return the counts by bucket of at least the rows that are sought in sets with moved windows.

        They are by the grains that `per` adds too, where the windows of sets are told from its buckets.
        """
        found = tuple(leaves)
        rows = [row for leaf in found for row in rows_of(leaf)]
        if not any(map(has_sets, dict.fromkeys(value for leaf in rows for value in leaf.read))):
            # Nor have the counts of their rows any, which ask no more of them.
            return ()
        timed = self._timed(found)
        counts = [count for row in timed for count in self.unmoved(row)]
        if not any(is_windowed(value) for leaf in (*rows, *counts) for value in leaf.read):
            return ()
        members = (member for leaf in counts for value in leaf.read for member, _ in members_in(value))
        added = {member for member in members if isinstance(member, Grain) and member.depth}
        grains = (*self._own_grains, *sorted(added, key=lambda grain: (grain.depth, grain.name)))
        spread = (count for leaf in timed for count in self._by_grains(leaf, grains))
        return tuple(
            dict.fromkeys(replace(count, conditions=without_sets(count.conditions)) for count in spread)
        )

    @property
    def _own_grains(self) -> tuple[Grain, ...]:
        return tuple(g.member for g in self.counting.query.by if isinstance(g.member, Grain))

    def _timed(self, leaves: Iterable[AnyLeaf]) -> list[Leaf]:
        """Return the leaves of rows that stand under one of the query's grains."""
        rows = (row for leaf in leaves for row in rows_of(leaf))
        return [row for row in rows if row in self.origins and of_query(self.origins[row].context.grains)]

    def _no_time(self, leaves: Iterable[AnyLeaf], detail: Context) -> None:
        for leaf in leaves:
            if isinstance(leaf, Leaf) and leaf.window is not None and leaf.window.time is None:
                grain = detail.grains[0]
                dataset = self.on_rows.project.datasets[leaf.dataset].definition
                told = time_errors.no_buckets(self.on_rows.spans[grain], dataset, grain.text)
                self.on_rows.sink.report(told)

    def unmoved(self, leaf: Leaf) -> tuple[Leaf, ...]:
        """Return the count of a leaf's rows by the query's grains, in the rows' own buckets.

        Rows that hold over an interval are counted where they begin, and once more where they end.
        """
        if leaf not in self._unmoved:
            origin = self.origins[leaf]
            grains, context = of_query(origin.context.grains), origin.context
            assert origin.found.time is not None
            placing, is_cut = self.counting.placing, not self._lies_ahead(leaf)
            around = (grains, (), context.window)
            placed = placing.placed(origin.found.time, *around, is_cut=is_cut, reaches_ahead=True)
            assert placed is not None
            counts = self._counts(leaf, grains, placed.conditions)
            self._unmoved[leaf] = tuple(replace(count, gathered=()) for count in counts)
        return self._unmoved[leaf]

    def _by_grains(self, leaf: Leaf, grains: tuple[Grain, ...]) -> Iterator[Leaf]:
        """Yield the count of an unmoved leaf's rows by some grains, whether or not these are its own."""
        found = self.origins[leaf].found
        for time, unmoved in zip(self._times(found), self.unmoved(leaf), strict=True):
            keys = self.on_rows.group(found.aggregate, grains, time)
            yield replace(unmoved, keys=keys)

    def by(self, leaf: Leaf, members: tuple[Member, ...]) -> tuple[Leaf, ...]:
        """Return the count of a leaf's rows by members of its group, whatever the window."""
        return tuple(self._counts(leaf, members, ()))

    def _times(self, found: Counted) -> tuple[Bound, ...]:
        """Return the times by which rows are counted: where they begin, and where they end."""
        assert found.time is not None
        until = until_of(found.aggregate, self.on_rows.project)
        if until is None:
            return (found.time,)
        return (found.time, self.counting.placing.windows.end_by_now(until))

    def _counts(self, leaf: Leaf, members: tuple[Member, ...], more: tuple[Bound, ...]) -> Iterator[Leaf]:
        found = self.origins[leaf].found
        begins, *ends = self._times(found)
        windows = self.counting.placing.windows
        if ends and windows.as_of is not None:
            begun = (windows.exactly(begins, (windows.as_of,)), windows.as_of)
            more = (*more, Apply("<", begun, BOOLEAN))
        yield self._count(leaf, members, more, begins)
        for end in ends:
            held = Apply("<=", (windows.exactly(begins, (end,)), end), BOOLEAN)
            yield self._count(leaf, members, (*more, held), end)

    def _count(self, leaf: Leaf, members: tuple[Member, ...], more: tuple[Bound, ...], time: Bound) -> Leaf:
        found, context = self.origins[leaf].found, self.origins[leaf].context
        aggregate, conditions = found.aggregate, found.own_conditions
        if found.is_moved or (context.steps and any(map(has_sets, children(found.asked)))):
            steps = tuple(step for step in context.steps if isinstance(step.move, InBucket))
            aggregate, conditions = self.counting.in_own_buckets(found, replace(context, steps=steps))
        return replace(
            leaf,
            function="count",
            argument=None,
            others=(),
            conditions=self.counting.once((*conditions, *more)),
            keys=self.on_rows.group(aggregate, members, time),
            empty_is_null=False,
            type=INTEGER,
            window=None,
        )


def making_rows(leaf: AnyLeaf) -> Iterator[Leaf]:
    """Yield the leaves over rows of datasets whose rows make those of a leaf."""
    if isinstance(leaf, Leaf):
        yield leaf
        return
    for inner in (*leaf.full, *leaf.around):
        yield from making_rows(inner)


def _whatever_grains(counts: Iterable[Leaf]) -> frozenset[Leaf]:
    """Return what is counted, whatever by."""
    return frozenset(replace(count, keys=()) for count in counts)


def _goes_back(move: Change) -> bool:
    return isinstance(move, Prior | During)
