"""Which entities there are in groups, and in which buckets of windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kpidsl.contexts.leaves import BucketsOfWindow, EntityLeaf, asks_for_buckets
from kpidsl.model.grains import GRAINS, bucket_seconds
from kpidsl.plan.nodes import (
    Aggregate,
    Completed,
    Crossed,
    Fill,
    Groups,
    Inside,
    KeySlot,
    Nothing,
    OverEntities,
    Rows,
    Slot,
    Spine,
    Spread,
    Stack,
    WindowBuckets,
    WindowSpine,
)
from kpidsl.semantics.bound import Grain, Member

if TYPE_CHECKING:
    from kpidsl.plan.grouping import Grouping


def rows_of_entities(
    inner: Grouping,
    leaf: EntityLeaf,
    names: Mapping[int, Slot],
    spine: WindowSpine | None,
    around: Rows | None,
) -> tuple[Rows, list[int], bool]:
    """Return the entities in groups, the leaves that their rows are of, and whether these are all.

    Keys that the values ask of the groups that they are attached to are those of the rows `around`.
    """
    key_of = inner.key_of
    fills = leaf.buckets is not None and leaf.buckets.fills
    keys = tuple(key_of[key.member] for key in (*leaf.keys, *leaf.added))
    if leaf.asked:
        assert around is not None
        parts = inner.rows_of((*leaf.full, *leaf.partial), names)
        return crossed(around, leaf, parts, key_of, spine), [], False
    if leaf.spreads:
        assert spine is not None
        own = tuple(key_of[key.member] for key in leaf.inner[0].keys)
        return Spread(inner.groups([0], own, names), keys, spine), [0], False
    makes_rows = leaf.makes_rows or not fills
    full = [place for place, one in enumerate(leaf.inner) if one in leaf.full and makes_rows]
    made = inner.groups(full, keys, names)
    is_there = bool(full) or not leaf.keys or not leaf.makes_rows
    if spine is not None and fills:
        rows = Fill(made, spine, leaf.is_gathered and not leaf.keys) if is_there else made
        return rows, full, not isinstance(made, Nothing)
    groups: Groups | Inside = made
    if spine is not None and full and spine.of.members and any(map(asks_for_buckets, leaf.full)):
        # Moved rows are in the buckets of all groups, and a group has those between its own rows.
        groups = Inside(made, spine)
    whole = not isinstance(groups, Nothing | Inside)
    if full and leaf.partial and not fills:
        return completed(groups, leaf, inner.rows_of(leaf.partial, names), key_of, spine), full, whole
    return groups, full, whole


def spine_of_entities(
    leaf: EntityLeaf, buckets: WindowBuckets, key_of: Mapping[Member, Slot]
) -> WindowSpine | None:
    """Return the buckets that are among the keys of entities, in the window of each group."""
    if leaf.buckets is None:
        return None
    own = [key.member for key in leaf.added if isinstance(key.member, Grain)]
    grains = tuple((grain, key_of[grain]) for grain in (*leaf.buckets.outer, *own))
    return WindowSpine(buckets, grains, whole=True)


def completed(
    groups: Groups | Inside,
    leaf: EntityLeaf,
    parts: tuple[Aggregate | OverEntities | Stack, ...],
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
    parts: tuple[Aggregate | OverEntities | Stack, ...],
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
