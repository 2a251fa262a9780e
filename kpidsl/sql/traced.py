"""Different values in buckets as CTEs, from the buckets in which each value has rows, as bits of numbers.

orders_days            the days of the rows
orders_numbered_days   the same with their buckets, numbered in order: the number tells which block of so many
                       buckets a bucket is in, and which bit there is its own
orders_seen            the rows of each value brought down to the bits of its buckets, block by block
orders_buckets         each bucket with its bit, beside the bits of the buckets that are moves away
orders_seen_before     each block of a value beside the one before, where a move may lead to that
orders_by_month        buckets from the values whose bits they have
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.plan.nodes import Traced
from kpidsl.plan.piece_windows import PIECE
from kpidsl.plan.traced_nodes import BITS, TracedMeasure, TraceTest
from kpidsl.semantics.bound import KeyValue
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.reading import Beside, reading
from kpidsl.sql.scope import Scope, named, named_by, select_of, slot_of

_NUMBER, _BLOCK, _BIT = "number", "block", "bit"


class _OfDays(Expressions):
    """Lowers what is over a day, or over a bucket."""

    def __init__(self, scope: Scope, day: Node, bucket: Node, span: Span) -> None:
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, span)
        self.day = day
        self.bucket = bucket

    def atom(self, value: Value) -> Node:
        if isinstance(value, KeyValue):
            return self.bucket.copy()
        assert value == PIECE
        return self.day.copy()


def traced(scope: Scope, node: Traced) -> str:
    """Add the CTEs of counts of values and return the last one's name."""
    return _Traced(scope, node).counted()


