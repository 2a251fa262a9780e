"""What every part of lowering a plan needs at hand, and the CTEs that it has made so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from kpidsl.contexts.magnitudes import by_type, largest_of_leaf
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import BOOLEAN, Kind, Type
from kpidsl.plan.nodes import Slot
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.joined_lookups import read_around
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import LookupTables, Times
from kpidsl.sql.values import typed_null
from kpidsl.sql.whole_numbers import added_up

IS_TOP = Slot("is_top", BOOLEAN)
"""Marks the members of a ranking, so that who is not among them is told from a null member."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where in the formulas the plan's slots and columns come from, by their names."""

    slots: Mapping[str, Span]
    columns: Mapping[str, Span]

    def of(self, slot: str) -> Span:
        """Return where a slot comes from; one that the plan has added, with the first column."""
        found = self.slots.get(slot)
        return self.first if found is None else found

    @property
    def first(self) -> Span:
        """Return where what no column asked for is told: at the first column."""
        return next(iter(self.columns.values()))


@dataclass(slots=True)
class Scope:
    project: CheckedProject
    dialect: Dialect
    places: Places
    sink: Sink
    ctes: list[tuple[str, exp.Query]] = field(default_factory=list)
    is_recursive: bool = False
    tables: LookupTables = field(default_factory=LookupTables)
    computed: set[str] = field(default_factory=set)
    """The CTEs that are computed as such, never written into what reads them."""
    repeated: set[str] = field(default_factory=set)
    """The CTEs that each reader computes for itself: cheap, and a brake where they are shared."""
    staged: dict[object, list[str]] = field(default_factory=dict)
    """The last of the steps that compute some values of a CTE, where there are any."""

    def __post_init__(self) -> None:
        names, tables = _names(self.project.project)
        self._taken.update(names)
        self.tables.no_tables = names - tables

    @property
    def _taken(self) -> set[str]:
        return self.tables.taken

    def times(self) -> Times:
        """Return what the dialect does with times."""
        return self.dialect.times(self.project.project.cut, self.dialect.forms["bucket"], self.tables)

    def add(self, wanted: str, query: exp.Query) -> str:
        """Add a CTE and return its name: the wanted one, or one like it that nothing has."""
        name = self.reserve(wanted)
        self.put(name, query)
        return name

    def reserve(self, wanted: str) -> str:
        """Return a name for a CTE that is put later, so that others can be made with it."""
        return unique_name(wanted, self._taken)

    def put(self, name: str, query: exp.Query) -> None:
        self.ctes.append((name, query))

    def put_recursive(self, name: str, query: exp.Query) -> None:
        """Add a CTE that reads itself under its name."""
        self.put(name, query)
        self.is_recursive = True

    def _materialized(self, name: str) -> bool | None:
        """Return whether a CTE is computed once; None leaves it to the engine."""
        if not self.dialect.has_forced_ctes:
            return None
        if name in self.computed or name in self.tables.computed:
            return True
        return False if name in self.repeated else None

    def with_clause(self) -> exp.With | None:
        if not self.ctes and not self.tables.ctes:
            return None
        expressions = list(self.tables.ctes)
        expressions += [
            exp.CTE(this=body, alias=nodes.table_alias(name), materialized=self._materialized(name))
            for name, body in self.ctes
        ]
        if self.tables.kept or (self.tables.found and _reads_ahead(expressions)):
            expressions = _in_order(expressions)
        return exp.With(expressions=expressions, recursive=self.is_recursive)

    def same(self, left: str, right: str, keys: Iterable[Slot]) -> list[Node]:
        """Return that two CTEs' rows have the same keys; null meets null."""
        same = self.dialect.forms["null_safe"]
        return [same(slot_of(left, key), slot_of(right, key)) for key in keys]

    def merged(self, function: str, node: Node, slot: Slot) -> Node:
        """Return a coarser group's value of a slot from those of the finer ones in it."""
        type, room = slot.type, self.dialect.room
        if type.kind is Kind.BOOLEAN and not self.dialect.has_boolean_extremes:
            return nodes.call("BOOL_OR" if function == "max" else "BOOL_AND", node)
        if function == "sum" and self.dialect.wide_sum is not None:
            node = self.dialect.wide_sum(node, type)
        elif function == "sum" and room is not None and type.kind is Kind.DECIMAL:
            due = None if slot.leaf is None else largest_of_leaf(slot.leaf, room.rows)
            node = added_up(node, due or by_type(type), self.dialect)
        return nodes.merged(function, node)

    def reads_selects(self, value: Node) -> bool:
        """Tell whether a value reads a select in the end: what is looked up in joined rows is a column."""
        joins = self.dialect.lookups == "joins"
        return any(not (joins and read_around(select)) for select in value.find_all(exp.Select))

    def of_nothing(self, slot: Slot) -> Node:
        """Return a slot's column in a row that has nothing behind it: 0, or null."""
        return under(nodes.integer(0) if slot.is_zero_of_nothing else self.no_value(slot.type), slot)

    def no_value(self, type: Type) -> Node:
        """Return a null so that both sides of a UNION have one type."""
        return typed_null(type, self.dialect)


