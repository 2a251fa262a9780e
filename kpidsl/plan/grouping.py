"""Leaves to groups: those that make rows stacked, coarser ones found beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kpidsl.contexts.leaves import AnyLeaf, BucketsOfWindow, EntityLeaf, Leaf, asks_for_buckets, rows_of
from kpidsl.contexts.sets import EntitySet
from kpidsl.plan.aggregating import Aggregating
from kpidsl.plan.entity_groups import rows_of_entities, spine_of_entities, window_buckets
from kpidsl.plan.nodes import (
    Aggregate,
    Attach,
    Crossed,
    EntityMeasure,
    EntityValues,
    Groups,
    Held,
    InPieces,
    Inside,
    Keep,
    Merged,
    Nothing,
    OverEntities,
    Regroup,
    Rows,
    Slot,
    Spine,
    Spread,
    Stack,
    Top,
    Traced,
    WindowBuckets,
    WindowSpine,
    WindowTotal,
    Within,
)
from kpidsl.plan.pieces import Pieces
from kpidsl.plan.ranking import DECOMPOSABLE, follows, lasts
from kpidsl.plan.reading import Reading
from kpidsl.plan.sets import Sets
from kpidsl.plan.slots import entity_slots, inner_slots
from kpidsl.semantics.bound import Grain, Member

WithKeys = Aggregate | OverEntities | Stack
"""Rows of a leaf by its own members."""
Names = Mapping[int, Slot]
"""The slot of each leaf of a level, by the leaf's place among the leaves."""
MakeSpine = Callable[[tuple[Grain, ...]], Spine | WindowSpine]
"""Returns the buckets of some grains."""


@dataclass(frozen=True, slots=True)
class Made:
    """Groups that coarser ones may follow from: the leaves in them by what they aggregate."""

    groups: Groups
    size: int
    leaves: Mapping[object, tuple[AnyLeaf, Slot]]
    of: Grouping


@dataclass(frozen=True, slots=True)
class _OfEntities:
    """The rows of entities: the slots of the leaves of their values, and of their keys. `around` are the rows
    of groups that may have no entities."""

    rows: Rows
    slots: tuple[Slot, ...]
    key_of: Mapping[Member, Slot]
    around: tuple[WithKeys, ...] = ()