class _Traced:
    def __init__(self, scope: Scope, node: Traced) -> None:
        self.scope = scope
        self.node = node
        self.span = scope.places.of(node.measures[0].slot.name)
        self.bucket = node.bucket.slot
        self.members = [key.slot for key in node.rows.keys]

    def counted(self) -> str:
        """Add all CTEs and return the name of the one with the counts."""
        node = self.node
        days = self._numbered_days()
        seen = self._seen(days)
        buckets = self._buckets(days)
        if node.moves:
            seen = self._seen_before(seen)
        asked = [self._conditions(measure, seen, buckets) for measure in node.measures]
        in_block = nodes.binary(exp.Sub, nodes.column(seen, _BLOCK), nodes.column(buckets, _BLOCK))
        # An equation of columns would have the engine look up all buckets of a block for each value.
        on = [nodes.compare(exp.EQ, in_block, nodes.integer(0))]
        any_of = _alternatives(asked)
        by_all = any_of[0] if len(any_of) == 1 else []
        on.append(nodes.any_of([nodes.all_of(_copies(one)) for one in any_of]))
        columns = [slot_of(buckets if slot == self.bucket else seen, slot) for slot in node.keys]
        by = [column.copy() for column in columns]
        for measure, conditions in zip(node.measures, asked, strict=True):
            counted = exp.Star() if measure.counts_rows else slot_of(seen, node.value)
            value: Node = exp.Count(this=counted)
            rest = [condition for condition in conditions if condition not in by_all]
            if rest:
                value = exp.Filter(this=value, expression=exp.Where(this=nodes.all_of(_copies(rest))))
            if measure.empty_is_null:
                value = exp.Nullif(this=value, expression=nodes.integer(0))
            columns.append(nodes.alias(value, measure.slot.name))
        query = select_of(seen, columns)
        query.set("joins", [exp.Join(this=named(buckets), on=nodes.all_of(on))])
        query.set("group", exp.Group(expressions=by))
        return self._step(
            named_by(node.dataset, node.keys), query, "the values whose bits say that they count there"
        )

    def _step(self, name: str, query: exp.Select, told: str) -> str:
        """Add a CTE with a remark that says what it does, and return its name: bits tell nobody."""
        query.add_comments([told])
        return self.scope.add(name, query)

    # buckets as bits

    def _numbered_days(self) -> str:
        scope, node = self.scope, self.node
        rows, query = reading(scope, node.days, Beside(), self.span)
        query.set("distinct", exp.Distinct())
        day = rows.as_one_of(node.days.piece, node.day.type)
        query.set("expressions", [nodes.alias(day, node.day.name)])
        days = self._step(f"{node.dataset}_days", query, "the days on which there are rows")
        own = slot_of(days, node.day)
        bucket = _OfDays(scope, own, own, self.span).as_one_of(node.bucket.value, self.bucket.type)
        in_order = exp.Order(expressions=[exp.Ordered(this=bucket.copy(), desc=False)])
        rank = exp.Window(this=exp.DenseRank(), order=in_order)
        columns = [own.copy(), nodes.alias(bucket, self.bucket.name)]
        columns.append(nodes.alias(nodes.binary(exp.Sub, rank, nodes.integer(1)), _NUMBER))
        query = select_of(days, columns)
        numbered = self._step(
            f"{node.dataset}_numbered_days", query, "each day with the number of its bucket"
        )
        # Shared, DuckDB would hand them from one reader to the other, and one core would do the rows' work.
        scope.repeated.add(numbered)
        return numbered

    def _buckets(self, days: str) -> str:
        """Add the CTE of the buckets, each with the block and bit of those that moves lead to."""
        scope = self.scope
        block, bit = _block_and_bit(days)
        columns = [slot_of(days, self.bucket), nodes.alias(block, _BLOCK), nodes.alias(bit, _BIT)]
        query = select_of(days, columns)
        query.set("distinct", exp.Distinct())
        told = f"each bucket as one bit in a block of {BITS} buckets"
        buckets = self._step(f"{self.node.dataset}_buckets", query, told)
        if not self.node.moves:
            return buckets
        own = slot_of(buckets, self.bucket)
        columns = [own, nodes.column(buckets, _BLOCK), nodes.column(buckets, _BIT)]
        joins = []
        for place, move in enumerate(self.node.moves, 1):
            alias = f"moved_{place}"
            there = _OfDays(scope, own, own, self.span).as_one_of(move, self.bucket.type)
            on = nodes.compare(exp.EQ, slot_of(alias, self.bucket), there)
            joins.append(exp.Join(this=named(buckets, alias), side="LEFT", on=on))
            bit = _or_none(nodes.column(alias, _BIT))
            columns.append(nodes.alias(nodes.column(alias, _BLOCK), f"{_BLOCK}_{place}"))
            columns.append(nodes.alias(bit, f"{_BIT}_{place}"))
        query = select_of(buckets, columns)
        query.set("joins", joins)
        told = "each bucket beside the buckets that it is compared with"
        return self._step(f"{self.node.dataset}_moved_buckets", query, told)

    # values

    def _seen(self, days: str) -> str:
        """Add the CTE of values with the bits of the buckets in which they have rows."""
        scope, node = self.scope, self.node
        rows, query = reading(scope, node.rows, Beside(), self.span)
        alias = rows.alias(days, days)
        day = nodes.operand(rows.as_one_of(node.rows.piece, node.day.type), 4)
        on = scope.dialect.forms["null_safe"](slot_of(alias, node.day), day)
        query.append("joins", exp.Join(this=named(days, None if alias == days else alias), on=on))
        columns: list[Node] = []
        for key in node.rows.keys:
            member = rows.as_one_of(key.value, key.slot.type)
            member = scope.no_value(key.slot.type) if isinstance(member, exp.Null) else member
            columns.append(nodes.under(member, key.slot.name))
        (value,) = node.rows.values
        columns.append(nodes.under(rows.as_one_of(value, node.value.type), node.value.name))
        # They are told from the number here, not before: DuckDB takes the days to be as many as the rows, and
        # of two inputs of one size it builds the table that it looks up from the one with fewer columns.
        block, bit = _block_and_bit(alias)
        columns.append(nodes.alias(block, _BLOCK))
        by = [nodes.integer(place + 1) for place in range(len(columns))]
        for trace in node.traces:
            bits: Node = exp.BitwiseOrAgg(this=bit.copy())
            if trace.conditions:
                condition = nodes.all_of([rows.holds(condition) for condition in trace.conditions])
                bits = _or_none(exp.Filter(this=bits, expression=exp.Where(this=condition)))
            columns.append(nodes.alias(bits, trace.slot.name))
        query.set("expressions", columns)
        query.set("group", exp.Group(expressions=by))
        told = "each value with the bits of the buckets in which it has rows, block by block"
        return self._step(f"{node.dataset}_seen", query, told)

    def _seen_before(self, seen: str) -> str:
        """Add the CTE of values' blocks with the bits of the block before."""
        scope, node = self.scope, self.node
        alias = "before"
        block = nodes.column(seen, _BLOCK)
        columns = [slot_of(seen, slot) for slot in (*self.members, node.value)]
        columns.append(block)
        for trace in node.traces:
            before = _or_none(slot_of(alias, trace.slot))
            columns.append(slot_of(seen, trace.slot))
            columns.append(nodes.alias(before, f"{trace.slot.name}_before"))
        earlier = nodes.binary(exp.Sub, block.copy(), nodes.integer(1))
        same = [
            *scope.same(alias, seen, self.members),
            nodes.compare(exp.EQ, slot_of(alias, node.value), slot_of(seen, node.value)),
            nodes.compare(exp.EQ, nodes.column(alias, _BLOCK), earlier),
        ]
        query = select_of(seen, columns)
        query.set("joins", [exp.Join(this=named(seen, alias), side="LEFT", on=nodes.all_of(same))])
        told = "each value's block beside the one before, where an earlier bucket may be"
        return self._step(f"{node.dataset}_seen_before", query, told)

    # what is counted

    def _conditions(self, measure: TracedMeasure, seen: str, buckets: str) -> list[Node]:
        """Return when a value counts in a bucket."""
        found = [_has(slot_of(seen, measure.trace), nodes.column(buckets, _BIT))]
        for test in measure.tests:
            has = self._tested(test, seen, buckets)
            found.extend(has if test.is_in else [nodes.not_(nodes.all_of(has))])
        return found

    def _tested(self, test: TraceTest, seen: str, buckets: str) -> list[Node]:
        """Return the conditions under which a value is in a set; null is in none."""
        value, trace = slot_of(seen, self.node.value), slot_of(seen, test.trace)
        if test.move is None:
            has = _has(trace, nodes.column(buckets, _BIT))
        else:
            place = test.move + 1
            block = nodes.column(buckets, f"{_BLOCK}_{place}")
            is_here = nodes.compare(exp.EQ, block, nodes.column(seen, _BLOCK))
            before = nodes.column(seen, f"{test.trace.name}_before")
            has = _has(
                exp.Paren(this=nodes.case([(is_here, trace)], before)),
                nodes.column(buckets, f"{_BIT}_{place}"),
            )
        return [has, nodes.is_not_null(value)]


