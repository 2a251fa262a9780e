"""What is in the sets of an aggregate, for those who tell about formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kpidsl.semantics.bound import (
    Aggregate,
    Bound,
    ColumnMember,
    Filtered,
    InValues,
    Moved,
    PerEntity,
    Total,
)
from kpidsl.semantics.sets import values_of
from kpidsl.semantics.walks import sets_asked


def sets_of(bound: Bound) -> Iterator[InValues]:
    """Yield the sets in which values of an aggregate's rows are sought, and those that these rest on."""
    for found in sets_asked(bound):
        yield found
        yield from sets_of(values_of(found.set))


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


def rows_of(found: InValues) -> Aggregate:
    """Return the aggregate whose rows have the set's values."""
    values = values_of(found.set)
    return values if isinstance(values, Aggregate) else counted_in(values)


def counted_in(found: PerEntity) -> Aggregate:
    """Return the aggregate whose rows have the entities that a condition is tested for."""
    assert found.among is not None
    first, *others = (member.value for member in found.members if isinstance(member, ColumnMember))
    return replace(
        found.among, function=found.function, argument=first, others=tuple(others), type=found.type
    )
