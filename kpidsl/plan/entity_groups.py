"""Which entities there are in groups, and in which buckets of windows."""

from __future__ import annotations

from collections.abc import Mapping

from kpidsl.contexts.leaves import BucketsOfWindow, EntityLeaf
from kpidsl.model.grains import GRAINS, bucket_seconds
from kpidsl.plan.nodes import (
    Aggregate,
    Completed,
    Crossed,
    Groups,
    KeySlot,
    OverEntities,
    Rows,
    Slot,
    Spine,
    Stack,
    WindowBuckets,
    WindowSpine,
)
from kpidsl.semantics.bound import Grain, Member


def completed(
    groups: Groups,
    leaf: EntityLeaf,
    parts: tuple[Aggregate | OverEntities, ...],
    key_of: Mapping[Member, Slot],
    spine: WindowSpine | None,
) -> Completed:
    """Return groups of entities with those of parts, of leaves that drop members around.

    Where entities are told by buckets, `spine` has those in the window of each group.
    """
    around = tuple(key_of[member] for member in leaf.members)
    needed = set() if leaf.buckets is None else {*leaf.buckets.outer, *leaf.buckets.members}
    lacks = any(not needed <= set(one.members) for one in leaf.partial)
    return Completed(groups, around, parts, spine if lacks else None)


def crossed(
    around: Rows,
    leaf: EntityLeaf,
    parts: tuple[Aggregate | OverEntities, ...],
    key_of: Mapping[Member, Slot],
    spine: WindowSpine | None,
) -> Crossed:
    """Return the entities of parts, or where buckets alone are entities these, in each group of the rows
    `around`."""
    fills = leaf.buckets is not None and leaf.buckets.fills
    keys = tuple(key_of[key.member] for key in leaf.asked)
    entities = tuple(key_of[key.member] for key in leaf.added)
    return Crossed(around, keys, entities, () if fills else parts, spine)


def window_buckets(
    buckets: BucketsOfWindow,
    key_of: Mapping[Member, Slot],
    outer: Spine | WindowSpine | None,
    counted: tuple[Aggregate, ...],
) -> WindowBuckets:
    """Return the buckets in windows; `counted` are the rows with whose last or first an open one ends."""
    keys = tuple(KeySlot(key_of[key.member], key.value) for key in buckets.grains)
    grains = [key.member.name for key in buckets.grains if isinstance(key.member, Grain)]
    short = {name: GRAINS[name] for name in grains if name in GRAINS and GRAINS[name].is_instant}
    seconds = min(map(bucket_seconds, short.values()), default=None)
    rows: Groups | None = None
    if counted:
        rows = counted[0] if len(counted) == 1 else Stack(counted)
    ranged = tuple(
        key_of[key.member]
        for key in buckets.grains
        if not short or (isinstance(key.member, Grain) and key.member.name in short)
    )
    members = tuple(key_of[member] for member in buckets.members)
    ends = (buckets.first, buckets.last)
    return WindowBuckets(outer, members, *ends, rows, keys, ranged, seconds, buckets.latest, buckets.only)
