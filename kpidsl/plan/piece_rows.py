"""Which pieces have rows of a window's leaves, where windows share their pieces.

Pieces are there where any of the leaves that share them has rows. A window whose leaves have none in some of
them would show groups that nobody has, so their rows are counted beside the values:

    (day, channel, paid, all)  ->  (day, channel, paid, rows of paid, all)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpidsl.contexts.inside import LeafWindow
from kpidsl.contexts.leaves import Leaf
from kpidsl.model.types import INTEGER
from kpidsl.plan.nodes import Slot
from kpidsl.plan.slots import unique_name


def count_slot(name: str) -> Slot:
    return Slot(name, INTEGER, is_zero_of_nothing=True)


def have_all_rows(leaves: Iterable[Leaf], pieces: Iterable[Leaf]) -> bool:
    """Tell whether surely each row of some pieces is one of the leaves."""
    own = [set(leaf.conditions) for leaf in leaves]
    return all(any(conditions <= set(piece.conditions) for conditions in own) for piece in pieces)


def counts_of_rows(
    asking: Mapping[LeafWindow, Mapping[Leaf, str]], pieces: dict[Leaf, Slot], taken: set[str]
) -> dict[LeafWindow, tuple[Slot, ...]]:
    """Return the counts that tell which pieces have rows of a window's leaves, and add them to the pieces."""
    found: dict[LeafWindow, tuple[Slot, ...]] = {}
    for window, counts in asking.items():
        if have_all_rows(counts, tuple(pieces)):
            continue
        widest: dict[object, Leaf] = {}
        for count in counts:
            own = frozenset(count.conditions)
            if not any(own > set(other.conditions) for other in counts):
                widest.setdefault(own, count)
        for count in widest.values():
            if count not in pieces:
                pieces[count] = count_slot(unique_name(counts[count], taken))
        found[window] = tuple(pieces[count] for count in widest.values())
    return found
