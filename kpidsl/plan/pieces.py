"""The fast form of moved windows: groups by pieces of time first, then buckets from pieces.

A dataset is read once, by pieces that no window cuts (its days, or buckets of a grain), however many
windows are asked for; then each bucket takes the pieces in its window:

    (day, channel, revenue)  ->  (month, channel, revenue of the 28 days before its end)

It applies where a group of pieces gives the value of the whole (sums, counts, least and greatest), and
to any aggregate where each bucket's window is one whole bucket, so that it is one piece: a shift.
Different values are counted by the pieces in which they come in and go out: `Held`.
A bucket that is cut within a day is computed from the rows, beside the pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kpidsl.contexts.inside import LeafWindow, within
from kpidsl.contexts.leaves import AnyLeaf, Key, Leaf
from kpidsl.model.definitions import Project
from kpidsl.model.types import DATE
from kpidsl.plan.aggregating import Aggregating
from kpidsl.plan.held import is_held_once, rows_of, rows_with_values
from kpidsl.plan.nodes import Aggregate, Held, InPieces, Merged, Regroup, Slot, Stack, Traced
from kpidsl.plan.piece_rows import count_slot, counts_of_rows, have_all_rows
from kpidsl.plan.piece_windows import CutAlone, Form, Forms, inside
from kpidsl.plan.ranking import DECOMPOSABLE
from kpidsl.plan.reading import in_common
from kpidsl.plan.slots import unique_name
from kpidsl.plan.tracing import Made, Tracing
from kpidsl.semantics.bound import Bound, Grain
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.times import of_time

Ranging = Aggregate | Traced | Regroup | Stack
"""Groups that tell the first and the last bucket."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Pieces, with the rows that are in them."""

    rows: frozenset[object]
    pieces: Aggregate | Traced
    piece: Slot


@dataclass(frozen=True, slots=True)
class _Shared:
    """Pieces, and for each window the leaves made of them: which slot they take, and in which form."""

    pieces: Aggregate | Traced
    piece: Slot
    by_window: Mapping[LeafWindow, tuple[tuple[int, Slot, Form], ...]]
    having_rows: Mapping[LeafWindow, tuple[Slot, ...]]
    """Where not all pieces have rows of a window's leaves: the counts that tell which have."""


