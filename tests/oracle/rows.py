"""Rows: columns, joins followed row by row, dimensions and time, each as seen from one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from kpidsl.syntax import tree as t

from .buckets import Calendar, part_of
from .compute import calendar_function, compute, holds
from .contexts import Context
from .definitions import AsOf, Column, Definitions, Interval, Join
from .members import Member, member_of
from .moments import Moment, Time, day_of, instant_of
from .table import OracleRefuses, Value
from .unit_scopes import UnitScopes
from .values import compare, time_of
from .windows import Amount, ago, shifted_day

Place = int | None
"""The number of a row in its dataset; None is the partner that a join did not find."""


class Scope:
    """Where a row formula stands: in which context, at which time of the row; sets are worked out once."""

    __slots__ = ("context", "moment", "sets")

    def __init__(
        self, context: Context | None, moment: Time | None = None, sets: dict[int, list[Value]] | None = None
    ) -> None:
        self.context = context
        self.moment = moment
        self.sets: dict[int, list[Value]] = {} if sets is None else sets

    def at(self, moment: Time | None) -> Scope:
        return Scope(self.context, moment, self.sets)


class Rows:
    """The project's data. Every answer is remembered, since rows never change."""

    def __init__(
        self,
        definitions: Definitions,
        calendar: Calendar,
        rows: Mapping[str, Sequence[Mapping[str, Any]]],
        parameters: Mapping[str, Any],
        units: UnitScopes,
        as_of: Moment | None = None,
    ) -> None:
        """`parameters` are those of the query, read: a list's value is a tuple."""
        self.as_of = as_of
        # Whether a row exists is told before anything else: by a world in which all rows do.
        self._ever = None if as_of is None else Rows(definitions, calendar, rows, parameters, units)
        self.beyond: Callable[[t.Expr, str, Place, Scope | None], Any] = _nothing_beyond
        self.units = units
        self.definitions = definitions
        self.calendar = calendar
        self.parameters = parameters
        self._rows = rows
        self._columns: dict[tuple[str, int, str], Value] = {}
        self._kept: dict[str, list[int]] = {}
        self._partners: dict[tuple[str, tuple[str, ...]], dict[tuple[Value, ...], list[int]]] = {}
        self._members: dict[tuple[str, int, tuple[str, ...]], Value] = {}

    # What a row holds

    def kept(self, dataset: str) -> list[int]:
        """Return the rows that the dataset's own `where` keeps: the only ones that any use sees."""
        if dataset not in self._kept:
            where = self.definitions.datasets[dataset].where
            self._kept[dataset] = [
                i
                for i in range(len(self._rows.get(dataset, ())))
                if self._exists(dataset, i) and (where is None or self.holds_in_row(where, dataset, i))
            ]
        return self._kept[dataset]

    def _exists(self, dataset: str, place: int) -> bool:
        """Tell whether a row is known at `as_of`: its time lies before, or it has none."""
        known = self.definitions.datasets[dataset]
        tested = known.known_at or (None if known.is_plan else known.time)
        if self.as_of is None or self._ever is None or tested is None:
            return True
        moment = self._ever.moment(dataset, place, tested)
        return moment is None or instant_of(moment, self.calendar.zone) < self.as_of

    def column(self, dataset: str, place: Place, name: str) -> Value:
        """Return a column's value; every column of a missing partner is null, derived or not."""
        column = self.definitions.datasets[dataset].columns.get(name)
        if column is None:
            raise OracleRefuses(f"`{dataset}` has no column `{name}`")
        if place is None:
            return None
        key = (dataset, place, name)
        if key not in self._columns:
            if column.expr is not None:
                value = self._computed(self.units.column_formula(column, dataset), dataset, place)
            else:
                value = self._rows[dataset][place].get(column.physical)
            self._columns[key] = self._typed(value, column)
        return self._columns[key]

    def _typed(self, value: Value, column: Column) -> Value:
        if value is None:
            return None
        if column.type == "timestamp" and isinstance(value, date):
            civil = value if isinstance(value, datetime) else datetime.combine(value, time())
            here = self.definitions.zone
            return Moment.of(civil, column.zone or here, here)
        if column.type == "float" and isinstance(value, int | Decimal):
            return float(value)
        return value

    def partner(self, dataset: str, place: Place, join: Join) -> Place:
        """Return the row of the join's target that has the same key and, where asked, holds at the time.

        There is none where a part of the key is null or none fits.
        """
        if place is None:
            return None
        wanted = tuple(self.column(dataset, place, own) for _, own in join.pairs)
        if None in wanted:
            return None
        fit = self._by_key(join.to, tuple(target for target, _ in join.pairs)).get(wanted, [])
        if join.as_of is not None:
            return self._nearest(dataset, place, join.to, join.as_of, fit)
        if join.interval is not None:
            held = join.interval
            at = self.column(*self.walk(dataset, place, held.at[:-1]), held.at[-1])
            fit = [i for i in fit if self._holds(join.to, i, held, at)]
        if len(fit) > 1:
            raise OracleRefuses(f"{len(fit)} rows of `{join.to}` have the key {wanted}")
        return fit[0] if fit else None

    def _nearest(self, dataset: str, place: int, to: str, as_of: AsOf, fit: list[int]) -> Place:
        """Return the latest (or earliest) row before or after an own time; of one time, by the key."""
        time, zone = self.definitions.datasets[to].time, self.calendar.zone
        own = self.column(*self.walk(dataset, place, as_of.own[:-1]), as_of.own[-1])
        if time is None:
            raise OracleRefuses(f"`{to}` has no time")
        if own is None:
            return None
        found: list[tuple[Moment, tuple[Any, ...], int]] = []
        for i in fit:
            moment = self.moment(to, i, time)
            if moment is None or not compare(as_of.op, moment, own):
                continue
            if as_of.within is not None and not _is_near(moment, time_of(own), as_of.within, zone):
                continue
            if as_of.where is None or self.holds_in_row(as_of.where, to, i, Scope(None, moment)):
                keys = tuple(self.column(to, i, key) for key in self.definitions.datasets[to].key)
                found.append((instant_of(moment, zone), keys, i))
        if not found:
            return None
        return (max(found) if as_of.is_latest else min(found))[2]

    def _holds(self, dataset: str, place: int, interval: Interval, at: Value) -> bool:
        """Tell whether a row holds at a time: from its start on, up to its end, an open end never coming."""
        start, end = (self.column(dataset, place, c) for c in (interval.start, interval.end))
        if at is None or start is None or compare("<", at, start):
            return False
        if end is None or compare("<", at, end):
            return True
        if not interval.closed:
            return False
        # A date that is the end counts as its whole day.
        whole_day = isinstance(at, Moment) and not isinstance(end, Moment)
        return compare("=", day_of(time_of(at)) if whole_day else at, end)

    def _by_key(self, dataset: str, columns: tuple[str, ...]) -> dict[tuple[Value, ...], list[int]]:
        if (dataset, columns) not in self._partners:
            found: dict[tuple[Value, ...], list[int]] = {}
            for i in self.kept(dataset):
                key = tuple(self.column(dataset, i, c) for c in columns)
                if None not in key:
                    found.setdefault(key, []).append(i)
            self._partners[dataset, columns] = found
        return self._partners[dataset, columns]

    def walk(self, dataset: str, place: Place, joins: Sequence[str]) -> tuple[str, Place]:
        """Follow joins by name; return where they lead."""
        for name in joins:
            join = self.definitions.datasets[dataset].joins.get(name)
            if join is None:
                raise OracleRefuses(f"`{dataset}` has no join `{name}`")
            dataset, place = join.to, self.partner(dataset, place, join)
        return dataset, place

    # Names inside an aggregate, a derived column, a dataset's `where`, a dimension's expression

    def in_row(
        self,
        expr: t.Expr,
        home: str,
        place: Place,
        *,
        in_dimension: bool = False,
        scope: Scope | None = None,
    ) -> Any:
        """Return a row formula's value; its names are the home's columns, joins, then datasets."""
        read = self.units.in_row(expr, home)[0]
        return self._computed(read, home, place, in_dimension=in_dimension, scope=scope)

    def _computed(
        self,
        expr: t.Expr,
        home: str,
        place: Place,
        *,
        in_dimension: bool = False,
        scope: Scope | None = None,
    ) -> Any:
        def atom(node: t.Expr) -> Any:
            match node:
                case t.Name(parts=parts):
                    return self._row_name(node, parts, home, place, in_dimension, scope)
                case t.Call(function="date_trunc" | "date_diff"):
                    return calendar_function(node, atom, self.calendar)
                case _:
                    return self.beyond(node, home, place, scope)

        return compute(expr, atom)

    def holds_in_row(self, expr: t.Expr, home: str, place: Place, scope: Scope | None = None) -> bool:
        return self.in_row(expr, home, place, scope=scope) is True

    def _row_name(
        self,
        node: t.Expr,
        parts: tuple[str, ...],
        home: str,
        place: Place,
        in_dimension: bool,
        scope: Scope | None,
    ) -> Any:
        dataset = self.definitions.datasets[home]
        if len(parts) > 1:
            return self.column(*self.end_of(parts, home, place))
        (name,) = parts
        if name in dataset.columns:
            if not in_dimension:
                self._same_source(name, home)
            return self.column(home, place, name)
        if name in self.definitions.dimensions:
            return self.dimension(name, home, place)
        if name in self.definitions.filters and place is not None:
            return self.meets(self.definitions.filters[name], home, place, Scope(None))
        if name in ("period_start", "period_end", "as_of"):
            return self.beyond(node, home, place, scope)
        return self.parameter(name)

    def parameter(self, name: str) -> Any:
        if name not in self.parameters:
            raise OracleRefuses(f"`{name}` is neither a column, a dimension, a filter nor a parameter")
        return self.parameters[name]

    def end_of(self, parts: tuple[str, ...], home: str, place: Place) -> tuple[str, Place, str]:
        """Return the dataset, row and column to which a path inside an aggregate leads."""
        joins: tuple[str, ...] = parts[:-1]
        if parts[0] not in self.definitions.datasets[home].joins:
            if parts[0] not in self.definitions.datasets:
                raise OracleRefuses(f"`{parts[0]}` is neither a join of `{home}` nor a dataset")
            joins = (*self.definitions.one_path(home, parts[0]), *parts[1:-1])
        return *self.walk(home, place, joins), parts[-1]

    def _same_source(self, name: str, home: str) -> None:
        """Refuse a name that is a column and a dimension with different sources."""
        if name not in self.definitions.dimensions:
            return
        try:
            path, listed = self.definitions.source_of(name, home)
        except OracleRefuses:
            return
        expr = self.definitions.dimensions[name][listed]
        same = not path and isinstance(expr, t.Name) and expr.parts in ((name,), (home, name))
        if not same:
            raise OracleRefuses(f"`{name}` is a column of `{home}` and a dimension with another source")

    # Members of a group, names in a filter

    def dimension(self, name: str, home: str, place: Place) -> Value:
        """Return a conformed dimension; its expression sees a missing partner as nulls."""
        path, listed = self.definitions.source_of(name, home)
        at, there = self.walk(home, place, path)
        expr = self.definitions.dimensions[name][listed]
        value: Value = self.in_row(expr, at, there, in_dimension=True)
        return value

    def reached(self, member: Member, home: str) -> None:
        """Refuse a member that `home` does not reach, or in more than one way, whatever the rows."""
        if member.parts:
            self._source(member.parts, home, None)

    def member(self, member: Member, home: str, place: int, moment: Time | None) -> Value:
        """Return a member of a row whose time is `moment`."""
        value = self._told(member.parts, home, place) if member.parts else moment
        if value is None or not (member.grain or member.part):
            return value
        if member.grain:
            return self.calendar.bucket(time_of(value), member.grain)
        return part_of(time_of(value), member.part or "")

    def _told(self, parts: tuple[str, ...], home: str, place: int) -> Value:
        """Return a dimension, or a path `dataset.column` or `dataset.join.column`, of a row."""
        key = (home, place, parts)
        if key not in self._members:
            self._members[key] = self._source(parts, home, place)
        return self._members[key]

    def _source(self, parts: tuple[str, ...], home: str, place: Place) -> Value:
        if len(parts) == 1:
            if parts[0] not in self.definitions.dimensions:
                raise OracleRefuses(f"`{parts[0]}` is no dimension")
            return self.dimension(parts[0], home, place)
        if parts[0] not in self.definitions.datasets:
            raise OracleRefuses(f"`{parts[0]}` is no dataset")
        joins = (*self.definitions.one_path(home, parts[0]), *parts[1:-1])
        return self.column(*self.walk(home, place, joins), parts[-1])

    def meets(self, condition: t.Expr, home: str, place: int, scope: Scope) -> bool:
        """Return whether a row satisfies a condition on dimensions, paths, time grains and date parts."""

        def atom(node: t.Expr) -> Any:
            match node:
                case t.Name(parts=(name,)) if name in self.definitions.filters:
                    return self.meets(self.definitions.filters[name], home, place, scope)
                case t.Name(parts=(name,)) if name in self.parameters:
                    return self.parameters[name]
                case t.Name(parts=("period_start" | "period_end" | "as_of",)):
                    return self.beyond(node, home, place, scope)
                case t.Name():
                    return self.member(member_of(node.text, self.definitions), home, place, scope.moment)
                case t.Call(function="date_trunc" | "date_diff"):
                    return calendar_function(node, atom, self.calendar)
                case _:
                    raise OracleRefuses(f"not in a condition on dimensions: {node}")

        return holds(self.units.in_condition(condition, home), atom)

    # Time

    def moment(self, home: str, place: int, column: tuple[str, ...]) -> Time | None:
        """Return a row's time; `column` may walk joins."""
        if len(column) > 1 and column[0] == home and home not in self.definitions.datasets[home].joins:
            column = column[1:]
        value = self.column(*self.walk(home, place, column[:-1]), column[-1])
        if value is None:
            return None
        return time_of(value)


def _nothing_beyond(node: t.Expr, home: str, place: Place, scope: Scope | None) -> Any:  # noqa: ARG001
    raise OracleRefuses(f"no row formula: {node}")


def _is_near(moment: Time, own: Time, within: Amount, zone: str) -> bool:
    """Tell whether two times are no further apart: in calendar days between dates, else in days of 24 hours."""
    first, last = sorted((moment, own), key=lambda at: instant_of(at, zone))
    if isinstance(first, date) and isinstance(last, date):
        return shifted_day(last, within, -1) <= first
    return ago(instant_of(last, zone), within, elapsed=True) <= instant_of(first, zone)
