"""The rows that an as-of join may take, in SQL: as a CTE, and as another select has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from kpidsl.model.definitions import Column, Identifier
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Bound, RowColumn
from kpidsl.semantics.paths import Path
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import identifier, physical


class OwnRows(Protocol):
    """What gives the values of the target's rows inside the CTE."""

    aliases: dict[Path, str]

    @property
    def names(self) -> Sequence[str]: ...

    def source_value(self, alias: str, column: Column) -> Node: ...

    def value(self, value: Bound) -> Node: ...

    def definition_of(self, column: RowColumn) -> Column: ...


@dataclass(slots=True)
class Candidates:
    """The rows of a join's target that can be taken, as a CTE; columns come in as they are asked for."""

    name: str
    query: exp.Select
    rows: OwnRows
    keys: tuple[str, ...] = ()
    time: str = ""
    place: str = ""
    columns: dict[str, None] = field(default_factory=dict)
    values: dict[Bound, str] = field(default_factory=dict)

    def column(self, column: Column) -> str:
        """Return the name under which the CTE has a column of the table."""
        if column.name not in self.columns:
            own = self.rows.aliases[()]
            self.add(self.rows.source_value(own, column), column.name)
        return column.name

    def add(self, value: Node, name: str) -> str:
        self.columns[name] = None
        has_name = isinstance(value, exp.Column) and value.name == name
        shown = value if has_name else exp.Alias(this=value, alias=identifier(Identifier(name, False)))
        self.query.set("expressions", [*self.query.expressions, shown])
        return name

    def value(self, value: Bound, node: Node, wanted: str) -> str:
        """Return the name of a column that holds a value: its own where it is a column as it stands."""
        if isinstance(value, RowColumn) and not value.path and isinstance(node, exp.Column):
            return self.column(self.rows.definition_of(value))
        return self.add(node, unique_name(wanted, set(self.rows.names) | set(self.columns)))


@dataclass(frozen=True, slots=True)
class Picked:
    """The candidates as a select has them under an alias; the row's partner is there where `near` holds."""

    alias: str
    candidates: Candidates
    near: Node | None = None

    def column(self, column: Column) -> Node:
        return self._there(self.candidates.column(column))

    def value(self, value: Bound, wanted: str) -> Node:
        """Return what a value of the target's row is, in the CTE under a name like the wanted one."""
        known = self.candidates.values
        if value not in known:
            node = self.candidates.rows.value(value)
            known[value] = self.candidates.value(value, node, wanted)
        return self._there(known[value])

    def _there(self, name: str) -> Node:
        value = physical(self.alias, Identifier(name, False))
        return value if self.near is None else nodes.case([(self.near.copy(), value)], None)

    @property
    def is_found(self) -> Node:
        if self.near is not None:
            return self.near.copy()
        return nodes.is_not_null(physical(self.alias, Identifier(self.candidates.time, False)))


@dataclass(frozen=True, slots=True)
class Edge:
    """What a row's time is compared with, and how."""

    kind: type[Node]
    value: Node

    def test(self, time: Node) -> Node:
        return nodes.compare(self.kind, time.copy(), self.value.copy())


@dataclass(frozen=True, slots=True)
class Edges:
    """Between what a row's time must lie."""

    low: Edge | None
    high: Edge | None

    @property
    def known(self) -> tuple[Edge, ...]:
        return tuple(edge for edge in (self.high, self.low) if edge is not None)


def place(keys: Sequence[Node], order: Sequence[Node], *, latest_first: bool) -> Node:
    """Return the place of a row among those of equal keys."""
    return exp.Window(
        this=nodes.call("ROW_NUMBER"),
        partition_by=[node.copy() for node in keys],
        order=exp.Order(
            expressions=[
                exp.Ordered(this=node.copy(), desc=latest_first, nulls_first=False) for node in order
            ]
        ),
    )


def equal(alias: str, candidates: Candidates, own: Sequence[Node]) -> list[Node]:
    """Return that the keys of a row under an alias are one's own."""
    return [
        nodes.compare(exp.EQ, physical(alias, Identifier(name, False)), node.copy())
        for name, node in zip(candidates.keys, own, strict=True)
    ]
