"""Which groups a ranking takes: those in which its own leaves have rows.

Facts that are stacked bring each other's members in, and leaves that share a scan each other's rows.
Where a group may thus have no row of the KPI that ranks, such rows are counted beside the values:

    (channel, revenue, clicks)  ->  (channel, revenue, rows of revenue, clicks)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from kpidsl.contexts.leaves import AnyLeaf, EntityLeaf, Key, Leaf
from kpidsl.contexts.ranges import making_rows
from kpidsl.semantics.bound import Member

DECOMPOSABLE = {"sum": "sum", "count": "sum", "min": "min", "max": "max"}
"""Aggregates whose value over a union of groups follows from the groups' values, and how."""


def follows(leaf: AnyLeaf, finer: AnyLeaf) -> bool:
    """Tell whether a leaf's groups are made of those of another leaf with the same aggregate."""
    if isinstance(leaf, EntityLeaf) or isinstance(finer, EntityLeaf):
        return False
    if any(key not in finer.keys for key in leaf.keys):
        return False
    if leaf.window is not None and leaf.grains != finer.grains:
        # Its rows are in the windows of several buckets: in those of all, where the window is fixed.
        return False
    return leaf.gathered == finer.gathered or (
        not finer.gathered and all(key in finer.keys for key in leaf.gathered)
    )


def lasts(finer: AnyLeaf, coarser: Sequence[AnyLeaf]) -> bool:
    """Tell whether where a leaf has rows, some coarser leaf surely has them, too.

    A moved window without its grain is another one, and may have none of a bucket's rows.
    """
    if isinstance(finer, EntityLeaf):
        return all(row.window is None for row in making_rows(finer))
    return any(
        isinstance(leaf, Leaf)
        and (leaf.dataset, leaf.window) == (finer.dataset, finer.window)
        and set(leaf.conditions) <= set(finer.conditions)
        and follows(leaf, finer)
        for leaf in coarser
    )


def rows_to_count(
    making: Sequence[AnyLeaf], own: Sequence[Sequence[AnyLeaf]], members: Sequence[Member]
) -> tuple[AnyLeaf, ...]:
    """Return those of the leaves whose rows are to be counted, none where no group needs it.

    `making` are the leaves that make the groups; `own` those of the ranking that have all ranked
    `members`, put together where they share their rows. Leaves of the ranking that don't follow from
    the groups are aggregated on their own, and have rows in all of their groups.
    """
    ranked = [leaf for sharing in own for leaf in sharing]
    if all(any(_has_rows_of(wide, leaf, members) for wide in ranked) for leaf in making):
        return ()
    found: list[AnyLeaf] = []
    for sharing in own:
        sources = [_source(leaf, making) for leaf in sharing]
        if all(sources):
            found.extend(source for source in sources if source is not None)
    counted: list[AnyLeaf] = []
    for leaf in sorted(found, key=_size):
        if not any(wide.keys == leaf.keys and _has_rows_of(wide, leaf, members) for wide in counted):
            counted.append(leaf)
    return tuple(counted)


def counting(leaf: AnyLeaf, among: Sequence[AnyLeaf]) -> AnyLeaf | None:
    """Return a leaf that counts the rows of another one in the same groups, if there is any."""
    if isinstance(leaf, EntityLeaf):
        return next((found for found in among if _counts_groups(found) and found.groups == leaf.groups), None)
    same = (leaf.dataset, leaf.keys, frozenset(leaf.conditions), leaf.window)
    counts = (
        found
        for found in among
        if isinstance(found, Leaf) and found.function == "count" and found.argument is None
    )
    return next((c for c in counts if (c.dataset, c.keys, frozenset(c.conditions), c.window) == same), None)


def _source(leaf: AnyLeaf, making: Sequence[AnyLeaf]) -> AnyLeaf | None:
    """Return the leaf whose groups a leaf of the ranking has, or follows from."""
    if leaf in making or isinstance(leaf, EntityLeaf) or leaf.function not in DECOMPOSABLE:
        return leaf if leaf in making else None
    return next((finer for finer in making if finer.what == leaf.what and follows(leaf, finer)), None)


def _has_rows_of(wide: AnyLeaf, leaf: AnyLeaf, members: Sequence[Member]) -> bool:
    """Tell whether every row of a leaf is one of a wider leaf, under the same ranked members."""
    if isinstance(wide, EntityLeaf) or isinstance(leaf, EntityLeaf):
        if isinstance(wide, EntityLeaf) and isinstance(leaf, EntityLeaf):
            return wide.groups == leaf.groups
        return wide == leaf
    return (
        wide.dataset == leaf.dataset
        and wide.window == leaf.window
        and _keys(wide, members) == _keys(leaf, members)
        and set(wide.conditions) <= set(leaf.conditions)
    )


def _counts_groups(leaf: AnyLeaf) -> TypeGuard[EntityLeaf]:
    return isinstance(leaf, EntityLeaf) and leaf.function == "count" and leaf.value is None


def _size(leaf: AnyLeaf) -> int:
    return 0 if isinstance(leaf, EntityLeaf) else len(leaf.conditions)


def _keys(leaf: AnyLeaf, members: Sequence[Member]) -> tuple[Key, ...]:
    return tuple(key for key in leaf.keys if key.member in members)
