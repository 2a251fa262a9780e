"""Leaves to a plan, two ways.

`naive` is the definition itself: every leaf on its own, its rows filtered by all its conditions.
`fast` reads a dataset once for all leaves that group it in the same way, and takes coarser groups
from finer ones that are there already where adding up groups gives the whole. Partners of as-of joins
are looked for row by row in the one, in one pass in the other. Both give the same table; every case
runs both.
"""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.contexts.leaves import DAY, MOMENT, AnyLeaf, asks_for_buckets, has_rows, rows_of
from kpidsl.contexts.pushed import Leaves, Level, OpenRange, Ranking
from kpidsl.contexts.windows import InBucket
from kpidsl.model.definitions import Project
from kpidsl.model.types import INTEGER
from kpidsl.plan.extents import Extents
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
        is_known = None not in (leaves.calendar.start, leaves.calendar.end)
        self.reading = Reading(project, shares, Extents(project) if shares and is_known else None)
        self.spines = Spines(leaves, self.key_of, project, leaves.levels[0].range)
        self.grouping = self.new_grouping(self.spines)
        self.groupings = {leaves.levels[0].range: self.grouping}
        self.shown: Groups | Keep = Nothing(self.keys)
        self.detail: Groups | None = None

    def grouping_in(self, range: OpenRange) -> Grouping:
        """Return what makes groups whose windows are those of the buckets in a range."""
        if range not in self.groupings:
            found = self.new_grouping(Spines(self.leaves, self.key_of, self.project, range))
            found.top, found.made = self.grouping.top, self.grouping.made
            self.groupings[range] = found
        return self.groupings[range]

    def with_windows(self, rows: Fill, full: Sequence[int], keys: tuple[Slot, ...], names: Names) -> Rows:
        """Return rows with the values that windows have in all of their buckets."""
        found = self.grouping_in(self.leaves.fill_range).stacked(full, keys, names)
        return rows if isinstance(found, Nothing) else Attach(rows, found)

    def new_grouping(self, spines: Spines) -> Grouping:
        of_sets = self.spines.of_sets
        leaves = self.leaves.leaves
        of_both = (spines.of_windows, of_sets)
        found = Grouping(leaves, self.key_of, of_both, self.reading, shares=self.shares)
        spines.counted = found.aggregating.counted
        spines.days_of = found.pieces.days_of if self.shares else None
        return found

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
        grouping = self.grouping_in(level.range)
        full = [i for i in names if self.is_full(i, level)]
        is_ranked = level is self.leaves.levels[0] and self.leaves.ranking is not None
        if is_ranked:
            self.grouping.aggregating.counts = self.counts(full, names)
        keys = tuple(self.key_of[member] for member in level.members)
        groups = grouping.groups(full, keys, names, needs_rows=level.gathers and not keys)
        if self.leaves.named and not self.leaves.grains:
            groups = self.with_named(groups)
        kept = self.kept(groups) if is_ranked else groups
        if level is self.leaves.levels[0]:
            gathers = any(level.gathers for level in self.leaves.levels)
            self.shown = groups if gathers else kept
            self.detail = groups
        rows: Rows = self.filled(kept, level)
        whole = not isinstance(kept, Keep | Nothing)
        if isinstance(rows, Fill) and level.range != self.leaves.fill_range:
            # Empty buckets may lie outside of the level's own range: windows have rows there all the same.
            grouping, whole = self.grouping_in(self.leaves.fill_range), False
            rows = self.with_windows(rows, [i for i in full if asks_for_buckets(leaves[i])], keys, names)
        rows = grouping.with_totals(rows, [i for i in names if i not in full], names, whole=whole)
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
        days = self.days_of(tuple(grain for grain in self.spines.grains if grain in level.members))
        if days is None or not buckets:
            return rows
        named = self.leaves.named
        has_others = len(buckets) < len(level.members)
        if isinstance(rows, Nothing) and (level.gathers or (has_others and not named)):
            return rows
        if days.own is not None and len(buckets) < len(self.leaves.grains):
            return Fill(rows, self.spine_of_some(level), level.gathers, named)
        return Fill(rows, Spine(days, buckets), level.gathers, named)

    def days_of(self, grains: tuple[Grain, ...]) -> Days | None:
        """Return the days whose buckets of some grains are to be there: the period's, else those from the
        first to the last of the rows that have these grains."""
        if not self.leaves.fill or not grains:
            return None
        every = self.spines.grains
        start, end = self.leaves.calendar.start, self.leaves.calendar.end
        if start is not None and end is not None:
            return self.spines.of_period(every, start, end)
        ends = self.levels_with_ends(grains)
        if ends == self.levels_with_ends(every):
            grains = every
        rows = self.with_ends(ends, grains)
        return None if rows is None else self.spines.of_rows(rows, grains)

    def levels_with_ends(self, grains: Sequence[Grain]) -> list[Level]:
        """Return the levels of which some row may be the first or the last that has all of some grains.

        What is by other members too has the rows of totals by its grains alone, where the range is the same.
        Of such totals the detail rows have all in turn, unless there are less of them, or leaves make rows of
        totals alone.
        """
        first, *others = self.leaves.levels
        every = set(self.spines.grains)
        alone = [it for it in others if not it.gathers and set(it.members) <= every]
        wider = [it for it in alone if it.range != first.range or self.is_wider(it)]
        has_all = any(set(it.members) == every and it.range == first.range for it in wider)
        found = [] if has_all else [first]
        found.extend(level for level in wider if set(grains) <= set(level.members))
        known = {(frozenset(it.members), it.range) for it in alone}
        for level in others:
            own = frozenset(member for member in level.members if member in every)
            if level not in alone and not level.gathers and set(grains) <= own:
                found.extend([level] if (own, level.range) not in known else [])
        return found

    def is_wider(self, level: Level) -> bool:
        """Tell whether totals may have buckets that the detail rows lack, though their range is the same."""
        first = self.leaves.levels[0]
        return isinstance(self.shown, Keep | Nothing) or any(
            self.is_full(there, level) and not self.is_full(here, first)
            for here, there in zip(first.leaves, level.leaves, strict=True)
        )

    def with_ends(self, levels: Sequence[Level], grains: Sequence[Grain]) -> Groups | Keep | None:
        """Return rows of levels, of which the first and the last bucket of some grains are looked for."""
        detail = self.leaves.levels[0]
        found = [self.shown if level is detail else self.groups_of(level) for level in levels]
        rows = [one for one in found if not isinstance(_made(one), Nothing)]
        if len(rows) < 2:
            return rows[0] if rows else None
        keys = tuple(self.key_of[grain] for grain in grains)
        return Stack(tuple(Regroup(one, keys, ()) for one in rows))

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
        return self.grouping_in(level.range).stacked(full, keys, names)

    # the ranking

    def counts(self, full: Sequence[int], names: Names) -> dict[int, Slot]:
        """Return the slots that count rows for the ranking, by the leaves whose rows these are."""
        ranking = self.leaves.ranking
        if ranking is None or not self.shares or self.ranks_other_buckets(ranking):
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

    def ranks_other_buckets(self, ranking: Ranking) -> bool:
        """Tell whether other buckets are ranked than those of the detail rows."""
        return ranking.range != self.leaves.levels[0].range

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
        grouping = self.grouping
        is_apart = self.ranks_other_buckets(ranking)
        if is_apart:
            grouping = self.new_grouping(Spines(self.leaves, self.key_of, self.project, ranking.range))
        is_detail = self.shares and len(keys) == len(self.keys) and not is_apart
        groups, having_rows = detail, counts
        if not is_detail:
            groups, having_rows = grouping.stacked(full, keys, own, having_rows=counts), ()
        reduced = [i for i in own if i not in full]
        rows = grouping.with_totals(groups, reduced, own, whole=is_detail)
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


def _made(rows: Groups | Keep) -> Groups:
    return rows.input if isinstance(rows, Keep) else rows


def _is_elsewhere(leaf: AnyLeaf) -> bool:
    """Tell whether some of what a leaf reads are not the rows of its own bucket."""
    return any(not isinstance(move, InBucket) for row in rows_of(leaf) for move in row.moves)
