"""Leaves to a plan, two ways.

`naive` is the definition itself: every leaf on its own, its rows filtered by all its conditions.
`fast` reads a dataset once for all leaves that group it in the same way, and takes coarser groups
from finer ones that are there already where adding up groups gives the whole. Partners of as-of joins
are looked for row by row in the one, in one pass in the other. Both give the same table; every case
runs both.
"""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.contexts.leaves import DAY, MOMENT, AnyLeaf, Leaves, Level, has_rows, rows_of
from kpidsl.contexts.windows import InBucket
from kpidsl.model.definitions import Project
from kpidsl.model.types import INTEGER
from kpidsl.plan.grouping import Grouping, Names
from kpidsl.plan.nodes import (
    Attach,
    Days,
    Fill,
    Given,
    Groups,
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
)
from kpidsl.plan.ranking import counting, rows_to_count
from kpidsl.plan.reading import Reading
from kpidsl.plan.results import Compute, Judge, LevelRows, Levels, Sort
from kpidsl.plan.slots import key_slots, keys_of_ranges, unique_name, value_slots
from kpidsl.plan.spines import Spines
from kpidsl.semantics.bound import Grain
from kpidsl.semantics.times import of_time


def naive(leaves: Leaves, project: Project) -> Sort:
    """Return the plan in which every leaf is computed on its own."""
    return _Lowering(leaves, project, shares=False).plan()


def fast(leaves: Leaves, project: Project) -> Sort:
    """Return the plan in which leaves share scans and coarser groups follow from finer ones."""
    return _Lowering(leaves, project, shares=True).plan()


