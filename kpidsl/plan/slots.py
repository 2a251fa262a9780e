"""Internal names: readable, unique, the same for the same input."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kpidsl.contexts.leaves import Leaf, Leaves
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
    return tuple(
        Slot(unique_name(f"v_{_meaning(leaf, leaves.leaves)}", taken), leaf.type) for leaf in leaves.leaves
    )


def _meaning(leaf: Leaf, leaves: Sequence[Leaf]) -> str:
    alone = leaf.metric is not None and sum(other.metric == leaf.metric for other in leaves) == 1
    return f"{leaf.metric}" if alone else f"{leaf.dataset}_{leaf.function}"
