"""Buckets from pieces of time, as a join of the pieces' groups to the buckets."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.plan.nodes import Aggregate, Held, InPieces, Slot
from kpidsl.plan.piece_windows import PIECE
from kpidsl.semantics.bound import KeyValue, Member
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.compared_days import days_compared
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Scope, named, or_zero, slot_of, some_rows


class PieceExpressions(Expressions):
    """Lowers what holds between a bucket and a piece."""

    def __init__(self, scope: Scope, node: InPieces | Held, pieces: str, buckets: str, span: Span) -> None:
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, span)
        self.piece = nodes.column(pieces, node.piece.name)
        self.keys: dict[Member, Node] = {}
        self.read_buckets(node, buckets)

    def read_buckets(self, node: InPieces | Held, buckets: str) -> None:
        """Take the buckets from a CTE."""
        for member, slot in node.spine.members:
            self.keys[member] = nodes.column(buckets, slot.name)

    def atom(self, value: Value) -> Node:
        if isinstance(value, KeyValue):
            return self.keys[value.member].copy()
        assert value == PIECE
        return self.piece.copy()


def in_pieces(scope: Scope, node: InPieces, pieces: str, buckets: str, *, zero: bool) -> str:
    """Add the CTE of the buckets and return its name; with `zero` a sum of nothing but nulls is 0."""
    span = scope.places.of(node.measures[0].slot.name)
    expressions = PieceExpressions(scope, node, pieces, buckets, span)
    of_buckets = tuple(slot for _, slot in node.spine.members)
    compared = days_compared(node.condition)
    if compared is None:
        on = expressions.holds(node.condition)
    else:
        days = compared.days(expressions.holds)
        buckets = compared.join(scope, buckets, of_buckets, days, expressions.comparable_days())
        expressions.read_buckets(node, buckets)
        on = compared.on(buckets, expressions)

    def key(slot: Slot) -> Node:
        return slot_of(buckets if slot in of_buckets else pieces, slot)

    columns = [key(slot) for slot in node.keys]
    of_rows = node.input.measures if isinstance(node.input, Aggregate) else ()
    sums = {measure.slot for measure in of_rows if measure.function == "sum"}
    for measure in node.measures:
        value: Node = nodes.column(pieces, measure.source.name)
        if measure.function:
            value = scope.merged(measure.function, value, measure.slot)
        if zero and measure.source in sums:
            value = or_zero(value, measure.slot)
        columns.append(nodes.alias(value, measure.slot.name))
    query = exp.Select(expressions=columns, from_=exp.From(this=named(buckets)))
    query.set("joins", [exp.Join(this=named(pieces), on=on)])
    if node.having_rows:
        query.set("where", exp.Where(this=some_rows(slot_of(pieces, count) for count in node.having_rows)))
    if node.measures[0].function:
        query.set("group", exp.Group(expressions=[key(slot) for slot in node.keys]))
    names = "_".join(slot.name[2:] for slot in node.keys)
    return scope.add(f"{node.input.dataset}_in_windows_by_{names}", query)
