"""What is in the sets of an aggregate, for those who tell about formulas."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.semantics.bound import Aggregate, Bound, Filtered, InValues, Moved, Total, children
from kpidsl.semantics.sets import values_of


def sets_of(bound: Bound) -> Iterator[InValues]:
    """Yield the sets in which values of an aggregate's rows are sought, and those that these rest on."""
    if isinstance(bound, InValues):
        yield bound
        yield from sets_of(values_of(bound.set))
    for child in children(bound):
        yield from sets_of(child)


def is_moved(found: InValues) -> bool:
    """Tell whether a set is taken in another window than the aggregate's."""
    node = found.set
    while isinstance(node, Moved | Total | Filtered):
        if isinstance(node, Moved):
            return True
        node = node.operand
    return False


def is_total(found: InValues) -> bool:
    """Tell whether a set leaves all members of the group but the time bucket."""
    node = found.set
    while isinstance(node, Moved | Total | Filtered):
        if isinstance(node, Total) and node.across is None:
            return True
        node = node.operand
    return False


def conditions_around(found: InValues) -> Iterator[Bound]:
    """Yield the conditions on dimensions that stand around a set."""
    node = found.set
    while isinstance(node, Moved | Total | Filtered):
        if isinstance(node, Filtered):
            yield node.condition
        node = node.operand


def rows_of(found: InValues) -> Aggregate:
    """Return the aggregate whose rows have the set's values."""
    return values_of(found.set)