class Pieces:
    """Makes the groups of moved leaves from pieces, where that gives their values."""

    def __init__(self, leaves: Sequence[AnyLeaf], aggregating: Aggregating, project: Project) -> None:
        self.leaves = {place: leaf for place, leaf in enumerate(leaves) if isinstance(leaf, Leaf)}
        self.aggregating = aggregating
        self.project = project
        self.forms = Forms(project)
        self.tracing = Tracing(leaves, aggregating, project)
        self.read: list[_Read] = []
        """The pieces that have been made so far."""
        self.beside: list[tuple[Sequence[int], Mapping[int, Slot]]] = []
        """Leaves in their own buckets that are read anyway, and their slots."""
        self._forms: dict[int, Form | None] = {}
        self._reached: dict[object, tuple[Bound, ...]] = {}

    def traced(
        self, scanned: Sequence[Sequence[int]], names: Mapping[int, Slot]
    ) -> tuple[list[Traced | Regroup], list[list[int]]]:
        """Return the groups of leaves that test values against those of other buckets, and what is left."""
        shifted = {}
        for i in (i for indices in scanned for i in indices):
            form = self._form(i)
            if form is not None and form.is_one:
                shifted[i] = self._unmoved(self.leaves[i], form)
        return self.tracing.parts(scanned, names, shifted)

    def _form(self, index: int) -> Form | None:
        if index not in self._forms:
            leaf = self.leaves.get(index)
            self._forms[index] = None if leaf is None else self.forms.of(leaf)
        return self._forms[index]

    def _unmoved(self, leaf: Leaf, form: Form) -> Leaf:
        """Return a moved leaf in the pieces of its own time, as far as windows reach."""
        assert leaf.window is not None
        assert leaf.window.time is not None
        grain = Grain(form.grain)
        own = Key(grain, of_time(self.project, grain, leaf.window.time))
        conditions = tuple(dict.fromkeys((*leaf.conditions, *self._reaching(leaf, form))))
        return replace(leaf, window=None, keys=(own, *_members(leaf)), conditions=conditions)

    def _reaching(self, leaf: Leaf, form: Form) -> tuple[Bound, ...]:
        """Return what rows meet that are in any window of those leaves that may share a leaf's pieces."""
        if self.aggregating.reading.extents is None:
            return ()
        if not self._reached:
            sharing: dict[object, dict[Leaf, None]] = {}
            for i, other in self.leaves.items():
                own = self._form(i)
                if own is not None:
                    sharing.setdefault(_pieces_of(other, own), {})[other] = None
            for same, leaves in sharing.items():
                common, _ = in_common([one.conditions for one in leaves])
                windows = dict.fromkeys((_rows_in(one), one.grains) for one in leaves)
                asked = [(window, self.aggregating.spine(grains)) for window, grains in windows]
                self._reached[same] = self.aggregating.reading.reached(asked, common)
        return self._reached[_pieces_of(leaf, form)]

    def parts(
        self, indices: Iterable[int], names: Mapping[int, Slot], beside: Sequence[Sequence[int]] = ()
    ) -> tuple[list[InPieces | Held | Aggregate], list[int]]:
        """Return the groups of those leaves that pieces give, and the leaves that they do not.

        `beside` are leaves in their own buckets that are read anyway, those together that share rows:
        their groups may be the pieces.
        """
        self.beside.extend((group, names) for group in beside)
        shared: dict[object, list[tuple[int, Form]]] = {}
        rest: list[int] = []
        for i in indices:
            form = self._form(i)
            if form is None or i in self.aggregating.counts:
                rest.append(i)
                continue
            same = (_pieces_of(self.leaves[i], form), id(self._traced(i, form)))
            shared.setdefault(same, []).append((i, form))
        # All pieces first: the days of the calendar may come from several of them.
        read = [self._shared(found, names, beside) for found in shared.values()]
        return [part for one in read for part in self._of_pieces(one, names)], rest

    def _traced(self, index: int, form: Form) -> Made | None:
        """Return what has a moved leaf's pieces already."""
        return self.tracing.holding(self._unmoved(self.leaves[index], form)) if form.is_one else None

    def _shared(
        self,
        same: Sequence[tuple[int, Form]],
        names: Mapping[int, Slot],
        beside: Sequence[Sequence[int]],
    ) -> _Shared:
        """Return the pieces that some leaves share."""
        grain = Grain(same[0][1].grain)
        pieces: dict[Leaf, Slot] = {}
        by_window: dict[LeafWindow, list[tuple[int, Leaf, Form]]] = {}
        asking: dict[LeafWindow, dict[Leaf, str]] = {}
        rows: set[object] = set()
        taken = {f"p{slot.name[1:]}" for slot in names.values()}
        for i, form in same:
            leaf = self.leaves[i]
            assert leaf.window is not None
            unmoved = self._unmoved(leaf, form)
            rows.add(_rows_of(unmoved))
            own_name = f"p{names[i].name[1:]}"
            counted = rows_of(unmoved)
            asking.setdefault(leaf.window, {}).setdefault(counted, f"{own_name}_rows")
            if form.is_held:
                pieces.setdefault(counted, count_slot(unique_name(f"{own_name}_rows", taken)))
                unmoved = rows_with_values(unmoved)
                pieces.setdefault(unmoved, count_slot(unique_name(f"{own_name}_held", taken)))
            else:
                pieces.setdefault(unmoved, replace(names[i], name=own_name))
            by_window.setdefault(leaf.window, []).append((i, unmoved, form))
        traced = self._traced(*same[0])
        there = None
        if traced is not None:
            pieces = dict(traced.slots)
        else:
            there = next((group for group in beside if self._holds(group, pieces, asking)), None)
        having_rows = {} if there else counts_of_rows(asking, pieces, taken)
        piece = Slot(f"p_{grain.name}", DATE)
        aggregate: Aggregate | Traced
        if traced is not None:
            aggregate = traced.node
            piece = traced.node.bucket.slot
            rows = {_rows_of(leaf) for leaf in pieces}
        elif there is None:
            made = self.aggregating.of_leaves(tuple(pieces.items()), {grain: piece})
            aggregate = replace(made, are_pieces=True)
        else:
            aggregate = self.aggregating.aggregate(there, names, None, are_pieces=True)
            piece = self.aggregating.key_of[grain]
            pieces = {self.leaves[i]: names[i] for i in there}
            rows = {_rows_of(leaf) for leaf in pieces}
        self.read.append(_Read(frozenset(rows), aggregate, piece))
        slotted = {
            window: tuple((i, pieces[unmoved], form) for i, unmoved, form in made)
            for window, made in by_window.items()
        }
        return _Shared(aggregate, piece, slotted, having_rows)

    def _of_pieces(self, shared: _Shared, names: Mapping[int, Slot]) -> Iterable[InPieces | Held | Aggregate]:
        """Yield the buckets of leaves that share their pieces: a node for each window, one for each count of
        different values."""
        for window, made in shared.by_window.items():
            merged = [(i, slot, form.is_one) for i, slot, form in made if not form.is_held]
            if merged:
                yield self._in_window(window, shared, merged, names)
            for i, slot, form in made:
                if form.is_held:
                    yield self._held(i, form, shared, slot, names[i])
            if window.cut is not None:
                yield self._cut_bucket(window, [i for i, _, _ in made], names)

    def _holds(
        self,
        group: Sequence[int],
        pieces: Iterable[Leaf],
        asking: Mapping[LeafWindow, Iterable[Leaf]],
    ) -> bool:
        """Tell whether the groups of some leaves in their own buckets are the pieces.

        They are not where only other leaves than a window's have rows in some of them.
        """
        there = [self.leaves[i] for i in group if i in self.leaves]
        if not all(leaf in there for leaf in pieces):
            return False
        return all(have_all_rows(counts, there) for counts in asking.values())

    def days_of(self, ranges: Iterable[Leaf]) -> tuple[Ranging, Slot] | None:
        """Return pieces that reach from the first to the last bucket of some counts, and their days' slot."""
        counts = tuple(ranges)
        asked = frozenset(map(_rows_of, counts))
        found = [read for read in self.read if read.rows <= asked]
        if not found or frozenset().union(*(read.rows for read in found)) != asked:
            return self._buckets_of(counts)
        return _of_parts([(read.pieces, read.piece) for read in found])

    def _buckets_of(self, counts: Sequence[Leaf]) -> tuple[Ranging, Slot] | None:
        """Return groups of leaves in their own buckets that have rows where some counts have, and the slot
        of their buckets."""
        asked = {_times_of(count) for count in counts}
        beside: list[tuple[set[object], Sequence[int], Mapping[int, Slot]]] = []
        for group, names in self.beside:
            leaves = [self.leaves[i] for i in group if i in self.leaves]
            if len(leaves) < len(group) or any(leaf.gathered for leaf in leaves):
                continue
            if any(i in self.aggregating.counts for i in group) or len(leaves[0].grains) != 1:
                continue
            beside.append((set(map(_times_of, leaves)), group, names))
        exact = next((found for found in beside if found[0] == asked), None)
        if exact is not None:
            return self._own_buckets(*exact[1:])
        traced = [made for made in self.tracing.made if set(map(_times_of, made.asked)) <= asked]
        covered = {_times_of(leaf) for made in traced for leaf in made.asked}
        parts: list[tuple[Ranging, Slot]] = [(made.groups, made.node.bucket.slot) for made in traced]
        for times, group, names in beside if traced else ():
            if times <= asked and not times <= covered:
                parts.append(self._own_buckets(group, names))
                covered |= times
        return _of_parts(parts) if parts and covered == asked else None

    def _own_buckets(self, group: Sequence[int], names: Mapping[int, Slot]) -> tuple[Aggregate, Slot]:
        buckets = self.aggregating.key_of[self.leaves[group[0]].grains[0]]
        return self.aggregating.aggregate(group, names, None), buckets

    def _in_window(
        self,
        window: LeafWindow,
        shared: _Shared,
        made: Sequence[tuple[int, Slot, bool]],
        names: Mapping[int, Slot],
    ) -> InPieces:
        leaf = self.leaves[made[0][0]]
        is_one = all(one for _, _, one in made)
        key_of = self.aggregating.key_of
        return InPieces(
            input=shared.pieces,
            spine=self.aggregating.spine(leaf.grains),
            piece=shared.piece,
            condition=inside(window, is_one=is_one),
            keys=tuple(key_of[key.member] for key in leaf.keys),
            measures=tuple(
                Merged(names[i], "" if is_one else DECOMPOSABLE[self.leaves[i].function], slot)
                for i, slot, _ in made
            ),
            having_rows=shared.having_rows.get(window, ()),
        )

    def _held(self, index: int, form: Form, shared: _Shared, held: Slot, slot: Slot) -> Held:
        leaf = self.leaves[index]
        window = leaf.window
        assert window is not None
        assert window.time is not None
        key_of = self.aggregating.key_of
        assert isinstance(shared.pieces, Aggregate)
        piece = next(key.value for key in shared.pieces.keys if key.slot == shared.piece)
        return Held(
            pieces=shared.pieces,
            rows=self.aggregating.presences(leaf, piece, self._reaching(leaf, form)),
            spine=self.aggregating.spine(leaf.grains),
            piece=shared.piece,
            condition=inside(window, is_one=False),
            keys=tuple(key_of[key.member] for key in leaf.keys),
            slot=slot,
            held=held,
            empty_is_null=leaf.empty_is_null,
            once=is_held_once(window, self.project),
            having_rows=shared.having_rows.get(window, ()),
        )

    def _cut_bucket(self, window: LeafWindow, indices: Sequence[int], names: Mapping[int, Slot]) -> Aggregate:
        """Return the groups of the one bucket that `as_of` cuts, from the rows."""
        assert window.cut is not None
        assert window.is_cut is not None
        assert window.time is not None
        alone = CutAlone(window.time, window.cut, window.is_cut, None, window.moves, exact=window.exact)
        found = [(replace(self.leaves[i], window=alone), names[i]) for i in indices]
        return self.aggregating.of_leaves(found, {})


