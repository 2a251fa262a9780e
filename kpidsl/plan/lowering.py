"""Leaves to a plan, two ways.

`naive` is the definition itself: every leaf on its own, its rows filtered by all its conditions.
`fast` reads a dataset once for all leaves that group it in the same way, and takes coarser groups
from finer ones that are there already where adding up groups gives the whole. Partners of as-of joins
are looked for row by row in the one, in one pass in the other. Both give the same table; every case
runs both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kpidsl.contexts.leaves import Leaf, Leaves, Level
from kpidsl.model.definitions import Project
from kpidsl.model.types import INTEGER
from kpidsl.plan.aggregating import Aggregating
from kpidsl.plan.nodes import (
    Aggregate,
    Attach,
    Days,
    Fill,
    Groups,
    InPieces,
    Keep,
    KeySlot,
    Merged,
    Nothing,
    Regroup,
    Rows,
    Slot,
    Spine,
    Stack,
    Top,
    WindowTotal,
    Within,
)
from kpidsl.plan.pieces import Pieces
from kpidsl.plan.ranking import DECOMPOSABLE, counting, follows, rows_to_count
from kpidsl.plan.reading import Reading
from kpidsl.plan.results import Compute, LevelRows, Levels, Sort
from kpidsl.plan.sets import Sets
from kpidsl.plan.slots import key_slots, unique_name, value_slots
from kpidsl.plan.spines import Spines


def naive(leaves: Leaves, project: Project) -> Sort:
    """Return the plan in which every leaf is computed on its own."""
    return _Lowering(leaves, project, shares=False).plan()


def fast(leaves: Leaves, project: Project) -> Sort:
    """Return the plan in which leaves share scans and coarser groups follow from finer ones."""
    return _Lowering(leaves, project, shares=True).plan()


Names = Mapping[int, Slot]
"""The slot of each leaf of a level, by the leaf's place among the leaves."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Groups that coarser ones may follow from: the leaves in them by what they aggregate."""

    groups: Groups
    size: int
    leaves: Mapping[object, tuple[Leaf, Slot]]


