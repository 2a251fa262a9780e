"""As-of joins in SQL: the rows that can be a partner as a CTE, and which of them a row takes.

The CTE ranks the rows of equal keys: the place is 1 for the latest (or the earliest) of all. Of the rows
on the right side of the own moment, and near enough to it, the partner is the one with the least place.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlglot import exp

from kpidsl.model.definitions import Column, Identifier, Join
from kpidsl.model.types import DATE, INTEGER, TIMESTAMP, Kind
from kpidsl.plan.nodes import RowSource
from kpidsl.plan.reading import rows_with
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Apply, Bound, Constant, RowColumn
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.nearest import Length, Pick, length_of
from kpidsl.semantics.over import moved
from kpidsl.semantics.paths import Path
from kpidsl.sql import nodes
from kpidsl.sql.candidates import Candidates, Edge, Edges, Picked, equal, place
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import physical
from kpidsl.sql.scope import named
from kpidsl.sql.times import LookupTables
from kpidsl.sql.values import typed_null

PLACE, IS_CANDIDATE = "place", "is_candidate"


@dataclass(frozen=True, slots=True)
class _Sought:
    """A join of a select: the alias of its partner, whose join it is, and the own keys there."""

    alias: str
    parent: str
    join: Join
    pick: Pick
    own: tuple[Node, ...]


class AsOfJoins(Expressions):
    """Lowers as-of joins; a subclass lowers rows, and all other joins."""

    project: CheckedProject
    dataset: str
    tables: LookupTables
    taken: set[str]
    aliases: dict[Path, str]
    picked: dict[str, Picked]
    in_one_pass: bool

    @abstractmethod
    def on(self, dataset: str, *, beside: bool) -> Self: ...

    @abstractmethod
    def select(self, rows: RowSource) -> exp.Select: ...

    @abstractmethod
    def source_value(self, alias: str, column: Column) -> Node: ...

    @property
    def names(self) -> Sequence[str]:
        return tuple(self.project.datasets[self.dataset].definition.columns)

    def definition_of(self, column: RowColumn) -> Column:
        return self.project.datasets[column.dataset].definition.columns[column.column]

    def nearest_joins(self, path: Path, alias: str, parent: str, join: Join, pick: Pick) -> list[exp.Join]:
        """Return the joins by which a row finds its row; `parent` is the dataset that has the as-of join."""
        own = tuple(self._own_key(moved(path[:-1], value)) for _, value in pick.keys)
        sought = _Sought(alias, parent, join, pick, own)
        edges = self._edges(path, pick)
        if not self.in_one_pass and self.dialect.has_subqueries_in_joins:
            return [self._by_row(sought, edges)]
        leading, other = (edges.high, edges.low) if pick.takes_latest else (edges.low, edges.high)
        if leading is None:
            # For equal keys it is one and the same row: the very last, or the very first.
            return [self._at_place(sought, nodes.integer(1), other)]
        if self.dialect.has_asof_join:
            return [self._as_of(sought, leading, other)]
        near = unique_name(f"near_{join.name}", self.taken)
        swept, columns = self._swept(sought)
        values = (*own, leading.value, exp.false())
        same = [
            nodes.compare(exp.EQ, nodes.column(near, name), value.copy())
            for name, value in zip(columns, values, strict=True)
        ]
        return [
            exp.Join(this=named(swept, near), side="LEFT", on=nodes.all_of(same)),
            self._at_place(sought, nodes.column(near, PLACE), other),
        ]

    def _by_row(self, sought: _Sought, edges: Edges) -> exp.Join:
        """Return the join of the row with the least place of all those that lie between the edges."""
        candidates = self._candidates(sought, ranked=True)
        near = unique_name(f"near_{sought.join.name}", self.taken)
        time = physical(near, Identifier(candidates.time, False))
        lies_there = [*equal(near, candidates, sought.own), *(edge.test(time) for edge in edges.known)]
        found = exp.Select(
            expressions=[exp.Min(this=nodes.column(near, candidates.place))],
            from_=exp.From(this=named(candidates.name, near)),
            where=exp.Where(this=nodes.all_of(lies_there)),
        )
        return self._at_place(sought, exp.Subquery(this=found), None)

    def _at_place(self, sought: _Sought, found: Node, other: Edge | None) -> exp.Join:
        """Return the join of the row at the place that was found, if it lies on the right side of an edge."""
        candidates, alias = self._candidates(sought, ranked=True), sought.alias
        self.picked[alias] = Picked(alias, candidates)
        on = equal(alias, candidates, sought.own)
        on.append(nodes.compare(exp.EQ, nodes.column(alias, candidates.place), found))
        if other is not None:
            on.append(other.test(physical(alias, Identifier(candidates.time, False))))
        return exp.Join(this=named(candidates.name, alias), side="LEFT", on=nodes.all_of(on))

    def _as_of(self, sought: _Sought, leading: Edge, other: Edge | None) -> exp.Join:
        """Return the join of the last row before the later edge, or the first after the earlier one.

        If that lies beyond the other edge no row lies between them: there is no partner then, which
        is told of each column.
        """
        candidates, alias = self._candidates(sought, ranked=False), sought.alias
        time = physical(alias, Identifier(candidates.time, False))
        self.picked[alias] = Picked(alias, candidates, None if other is None else other.test(time))
        on = nodes.all_of([*equal(alias, candidates, sought.own), leading.test(time)])
        return exp.Join(this=named(candidates.name, alias), method="ASOF", side="LEFT", on=on)

    def _swept(self, sought: _Sought) -> tuple[str, tuple[str, ...]]:
        """Return the CTE that gives each own moment the place of its row, and the columns to find it by.

        Own moments and candidates stand in one order of time; at one instant those stand first that the
        other side may take. The least place so far is that of the nearest candidate.
        """
        parent, join, pick = sought.parent, sought.join, sought.pick
        known = self.tables.kept.get((self.tables.step, parent, join.name, "swept"))
        if isinstance(known, tuple):
            return known
        candidates = self._candidates(sought, ranked=True)
        inner = self.on(parent, beside=False)
        moments = inner.select(rows_with(parent, (), pick.own, in_one_pass=self.in_one_pass))
        edges = inner._edges((join.name,), pick)
        leading = edges.high if pick.takes_latest else edges.low
        assert leading is not None
        keys = tuple(f"key_{n}" for n in range(1, len(pick.keys) + 1))
        names = (*keys, "instant", IS_CANDIDATE, PLACE)
        own = [*(inner._own_key(value) for _, value in pick.keys), leading.value]
        for node in own:
            nodes.also_where(moments, nodes.is_not_null(node.copy()))
        moments.set("distinct", exp.Distinct())
        found = (*candidates.keys, candidates.time)
        theirs = [physical(candidates.name, Identifier(name, False)) for name in found]
        theirs += [exp.true(), nodes.column(candidates.name, candidates.place)]
        looked_at = exp.Select(from_=exp.From(this=named(candidates.name, candidates.name)))
        for select, values in (
            (moments, [*own, exp.false(), typed_null(INTEGER, self.dialect)]),
            (looked_at, theirs),
        ):
            pairs = zip(values, names, strict=True)
            select.set("expressions", [nodes.alias(value.copy(), name) for value, name in pairs])
        # SQLite types the columns by the first part: as one's own, or it finds no way to an index on them.
        both = self.tables.put(
            f"{join.name}_beside_{parent}", exp.Union(this=moments, expression=looked_at, distinct=False)
        )
        is_included = leading.kind in (exp.LTE, exp.GTE)
        order = [
            _ordered(nodes.column(both, "instant"), descending=not pick.takes_latest),
            _ordered(nodes.column(both, IS_CANDIDATE), descending=is_included),
        ]
        swept = self.tables.put(f"{join.name}_near_{parent}", _running(both, keys, names[:-1], order))
        self.tables.kept[self.tables.step, parent, join.name, "swept"] = (swept, names[:-1])
        return swept, names[:-1]

    def _own_key(self, value: Bound) -> Node:
        if isinstance(value, RowColumn):
            return self.source_value(self.aliases[value.path], self.definition_of(value))
        return self.value(value)

    # which rows lie where they should

    def _edges(self, path: Path, pick: Pick) -> Edges:
        """Return between what a row's time must lie: the own moment, and what is still near enough to it."""
        moment = moved(path[:-1], pick.moment)
        is_before = pick.side in ("before", "at or before")
        is_strict = not pick.side.startswith("at or")
        kinds: tuple[type[Node], type[Node]] = (exp.LT, exp.LTE) if is_before else (exp.GT, exp.GTE)
        here = Edge(kinds[0] if is_strict else kinds[1], self._point(moment, pick))
        there = None
        if pick.within is not None:
            far = self._far(moment, pick, -1 if is_before else 1)
            there = Edge(exp.GTE if is_before else exp.LTE, far)
        return Edges(there, here) if is_before else Edges(here, there)

    def _point(self, time: Bound, pick: Pick) -> Node:
        """Return a time as it is compared: a day where both sides are days, else an instant."""
        return self.value(time) if are_days(pick) else self.instant(time)

    def _far(self, moment: Bound, pick: Pick, sign: int) -> Node:
        """Return the farthest time that is near enough to the own moment."""
        length = _length(pick)
        if length is None:
            return exp.Null()
        amount = sign * length.amount
        if length.unit == "months":
            type_ = DATE if moment.type.kind is Kind.DATE else TIMESTAMP
            months = Constant(amount, INTEGER)
            return self._point(Apply("add_months", (moment, months), type_), pick)
        point = self._point(moment, pick)
        if length.unit == "days":
            return self.arithmetic.add_days(point, nodes.integer(amount), are_days(pick))
        return self.arithmetic.add_microseconds(point, nodes.integer(amount))

    # the rows that can be taken

    def _candidates(self, sought: _Sought, *, ranked: bool) -> Candidates:
        """Return the rows that can be taken: `ranked`, or one for each time of equal keys."""
        parent, join, pick = sought.parent, sought.join, sought.pick
        kind = "ranked" if ranked else "thinned"
        known = self.tables.kept.get((self.tables.step, parent, join.name, kind))
        if isinstance(known, Candidates):
            return known
        inner = self.on(join.target, beside=False)
        condition = self.project.datasets[join.target].condition
        wanted = [c for c in (condition, pick.condition) if c is not None]
        query = inner.select(rows_with(join.target, wanted, pick.there, in_one_pass=self.in_one_pass))
        name = unique_name(f"{join.name}_for_{parent}", self.tables.taken)
        found = self.tables.kept[self.tables.step, parent, join.name, kind] = Candidates(name, query, inner)
        keys = [inner._own_key(theirs) for theirs, _ in pick.keys]
        time = inner._point(pick.time, pick)
        pairs = zip(keys, pick.keys, strict=True)
        found.keys = tuple(found.value(theirs, node, "key") for node, (theirs, _) in pairs)
        found.time = found.value(pick.time, time, "instant")
        # Days, and times in UTC, are in the order of their instants as they stand.
        as_held = inner.value(pick.time)
        is_plain = pick.time.type.kind is Kind.DATE or isinstance(time, exp.Column)
        for node in (*keys, as_held):
            nodes.also_where(query, nodes.is_not_null(node.copy()))
        ties = [inner.value(value) for value in _tie_breakers(pick, is_ordered=is_plain)]
        held = as_held if is_plain else time
        if ranked:
            placed = place(keys, (held, *ties), latest_first=pick.takes_latest)
            found.place = found.add(placed, unique_name(PLACE, set(inner.names) | set(found.columns)))
        elif ties:
            placed = place((*keys, held), ties, latest_first=pick.takes_latest)
            first = nodes.compare(exp.EQ, placed, nodes.integer(1))
            query.set("qualify", exp.Qualify(this=first))
        self.tables.ctes.append(exp.CTE(this=query, alias=nodes.table_alias(name)))
        return found


