"""Groups that a query names."""

from __future__ import annotations

from dataclasses import dataclass

from kpidsl.plan.row_nodes import Slot
from kpidsl.semantics.bound import Constant


@dataclass(frozen=True, slots=True)
class Given:
    """Groups that are there whether or not facts have them: their members, each in its slot."""

    keys: tuple[Slot, ...]
    rows: tuple[tuple[Constant, ...], ...]

    @property
    def key_slots(self) -> tuple[Slot, ...]:
        return self.keys

    @property
    def value_slots(self) -> tuple[Slot, ...]:
        return ()
