"""Internal names: readable, unique, the same for the same input."""

from __future__ import annotations

import re
from collections import Counter

from kpidsl.contexts.leaves import Leaves
from kpidsl.plan.nodes import Slot

_ODD = re.compile(r"[^a-z0-9_]+")
_LONGEST = 40


def unique_name(wanted: str, taken: set[str]) -> str:
    """Return `wanted`, cut and freed of odd characters, with a number where it is taken."""
    stem = _ODD.sub("_", wanted.lower())[:_LONGEST]
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name)
    return name


def key_slots(leaves: Leaves) -> tuple[Slot, ...]:
    taken: set[str] = set()
    return tuple(Slot(unique_name(f"k_{g.name}", taken), g.type) for g in leaves.by)


def leaf_slots(leaves: Leaves) -> tuple[Slot, ...]:
    """Return a slot for each leaf, named for its metric where that is all that the metric is."""
    taken: set[str] = set()
    leaves_of = Counter(leaf.metric for leaf in leaves.leaves)
    numbers: Counter[str] = Counter()
    slots: list[Slot] = []
    for leaf in leaves.leaves:
        wanted = f"{leaf.dataset}_{leaf.function}"
        if leaf.metric is not None and leaves_of[leaf.metric] == 1:
            wanted = leaf.metric
        # Counting on from the last number of a name keeps hundreds of like leaves from being slow.
        numbers[wanted] += 1
        number = numbers[wanted]
        name = unique_name(f"v_{wanted}" if number == 1 else f"v_{wanted}_{number}", taken)
        is_narrow = leaf.function in ("min", "max", "first", "last")
        slots.append(Slot(name, leaf.type, leaf.is_zero_of_nothing, is_narrow))
    return tuple(slots)