def _of_parts(parts: Sequence[tuple[Ranging, Slot]]) -> tuple[Ranging, Slot] | None:
    """Return groups as one, where they have the same keys, and the slot of their buckets."""
    first, bucket = parts[0]
    if any(part.key_slots != first.key_slots for part, _ in parts):
        return None
    found = tuple(dict.fromkeys(part for part, _ in parts if not isinstance(part, Stack)))
    return (found[0] if len(found) == 1 else Stack(found)), bucket


def _times_of(leaf: Leaf) -> object:
    """Return which rows a leaf has, and in which buckets."""
    times = frozenset(key for key in leaf.keys if isinstance(key.member, Grain))
    return (leaf.dataset, frozenset(leaf.conditions), times)


def _members(leaf: Leaf) -> tuple[Key, ...]:
    return tuple(key for key in leaf.keys if not isinstance(key.member, Grain))


def _pieces_of(leaf: Leaf, form: Form) -> object:
    """Return what moved leaves have in common that may share their pieces."""
    assert leaf.window is not None
    return (leaf.dataset, _members(leaf), leaf.window.time, form.grain)


def _rows_in(leaf: Leaf) -> Bound:
    """Return when a row lies in the window of a bucket that is cut nowhere."""
    assert leaf.window is not None
    assert leaf.window.time is not None
    return conjunction(within(leaf.window.time, leaf.window.bounds))


def _rows_of(leaf: Leaf) -> object:
    return (leaf.dataset, frozenset(leaf.conditions))
