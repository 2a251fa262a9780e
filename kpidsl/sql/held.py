"""Different values in windows as CTEs: what comes in and what goes out, added up from bucket to bucket.

numbered_buckets         the buckets in order
orders_days_in_windows   for each day the first bucket that it counts in, and the one after the last
orders_held              for each row the same, and the first bucket of the next row of its value
orders_changes           what comes in and what goes out, and which groups have rows
orders_counted           the same for each bucket and group once, added up
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.model.types import BOOLEAN
from kpidsl.plan.nodes import Held, Slot
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.pieces import PieceExpressions
from kpidsl.sql.reading import Beside, reading
from kpidsl.sql.scope import Scope, named, select_of, slot_of, some_rows, union

_NUMBER, _ENTERS, _LEAVES, _NEXT_ENTERS = "number", "enters", "leaves", "next_enters"
_CHANGE, _HAS_ROWS = "change", "has_rows"


class HeldSql:
    """Makes the CTEs of counts of different values in windows; what several counts read is made once."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._made: dict[object, str] = {}

    def held(self, node: Held, pieces: str, buckets: str, beside: Beside) -> str:
        """Add the CTEs of a count and return the last one's name."""
        numbered = self._numbered(node, buckets)
        windows = self._windows(node, pieces, numbered)
        rows = self._rows(node, windows, beside)
        changes = self._changes(node, pieces, numbered, windows, rows)
        counted = self._counted(node, changes)
        value: Node = nodes.cast(nodes.column(counted, node.slot.name), "bigint")
        if node.empty_is_null:
            value = exp.Nullif(this=value, expression=nodes.integer(0))
        of_buckets = {slot for _, slot in node.spine.members}
        columns = [slot_of(numbered if slot in of_buckets else counted, slot) for slot in node.keys]
        query = select_of(counted, [*columns, nodes.alias(value, node.slot.name)])
        query.set("joins", [self._by_number(numbered, counted)])
        query.set("where", exp.Where(this=nodes.column(counted, _HAS_ROWS)))
        names = "_".join(slot.name[2:] for slot in node.keys)
        return self.scope.add(f"{node.rows.dataset}_in_windows_by_{names}", query)

    def _numbered(self, node: Held, buckets: str) -> str:
        """Return the name of the CTE with the buckets and their numbers, in order."""
        if buckets not in self._made:
            own = [slot_of(buckets, slot) for _, slot in node.spine.members]
            number: Node = exp.Window(this=exp.RowNumber(), order=_in_order(own))
            narrow = self.scope.dialect.forms.get("row_number")
            number = number if narrow is None else narrow(number)
            columns = [*own, nodes.alias(number, _NUMBER)]
            self._made[buckets] = self.scope.add("numbered_buckets", select_of(buckets, columns))
        return self._made[buckets]

    def _windows(self, node: Held, pieces: str, numbered: str) -> str:
        """Return the name of the CTE with the buckets that each piece counts in, as far as there are any."""
        same = (pieces, numbered, node.condition)
        if same in self._made:
            return self._made[same]
        source: Node = named(pieces)
        alias = pieces
        if len(node.pieces.keys) > 1:
            alias = f"every_{node.piece.name[2:]}"
            every = select_of(pieces, [slot_of(pieces, node.piece)])
            every.set("distinct", exp.Distinct())
            source = exp.Subquery(this=every, alias=nodes.table_alias(alias))
        span = self.scope.places.of(node.slot.name)
        expressions = PieceExpressions(self.scope, node, alias, numbered, span)
        number = nodes.column(numbered, _NUMBER)
        after = nodes.binary(exp.Add, exp.Max(this=number.copy()), nodes.integer(1))
        columns = [
            slot_of(alias, node.piece),
            nodes.alias(exp.Min(this=number), _ENTERS),
            nodes.alias(after, _LEAVES),
        ]
        query = select_of(numbered, columns)
        query.set("joins", [exp.Join(this=source, on=expressions.holds(node.condition))])
        query.set("group", exp.Group(expressions=[slot_of(alias, node.piece)]))
        name = f"{node.rows.dataset}_{node.piece.name[2:]}s_in_windows"
        self._made[same] = self.scope.add(name, query)
        return self._made[same]

    def _rows(self, node: Held, windows: str, beside: Beside) -> str:
        """Add the CTE with the bucket after each row's windows, and the first one of its value's next row.

        With `once` each value has one row, with the bucket in which it comes in.
        """
        scope, own = self.scope, node.rows
        rows, query = reading(scope, own, beside, scope.places.of(node.slot.name))
        alias = rows.alias(windows, windows)
        table = named(windows, None if alias == windows else alias)
        at = nodes.compare(
            exp.EQ, nodes.column(alias, node.piece.name), rows.as_one_of(own.piece, node.piece.type)
        )
        query.append("joins", exp.Join(this=table, on=at))
        keys = [(key.slot, rows.as_one_of(key.value, key.slot.type)) for key in own.keys]
        values = [rows.as_one_of(value, value.type) for value in own.values]
        enters, leaves = (nodes.column(alias, name) for name in (_ENTERS, _LEAVES))
        shown = [
            nodes.alias(scope.no_value(slot.type) if isinstance(value, exp.Null) else value, slot.name)
            for slot, value in keys
        ]
        if node.once:
            columns = [*shown, nodes.alias(exp.Min(this=enters), _ENTERS), leaves]
            by = [*(value.copy() for _, value in keys), *values, leaves.copy()]
            query.set("group", exp.Group(expressions=by))
        else:
            types = [*(value.type for value in own.values), *(slot.type for slot, _ in keys)]
            given = [*values, *(value.copy() for _, value in keys)]
            by = [scope.dialect.window_key(*key) for key in zip(given, types, strict=True)]
            order = _in_order([nodes.column(alias, node.piece.name)])
            following = exp.Window(this=exp.Lead(this=enters), partition_by=by, order=order)
            columns = [*shown, leaves, nodes.alias(following, _NEXT_ENTERS)]
        query.set("expressions", columns)
        return scope.add(f"{own.dataset}_held", query)

    def _changes(self, node: Held, pieces: str, numbered: str, windows: str, rows: str) -> str:
        """Add the CTE with what comes in and goes out by bucket and group, and the groups that have rows."""
        keys = [key.slot for key in node.rows.keys]
        count = exp.Count(this=exp.Star())
        gone = exp.Neg(this=count.copy())
        if node.once:
            come = self._grouped(rows, keys, nodes.column(rows, _ENTERS), count)
        else:
            held = exp.Sum(this=nodes.column(pieces, node.held.name))
            come = self._grouped(pieces, keys, nodes.column(windows, _ENTERS), held)
            come.set("joins", [self._to_windows(node, pieces, windows)])
        left = self._grouped(rows, keys, self._left(node, rows), gone)
        number = nodes.column(numbered, _NUMBER)
        there = self._grouped(pieces, keys, number, nodes.integer(0), has_rows=True)
        inside = nodes.all_of(
            [
                nodes.compare(exp.GTE, number.copy(), nodes.column(windows, _ENTERS)),
                nodes.compare(exp.LT, number.copy(), nodes.column(windows, _LEAVES)),
            ]
        )
        there.set(
            "joins", [self._to_windows(node, pieces, windows), exp.Join(this=named(numbered), on=inside)]
        )
        if node.having_rows:
            there.set("where", exp.Where(this=some_rows(slot_of(pieces, row) for row in node.having_rows)))
        return self.scope.add(f"{node.rows.dataset}_changes", union([come, left, there]))

    def _left(self, node: Held, rows: str) -> Node:
        """Return the bucket in which a row's value goes out."""
        leaves = nodes.column(rows, _LEAVES)
        if node.once:
            return leaves
        following = nodes.column(rows, _NEXT_ENTERS)
        is_earlier = nodes.compare(exp.LT, following, leaves)
        return nodes.case([(is_earlier, following.copy())], leaves.copy())

    def _grouped(
        self, source: str, keys: Sequence[Slot], number: Node, change: Node, *, has_rows: bool = False
    ) -> exp.Select:
        columns = [slot_of(source, slot) for slot in keys]
        flag = exp.true() if has_rows else exp.false()
        query = select_of(
            source,
            [
                *columns,
                nodes.alias(number, _NUMBER),
                nodes.alias(change, _CHANGE),
                nodes.alias(flag, _HAS_ROWS),
            ],
        )
        by = [*(column.copy() for column in columns), number.copy()]
        if isinstance(number, exp.Case) and self.scope.dialect.has_places_in_groups:
            by = [nodes.integer(place + 1) for place in range(len(by))]
        query.set("group", exp.Group(expressions=by))
        return query

    def _to_windows(self, node: Held, pieces: str, windows: str) -> exp.Join:
        on = nodes.compare(exp.EQ, slot_of(windows, node.piece), slot_of(pieces, node.piece))
        return exp.Join(this=named(windows), on=on)

    def _counted(self, node: Held, changes: str) -> str:
        """Add the CTE with the values that are held in each bucket and group."""
        keys = [slot_of(changes, key.slot) for key in node.rows.keys]
        number = nodes.column(changes, _NUMBER)
        change = exp.Sum(this=exp.Sum(this=nodes.column(changes, _CHANGE)))
        by = [self.scope.dialect.window_key(slot_of(changes, k.slot), k.slot.type) for k in node.rows.keys]
        so_far = exp.Window(this=change, partition_by=by, order=_in_order([number]))
        has_rows = self.scope.merged("max", nodes.column(changes, _HAS_ROWS), Slot(_HAS_ROWS, BOOLEAN))
        columns = [
            *(column.copy() for column in keys),
            number.copy(),
            nodes.alias(so_far, node.slot.name),
            nodes.alias(has_rows, _HAS_ROWS),
        ]
        query = select_of(changes, columns)
        query.set("group", exp.Group(expressions=[*(column.copy() for column in keys), number.copy()]))
        return self.scope.add(f"{node.rows.dataset}_counted", query)

    def _by_number(self, numbered: str, counted: str) -> exp.Join:
        on = nodes.compare(exp.EQ, nodes.column(numbered, _NUMBER), nodes.column(counted, _NUMBER))
        return exp.Join(this=named(numbered), on=on)


def _in_order(columns: Sequence[Node]) -> exp.Order:
    return exp.Order(expressions=[exp.Ordered(this=column.copy(), desc=False) for column in columns])
