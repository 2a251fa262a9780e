"""The buckets in windows as CTEs: where each window begins and ends, its days, their buckets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from kpidsl.contexts.leaves import DAY, MOMENT
from kpidsl.model.types import DATE, TEXT, Type
from kpidsl.plan.nodes import Slot, WindowBuckets, WindowSpine
from kpidsl.semantics.bound import Apply, Bound, Constant, KeyValue, Member
from kpidsl.sql import nodes
from kpidsl.sql.filling import DAY_SLOT, MOMENT_SLOT, DayExpressions, ends_of
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, named, select_of, slot_of, under, union
from kpidsl.sql.series import Series
from kpidsl.sql.slots import SlotExpressions
from kpidsl.sql.staged import Staged
from kpidsl.sql.written_zones import seconds_between_buckets

_FIRST, _LAST = "first_of_window", "last_of_window"


class WindowBucketsSql:
    """Makes the CTEs of buckets in windows; those that several steps read are made once."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._shown: dict[tuple[str, tuple[Slot, ...]], str] = {}

    def all(self, node: WindowBuckets, outer: str | None, rows: str | None) -> str:
        """Return the name of the CTE with each outer bucket and the buckets in its window.

        `rows` are those whose first or last bucket closes a window that is open.
        """
        kept = node.key_slots
        windows = self._windows(node, kept, outer, rows)
        limits = _limits(node)
        days = self._days(node, list(dict.fromkeys((*kept, *limits.values()))), windows)
        span = self.scope.places.first
        expressions = DayExpressions(self.scope, days, None, span)
        cut = [(key.slot, expressions.as_one_of(key.value, key.slot.type)) for key in node.buckets]
        columns = [slot_of(days, slot) for slot in kept] + [under(value, slot) for slot, value in cut]
        query = select_of(days, columns)
        query.set("distinct", exp.Distinct())
        for _, value in cut:
            if nodes.holds(value, exp.Select):
                # A day that a calendar lacks has no bucket.
                nodes.also_where(query, nodes.is_not_null(value.copy()))
        for only in node.only:
            own = Apply("bucket", (Constant(only.grain, TEXT), DAY if node.seconds is None else MOMENT), DATE)
            first, last = (slot_of(days, limits[bound]) for bound in (only.first, only.last))
            tests = [(exp.EQ, first)] if first == last else [(exp.GTE, first), (exp.LTE, last)]
            for test, limit in tests:
                nodes.also_where(query, nodes.compare(test, expressions.as_one_of(own, DATE), limit))
        return self.scope.add("buckets_in_windows", query)

    def of_grains(self, node: WindowSpine, whole: str) -> str:
        """Return the name of the CTE with the buckets of some of the grains."""
        slots = tuple(slot for _, slot in node.members)
        if node.whole or len(slots) == len(node.of.buckets) + len(node.of.key_slots):
            return whole
        if (whole, slots) not in self._shown:
            query = select_of(whole, [slot_of(whole, slot) for slot in slots])
            query.set("distinct", exp.Distinct())
            self._shown[whole, slots] = self.scope.add("buckets", query)
        return self._shown[whole, slots]

    def _windows(self, node: WindowBuckets, kept: Sequence[Slot], outer: str | None, rows: str | None) -> str:
        """Add the CTE with each outer bucket, its window's first day, last day and calendars' buckets."""
        ranged = "" if rows is None else self._range(node, rows)
        due = DATE if node.seconds is None else MOMENT_SLOT.type
        limits = [(bound, slot.name, DATE) for bound, slot in _limits(node).items() if slot not in kept]
        ends = [(node.first, _FIRST, due), (node.last, _LAST, due), *limits]
        if outer is None:
            expressions = self._over(node, None)
            found = [self._end(*end, ranged, expressions) for end in ends]
        else:
            staged = Staged(self.scope, outer, [slot for _, slot in node.outer_members])
            expressions = self._over(node, outer)
            expressions.times.stage(staged.once)
            found = [self._end(*end, ranged, expressions) for end in ends]
            outer, found = staged.added(found)
        columns: list[Node] = [
            slot_of(ranged if slot in node.members else outer or "", slot) for slot in kept
        ]
        columns.extend(nodes.alias(end, name) for end, (_, name, _) in zip(found, ends, strict=True))
        query = exp.Select(expressions=columns)
        sources = [source for source in (outer, ranged) if source]
        if sources:
            query.set("from_", exp.From(this=named(sources[0])))
            query.set("joins", [exp.Join(this=named(source), kind="CROSS") for source in sources[1:]])
        return self.scope.add("windows", query)

    def _over(self, node: WindowBuckets, outer: str | None) -> SlotExpressions:
        """Return what lowers the ends of windows over the outer buckets."""

        def column(slot: Slot) -> Node:
            assert outer is not None
            return slot_of(outer, slot)

        keys: dict[Member, Slot] = dict(node.outer_members)
        return SlotExpressions(self.scope, (), column, self.scope.places.first, keys)

    def _end(
        self, bound: Bound | None, name: str, due: Type, ranged: str, expressions: SlotExpressions
    ) -> Node:
        if bound is None:
            return nodes.column(ranged, name)
        if due == DATE:
            return expressions.as_one_of(bound, DATE)
        node = expressions.as_type(bound, bound.type)
        return node if bound.type.zone is None else expressions.value(bound)

    def _range(self, node: WindowBuckets, rows: str) -> str:
        """Add the CTE with the first and the last of the rows' buckets."""
        first, last = ends_of(self.scope, rows, node.ranged, node.latest)
        ends: list[Node] = [nodes.alias(first, _FIRST), nodes.alias(last, _LAST)]
        keys = [slot_of(rows, slot) for slot in node.members]
        query = select_of(rows, [*keys, *ends])
        if keys:
            query.set("group", exp.Group(expressions=[key.copy() for key in keys]))
        return self.scope.add("range_of_rows", query)

    def _days(self, node: WindowBuckets, kept: Sequence[Slot], windows: str) -> str:
        """Add the CTE with every day of each window, or with instants that are in all its buckets."""
        slot, count, unit = DAY_SLOT, 1, "DAY"
        if node.seconds is not None:
            slot = MOMENT_SLOT
            cut = self.scope.project.project.cut
            first, last = cut.zone_years
            start, end = datetime(first, 1, 1), datetime(last + 1, 1, 1)
            seconds = seconds_between_buckets(cut.zone, node.seconds, start, end)
            count, unit = (seconds // 60, "MINUTE") if seconds % 3600 else (seconds // 3600, "HOUR")
        columns: list[Node] = [slot_of(windows, key) for key in kept]
        first_day, last_day = (nodes.column(windows, name) for name in (_FIRST, _LAST))
        make = self.scope.dialect.series
        if make is not None:
            every = make(first_day, last_day, count, unit)
            return self.scope.add("days_of_windows", select_of(windows, [*columns, under(every, slot)]))
        numbers = self.scope.dialect.numbers
        if numbers is not None:
            series = Series(first_day, last_day, (count, unit))
            return self.scope.add("days_of_windows", numbers.every(columns, slot.name, windows, series))
        name = self.scope.reserve("days_of_windows")
        start_query = select_of(windows, [*columns, under(first_day, slot), last_day])
        start_query.set("where", exp.Where(this=nodes.compare(exp.LTE, first_day.copy(), last_day.copy())))
        following = self.scope.dialect.forms["following"](slot_of(name, slot), count, unit)
        again = [slot_of(name, key) for key in kept]
        follow = select_of(name, [*again, under(following, slot), nodes.column(name, _LAST)])
        reaches = nodes.compare(exp.LTE, following.copy(), nodes.column(name, _LAST))
        follow.set("where", exp.Where(this=reaches))
        self.scope.put_recursive(name, union([start_query, follow]))
        return name


def _limits(node: WindowBuckets) -> dict[Bound, Slot]:
    """Return the slots of the calendars' buckets from the first to the last of which windows have days."""
    outer: dict[Member, Slot] = dict(node.outer_members)
    found: dict[Bound, Slot] = {}
    for bound in dict.fromkeys(end for only in node.only for end in (only.first, only.last)):
        key = outer.get(bound.member) if isinstance(bound, KeyValue) else None
        found[bound] = key or Slot(f"bucket_{len(found) + 1}", DATE)
    return found