class _Lowering:
    def __init__(self, leaves: Leaves, project: Project, *, shares: bool) -> None:
        self.leaves = leaves
        self.shares = shares
        self.keys = key_slots(leaves)
        self.key_of = {g.member: slot for g, slot in zip(leaves.by, self.keys, strict=True)}
        self.slots = value_slots(leaves)
        reading = Reading(project, at_once=shares)
        self.spines = Spines(leaves, self.key_of)
        sets = Sets(reading, self.key_of, self.spines.of_sets, by_own=shares)
        self.aggregating = Aggregating(leaves, self.key_of, self.spines.of_windows, reading, sets)
        self.pieces = Pieces(leaves, self.aggregating, project)
        self.spines.counted = self.aggregating.counted
        self.spines.days_of = self.pieces.days_of if shares else None
        self.made: list[_Made] = []
        self.regroups: dict[object, Regroup] = {}
        self.top: Top | None = None
        self.days: Days | None = None

    def plan(self) -> Sort:
        leaves = self.leaves
        levels = tuple(self.level(level) for level in leaves.levels)
        rows = Levels(levels) if leaves.shows_levels else levels[0].rows
        return Sort(
            input=Compute(
                rows, self.keys, self.slots, leaves.by, leaves.columns, leaves.flags, leaves.levels[0].values
            ),
            unfinished=leaves.unfinished,
            having=leaves.having,
            order=leaves.order,
            limit=leaves.limit,
            null_label=leaves.null_label,
            window=leaves.window,
        )

    def level(self, level: Level) -> LevelRows:
        names = self.names(level)
        full = [i for i in names if self.is_full(i, level)]
        is_ranked = level is self.leaves.levels[0] and self.leaves.ranking is not None
        if is_ranked:
            self.aggregating.counts = self.counts(full, names)
        groups = self.groups(level, full, names)
        kept = self.kept(groups) if is_ranked else groups
        if level is self.leaves.levels[0]:
            gathers = any(level.gathers for level in self.leaves.levels)
            self.days = self.calendar(groups if gathers else kept)
        rows: Rows = self.filled(kept, level)
        whole = not isinstance(kept, Keep | Nothing)
        rows = self.with_totals(rows, [i for i in names if i not in full], names, whole=whole)
        values = tuple(names[i] for i in level.leaves)
        return LevelRows(level.name, rows, level.gathers, values, level.flags, level.values)

    def names(self, level: Level) -> dict[int, Slot]:
        """Return the slot of each leaf: that of the first of the plan's values which it stands for."""
        names: dict[int, Slot] = {}
        for slot, leaf in zip(self.slots, level.leaves, strict=True):
            names.setdefault(leaf, slot)
        return names

    def size(self, index: int) -> int:
        return len(self.leaves.leaves[index].keys)

    def is_full(self, index: int, level: Level) -> bool:
        return self.size(index) == len(level.members) and (
            bool(self.leaves.leaves[index].gathered) == level.gathers
        )

    # groups that make the level's rows

    def groups(self, level: Level, full: Sequence[int], names: Names) -> Groups:
        keys = tuple(self.key_of[member] for member in level.members)
        groups = self.stacked(full, keys, names, needs_rows=level.gathers and not keys)
        here = {leaf.what: (leaf, names[i]) for i in full if (leaf := self.leaves.leaves[i])}
        self.made.append(_Made(groups, len(keys), here))
        return groups

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
        parts: list[Aggregate | Regroup | InPieces] = []
        scanned: list[list[int]] = [[i] for i in full]
        if self.shares:
            derived: dict[int, tuple[_Made, list[int]]] = {}
            scanned = []
            for indices in self.aggregating.sharing(full):
                sources = [self.finer(i) for i in indices]
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
            made, scanned = self.in_pieces(scanned, names)
            parts.extend(made)
        parts.extend(self.aggregating.aggregate(i, names, self.top, needs_rows) for i in scanned)
        if not parts:
            return Nothing(keys)
        return parts[0] if len(parts) == 1 else Stack(tuple(parts), needs_rows)

    def in_pieces(
        self, scanned: Sequence[Sequence[int]], names: Names
    ) -> tuple[list[InPieces | Aggregate], list[list[int]]]:
        """Return the groups of moved leaves that pieces of time give, and which leaves are left."""
        moved = [i for indices in scanned for i in indices if self.leaves.leaves[i].window is not None]
        beside = [
            indices for indices in scanned if all(self.leaves.leaves[i].window is None for i in indices)
        ]
        parts, left = self.pieces.parts(moved, names, beside)
        gone = set(moved) - set(left)
        rest = [[i for i in indices if i not in gone] for indices in scanned]
        return parts, [indices for indices in rest if indices]

    def finer(self, index: int) -> _Made | None:
        """Return the coarsest groups that a leaf's value follows from, if there are any.

        Needs: the same aggregate under the same conditions with the leaf's members and maybe more,
        and an aggregate that adds up. Every row of the leaf is in one of the finer groups.
        """
        leaf = self.leaves.leaves[index]
        if leaf.function not in DECOMPOSABLE:
            return None
        found = [
            made for made in self.made if (finer := made.leaves.get(leaf.what)) and follows(leaf, finer[0])
        ]
        return min(found, key=lambda made: made.size, default=None)

    def regroup(
        self,
        made: _Made,
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
            leaf = self.leaves.leaves[i]
            finer, slot = made.leaves[leaf.what]
            outside = outside or leaf.gathered != finer.gathered
            measures.append(Merged(names[i], DECOMPOSABLE[leaf.function], slot))
        same = (id(made), keys, tuple(measures), outside, having_rows)
        if same not in self.regroups:
            top = self.top if outside else None
            merged = tuple(measures)
            self.regroups[same] = Regroup(made.groups, keys, merged, top, having_rows, needs_rows)
        return self.regroups[same]

    # empty buckets

    def filled(self, rows: Groups | Keep, level: Level) -> Groups | Keep | Fill:
        """Return the rows with the empty buckets of the level's grains, where they are asked for."""
        buckets = tuple(
            KeySlot(self.key_of[key.member], key.value)
            for key in self.leaves.grains
            if self.leaves.fill and key.member in level.members
        )
        if self.days is None or not buckets:
            return rows
        if isinstance(rows, Nothing) and len(buckets) < len(level.members):
            return rows
        return Fill(rows, Spine(self.days, buckets), level.gathers)

    def calendar(self, rows: Groups | Keep) -> Days | None:
        """Return the days whose buckets are to be there: the period's, else those of the rows."""
        if not self.leaves.fill:
            return None
        start, end = self.leaves.calendar.start, self.leaves.calendar.end
        buckets, seconds = self.spines.shortest()
        if start is not None and end is not None:
            return Days(start, end - timedelta(days=1), None, buckets, seconds)
        has_rows = not isinstance(rows.input if isinstance(rows, Keep) else rows, Nothing)
        return Days(None, None, rows, buckets, seconds) if buckets and has_rows else None

    # values of coarser groups, beside the rows

    def with_totals(self, rows: Rows, reduced: Sequence[int], names: Names, *, whole: bool) -> Rows:
        """Return the rows with the leaves that have fewer members than they.

        `whole` tells that the rows are all groups of their level, so that they add up to its totals.
        """
        if not self.shares:
            for i in reduced:
                rows = Attach(rows, self.aggregating.aggregate([i], names, self.top))
            return rows
        here = self.made[-1]
        within = {}
        if whole:
            assert not isinstance(rows, Keep | Within | Attach)
            within = {i: total for i in reduced if (total := self.window_total(i, here, names)) is not None}
            if within:
                rows = Within(rows, tuple(within.values()))
        rest = [i for i in reduced if i not in within]
        scanned = []
        derived: dict[object, tuple[_Made, list[int]]] = {}
        for i in rest:
            source = self.finer(i)
            if source is None:
                scanned.append(i)
            else:
                leaf = self.leaves.leaves[i]
                derived.setdefault((id(source), leaf.keys, leaf.gathered), (source, []))[1].append(i)
        for made, indices in derived.values():
            keys = tuple(self.key_of[member] for member in self.leaves.leaves[indices[0]].members)
            rows = Attach(rows, self.regroup(made, indices, keys, names))
        by_members: dict[object, list[int]] = {}
        for i in scanned:
            by_members.setdefault(self.leaves.leaves[i].members, []).append(i)
        left: list[int] = []
        for indices in by_members.values():
            parts, remaining = self.in_pieces([indices], names)
            left.extend(i for same in remaining for i in same)
            if parts:
                rows = Attach(rows, parts[0] if len(parts) == 1 else Stack(tuple(parts)))
        for indices in self.aggregating.sharing(left):
            rows = Attach(rows, self.aggregating.aggregate(indices, names, self.top))
        return rows

    def window_total(self, index: int, here: _Made, names: Names) -> WindowTotal | None:
        """Return how a coarser leaf follows from the rows themselves, if it does."""
        leaf = self.leaves.leaves[index]
        found = here.leaves.get(leaf.what)
        if found is None or leaf.function not in DECOMPOSABLE or not follows(leaf, found[0]):
            return None
        finer, source = found
        if finer.gathered != leaf.gathered:
            return None
        kept = tuple(self.key_of[member] for member in leaf.members)
        return WindowTotal(names[index], DECOMPOSABLE[leaf.function], source, kept)

    # the ranking

    def counts(self, full: Sequence[int], names: Names) -> dict[int, Slot]:
        """Return the slots that count rows for the ranking, by the leaves whose rows these are."""
        ranking = self.leaves.ranking
        if ranking is None or not self.shares:
            return {}
        place = {self.leaves.leaves[i]: i for i in full}
        own = [i for i in dict(ranking.leaves).values() if self.size(i) == len(ranking.members)]
        shared = [
            [self.leaves.leaves[i] for i in same] for same in self.aggregating.sharing(dict.fromkeys(own))
        ]
        taken = {slot.name for slot in self.slots}
        found = {}
        for leaf in rows_to_count(tuple(place), shared, ranking.members):
            known = counting(leaf, tuple(place))
            slot = names[place[leaf if known is None else known]]
            if known is None:
                slot = Slot(unique_name(f"{slot.name}_rows", taken), INTEGER, is_zero_of_nothing=True)
            found[place[leaf]] = slot
        return found

    def kept(self, detail: Groups) -> Groups | Keep:
        """Return the detail groups whose members are among the first of the ranking."""
        self.top = self.ranked(detail)
        if self.top is None:
            return Nothing(detail.key_slots)
        return detail if isinstance(detail, Nothing) else Keep(detail, self.top)

    def ranked(self, detail: Groups) -> Top | None:
        """Return the first members of the ranking, or None where none of its leaves has all of these.

        Only members that have rows in such leaves take part: those that the KPI would show alone.
        """
        ranking = self.leaves.ranking
        assert ranking is not None
        keys = tuple(self.key_of[member] for member in ranking.members)
        own: dict[int, Slot] = {}
        for place, leaf in ranking.leaves:
            own.setdefault(leaf, self.slots[place])
        in_stead = {place: own[leaf] for place, leaf in ranking.leaves}
        slots = tuple(in_stead.get(place, slot) for place, slot in enumerate(self.slots))
        full = [i for i in own if self.size(i) == len(keys)]
        if not full:
            return None
        counts = tuple(dict.fromkeys(self.aggregating.counts.values()))
        is_detail = self.shares and len(keys) == len(self.keys)
        groups, having_rows = detail, counts
        if not is_detail:
            groups, having_rows = self.stacked(full, keys, own, having_rows=counts), ()
        reduced = [i for i in own if i not in full]
        rows = self.with_totals(groups, reduced, own, whole=is_detail)
        return Top(
            rows, keys, ranking.value, slots, ranking.descending, ranking.count, having_rows, ranking.values
        )
