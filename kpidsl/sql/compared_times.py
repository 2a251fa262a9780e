"""Windows of hours on comparable days as CTEs: the rows' times, moved to the days that name theirs, meet the
buckets, and rows meet these by their own times.

    orders                             ->  orders_times (own_time, own_day)
    orders_times, comparable_days      ->  orders_elsewhere (own_time, day, moment)
    windows (hour, …), orders_elsewhere  ->  times_compared (hour, own_time)

A time is there once in each bucket, however many days bring it there, so rows cannot become more. Beside rows
the days would be sought, and times converted, for each pair of a row and a bucket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.model.types import DATE, INTEGER, TIMESTAMP
from kpidsl.plan.nodes import Filter, InWindows, RowsOutside, Slot
from kpidsl.plan.reading import rows_with
from kpidsl.semantics.bound import Apply, Bound, KeyValue
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.walks import is_of_row_alone
from kpidsl.sql import nodes
from kpidsl.sql.buckets import COMPARABLE, DAY, MOMENT
from kpidsl.sql.compared_days import alternatives, is_part, part_of
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Scope, named, select_of, slot_of, union
from kpidsl.sql.staged import SIDES, Staged

_OWN, _OWN_DAY = "own_time", "own_day"


@dataclass(frozen=True, slots=True)
class TimesCompared:
    """A condition on a row and a bucket by the times at which the row is read on other days.

    `own` is the row's day, `there` its time on another day. Of each part, what is asked of that time and the
    bucket, and of the row alone.
    """

    own: Apply
    there: Bound
    parts: tuple[tuple[Bound, tuple[Bound, ...]], ...]

    @property
    def time(self) -> Bound:
        """Return the row's time."""
        return self.own.args[1]

    def join(self, scope: Scope, rows: RowExpressions, node: InWindows, buckets: str) -> tuple[str, Node]:
        """Add the CTE with the times of each bucket; return its name, and when a row meets its rows."""
        slots = [slot for _, slot in node.spine.members]
        times = self._times(scope, rows, node)
        elsewhere = self._elsewhere(scope, rows, times)
        of_buckets = Staged(scope, buckets, slots)
        flags = [Slot(name, INTEGER) for name in self._of_row()]
        own = [Slot(_OWN, self.time.type), Slot(DAY, DATE), Slot(MOMENT, TIMESTAMP), *flags]
        of_times = Staged(scope, elsewhere, own, f"{rows.dataset}_elsewhere")
        keys = ((member, nodes.column(buckets, slot.name)) for member, slot in node.spine.members)
        lowered = _Elsewhere(scope, rows, dict(keys), elsewhere)
        lowered.times.stage(lambda value: of_times.once(of_buckets.once(value)))
        parts = []
        for number, (asked, of_row) in enumerate(self.parts):
            condition = lowered.holds(asked)
            for comparison in _comparisons(condition):
                for side in (comparison.left, comparison.right):
                    value = side.this if isinstance(side, exp.Paren) else side
                    side.replace(of_times.once(of_buckets.once(value)))
            if of_row:
                condition = nodes.all_of([is_part(elsewhere, number), condition])
            parts.append(condition)
        buckets, parts = of_buckets.added(parts)
        elsewhere, parts = of_times.added(parts)
        selects: list[exp.Query] = []
        for part in parts:
            columns = [*(slot_of(buckets, slot) for slot in slots), nodes.column(elsewhere, _OWN)]
            query = select_of(buckets, columns)
            query.set("joins", [exp.Join(this=named(elsewhere), on=part)])
            if len(parts) == 1:
                query.set("distinct", exp.Distinct())
            selects.append(query)
        name = scope.add("times_compared", union(selects, distinct=True))
        return name, nodes.compare(exp.EQ, nodes.column(name, _OWN), nodes.operand(rows.value(self.time), 4))

    def _of_row(self) -> list[str]:
        """Return the columns that tell what is asked of the row alone."""
        return [part_of(number) for number, (_, of_row) in enumerate(self.parts) if of_row]

    def _times(self, scope: Scope, rows: RowExpressions, node: InWindows) -> str:
        """Add the CTE with the rows' different times and their days, and return its name."""
        source = node.input.input if isinstance(node.input, RowsOutside) else node.input
        # Fewer times, where that is cheap: rows are asked all of it where they meet these.
        asked = source.all_of if isinstance(source, Filter) else ()
        plain = tuple(condition for condition in asked if is_of_row_alone(condition))
        of_rows = [conjunction(of_row) for _, of_row in self.parts if of_row]
        inner = rows.on(rows.dataset, beside=False)
        query = inner.select(rows_with(rows.dataset, plain, (self.time, *of_rows)))
        columns = [nodes.alias(inner.value(self.time), _OWN), nodes.alias(inner.value(self.own), _OWN_DAY)]
        columns += [
            nodes.alias(nodes.case([(inner.holds(condition), nodes.integer(1))], nodes.integer(0)), name)
            for condition, name in zip(of_rows, self._of_row(), strict=True)
        ]
        query.set("expressions", columns)
        query.set("distinct", exp.Distinct())
        return _once(scope, f"{rows.dataset}_times", query)

    def _elsewhere(self, scope: Scope, rows: RowExpressions, times: str) -> str:
        """Add the CTE with these times on every day that names their own, and return its name."""
        own, own_day = (nodes.column(times, name) for name in (_OWN, _OWN_DAY))
        lowered = _Elsewhere(scope, rows, {self.time: own, self.own: own_day})
        days = lowered.comparable_days()
        columns = [
            own.copy(),
            nodes.column(days, DAY),
            nodes.alias(lowered.value(self.there), MOMENT),
            *(nodes.column(times, name) for name in self._of_row()),
        ]
        query = select_of(times, columns)
        is_named = nodes.compare(exp.EQ, nodes.column(days, COMPARABLE), own_day.copy())
        query.set("joins", [exp.Join(this=named(days), on=is_named)])
        return _once(scope, f"{rows.dataset}_elsewhere", query)


def _once(scope: Scope, wanted: str, query: exp.Select) -> str:
    """Return the name of a CTE that is computed as such: else an engine may do so for each bucket."""
    known = scope.staged.setdefault((wanted, query), [])
    if not known:
        known.append(scope.add(wanted, query))
        scope.computed.add(known[0])
    return known[0]


class _Elsewhere(Expressions):
    """Lowers times on other days, and what holds between these and buckets; `known` is what columns have."""

    def __init__(
        self, scope: Scope, rows: RowExpressions, known: Mapping[object, Node], elsewhere: str | None = None
    ) -> None:
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, rows.span)
        self.elsewhere = elsewhere
        self.known = known

    def value(self, value: Value) -> Node:
        found = self.known.get(value.member if isinstance(value, KeyValue) else value)
        return super().value(value) if found is None else found.copy()

    def atom(self, value: Value) -> Node:
        raise AssertionError(f"{value} beside a time on another day")


def _comparisons(condition: Node) -> list[exp.Binary]:
    """Return a condition's own comparisons."""
    return [
        found for found in condition.find_all(*SIDES) if found.find_ancestor(exp.Select, exp.Case) is None
    ]


def times_compared(condition: Bound) -> TimesCompared | None:
    """Return a condition by times on comparable days, or None where it is not one of these alone."""
    found = alternatives(condition)
    theirs = dict.fromkeys(one.there for one in found if one.there is not None)
    if len(theirs) != 1 or any(one.own != found[0].own for one in found):
        return None
    (there,) = theirs
    own = found[0].own
    assert isinstance(own, Apply)
    parts = tuple((conjunction(one.days), one.rest) for one in found)
    return TimesCompared(own, there, parts)