def _block_and_bit(days: str) -> tuple[Node, Node]:
    """Return the block of buckets, and the bit in it, that a bucket's number tells."""
    number, size = nodes.column(days, _NUMBER), nodes.integer(BITS)
    place = exp.Paren(this=nodes.binary(exp.Mod, number.copy(), size.copy()))
    bit = exp.BitwiseLeftShift(this=nodes.cast(nodes.integer(1), "bigint"), expression=place)
    return nodes.binary(exp.IntDiv, number, size), bit


def _has(bits: Node, bit: Node) -> Node:
    both = exp.Paren(this=exp.BitwiseAnd(this=bits, expression=bit))
    return nodes.compare(exp.NEQ, both, nodes.integer(0))


def _or_none(bits: Node) -> Node:
    """Return bits, none of them where there are no rows."""
    return exp.Coalesce(this=bits, expressions=[nodes.integer(0)])


def _alternatives(asked: Sequence[list[Node]]) -> list[list[Node]]:
    """Return of some conditions those of which all others are part, each once."""
    found: list[list[Node]] = []
    for one in asked:
        if one in found or any(_is_wider(other, one) for other in asked):
            continue
        found.append(one)
    return found


def _is_wider(other: list[Node], one: list[Node]) -> bool:
    return len(other) < len(one) and all(condition in one for condition in other)


def _copies(conditions: Sequence[Node]) -> list[Node]:
    return [condition.copy() for condition in conditions]
