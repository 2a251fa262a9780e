"""Aggregates that a dialect lacks, made from window functions in three steps.

    orders_rows    each row's keys and the values that the aggregates take from it
    orders_ranked  the same with what a window knows of the row: its rank, its distance from the mean
    (the result)   one row for each combination of the keys

Where every dialect has the aggregates there are two steps: what rows are grouped by has a name then, and is
written once.

A median is the weighted mean of the one or two rows around the middle rank, each of which is an extreme of
one where an engine does not add floats up as they are; a variance is taken in two
passes, the mean first, so that no digits cancel out; a first value is that of the first row by the order;
a tuple counts on the first row that has it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.model.types import FLOAT
from kpidsl.plan.nodes import Measure, Slot
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.conditions import is_present
from kpidsl.sql import nodes
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.measures import (
    all_hold,
    fraction_of,
    input_of,
    kind_of,
    needed,
    settled,
    simple_function,
)
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope


class Steps:
    """Collects the columns of the first two steps while the measures are asked for one by one."""

    def __init__(
        self,
        scope: Scope,
        rows: Expressions,
        keys: Sequence[tuple[Slot, Node]],
        rows_name: str,
        ranked_name: str,
    ) -> None:
        self.scope = scope
        self.rows = rows
        self.rows_name, self.ranked_name = rows_name, ranked_name
        self.taken: set[str] = set()
        self.keys = [(unique_name(slot.name, self.taken), slot.type) for slot, _ in keys]
        self.given: dict[str, Node] = {slot.name: node for slot, node in keys}
        self.windows: dict[str, Node] = {}
        self._known: dict[object, str] = {}

    def first_step(self) -> list[Node]:
        return [nodes.alias(node, name) for name, node in self.given.items()]

    def second_step(self) -> list[Node]:
        given = [nodes.alias(nodes.column(self.rows_name, name), name) for name in self.given]
        return [*given, *(nodes.alias(node, name) for name, node in self.windows.items())]

    def last_step(self, name: str) -> Node:
        return nodes.column(self.ranked_name, name)

    def measure(self, measure: Measure, *, zero: bool) -> Node:
        """Return the measure over the ranked rows."""
        if measure.argument is None and not measure.conditions:
            return settled(exp.Count(this=exp.Star()), measure, zero=zero)
        stem = measure.slot.name.removeprefix("v_")
        x = self._input(measure, stem)
        match kind_of(measure):
            case "percentile":
                node = self._percentile(measure, x, stem)
            case "variance":
                node = self._variance(x, stem, root=False)
            case "stddev":
                node = self._variance(x, stem, root=True)
            case "first" | "last":
                node = self._end(measure, x, stem)
            case "tuples":
                node = self._tuples(measure, x, stem)
            case _:
                node = simple_function(self.rows, measure, self.last_step(x))
        return settled(node, measure, zero=zero)

    # steps

    def _input(self, measure: Measure, stem: str) -> str:
        """Return the column that holds a measure's argument where its conditions hold, and else null."""
        # The argument's own nulls need no condition.
        present = map(is_present, needed(measure)[1:])
        conditions = tuple(dict.fromkeys((*measure.conditions, *present)))
        value = nodes.integer(1) if measure.argument is None else input_of(self.rows, measure)
        if conditions:
            value = nodes.case([(all_hold(self.rows, conditions), value)], None)
        return self._named(("input", value.sql()), f"x_{stem}", value, self.given)

    def _plain(self, value: Bound, stem: str) -> str:
        node = self.rows.value(value)
        return self._named(("input", node.sql()), stem, node, self.given)

    def _named(self, what: object, wanted: str, node: Node, columns: dict[str, Node]) -> str:
        known = self._known.get(what)
        if known is None:
            known = self._known[what] = unique_name(wanted, self.taken)
            columns[known] = node
        return known

    def _window(self, what: object, wanted: str, function: Node, order: Sequence[Node], *more: str) -> str:
        """Return the column that holds a function over the rows of the same keys (and of `more`)."""
        window = exp.Window(
            this=function,
            partition_by=[*self._partition(), *(nodes.column(self.rows_name, name) for name in more)],
        )
        if order:
            window.set("order", exp.Order(expressions=list(order)))
        return self._named(what, wanted, window, self.windows)

    def _partition(self) -> list[Node]:
        dialect = self.rows.dialect
        return [dialect.window_key(nodes.column(self.rows_name, name), type) for name, type in self.keys]

    def _ordered(self, name: str, *, descending: bool = False) -> Node:
        # Nulls stand where the dialect puts them: no row that counts has one.
        column = nodes.column(self.rows_name, name)
        return exp.Ordered(this=column, desc=descending, nulls_first=not descending)

    def _nulls_last(self, name: str) -> Node:
        return exp.Ordered(this=nodes.is_null(nodes.column(self.rows_name, name)), nulls_first=True)

    # aggregates

    def _percentile(self, measure: Measure, x: str, stem: str) -> Node:
        row_number = nodes.call("ROW_NUMBER")
        rank = self._window(("rank", x), f"rank_{stem}", row_number, (self._nulls_last(x), self._ordered(x)))
        counted = exp.Count(this=nodes.column(self.rows_name, x))
        count = self._window(("count", x), f"count_{stem}", counted, ())
        one = nodes.integer(1)
        last = nodes.binary(exp.Sub, self.last_step(count), one)
        wanted = nodes.binary(exp.Mul, fraction_of(measure), last)
        place = nodes.binary(exp.Sub, self.last_step(rank), one.copy())
        away = nodes.call("ABS", nodes.binary(exp.Sub, place, wanted))
        near = nodes.binary(exp.Sub, one.copy(), away)
        weighted = nodes.binary(exp.Mul, self.last_step(x), near)
        around = nodes.compare(exp.LT, away.copy(), one.copy())
        return self._where(self._sum(weighted), around)

    def _variance(self, x: str, stem: str, *, root: bool) -> Node:
        mean = self._mean(x)
        off = nodes.binary(exp.Sub, nodes.column(self.rows_name, x), mean)
        name = self._named(("off", x), f"off_{stem}", off, self.windows)
        squares = self._sum(nodes.binary(exp.Mul, self.last_step(name), self.last_step(name)))
        count = exp.Count(this=self.last_step(x))
        variance = nodes.binary(exp.Div, squares, nodes.binary(exp.Sub, count, nodes.integer(1)))
        differ = nodes.compare(exp.LT, exp.Min(this=self.last_step(x)), exp.Max(this=self.last_step(x)))
        several = nodes.compare(exp.GT, count.copy(), nodes.integer(1))
        # Equal values vary by nothing, whatever their mean was rounded to.
        return nodes.case(
            [
                (differ, nodes.call("SQRT", variance) if root else variance),
                (several, exp.Literal.number("0.0")),
            ],
            None,
        )

    def _sum(self, floats: Node) -> exp.Sum:
        wide_sum = self.rows.dialect.wide_sum
        return exp.Sum(this=floats if wide_sum is None else wide_sum(floats, FLOAT))

    def _mean(self, x: str) -> Node:
        return exp.Window(
            this=exp.Avg(this=nodes.column(self.rows_name, x)),
            partition_by=self._partition(),
        )

    def _end(self, measure: Measure, x: str, stem: str) -> Node:
        descending = measure.function == "last"
        by = [self._plain(value, f"by_{number}") for number, value in enumerate(measure.others, 1)]
        order = (self._nulls_last(x), *(self._ordered(name, descending=descending) for name in by))
        value = nodes.call("FIRST_VALUE", nodes.column(self.rows_name, x))
        end = self._window((measure.function, x, *by), f"picked_{stem}", value, order)
        # It stands on every row of the group.
        return self.scope.merged("max", self.last_step(end), measure.slot)

    def _tuples(self, measure: Measure, x: str, stem: str) -> Node:
        parts = [x, *(self._plain(value, f"y_{stem}") for value in measure.others)]
        rank = self._window(("tuple", *parts), f"rank_{stem}", nodes.call("ROW_NUMBER"), (), *parts)
        first = nodes.compare(exp.EQ, self.last_step(rank), nodes.integer(1))
        complete = [nodes.is_not_null(self.last_step(part)) for part in parts]
        return self._where(exp.Count(this=exp.Star()), nodes.all_of([first, *complete]))

    def _where(self, aggregate: Node, condition: Node) -> Node:
        has_filters = self.rows.dialect.has_filters
        return nodes.aggregated_where(aggregate, condition, has_filters=has_filters)
