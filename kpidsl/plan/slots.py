"""Internal names: readable, unique, the same for the same input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kpidsl.contexts.leaves import AnyLeaf, Leaf, ranges_of
from kpidsl.contexts.pushed import Leaves
from kpidsl.contexts.sets import members_in
from kpidsl.model.types import Type
from kpidsl.plan.nodes import Slot
from kpidsl.semantics.bound import Member

_ODD = re.compile(r"[^a-z0-9_]+")
_LONGEST = 40


def unique_name(wanted: str, taken: set[str]) -> str:
    """Return `wanted`, cut and freed of odd characters, with a number where it is taken."""
    stem = wanted.lower()
    if not (stem.isascii() and stem.isidentifier()):
        stem = _ODD.sub("_", stem)
    stem = stem[:_LONGEST]
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name)
    return name


def key_slots(leaves: Leaves) -> tuple[Slot, ...]:
    taken: set[str] = set()
    return tuple(Slot(unique_name(f"k_{g.name}", taken), g.type) for g in leaves.by)


def keys_of_ranges(leaves: Leaves, keys: Sequence[Slot]) -> dict[Member, Slot]:
    """Return a slot for each member of the sets that rows are asked of which tell where windows end.

    They are those of the query and of entities in its formulas.
    """
    within = (count for leaf in leaves.leaves for count in ranges_of(leaf))
    open_ranges = [level.range for level in leaves.levels]
    if leaves.ranking is not None:
        open_ranges.append(leaves.ranking.range)
    ends = (count for one in dict.fromkeys(open_ranges) for count in one.counts)
    ranges = (*ends, *leaves.set_ranges, *within)
    if not ranges:
        return {}
    found = {key.member: key.value.type for leaf in ranges for key in leaf.keys}
    found |= dict(member for leaf in ranges for value in leaf.read for member in members_in(value))
    taken = {slot.name for slot in keys}
    return {member: Slot(unique_name(f"k_{member.text}", taken), type) for member, type in found.items()}


def value_slots(leaves: Leaves) -> tuple[Slot, ...]:
    """Return a slot for each leaf of the detail rows.

    It is named for the leaf's metric where that aggregates once, else for dataset and function; a
    leaf with fewer members than the rows is called a total.
    """
    taken: set[str] = set()
    found = leaves.leaves[: len(leaves.levels[0].leaves)]
    aggregates: dict[str | None, set[object]] = {}
    for leaf in found:
        aggregates.setdefault(leaf.metric, set()).add(leaf.what)
    numbers: dict[str, dict[object, int]] = {}
    slots: list[Slot] = []
    for leaf in found:
        wanted = _wanted(leaf)
        if leaf.metric is not None and len(aggregates[leaf.metric]) == 1:
            wanted = leaf.metric
        # Counting on from the last number of a name keeps hundreds of like leaves from being slow.
        same = numbers.setdefault(wanted, {})
        number = same.setdefault(leaf.what, len(same) + 1)
        name = f"v_{wanted}" if number == 1 else f"v_{wanted}_{number}"
        if len(leaf.keys) < len(leaves.by):
            name += "_".join(("_total", *(["by"] if leaf.keys else []), *(m.text for m in leaf.members)))
        elif not leaf.makes_rows:
            name += "_of_nothing"
        slots.append(Slot(unique_name(name, taken), leaf.type, leaf.is_zero_of_nothing, leaf))
    return tuple(slots)


def _wanted(leaf: AnyLeaf) -> str:
    """Return what a leaf's value is called where no metric gives it its name."""
    if isinstance(leaf, Leaf):
        return f"{leaf.dataset}_{leaf.function}"
    what = "rows" if leaf.value is None else leaf.function
    return "_".join((what, "per", *(key.member.text for key in leaf.added)))


def inner_slots(leaves: Sequence[AnyLeaf]) -> tuple[Slot, ...]:
    """Return a slot for each leaf of values that entities have."""
    taken: set[str] = set()
    return tuple(
        Slot(
            unique_name(f"v_{_wanted(leaf)}", taken),
            leaf.type,
            leaf.is_zero_of_nothing,
            leaf,
        )
        for leaf in leaves
    )


def entity_slots(added: Iterable[tuple[Member, Type]], outer: Iterable[Slot]) -> dict[Member, Slot]:
    """Return a slot for each key of entities, beside those of the groups around."""
    taken = {slot.name for slot in outer}
    return {member: Slot(unique_name(f"e_{member.text}", taken), type) for member, type in added}
