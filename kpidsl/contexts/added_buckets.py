"""The buckets of grains that `per` adds: all those of a window, or from the first to the last with rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidsl.contexts.bounds import Bounds
from kpidsl.contexts.leaves import DAY, MOMENT, BucketsOfWindow, EntityLeaf, Key, Leaf, rows_of
from kpidsl.contexts.ranges import making_rows
from kpidsl.contexts.sets import is_windowed, members_in, without_sets
from kpidsl.semantics.bound import Grain, Member
from kpidsl.semantics.times import of_time

if TYPE_CHECKING:
    from kpidsl.contexts.contexts import Context
    from kpidsl.contexts.pushing import Pusher


def added_buckets(
    pusher: Pusher, whole: EntityLeaf, context: Context, bounds: Bounds, *, fills: bool
) -> BucketsOfWindow | None:
    """Return the buckets of the grains that are added, or None where nothing says which there are."""
    grains = tuple(key.member for key in whole.added if isinstance(key.member, Grain))
    others: tuple[Member, ...] = ()
    counts: tuple[Leaf, ...] = ()
    asked: BucketsOfWindow | None = None
    if bounds.is_open:
        ranges = pusher.ranges
        others = tuple(member for member in context.group if not isinstance(member, Grain))
        rows = [row for leaf in whole.inner if whole.keeps_group(leaf) for row in making_rows(leaf)]
        if not rows:
            # All of the value drops members of the group: its rows are those that it has without them.
            rows = [row for leaf in whole.inner for row in rows_of(leaf)]
            others = tuple(member for member in others if all(member in row.members for row in rows))
        timed = [row for row in rows if row in ranges.origins]
        counts = tuple(dict.fromkeys(count for row in timed for count in ranges.by(row, (*others, *grains))))
        if not counts:
            return None
        asked = _asked(pusher, context, bounds, counts, timed, (*others, *grains))
    latest = None if bounds.end is not None else pusher.ranges.latest(counts, grains)
    found = _between(pusher, context, bounds, (*others, *grains), counts)
    return replace(found, latest=latest, fills=fills, asked=asked)


def _asked(
    pusher: Pusher,
    context: Context,
    bounds: Bounds,
    counts: Sequence[Leaf],
    rows: Sequence[Leaf],
    members: tuple[Member, ...],
) -> BucketsOfWindow | None:
    """Return the buckets for which sets in windows are made that the counts of some rows by members ask.

    They are by the grains too that `per` adds deeper, where the windows of sets are told from its buckets.
    """
    asked = [condition for count in counts for condition in count.conditions]
    if not any(map(is_windowed, asked)):
        return None
    found = (member for condition in asked for member, _ in members_in(condition))
    deeper = {member for member in found if isinstance(member, Grain) and member.depth > context.depth + 1}
    members = (*members, *sorted(deeper, key=lambda grain: (grain.depth, grain.name)))
    wide = dict.fromkeys(
        replace(count, conditions=without_sets(count.conditions))
        for row in rows
        for count in pusher.ranges.by(row, members)
    )
    return _between(pusher, context, bounds, members, tuple(wide))


def _between(
    pusher: Pusher, context: Context, bounds: Bounds, members: Sequence[Member], ranges: tuple[Leaf, ...]
) -> BucketsOfWindow:
    """Return the buckets between bounds, of the grains among the members by which rows are counted."""
    windows = pusher.placing.windows
    grains = tuple(member for member in members if isinstance(member, Grain))
    short = [grain for grain in grains if windows.rule(grain).is_instant]
    first, last = windows.ends(bounds, short[-1] if short else None)
    return BucketsOfWindow(
        outer=context.grains,
        first=first,
        last=last,
        grains=_on_calendar(pusher, grains),
        members=tuple(member for member in members if not isinstance(member, Grain)),
        ranges=ranges,
        latest=None,
        fills=True,
        only=bounds.only,
    )


def _on_calendar(pusher: Pusher, grains: tuple[Grain, ...]) -> tuple[Key, ...]:
    project = pusher.project.project
    time = MOMENT if any(project.grains[grain.name].is_instant for grain in grains) else DAY
    return tuple(Key(grain, of_time(project, grain, time)) for grain in grains)
