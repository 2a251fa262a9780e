"""Values and conditions that are looked up in calendars of a project's own: buckets, comparable days."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.model.types import TIMESTAMP
from kpidsl.model.zones import is_utc
from kpidsl.semantics.bound import Apply, Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.buckets import (
    BUCKET,
    COMPARABLE,
    DAY,
    MOMENT,
    Keys,
    as_map,
    bucket_columns,
    in_map,
    is_comparable,
    is_comparable_at,
    is_comparable_where,
    last_day_of,
    last_days,
    looked_up,
    moment_of,
    numbered,
    shifted,
)
from kpidsl.sql.calendars import calendar_table, comparable_table
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.elapsed import TimeExpressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.refusals import come_from
from kpidsl.sql.times import LookupTables

OF_CALENDARS = (
    "bucket_shift",
    "bucket_shift_within",
    "bucket_end",
    "last_day_within",
    "comparable_day",
    "comparable_instant",
)
OF_COMPARED_DAYS = ("compared", "compared_at")
"""Conditions on a row's day, and on the days that it is the comparable day of."""


class CalendarExpressions(TimeExpressions):
    """Lowers what calendars tell; a subclass lowers everything else."""

    project: CheckedProject
    dialect: Dialect
    tables: LookupTables
    sink: Sink
    span: Span

    @abstractmethod
    def holds(self, condition: Value) -> Node: ...

    def placed(self, node: Node, value: Value) -> Node:
        """Return a value's node; it keeps its place for dialects that refuse parts of whole statements."""
        if self.dialect.refuses is None:
            return node
        return come_from(node, value.span if isinstance(value, Apply) else None, self.span)

    def calendar_days(self, grain: str) -> str:
        """Return the name of the table with a calendar's days and the buckets of one of its grains."""
        rule = self.project.project.grains[grain]
        return calendar_table(rule, self.project, self.dialect, self.tables, self.sink)

    def comparable_days(self) -> str:
        """Return the name of the table with the comparable day of each day."""
        calendar = self.project.project.comparable
        assert calendar is not None
        return comparable_table(calendar, self.dialect, self.tables, self.sink)

    def of_calendar(self, op: str, args: tuple[Value, ...]) -> Node:
        """Return what a calendar has for a bucket or a day."""
        if op == "comparable_day":
            return self.found(self.comparable_days(), [(DAY, self.value(args[0]))], COMPARABLE)
        if op == "comparable_instant":
            return self._comparable_instant(*args)
        if op == "last_day_within":
            return self._last_day_within(*args)
        grain, key, *rest = args
        assert isinstance(grain, Constant)
        days = self.calendar_days(str(grain.value))
        if op == "bucket_end":
            return self.arithmetic.add_days(self._last_day_of(days, self.value(key)), nodes.integer(1), True)
        name = self.tables.query(f"{grain.value}_numbers", lambda: numbered(days))
        at_least = self.dialect.forms["greatest"] if op == "bucket_shift_within" else None
        return shifted(name, self.value(key), self.value(rest[0]), at_least, self.found)

    def _last_day_within(self, *args: Value) -> Node:
        """Return the last day of [first, end) that buckets have in common, given as grains and keys."""
        *told, first, end = args
        grains = [str(grain.value) for grain in told[::2] if isinstance(grain, Constant)]
        name = self._days_within(grains, first, end)
        keys = zip(bucket_columns(len(grains)), map(self.value, told[1::2]), strict=True)
        return self.found(name, list(keys), DAY)

    def _days_within(self, grains: Sequence[str], first: Value, end: Value) -> str:
        """Return the name of the table with the last day that buckets have in [first, end)."""
        assert isinstance(first, Constant)
        assert isinstance(end, Constant)
        names = [self.calendar_days(grain) for grain in grains]
        ends = [(word, bound) for word, bound in (("from", first), ("to", end)) if bound.value is not None]
        wanted = "_".join([*names, *(f"{word}_{bound.value:%Y_%m_%d}" for word, bound in ends)])
        values = {word: self.value(bound) for word, bound in ends}
        return self.tables.query(wanted, lambda: last_days(names, values.get("from"), values.get("to")))

    def bucket_at(self, grain: str, day: Node) -> Node:
        """Return the bucket of a local day; null where the calendar lacks the day."""
        return self.found(self.calendar_days(grain), [(DAY, day)], BUCKET)

    def found(self, name: str, keys: Keys, column: str) -> Node:
        """Return what a table has in one column for keys in others, or null."""
        if self.dialect.lookups != "maps":
            return looked_up(name, keys, column)
        by = [key for key, _ in keys]
        held = self.tables.query(f"{name}_{column}_by_{'_'.join(by)}", lambda: as_map(name, by, column))
        return in_map(held, [value for _, value in keys])

    def _last_day_of(self, name: str, bucket: Node) -> Node:
        if self.dialect.lookups == "selects":
            return last_day_of(name, bucket)
        if self.dialect.lookups == "joins":
            days = name
            name = self.tables.query(f"{days}_last_days", lambda: last_days([days], None, None))
        # A map holds the greatest day of each bucket by itself.
        return self.found(name, [(BUCKET, bucket)], DAY)

    def _comparable_instant(self, instant: Value, of: Value) -> Node:
        """Return where a known instant lies on the comparable day of its day: a table of one row has it."""
        assert isinstance(instant, Constant)
        days = self.comparable_days()

        def moment() -> exp.Select:
            between = self.arithmetic.days_between(nodes.column(days, COMPARABLE), self.value(of))
            there = self.arithmetic.add_days(self.as_type(instant, TIMESTAMP), between, False)
            zone = self.cut.zone
            utc = there if is_utc(zone) else self.times.utc(there, zone)
            is_day = nodes.compare(exp.EQ, nodes.column(days, DAY), self.value(of))
            return exp.Select(
                expressions=[nodes.alias(utc, MOMENT)],
                from_=exp.From(this=exp.Table(this=exp.Identifier(this=days, quoted=False))),
                where=exp.Where(this=is_day),
            )

        written = "".join(figure for figure in str(instant.value) if figure.isdigit())
        return moment_of(self.tables.query(f"comparable_moment_{written[:14]}", moment))

    def is_compared(self, op: str, args: tuple[Value, ...]) -> Node:
        """Return whether a row's day is the comparable day of one for which a condition is true."""
        name = self.comparable_days()
        if op == "compared":
            day, inside = args
            return is_comparable(name, self.value(day), self.holds(inside))
        day, there, inside = args
        found = is_comparable_at if self.dialect.has_outer_names_in_from else is_comparable_where
        return found(name, self.value(day), self.value(there), self.holds(inside))