def _running(
    both: str, keys: Sequence[str], names: Sequence[str], order: Sequence[exp.Ordered]
) -> exp.Select:
    """Return each row with the least place so far among those of equal keys."""
    running = exp.Window(
        this=exp.Min(this=nodes.column(both, PLACE)),
        partition_by=[nodes.column(both, name) for name in keys],
        order=exp.Order(expressions=list(order)),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )
    columns = [*(nodes.column(both, name) for name in names), nodes.alias(running, PLACE)]
    return exp.Select(expressions=columns, from_=exp.From(this=named(both, both)))


def _ordered(value: Node, *, descending: bool) -> exp.Ordered:
    """Return an order of what is never null, so that nothing need be said of nulls."""
    return exp.Ordered(this=value, desc=descending, nulls_first=not descending)


def are_days(pick: Pick) -> bool:
    """Tell whether days are compared, not instants."""
    length = _length(pick)
    is_exact = length is not None and length.unit == "microseconds"
    return all(time.type.kind is Kind.DATE for time in (pick.time, pick.moment)) and not is_exact


def _length(pick: Pick) -> Length | None:
    return length_of(pick.within) if isinstance(pick.within, Constant) else None


def _tie_breakers(pick: Pick, *, is_ordered: bool) -> list[Bound]:
    """Return the columns of the target's key that may differ between rows of equal keys and times.

    `is_ordered` tells that the target's time itself is among what the rows are ordered by.
    """
    same = {theirs for theirs, _ in pick.keys}
    if is_ordered:
        same.add(pick.time)
    return [value for value in pick.order if value not in same]
