"""Rows with what is attached to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.plan.nodes import Slot
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import named, or_zero


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows with what is attached to them: a CTE, joins to it, and where each slot is found."""

    base: str
    joins: tuple[exp.Join, ...]
    attached: Mapping[str, str]

    def column(self, slot: Slot) -> Node:
        owner = self.attached.get(slot.name)
        if owner is None:
            return nodes.column(self.base, slot.name)
        return or_zero(nodes.column(owner, slot.name), slot)

    def select(self) -> exp.Select:
        """Return a select of the rows, without its columns."""
        query = exp.Select(from_=exp.From(this=named(self.base)))
        if self.joins:
            query.set("joins", list(self.joins))
        return query
