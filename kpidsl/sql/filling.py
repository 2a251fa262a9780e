"""Empty buckets as CTEs: the days, their buckets, and the rows that the groups lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlglot import exp

from kpidsl.contexts.leaves import DAY, MOMENT
from kpidsl.model.types import BOOLEAN, DATE, TEXT, TIMESTAMP
from kpidsl.model.zones import falls_back_over, last_midnight, midnight
from kpidsl.plan.nodes import Days, Fill, Slot, Spine, WindowBuckets, WindowSpine
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.periods import Window
from kpidsl.source import Span
from kpidsl.sql import nodes, values
from kpidsl.sql.buckets import BUCKET
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.given_members import given_members
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import Scope, named, select_of, slot_of, under, union
from kpidsl.sql.series import Series
from kpidsl.sql.written_zones import seconds_between_buckets

DAY_SLOT, MOMENT_SLOT = Slot(DAY.column, DATE), Slot(MOMENT.column, MOMENT.type)
_FIRST, _LAST, _BEGIN = "first_bucket", "last_bucket", "first_day"


class DayExpressions(Expressions):
    """Lowers a bucket of the calendar's days or instants."""

    def __init__(self, scope: Scope, days: str, node: Days | None, span: Span) -> None:
        super().__init__(scope.project, scope.dialect, scope.tables, scope.sink, span)
        self.days = days
        if node is not None and node.first is not None and node.last is not None:
            end = node.last + timedelta(days=1)
            over = timedelta(days=1 if falls_back_over(end, scope.project.project.timezone) else 0)
            self.bounds = {MOMENT: Window(node.first, end + over)}

    def atom(self, value: Value) -> Node:
        return slot_of(self.days, MOMENT_SLOT if value == MOMENT else DAY_SLOT)


@dataclass(frozen=True, slots=True)
class _Series:
    """From what to what, and in which steps, the days or instants are made."""

    slot: Slot
    first: Node
    last: Node
    step: tuple[int, str]


