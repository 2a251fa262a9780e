"""Leaves to aggregates over the rows of their datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kpidsl.contexts.leaves import AnyLeaf, Leaf
from kpidsl.plan.nodes import (
    Aggregate,
    InWindows,
    KeySlot,
    Measure,
    Presences,
    RowSource,
    RowsOutside,
    Slot,
    Source,
    Spine,
    Top,
    WindowSpine,
)
from kpidsl.plan.reading import Reading, in_common
from kpidsl.plan.sets import Sets
from kpidsl.semantics.bound import Bound, Grain, Member
from kpidsl.semantics.conditions import is_present


class Aggregating:
    """Makes aggregates of leaves; the same leaves under the same names give the same node.

    `at_once` has what sequences and as-of joins look for found for all rows at once, not for each on its own.
    """

    def __init__(
        self,
        leaves: Sequence[AnyLeaf],
        key_of: Mapping[Member, Slot],
        spine: Callable[[tuple[Grain, ...]], Spine | WindowSpine],
        reading: Reading,
        sets: Sets,
    ) -> None:
        self.leaves = leaves
        self.spine = spine
        self.sets = sets
        self.key_of = key_of
        self.reading = reading
        self.counts: Mapping[int, Slot] = {}
        """The slots that count the rows of leaves for the query's ranking."""
        self._made: dict[tuple[tuple[tuple[int, Slot], ...], bool], Aggregate] = {}

    def sharing(self, indices: Iterable[int]) -> list[list[int]]:
        """Group leaves that read the same rows of a dataset and group them by the same expressions."""
        groups: dict[object, list[int]] = {}
        for i in indices:
            groups.setdefault(_shared(self.leaves[i]), []).append(i)
        return list(groups.values())

    def counted(self, leaf: Leaf, slot: Slot) -> Aggregate:
        """Return the rows that a leaf counts, counted by its members."""
        keys = tuple(KeySlot(self.key_of[key.member], key.value) for key in leaf.keys)
        measure = Measure(slot, leaf.function, leaf.argument, leaf.others, (), False)
        source = self.reading.rows(leaf.dataset, leaf.read, leaf.conditions)
        return Aggregate(source, leaf.dataset, keys, (measure,), sought=self.sets.sought_in(leaf.read, None))

    def aggregate(
        self,
        indices: Sequence[int],
        names: Mapping[int, Slot],
        top: Top | None,
        needs_rows: bool = False,
        *,
        are_pieces: bool = False,
    ) -> Aggregate:
        """Return one aggregate for leaves that share dataset, members and rows."""
        same = (tuple((i, names[i]) for i in indices), needs_rows)
        if same not in self._made:
            found = [(leaf, names[i]) for i in indices if isinstance(leaf := self.leaves[i], Leaf)]
            counts = {names[i]: self.counts[i] for i in indices if i in self.counts}
            self._made[same] = self._of(
                found, self.key_of, counts, top, needs_rows=needs_rows, are_pieces=are_pieces
            )
        return self._made[same]

    def of_leaves(self, found: Sequence[tuple[Leaf, Slot]], key_of: Mapping[Member, Slot]) -> Aggregate:
        """Return one aggregate for leaves under slots of their own; `key_of` has what the query's lacks."""
        return self._of(found, {**self.key_of, **key_of}, {}, None, needs_rows=False)

    def presences(self, leaf: Leaf, piece: Bound, reached: tuple[Bound, ...]) -> Presences:
        """Return which values a leaf's rows hold, as far as windows reach, beside a row's time, `piece`."""
        keys = tuple(
            KeySlot(self.key_of[key.member], key.value)
            for key in leaf.keys
            if not isinstance(key.member, Grain)
        )
        conditions = tuple(dict.fromkeys((*leaf.conditions, *map(is_present, leaf.arguments), *reached)))
        read = (*(key.value for key in keys), piece, *conditions, *leaf.arguments)
        rows = self.reading.rows(leaf.dataset, read, conditions)
        sought = self.sets.sought_in(read, None)
        return Presences(rows, leaf.dataset, keys, leaf.arguments, piece, sought)

    def _of(
        self,
        found: Sequence[tuple[Leaf, Slot]],
        key_of: Mapping[Member, Slot],
        counts: Mapping[Slot, Slot],
        top: Top | None,
        *,
        needs_rows: bool,
        are_pieces: bool = False,
    ) -> Aggregate:
        """Return one aggregate for leaves that share dataset, members and rows.

        What all of them ask of a row is filtered once; what only some ask stays with their
        measure. Rows that none of them wants make no group, hence the alternatives of the filter.
        `counts` has the slots that count the rows of some leaves, by the leaves' own.
        """
        leaves = [leaf for leaf, _ in found]
        first = leaves[0]
        common, rests = in_common([leaf.conditions for leaf in leaves])
        measures = tuple(
            Measure(slot, leaf.function, leaf.argument, leaf.others, rest, leaf.empty_is_null)
            for (leaf, slot), rest in zip(found, rests, strict=True)
        )
        own = {measure.slot for measure in measures}
        measures += tuple(
            Measure(counts[slot], "count", None, (), rest, False, counts_for=slot)
            for (_, slot), rest in zip(found, rests, strict=True)
            if slot in counts and counts[slot] not in own
        )
        makes_groups = bool(first.keys) or needs_rows
        any_of = tuple(dict.fromkeys(rests)) if makes_groups and all(rests) else ()
        keys = tuple(KeySlot(key_of[key.member], key.value) for key in first.keys)
        read = _read(leaves)
        spine, in_each = None, None
        if first.window is not None:
            spine = self.spine(first.grains)
            common, in_each = self.reading.in_window(common, first.window.condition, spine)
        own_rows = self.reading.rows(first.dataset, read, common, any_of)
        rows: RowSource | RowsOutside = own_rows
        if first.gathered and top is not None:
            rows = RowsOutside(own_rows, tuple(key.value for key in first.gathered), top)
        source: Source = rows
        if spine is not None and in_each is not None:
            source = InWindows(rows, spine, in_each)
        sought = self.sets.sought_in(read, top)
        return Aggregate(source, first.dataset, keys, measures, needs_rows, sought, are_pieces)


def _shared(leaf: AnyLeaf) -> object:
    """Return what leaves have in common that read and group the same rows."""
    if isinstance(leaf, Leaf):
        return (leaf.dataset, leaf.keys, leaf.gathered, leaf.window)
    return leaf.groups


def _read(leaves: Sequence[Leaf]) -> tuple[Bound, ...]:
    """Return what leaves that share their groups ask of a row, each once."""
    conditions = (condition for leaf in leaves for condition in leaf.conditions)
    arguments = (argument for leaf in leaves for argument in leaf.arguments)
    return tuple(dict.fromkeys((*leaves[0].grouped, *conditions, *arguments)))
