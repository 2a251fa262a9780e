"""Expressions over the slots of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kpidsl.contexts.leaves import AnyLeaf, LeafValue, LevelValue, Scalar
from kpidsl.contexts.magnitudes import Largest, largest_of_leaf
from kpidsl.plan.nodes import Slot
from kpidsl.plan.results import Compute
from kpidsl.semantics.bound import KeyValue, Member
from kpidsl.source import Span
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Scope


def own_slot(value: LevelValue) -> Slot:
    """Return the slot in which the rows of several levels hold a value of their level."""
    return Slot(f"own_{value.index}", value.type)


def largest_outputs(compute: Compute, scope: Scope) -> dict[str, Largest]:
    """Return the largest values of the columns that hold decimals, where the dialect needs to know."""
    span = scope.places.first
    expressions = SlotExpressions(scope, compute.slots, _unread, span, own=compute.own)
    return expressions.largest_decimals({output.name: output.value for output in compute.columns})


def _unread(slot: Slot) -> Node:
    raise AssertionError(slot)


class SlotExpressions(Expressions):
    """Lowers a KPI's arithmetic over slots."""

    def __init__(
        self,
        scope: Scope,
        slots: Sequence[Slot],
        column: Callable[[Slot], Node],
        span: Span,
        keys: Mapping[Member, Slot] | None = None,
        own: Sequence[Scalar] | None = None,
    ) -> None:
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, span)
        self.slots = slots
        self.column = column
        self.keys = keys or {}
        self.own = own
        """What the values of the level are; None where columns of the rows hold them."""

    def leaf_of(self, atom: Value) -> AnyLeaf | None:
        return self.slots[atom.index].leaf if isinstance(atom, LeafValue) else None

    def size_of_atom(self, atom: Value) -> Largest | None:
        rows = self.dialect.rows_added_up
        if rows is None:
            return None
        match atom:
            case LeafValue(index=index):
                leaf = self.slots[index].leaf
                return None if leaf is None else largest_of_leaf(leaf, rows)
            case LevelValue(index=index) if self.own is not None:
                return self.size(self.own[index])
            case _:
                return None

    def atom(self, value: Value) -> Node:
        if isinstance(value, KeyValue):
            return self.column(self.keys[value.member])
        if isinstance(value, LevelValue):
            return self.column(own_slot(value)) if self.own is None else self.value(self.own[value.index])
        assert isinstance(value, LeafValue)
        return self.column(self.slots[value.index])

    def holds(self, condition: Value) -> Node:
        return super().holds(self._of_level(condition))

    def fails(self, condition: Value) -> Node:
        return super().fails(self._of_level(condition))

    def _of_level(self, condition: Value) -> Value:
        """Return what a condition on the whole level is: as a value, it would be a CASE of true and false."""
        if isinstance(condition, LevelValue) and self.own is not None:
            return self.own[condition.index]
        return condition