def _reads_ahead(ctes: list[exp.CTE]) -> bool:
    """Tell whether a CTE reads one after it, as a column that is a sequence reads what that finds."""
    after = {cte.alias for cte in ctes}
    for cte in ctes:
        after.discard(cte.alias)
        if any(table.name in after for table in cte.this.find_all(exp.Table) if not table.db):
            return True
    return False


def _in_order(ctes: list[exp.CTE]) -> list[exp.CTE]:
    """Return CTEs each after those that it reads, else as they are."""
    by_name = {cte.alias: cte for cte in ctes}
    ordered: dict[str, exp.CTE] = {}
    pending = [(name, False) for name in reversed(by_name)]
    begun: set[str] = set()
    while pending:
        name, has_read = pending.pop()
        if has_read:
            ordered[name] = by_name[name]
        elif name not in begun:
            begun.add(name)
            pending.append((name, True))
            read = [table.name for table in by_name[name].this.find_all(exp.Table) if not table.db]
            pending.extend((other, False) for other in reversed(read) if other in by_name)
    return list(ordered.values())


def named_by(stem: str, keys: Sequence[Slot]) -> str:
    """Return what groups are called: after what is grouped, and by which members."""
    return "_".join((stem, "by", *(key.name[2:] for key in keys))) if keys else f"{stem}_total"


def named(cte: str, alias: str | None = None) -> exp.Table:
    """Return a CTE's rows, under an alias where it is to have one."""
    node = exp.Table(this=exp.Identifier(this=cte, quoted=False))
    if alias is not None:
        node.set("alias", nodes.table_alias(alias))
    return node


def select_of(cte: str, columns: Sequence[Node]) -> exp.Select:
    """Return a select of some columns of a CTE."""
    return exp.Select(expressions=list(columns), from_=exp.From(this=named(cte)))


def slot_of(cte: str, slot: Slot) -> Node:
    """Return a slot of a CTE under its own name."""
    return nodes.column(cte, slot.name)


def under(node: Node, slot: Slot) -> Node:
    """Return a value as a slot's column."""
    return nodes.under(node, slot.name)


def union(parts: Sequence[exp.Query], *, distinct: bool = False) -> exp.Query:
    """Return the rows of all parts, one after another; with `distinct` each of several parts' rows once."""
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.Union(this=whole, expression=part, distinct=distinct)
    return whole


def or_zero(node: Node, slot: Slot) -> Node:
    """Return a slot's value where there may be no rows behind it."""
    return exp.Coalesce(this=node, expressions=[nodes.integer(0)]) if slot.is_zero_of_nothing else node


def some_rows(counts: Iterable[Node]) -> Node:
    """Return that one of some counts of rows is above 0."""
    return nodes.any_of([nodes.compare(exp.GT, count, nodes.integer(0)) for count in counts])


def is_constant(node: Node) -> bool:
    return not nodes.holds(node, exp.Column, exp.AggFunc)


def _names(project: Project) -> tuple[set[str], set[str]]:
    """Return the names that no CTE may have, and of these the names of tables."""
    tables = [dataset.table for dataset in project.datasets.values()]
    tables += [calendar.table for calendar in project.calendars.values()]
    parts = [[part.text.lower() for part in table] for table in tables if table is not None]
    names = set(project.datasets).union(*parts)
    return names, {last for *_, last in parts}
