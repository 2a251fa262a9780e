"""Empty buckets as CTEs: the days, their buckets, and the rows that the groups lack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from kpidsl.contexts.leaves import DAY
from kpidsl.model.types import DATE
from kpidsl.plan.nodes import Days, Fill, Slot, Spine
from kpidsl.semantics.bound import Constant
from kpidsl.source import Span
from kpidsl.sql import nodes, values
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Scope, named, slot_of, under, union

_DAY = Slot(DAY.column, DATE)
_FIRST, _LAST = "first_day", "last_day"


class _DayExpressions(Expressions):
    """Lowers a bucket of the calendar's days."""

    def __init__(self, scope: Scope, days: str, span: Span) -> None:
        super().__init__(scope.dialect, scope.project.project.cut, scope.window, scope.sink, span)
        self.days = days

    def atom(self, value: Value) -> Node:
        assert value == DAY
        return slot_of(self.days, _DAY)


class Filling:
    """Makes the CTEs of empty buckets; those that several levels read are made once."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._days: str | None = None
        self._buckets: dict[tuple[Slot, ...], str] = {}

    def filled(self, node: Fill, rows: str | None, days_of: str | None) -> str:
        """Return the name of the CTE with the groups and their empty buckets.

        `rows` are the groups, None where there are none; `days_of` are the rows whose buckets say
        which days there are, where the period does not.
        """
        empty = self._empty(node, rows, self._spine(node.spine, days_of))
        slots = (*node.key_slots, *node.value_slots)
        added = [slot_of(empty, key) for key in node.key_slots]
        for slot in node.value_slots:
            zero = slot.is_zero_of_nothing
            added.append(under(nodes.integer(0) if zero else self.scope.no_value(slot.type), slot))
        parts = [_select(empty, added)]
        if rows is not None:
            parts.insert(0, _select(rows, [slot_of(rows, slot) for slot in slots]))
        return self.scope.add("filled", union(parts))

    def _empty(self, node: Fill, rows: str | None, buckets: str) -> str:
        grains = {key.slot for key in node.spine.buckets}
        others = [key for key in node.key_slots if key not in grains]
        query = exp.Select(from_=exp.From(this=named(buckets)))
        members = buckets
        if others:
            assert rows is not None
            distinct = _select(rows, [slot_of(rows, key) for key in others])
            distinct.set("distinct", exp.Distinct())
            members = self.scope.add("members", distinct)
            query.set("joins", [exp.Join(this=named(members), kind="CROSS")])
        elif node.needs_rows and rows is not None:
            some = _select(rows, [nodes.integer(1)])
            query.set("where", exp.Where(this=exp.Exists(this=some)))
        query.set(
            "expressions", [slot_of(buckets if key in grains else members, key) for key in node.key_slots]
        )
        if rows is None:
            return self.scope.add("empty_buckets", query)
        there = _select(rows, [slot_of(rows, key) for key in node.key_slots])
        return self.scope.add("empty_buckets", exp.Except(this=query, expression=there, distinct=True))

    def _spine(self, node: Spine, days_of: str | None) -> str:
        slots = tuple(key.slot for key in node.buckets)
        if slots not in self._buckets:
            days = self._days = self._days or self._calendar(node.days, days_of)
            expressions = _DayExpressions(self.scope, days, next(iter(self.scope.places.columns.values())))
            cut = [under(expressions.as_one_of(key.value, key.slot.type), key.slot) for key in node.buckets]
            query = _select(days, cut)
            query.set("distinct", exp.Distinct())
            self._buckets[slots] = self.scope.add("buckets", query)
        return self._buckets[slots]

    def _calendar(self, node: Days, rows: str | None) -> str:
        """Add the CTE that holds every day: a series, or a recursion where there is none."""
        span = None if rows is None else self._range(node, rows)
        first = self._bound(node.first, span, _FIRST)
        last = self._bound(node.last, span, _LAST)
        if self.scope.dialect.has_series:
            step = exp.Interval(this=nodes.text("1"), unit=exp.Var(this="DAY"))
            series = nodes.call("UNNEST", nodes.call("GENERATE_SERIES", first, last, step))
            query = exp.Select(expressions=[under(nodes.cast(series, "date"), _DAY)])
            if span is not None:
                query.set("from_", exp.From(this=named(span)))
            return self.scope.add("calendar", query)
        name = self.scope.reserve("calendar")
        start = exp.Select(expressions=[under(first, _DAY)])
        day = slot_of(name, _DAY)
        follow = _select(name, [under(nodes.call("DATE", day, nodes.text("+1 day")), _DAY)])
        follow.set("where", exp.Where(this=nodes.compare(exp.LT, day.copy(), last)))
        if span is not None:
            start.set("from_", exp.From(this=named(span)))
            start.set("where", exp.Where(this=nodes.compare(exp.LTE, first.copy(), last.copy())))
            follow.set("joins", [exp.Join(this=named(span), kind="CROSS")])
        self.scope.put_recursive(name, union([start, follow]))
        return name

    def _range(self, node: Days, rows: str) -> str:
        """Add the CTE with the first and the last day of the rows' buckets.

        With several grains the latest of their first buckets lies in all of these, and so do the last.
        """
        ends: list[Node] = []
        for function, name in ((exp.Min, _FIRST), (exp.Max, _LAST)):
            found: list[Node] = [function(this=slot_of(rows, slot)) for slot in node.buckets]
            greatest = found[0] if len(found) == 1 else self.scope.dialect.forms["greatest"](*found)
            ends.append(nodes.alias(greatest, name))
        return self.scope.add("range_of_days", _select(rows, ends))

    def _bound(self, day: date | None, span: str | None, name: str) -> Node:
        if day is None:
            assert span is not None
            return nodes.column(span, name)
        zone = self.scope.project.project.timezone
        return values.constant(Constant(day, DATE), DATE, self.scope.dialect, zone)


def _select(source: str, columns: Sequence[Node]) -> exp.Select:
    return exp.Select(expressions=list(columns), from_=exp.From(this=named(source)))