class Grouping:
    """Makes groups of leaves: of a query's, or of those of values that entities have."""

    def __init__(
        self,
        leaves: Sequence[AnyLeaf],
        key_of: Mapping[Member, Slot],
        spines: tuple[MakeSpine, MakeSpine],
        reading: Reading,
        *,
        shares: bool,
    ) -> None:
        self.leaves = leaves
        self.key_of = key_of
        self.spine, self.spine_of_sets = spines
        self.reading = reading
        self.shares = shares
        sets = Sets(reading, key_of, self.spine_of_sets, self.entity_values, by_own=shares)
        self.aggregating = Aggregating(leaves, key_of, self.spine, reading, sets)
        self.pieces = Pieces(leaves, self.aggregating, reading.project)
        self.made: list[Made] = []
        """What all groupings of a plan have made. Only what has no windows is taken from others: these have
        other buckets."""
        self.regroups: dict[object, Regroup] = {}
        self.top: Top | None = None
        self._entities: dict[object, _OfEntities] = {}

    def size(self, index: int) -> int:
        return len(self.leaves[index].keys)

    def groups(
        self, full: Sequence[int], keys: tuple[Slot, ...], names: Names, *, needs_rows: bool = False
    ) -> Groups:
        """Return the groups that make rows, and remember them for coarser ones."""
        groups = self.stacked(full, keys, names, needs_rows=needs_rows)
        here = {leaf.what: (leaf, names[i]) for i in full if (leaf := self.leaves[i])}
        self.made.append(Made(groups, len(keys), here, self))
        return groups

    def aggregate(
        self, indices: Sequence[int], names: Names, *, needs_rows: bool = False
    ) -> Aggregate | OverEntities:
        """Return the aggregate of leaves that read and group the same rows."""
        first = self.leaves[indices[0]]
        if isinstance(first, Leaf):
            return self.aggregating.aggregate(indices, names, self.top, needs_rows)
        return self.over_entities(indices, names, needs_rows=needs_rows)

    def stacked(
        self,
        full: Sequence[int],
        keys: tuple[Slot, ...],
        names: Names,
        *,
        needs_rows: bool = False,
        having_rows: tuple[Slot, ...] = (),
    ) -> Groups:
        """Return the groups in which some of the leaves have rows; all of them have all of the members.

        `having_rows` are the counts that tell of finer groups whether they have rows of the leaves.
        """
        parts: list[Aggregate | Regroup | InPieces | Held | Traced | OverEntities] = []
        scanned: list[list[int]] = [[i] for i in full]
        if self.shares:
            derived: dict[int, tuple[Made, list[int]]] = {}
            scanned = []
            for indices in self.aggregating.sharing(full):
                sources = [self.finer(i, full if keys and not having_rows else ()) for i in indices]
                if any(source is None for source in sources):
                    scanned.append(indices)
                    continue
                for i, source in zip(indices, sources, strict=True):
                    assert source is not None
                    derived.setdefault(id(source), (source, []))[1].append(i)
            parts.extend(
                self.regroup(made, indices, keys, names, needs_rows, having_rows)
                for made, indices in derived.values()
            )
        if self.shares and not needs_rows:
            traced, scanned = self.pieces.traced(scanned, names)
            parts.extend(traced)
            made, scanned = self.in_pieces(scanned, names)
            parts.extend(made)
        for indices in scanned:
            parts.append(self.aggregate(indices, names, needs_rows=needs_rows))
            parts.extend(self.around_entities(indices[0], keys, needs_rows=needs_rows))
        if not parts:
            return Nothing(keys)
        return parts[0] if len(parts) == 1 else Stack(tuple(parts), needs_rows)

    def around_entities(self, index: int, keys: tuple[Slot, ...], *, needs_rows: bool) -> list[Regroup]:
        """Return the groups that a leaf over entities, once made, has beside those of its entities."""
        leaf = self.leaves[index]
        if isinstance(leaf, Leaf) or not leaf.makes_rows or not (keys or needs_rows):
            return []
        return [Regroup(rows, keys, (), needs_rows=needs_rows) for rows in self._entities[leaf.groups].around]

    def in_pieces(
        self, scanned: Sequence[Sequence[int]], names: Names
    ) -> tuple[list[InPieces | Held | Aggregate], list[list[int]]]:
        """Return the groups of moved leaves that pieces of time give, and which leaves are left."""
        moved = [i for indices in scanned for i in indices if self.is_moved(i)]
        beside = [indices for indices in scanned if not any(map(self.is_moved, indices))]
        parts, left = self.pieces.parts(moved, names, beside)
        gone = set(moved) - set(left)
        rest = [[i for i in indices if i not in gone] for indices in scanned]
        return parts, [indices for indices in rest if indices]

    def is_moved(self, index: int) -> bool:
        leaf = self.leaves[index]
        return isinstance(leaf, Leaf) and leaf.window is not None

    def finer(self, index: int, making: Sequence[int] = ()) -> Made | None:
        """Return the coarsest groups that a leaf's value follows from, if there are any.

        Needs: the same aggregate under the same conditions with the leaf's members and maybe more,
        and an aggregate that adds up. Every row of the leaf is in one of the finer groups. Where `making`
        are the leaves whose rows make the coarser groups, none of the finer is there for others alone.
        """
        around = [self.leaves[i] for i in making]
        leaf = self.leaves[index]
        if isinstance(leaf, EntityLeaf) or leaf.function not in DECOMPOSABLE:
            return None
        found = [
            made
            for made in self.made
            if (finer := made.leaves.get(leaf.what)) and follows(leaf, finer[0])
            if made.of is self or not asks_for_buckets(leaf)
            if not around or all(lasts(other, around) for other, _ in made.leaves.values())
        ]
        return min(found, key=lambda made: made.size, default=None)

    def regroup(
        self,
        made: Made,
        indices: Sequence[int],
        keys: tuple[Slot, ...],
        names: Names,
        needs_rows: bool = False,
        having_rows: tuple[Slot, ...] = (),
    ) -> Regroup:
        """Return coarser groups from finer ones, with the values of some leaves."""
        measures = []
        outside = False
        for i in indices:
            leaf = self.leaves[i]
            finer, slot = made.leaves[leaf.what]
            outside = outside or leaf.is_gathered != finer.is_gathered
            measures.append(Merged(names[i], DECOMPOSABLE[leaf.function], slot))
        same = (id(made), keys, tuple(measures), outside, having_rows)
        if same not in self.regroups:
            top = self.top if outside else None
            merged = tuple(measures)
            self.regroups[same] = Regroup(made.groups, keys, merged, top, having_rows, needs_rows)
        return self.regroups[same]

    def with_totals(self, rows: Rows, reduced: Sequence[int], names: Names, *, whole: bool) -> Rows:
        """Return the rows with the leaves that have fewer members than they.

        `whole` tells that the rows are all groups of their level, so that they add up to its totals.
        """
        asking = [i for i in reduced if isinstance(leaf := self.leaves[i], EntityLeaf) and leaf.asked]
        found = self._with_totals(rows, [i for i in reduced if i not in asking], names, whole=whole)
        for indices in self.aggregating.sharing(asking) if self.shares else [[i] for i in asking]:
            found = Attach(found, self.over_entities(indices, names, around=rows))
        return found

    def _with_totals(self, rows: Rows, reduced: Sequence[int], names: Names, *, whole: bool) -> Rows:
        if not self.shares:
            for i in reduced:
                rows = Attach(rows, self.aggregate([i], names))
            return rows
        within = {}
        if whole:
            here = self.made[-1]
            assert not isinstance(rows, Keep | Inside | Spread | Crossed | Within | Attach)
            within = {i: total for i in reduced if (total := self.window_total(i, here, names)) is not None}
            if within:
                rows = Within(rows, tuple(within.values()))
        rest = [i for i in reduced if i not in within]
        scanned = []
        derived: dict[object, tuple[Made, list[int]]] = {}
        for i in rest:
            source = self.finer(i)
            if source is None:
                scanned.append(i)
            else:
                leaf = self.leaves[i]
                derived.setdefault((id(source), leaf.keys, leaf.is_gathered), (source, []))[1].append(i)
        for made, indices in derived.values():
            keys = tuple(self.key_of[member] for member in self.leaves[indices[0]].members)
            rows = Attach(rows, self.regroup(made, indices, keys, names))
        by_members: dict[object, list[int]] = {}
        for i in scanned:
            by_members.setdefault(self.leaves[i].members, []).append(i)
        left: list[int] = []
        for indices in by_members.values():
            parts, remaining = self.in_pieces([indices], names)
            left.extend(i for same in remaining for i in same)
            if parts:
                rows = Attach(rows, parts[0] if len(parts) == 1 else Stack(tuple(parts)))
        for indices in self.aggregating.sharing(left):
            rows = Attach(rows, self.aggregate(indices, names))
        return rows

    def window_total(self, index: int, here: Made, names: Names) -> WindowTotal | None:
        """Return how a coarser leaf follows from the rows themselves, if it does."""
        leaf = self.leaves[index]
        found = here.leaves.get(leaf.what)
        if found is None or leaf.function not in DECOMPOSABLE or not follows(leaf, found[0]):
            return None
        finer, source = found
        if finer.is_gathered != leaf.is_gathered:
            return None
        kept = tuple(self.key_of[member] for member in leaf.members)
        return WindowTotal(names[index], DECOMPOSABLE[leaf.function], source, kept)

    # values of entities

    def over_entities(
        self, indices: Sequence[int], names: Names, *, needs_rows: bool = False, around: Rows | None = None
    ) -> OverEntities:
        """Return an aggregate over values of entities for leaves that share these, which may ask keys of the
        rows `around`."""
        first = self.leaves[indices[0]]
        assert isinstance(first, EntityLeaf)
        if first.groups not in self._entities or not self.shares or around is not None:
            self._entities[first.groups] = self._of_entities(first, around)
        of = self._entities[first.groups]
        measures = []
        for i in indices:
            leaf = self.leaves[i]
            assert isinstance(leaf, EntityLeaf)
            empty = leaf.empty_is_null
            measures.append(
                EntityMeasure(names[i], leaf.function, leaf.value, leaf.others, leaf.tested, empty)
            )
        own = {measure.slot for measure in measures}
        counts = self.aggregating.counts
        measures.extend(
            EntityMeasure(counts[i], "count", None, (), (), False)
            for i in indices
            if i in counts and counts[i] not in own
        )
        keys = tuple(self.key_of[key.member] for key in (*first.keys, *first.asked))
        entities = tuple(of.key_of[key.member] for key in first.added)
        all_keys = (*first.keys, *first.asked, *first.added)
        members = tuple((key.member, of.key_of[key.member]) for key in all_keys)
        return OverEntities(of.rows, keys, entities, of.slots, members, tuple(measures), needs_rows)

    def entity_values(self, found: EntitySet, top: Top | None) -> EntityValues:
        """Return the entities of a set, in whose windows at least the rows are that ask for them."""
        spines = (self.spine_of_sets, self.spine_of_sets)
        inner = Grouping((found.of,), self.key_of, spines, self.reading, shares=self.shares)
        inner.top = top
        of = inner._of_entities(found.of)
        keys = tuple(self.key_of[member] for member in found.members)
        members = tuple((key.member, of.key_of[key.member]) for key in (*found.of.keys, *found.of.added))
        home = next(rows_of(found.of)).dataset
        entity = of.key_of[found.column]
        return EntityValues(of.rows, home, keys, entity, of.slots, members, found.holds, found.includes_null)

    def _of_entities(self, leaf: EntityLeaf, around: Rows | None = None) -> _OfEntities:
        """Return the rows that hold the values' leaves, one for each entity in each group."""
        added = [(key.member, key.value.type) for key in leaf.added]
        key_of = {**self.key_of, **entity_slots(added, self.key_of.values())}
        buckets = self._buckets(leaf, key_of)
        spines = self._spines(buckets, leaf, key_of)
        inner = Grouping(leaf.inner, key_of, spines, self.reading, shares=self.shares)
        inner.top = self.top
        slots = inner_slots(leaf.inner)
        names = dict(enumerate(slots))
        spine = None if buckets is None else spine_of_entities(leaf, buckets, key_of)
        rows, full, whole = rows_of_entities(inner, leaf, names, spine, around)
        beside = inner.rows_of(leaf.around, names)
        reduced = [place for place in names if place not in full]
        return _OfEntities(inner.with_totals(rows, reduced, names, whole=whole), slots, key_of, beside)

    def rows_of(self, wanted: Sequence[AnyLeaf], names: Names) -> tuple[WithKeys, ...]:
        """Return the rows of some of the leaves, each by itself: none where there is nothing to aggregate."""
        found: list[WithKeys] = []
        for place, leaf in enumerate(self.leaves):
            if leaf in wanted:
                keys = tuple(self.key_of[member] for member in leaf.members)
                own = self.aggregate([place], names, needs_rows=not keys)
                around = self.around_entities(place, keys, needs_rows=not keys)
                found.append(Stack((own, *around)) if around else own)
        return tuple(found)

    def _spines(
        self, buckets: WindowBuckets | None, leaf: EntityLeaf, key_of: Mapping[Member, Slot]
    ) -> tuple[MakeSpine, MakeSpine]:
        """Return what makes buckets inside an aggregate over entities: where it adds grains, those."""

        def of(outer: MakeSpine, grains: tuple[Grain, ...]) -> Spine | WindowSpine:
            if buckets is None or all(grain in leaf.grains for grain in grains):
                return outer(grains)
            return WindowSpine(buckets, tuple((grain, key_of[grain]) for grain in grains))

        return partial(of, self.spine), partial(of, self.spine_of_sets)

    def _buckets(self, leaf: EntityLeaf, key_of: Mapping[Member, Slot]) -> WindowBuckets | None:
        """Return the buckets that a leaf adds, and make those first for which sets are made that are asked
        where these end."""
        buckets = leaf.buckets
        if buckets is None:
            return None
        asked = buckets.asked
        wide = None if asked is None else self._in_windows(asked, key_of, (self.spine, self.spine_of_sets))
        return self._in_windows(buckets, key_of, self._spines(wide, leaf, key_of))

    def _in_windows(
        self,
        buckets: BucketsOfWindow,
        key_of: Mapping[Member, Slot],
        spines: tuple[MakeSpine, MakeSpine],
    ) -> WindowBuckets:
        """Return the buckets in windows, of which an open one ends where some counts of rows do."""
        counting = Grouping(buckets.ranges, key_of, spines, self.reading, shares=self.shares).aggregating
        names = {place: Slot(f"v_rows_{place + 1}", one.type) for place, one in enumerate(buckets.ranges)}
        counted = tuple(counting.aggregate([place], names, self.top) for place in names)
        outer = self.spine(buckets.outer) if buckets.outer else None
        return window_buckets(buckets, key_of, outer, counted)