class _Lowering:
    def __init__(self, leaves: Leaves, project: Project, *, shares: bool) -> None:
        self.leaves = leaves
        self.project = project
        self.shares = shares
        self.keys = key_slots(leaves)
        own = {g.member: slot for g, slot in zip(leaves.by, self.keys, strict=True)}
        self.key_of = {**keys_of_ranges(leaves, self.keys), **own}
        self.slots = value_slots(leaves)
        reading = Reading(project, at_once=shares)
        self.spines = Spines(leaves, self.key_of, project)
        spines = (self.spines.of_windows, self.spines.of_sets)
        self.grouping = Grouping(leaves.leaves, self.key_of, spines, reading, shares=shares)
        self.spines.counted = self.grouping.aggregating.counted
        self.spines.days_of = self.grouping.pieces.days_of if shares else None
        self.days: Days | None = None
        self.detail: Groups | None = None

    def plan(self) -> Sort:
        leaves = self.leaves
        levels = tuple(self.level(level) for level in leaves.levels)
        rows = Levels(levels) if leaves.shows_levels else levels[0].rows
        compute = Compute(
            rows, self.keys, self.slots, leaves.by, leaves.columns, leaves.flags, leaves.levels[0].values
        )
        judgement = leaves.judgement
        return Sort(
            input=compute if judgement is None else Judge(compute, judgement),
            unfinished=leaves.unfinished,
            having=leaves.having,
            order=leaves.order,
            limit=leaves.limit,
            null_label=leaves.null_label,
            window=leaves.window,
        )

    def level(self, level: Level) -> LevelRows:
        leaves, names = self.leaves.leaves, self.names(level)
        full = [i for i in names if self.is_full(i, level)]
        is_ranked = level is self.leaves.levels[0] and self.leaves.ranking is not None
        if is_ranked:
            self.grouping.aggregating.counts = self.counts(full, names)
        keys = tuple(self.key_of[member] for member in level.members)
        groups = self.grouping.groups(full, keys, names, needs_rows=level.gathers and not keys)
        if self.leaves.named and not self.leaves.grains:
            groups = self.with_named(groups)
        kept = self.kept(groups) if is_ranked else groups
        if level is self.leaves.levels[0]:
            gathers = any(level.gathers for level in self.leaves.levels)
            self.days = self.calendar(self.with_all_buckets(groups if gathers else kept))
            self.detail = groups
        rows: Rows = self.filled(kept, level)
        whole = not isinstance(kept, Keep | Nothing)
        rows = self.grouping.with_totals(rows, [i for i in names if i not in full], names, whole=whole)
        if level.gathers and not keys and any(_is_elsewhere(leaves[i]) for i in full):
            rows = self.where_left(rows)
        values = tuple(names[i] for i in level.leaves)
        return LevelRows(level.name, rows, level.gathers, values, level.flags, level.values)

    def names(self, level: Level) -> dict[int, Slot]:
        """Return the slot of each leaf: that of the first of the plan's values which it stands for."""
        names: dict[int, Slot] = {}
        for slot, leaf in zip(self.slots, level.leaves, strict=True):
            names.setdefault(leaf, slot)
        return names

    def is_full(self, index: int, level: Level) -> bool:
        leaf = self.leaves.leaves[index]
        is_of_level = leaf.makes_rows and has_rows(leaf) and leaf.is_gathered == level.gathers
        return is_of_level and len(leaf.keys) == len(level.members)

    def with_named(self, groups: Groups) -> Stack:
        """Return groups and those that the query names, whether or not facts have them."""
        given = Given(self.keys, self.leaves.named)
        match groups:
            case Nothing():
                return Stack((given,))
            case Stack(inputs=inputs):
                return Stack((*inputs, given))
            case _:
                return Stack((groups, given))

    # empty buckets

    def filled(self, rows: Groups | Keep, level: Level) -> Groups | Keep | Fill:
        """Return the rows with the empty buckets of the level's grains, where they are asked for."""
        keys = [key for key in self.leaves.grains if self.leaves.fill and key.member in level.members]
        buckets = tuple(KeySlot(self.key_of[key.member], key.value) for key in keys)
        if self.days is None or not buckets:
            return rows
        named = self.leaves.named
        has_others = len(buckets) < len(level.members)
        if isinstance(rows, Nothing) and (level.gathers or (has_others and not named)):
            return rows
        days = self.days
        if days.own is not None and len(buckets) < len(self.leaves.grains):
            return Fill(rows, self.spine_of_some(level), level.gathers, named)
        return Fill(rows, Spine(days, buckets), level.gathers, named)

    def calendar(self, rows: Groups | Keep) -> Days | None:
        """Return the days whose buckets are to be there: the period's, else those of the rows."""
        if not self.leaves.fill:
            return None
        start, end = self.leaves.calendar.start, self.leaves.calendar.end
        grains = self.spines.grains
        if start is not None and end is not None:
            return self.spines.of_period(grains, start, end)
        has_rows = not isinstance(rows.input if isinstance(rows, Keep) else rows, Nothing)
        return self.spines.of_rows(rows, grains) if grains and has_rows else None

    def with_all_buckets(self, detail: Groups | Keep) -> Groups | Keep:
        """Return rows with the first and the last bucket of the result: those of the totals by the grains
        alone, where the detail rows may lack buckets that these have."""
        grains = {key.member for key in self.leaves.grains}
        first, *others = self.leaves.levels
        level = next((it for it in others if not it.gathers and set(it.members) == grains), None)
        if not (self.leaves.fill and grains) or level is None:
            return detail
        is_narrower = isinstance(detail, Keep) or any(
            self.is_full(there, level) and not self.is_full(here, first)
            for here, there in zip(first.leaves, level.leaves, strict=True)
        )
        return self.groups_of(level) if is_narrower else detail

    def spine_of_some(self, level: Level) -> Spine:
        """Return the buckets of a level that has some of the grains: those of a query by these alone."""
        grains = tuple(grain for grain in self.spines.grains if grain in level.members)
        alone = next(it for it in self.leaves.levels if not it.gathers and set(it.members) == set(grains))
        days = self.spines.of_rows(self.groups_of(alone), grains)
        time = DAY if days.seconds is None else MOMENT
        values = (of_time(self.project, grain, time) for grain in grains)
        slots = (self.key_of[grain] for grain in grains)
        return Spine(days, tuple(map(KeySlot, slots, values)), grains)

    def groups_of(self, level: Level) -> Groups:
        """Return the groups of a level, with nothing attached."""
        names = self.names(level)
        full = [i for i in names if self.is_full(i, level)]
        keys = tuple(self.key_of[member] for member in level.members)
        return self.grouping.stacked(full, keys, names)

    # the ranking

    def counts(self, full: Sequence[int], names: Names) -> dict[int, Slot]:
        """Return the slots that count rows for the ranking, by the leaves whose rows these are."""
        ranking = self.leaves.ranking
        if ranking is None or not self.shares:
            return {}
        place = {self.leaves.leaves[i]: i for i in full}
        own = [i for i in dict(ranking.leaves).values() if self.makes_ranked(i)]
        shared = [
            [self.leaves.leaves[i] for i in same]
            for same in self.grouping.aggregating.sharing(dict.fromkeys(own))
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

    def where_left(self, rows: Rows) -> Rows:
        """Return the row of the others of buckets, where there are any: the rows of a window that is moved
        may lie in buckets that the result never had."""
        top, detail = self.grouping.top, self.detail
        if top is None or detail is None or isinstance(detail, Nothing):
            return rows
        if not all(isinstance(member, Grain) for member in top.members):
            return rows
        first = top.keys[0]
        last = Merged(Slot("v_last_left", first.type), "max", first)
        return Attach(rows, Regroup(detail, (), (last,), outside=top, needs_rows=True))

    def makes_ranked(self, index: int) -> bool:
        """Tell whether a leaf of the ranking makes the groups that are ranked."""
        leaf, ranking = self.leaves.leaves[index], self.leaves.ranking
        if ranking is None or not (leaf.makes_rows and has_rows(leaf)):
            return False
        return len(leaf.keys) == len(ranking.members)

    def kept(self, detail: Groups) -> Groups | Keep:
        """Return the detail groups whose members are among the first of the ranking."""
        top = self.grouping.top = self.ranked(detail)
        if top is None:
            return Nothing(detail.key_slots)
        return detail if isinstance(detail, Nothing) else Keep(detail, top)

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
        full = [i for i in own if self.makes_ranked(i)]
        if not full:
            return None
        counts = tuple(dict.fromkeys(self.grouping.aggregating.counts.values()))
        is_detail = self.shares and len(keys) == len(self.keys)
        groups, having_rows = detail, counts
        if not is_detail:
            groups, having_rows = self.grouping.stacked(full, keys, own, having_rows=counts), ()
        reduced = [i for i in own if i not in full]
        rows = self.grouping.with_totals(groups, reduced, own, whole=is_detail)
        return Top(
            rows,
            ranking.members,
            keys,
            ranking.value,
            slots,
            ranking.descending,
            ranking.count,
            having_rows,
            ranking.values,
        )


def _is_elsewhere(leaf: AnyLeaf) -> bool:
    """Tell whether some of what a leaf reads are not the rows of its own bucket."""
    return any(not isinstance(move, InBucket) for row in rows_of(leaf) for move in row.moves)