class Filling:
    """Makes the CTEs of empty buckets; those that several levels read are made once."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._days: dict[Days, str] = {}
        self._buckets: dict[tuple[Days, tuple[Slot, ...]], str] = {}

    def filled(self, node: Fill, rows: str | None, spine: str) -> str:
        """Return the name of the CTE with the groups and their empty buckets.

        `rows` are the groups, None where there are none; `spine` has the buckets.
        """
        slots = (*node.key_slots, *node.value_slots)
        if rows is not None and isinstance(node.spine, WindowSpine) and node.spine.of.rows is not None:
            rows = self.only_in_windows(node.spine.of, rows, slots, spine)
        empty = self._empty(node, rows, spine)
        added = [slot_of(empty, key) for key in node.key_slots]
        added.extend(map(self.scope.of_nothing, node.value_slots))
        parts = [select_of(empty, added)]
        if rows is not None:
            parts.insert(0, select_of(rows, [slot_of(rows, slot) for slot in slots]))
        return self.scope.add("filled", union(parts))

    def only_in_windows(self, of: WindowBuckets, rows: str, slots: Sequence[Slot], spine: str) -> str:
        """Add the CTE without the rows whose bucket is outside the window; what has no bucket stays.

        Who has no other rows has none in its window, and is there only if something else is.
        """
        query = select_of(rows, [slot_of(rows, slot) for slot in slots])
        filled = [key.slot for key in of.buckets]
        on = self.scope.same(rows, spine, [*of.key_slots, *filled])
        query.set("joins", [exp.Join(this=named(spine), side="LEFT", on=nodes.all_of(on))])
        has_one = nodes.is_not_null(slot_of(spine, filled[0]))
        nodes.also_where(query, nodes.any_of([has_one, nodes.is_null(slot_of(rows, filled[0]))]))
        return self.scope.add("rows_in_windows", query)

    def _empty(self, node: Fill, rows: str | None, buckets: str) -> str:
        grains, shared = _grains_of(node, has_rows=rows is not None)
        others = [key for key in node.key_slots if key not in grains]
        query = exp.Select(from_=exp.From(this=named(buckets)))
        members = buckets
        if others:
            members = self._members(node, rows, others)
            same = self.scope.same(buckets, members, [key for key in others if key in shared])
            join = exp.Join(this=named(members), kind="" if same else "CROSS")
            if same:
                join.set("on", nodes.all_of(same))
            query.set("joins", [join])
        elif node.needs_rows and rows is not None:
            some = select_of(rows, [nodes.integer(1)])
            query.set("where", exp.Where(this=exp.Exists(this=some)))
        query.set(
            "expressions", [slot_of(buckets if key in grains else members, key) for key in node.key_slots]
        )
        if rows is None:
            return self.scope.add("empty_buckets", query)
        there = select_of(rows, [slot_of(rows, key) for key in node.key_slots])
        return self.scope.add("empty_buckets", exp.Except(this=query, expression=there, distinct=True))

    def _members(self, node: Fill, rows: str | None, others: Sequence[Slot]) -> str:
        """Return the name of the CTE with the members that have all buckets, each tuple once."""
        parts = given_members(self.scope, others, node.named)
        if rows is not None:
            of_rows = select_of(rows, [slot_of(rows, key) for key in others])
            if not parts:
                of_rows.set("distinct", exp.Distinct())
            parts.insert(0, of_rows)
        return self.scope.add("members", union(parts, distinct=True))

    def spine(self, node: Spine, days_of: str | None) -> str:
        """Return the name of the CTE with the buckets of the calendar's days."""
        slots = tuple(key.slot for key in node.buckets)
        days_alone = node.days.own
        if (node.days, slots) not in self._buckets and days_alone is not None and node.days.seconds is None:
            assert days_of is not None
            self._buckets[node.days, slots] = self._of_several(node, days_alone, days_of)
        if (node.days, slots) not in self._buckets:
            if node.days not in self._days:
                self._days[node.days] = self._calendar(node.days, days_of)
            days = self._days[node.days]
            span = self.scope.places.first
            expressions = DayExpressions(self.scope, days, node.days, span)
            cut = [(key, expressions.as_one_of(key.value, key.slot.type)) for key in node.buckets]
            query = select_of(days, [under(value, key.slot) for key, value in cut])
            query.set("distinct", exp.Distinct())
            # A day that a calendar lacks has no bucket.
            for _, value in cut:
                if nodes.holds(value, exp.Select):
                    nodes.also_where(query, nodes.is_not_null(value.copy()))
            for key, _ in cut:
                if node.days.until is not None and key.slot.type.zone is not None:
                    begins = Apply("<", (key.value, node.days.until), BOOLEAN)
                    nodes.also_where(query, expressions.holds(begins))
            for day in self._own_days(node.days):
                nodes.also_where(query, expressions.holds(day))
            self._buckets[node.days, slots] = self.scope.add("buckets", query)
        return self._buckets[node.days, slots]

    def _of_several(self, node: Spine, own: str, rows: str) -> str:
        """Return the name of the CTE with the buckets of several grains, of which one is a calendar's own.

        Only days that the calendar has there can be in all, and those of one bucket may lie apart: so buckets
        come in the order of their first days, and from the first to the last of those that rows have.
        """
        slots = [key.slot for key in node.buckets]
        days, looked_up = self._days_of_several(node, own)
        begin = exp.Min(this=slot_of(days, DAY_SLOT))
        query = select_of(days, [*(slot_of(days, slot) for slot in slots), nodes.alias(begin, _BEGIN)])
        for slot in looked_up:
            nodes.also_where(query, nodes.is_not_null(slot_of(days, slot)))
        query.set("group", exp.Group(expressions=[slot_of(days, slot) for slot in slots]))
        begins = self.scope.add("first_days", query)
        first_day = nodes.column(begins, _BEGIN)
        ends: list[Node] = [
            nodes.alias(function(this=first_day.copy()), name)
            for function, name in ((exp.Min, _FIRST), (exp.Max, _LAST))
        ]
        of_rows = select_of(rows, ends)
        same = [nodes.compare(exp.EQ, slot_of(rows, slot), slot_of(begins, slot)) for slot in slots]
        of_rows.set("joins", [exp.Join(this=named(begins), on=nodes.all_of(same))])
        span = self.scope.add("range_of_buckets", of_rows)
        between = [
            nodes.compare(exp.GTE, first_day.copy(), nodes.column(span, _FIRST)),
            nodes.compare(exp.LTE, first_day.copy(), nodes.column(span, _LAST)),
        ]
        if node.days.latest is not None:
            zone = self.scope.project.project.timezone
            latest = values.constant(node.days.latest, DATE, self.scope.dialect, zone)
            between.append(nodes.compare(exp.LTE, first_day.copy(), latest))
        found = select_of(begins, [slot_of(begins, slot) for slot in slots])
        found.set("joins", [exp.Join(this=named(span), on=nodes.all_of(between))])
        return self.scope.add("buckets", found)

    def _days_of_several(self, node: Spine, own: str) -> tuple[str, list[Slot]]:
        """Add the CTE with the days of a calendar's grain, each with its bucket of every grain.

        Return its name, and the slots of which a day may have none.
        """
        expressions = DayExpressions(self.scope, "", None, self.scope.places.first)
        expressions.days = table = expressions.calendar_days(own)
        columns = [under(slot_of(table, DAY_SLOT), DAY_SLOT)]
        looked_up: list[Slot] = []
        for key in node.buckets:
            match key.value:
                case Apply(op="bucket", args=(Constant(value=name), _)) if name == own:
                    bucket = nodes.column(table, BUCKET)
                case value:
                    bucket = expressions.as_one_of(value, key.slot.type)
            if nodes.holds(bucket, exp.Select):
                looked_up.append(key.slot)
            columns.append(under(bucket, key.slot))
        return self.scope.add("calendar", select_of(table, columns)), looked_up

    def _own_days(self, days: Days) -> Iterator[Bound]:
        """Yield the conditions that instants are on the days, where clocks fall back over a midnight."""
        own = Apply("bucket", (Constant("day", TEXT), MOMENT), DATE)
        zone = self.scope.project.project.timezone
        if days.seconds is None or days.first is None or days.last is None:
            return
        for op, end in ((">=", days.first), ("<", days.last + timedelta(days=1))):
            if falls_back_over(end, zone):
                yield Apply(op, (own, Constant(end, DATE)), BOOLEAN)

    def _calendar(self, node: Days, rows: str | None) -> str:
        """Add the CTE that holds every day or instant: a series, or a recursion where there is none."""
        span = None if rows is None else self._range(node, rows)
        if node.seconds is None:
            series = self._series_of_days(node, span)
        else:
            series = self._series_of_instants(node, node.seconds, span)
        slot, (count, unit) = series.slot, series.step
        make = self.scope.dialect.series
        if make is not None:
            every = make(series.first, series.last, count, unit)
            query = exp.Select(expressions=[under(every, slot)])
            if span is not None:
                query.set("from_", exp.From(this=named(span)))
            return self.scope.add("calendar", query)
        numbers = self.scope.dialect.numbers
        if numbers is not None:
            times = Series(series.first, series.last, series.step)
            return self.scope.add("calendar", numbers.every([], slot.name, span, times))
        name = self.scope.reserve("calendar")
        start = exp.Select(expressions=[under(series.first, slot)])
        day = slot_of(name, slot)
        following = self.scope.dialect.forms["following"](day, count, unit)
        follow = select_of(name, [under(following, slot)])
        follow.set("where", exp.Where(this=nodes.compare(exp.LT, day.copy(), series.last)))
        if node.first is not None and node.last is not None and node.first > node.last:
            start.set("where", exp.Where(this=exp.false()))
        if span is not None:
            start.set("from_", exp.From(this=named(span)))
            reaches = nodes.compare(exp.LTE, series.first.copy(), series.last.copy())
            start.set("where", exp.Where(this=reaches))
            follow.set("joins", [exp.Join(this=named(span), kind="CROSS")])
        self.scope.put_recursive(name, union([start, follow]))
        return name

    def _series_of_days(self, node: Days, span: str | None) -> _Series:
        first, last = self._bound(node.first, span, _FIRST), self._bound(node.last, span, _LAST)
        return _Series(DAY_SLOT, first, last, (1, "DAY"))

    def _series_of_instants(self, node: Days, length: int, span: str | None) -> _Series:
        """Return the instants that begin the hours or minutes, and some between where clocks jump."""
        cut = self.scope.project.project.cut
        if node.first is None or node.last is None:
            assert span is not None
            start, end = (datetime(year, 1, 1) for year in (cut.zone_years[0], cut.zone_years[1] + 1))
        else:
            start = midnight(node.first, cut.zone)
            end = last_midnight(node.last + timedelta(days=1), cut.zone)
        seconds = seconds_between_buckets(cut.zone, length, start, end)
        step = (seconds // 60, "MINUTE") if seconds % 3600 else (seconds // 3600, "HOUR")
        if span is not None:
            return _Series(MOMENT_SLOT, nodes.column(span, _FIRST), nodes.column(span, _LAST), step)
        last = end - timedelta(seconds=seconds)
        bounds = [
            values.constant(Constant(m, TIMESTAMP), TIMESTAMP, self.scope.dialect, cut.zone)
            for m in (start, last)
        ]
        return _Series(MOMENT_SLOT, bounds[0], bounds[1], step)

    def _range(self, node: Days, rows: str) -> str:
        """Add the CTE with the first and the last of the rows' buckets."""
        # Hours are in one bucket of every other grain each: those that a calendar leaves out do not count.
        buckets = node.buckets if node.own is None else [slot for slot in node.buckets if slot.type.zone]
        first, last = ends_of(self.scope, rows, buckets, node.latest)
        if node.last is None:
            ends: list[Node] = [nodes.alias(first, _FIRST), nodes.alias(last, _LAST)]
        elif node.latest is None:
            ends = [nodes.alias(first, _FIRST)]
        else:  # rows may lie ahead of the last day
            begins = nodes.compare(exp.LTE, first, self._bound(node.last, None, _LAST))
            ends = [nodes.alias(nodes.case([(begins, first.copy())], None), _FIRST)]
        query = select_of(rows, ends)
        for slot in node.buckets if node.own is not None else ():
            nodes.also_where(query, nodes.is_not_null(slot_of(rows, slot)))
        return self.scope.add("range_of_buckets", query)

    def _bound(self, day: date | None, span: str | None, name: str) -> Node:
        if day is None:
            assert span is not None
            return nodes.column(span, name)
        zone = self.scope.project.project.timezone
        return values.constant(Constant(day, DATE), DATE, self.scope.dialect, zone)


def ends_of(scope: Scope, rows: str, buckets: Sequence[Slot], latest: Constant | None) -> tuple[Node, Node]:
    """Return the first and the last of rows' buckets: at most `latest`, null where the first lies beyond.

    With several grains the latest of their first buckets lies in all of these, and so do the last.
    """
    ends: list[Node] = []
    for function in (exp.Min, exp.Max):
        found: list[Node] = [function(this=slot_of(rows, slot)) for slot in buckets]
        ends.append(found[0] if len(found) == 1 else scope.dialect.forms["greatest"](*found))
    first, last = ends
    if latest is None:
        return first, last
    limit = values.constant(latest, buckets[0].type, scope.dialect, scope.project.project.timezone)
    ends_by_then = (nodes.compare(exp.LTE, last, limit), last.copy())
    begins_by_then = (nodes.compare(exp.LTE, first.copy(), limit.copy()), limit.copy())
    return first, nodes.case([ends_by_then, begins_by_then], None)


def _grains_of(node: Fill, *, has_rows: bool) -> tuple[set[Slot], set[Slot]]:
    """Return the keys whose buckets are filled, and those that say in which windows they lie."""
    if isinstance(node.spine, Spine):
        return {key.slot for key in node.spine.buckets}, set()
    of = node.spine.of
    filled = {key.slot for key in of.buckets}
    if not has_rows:
        return filled | set(of.key_slots), set()
    return filled, set(of.key_slots)
