"""Rows: columns, joins followed row by row, dimensions and time, each as seen from one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from kpidsl.syntax import tree as t

from .buckets import GRAINS, bucket_of, to_local
from .definitions import Column, Definitions, Join
from .table import OracleRefuses, Value
from .values import compute, holds

Place = int | None
"""The number of a row in its dataset; None is the partner that a join did not find."""


class Rows:
    """The project's data. Every answer is remembered, since rows never change."""

    def __init__(self, definitions: Definitions, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.definitions = definitions
        self._rows = rows
        self._columns: dict[tuple[str, int, str], Value] = {}
        self._kept: dict[str, list[int]] = {}
        self._partners: dict[str, dict[tuple[Value, ...], int]] = {}
        self._members: dict[tuple[str, int, tuple[str, ...]], Value] = {}

    # What a row holds

    def kept(self, dataset: str) -> list[int]:
        """Return the rows that the dataset's own `where` keeps: the only ones that any use sees."""
        if dataset not in self._kept:
            where = self.definitions.datasets[dataset].where
            self._kept[dataset] = [
                i
                for i in range(len(self._rows.get(dataset, ())))
                if where is None or self.holds_in_row(where, dataset, i)
            ]
        return self._kept[dataset]

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
                value = self.in_row(column.expr, dataset, place)
            else:
                value = self._rows[dataset][place].get(column.physical)
            self._columns[key] = self._typed(value, column)
        return self._columns[key]

    def _typed(self, value: Value, column: Column) -> Value:
        if value is None:
            return None
        if column.type == "timestamp" and isinstance(value, date):
            moment = value if isinstance(value, datetime) else datetime.combine(value, time())
            return to_local(moment, column.zone, self.definitions.zone)
        if column.type == "float" and isinstance(value, int | Decimal):
            return float(value)
        return value

    def partner(self, dataset: str, place: Place, join: Join) -> Place:
        """Return the row of the join's target with the same key: none where a part is null or none fits."""
        if place is None:
            return None
        wanted = tuple(self.column(dataset, place, c) for c in join.own)
        return None if None in wanted else self._by_key(join.to).get(wanted)

    def _by_key(self, dataset: str) -> dict[tuple[Value, ...], int]:
        if dataset not in self._partners:
            found: dict[tuple[Value, ...], int] = {}
            for i in self.kept(dataset):
                key = tuple(self.column(dataset, i, c) for c in self.definitions.datasets[dataset].key)
                if None in key:
                    continue
                if key in found:
                    raise OracleRefuses(f"two rows of `{dataset}` have the key {key}")
                found[key] = i
            self._partners[dataset] = found
        return self._partners[dataset]

    def walk(self, dataset: str, place: Place, joins: Sequence[str]) -> tuple[str, Place]:
        """Follow joins by name; return where they lead."""
        for name in joins:
            join = self.definitions.datasets[dataset].joins.get(name)
            if join is None:
                raise OracleRefuses(f"`{dataset}` has no join `{name}`")
            dataset, place = join.to, self.partner(dataset, place, join)
        return dataset, place

    # Names inside an aggregate, a derived column, a dataset's `where`, a dimension's expression

    def in_row(self, expr: t.Expr, home: str, place: Place, *, in_dimension: bool = False) -> Value:
        """Return a row formula's value; its names are the home's columns, joins, then datasets."""

        def atom(node: t.Expr) -> Value:
            if isinstance(node, t.Name):
                return self._row_name(node.parts, home, place, in_dimension)
            raise OracleRefuses(f"no row formula: {node}")

        return compute(expr, atom)

    def holds_in_row(self, expr: t.Expr, home: str, place: Place) -> bool:
        return self.in_row(expr, home, place) is True

    def _row_name(self, parts: tuple[str, ...], home: str, place: Place, in_dimension: bool) -> Value:
        dataset = self.definitions.datasets[home]
        if len(parts) == 1:
            (name,) = parts
            if name in dataset.columns:
                if not in_dimension:
                    self._same_source(name, home)
                return self.column(home, place, name)
            if name in self.definitions.dimensions:
                return self.dimension(name, home, place)
            raise OracleRefuses(f"`{home}` has neither a column nor a dimension `{name}`")
        joins: tuple[str, ...] = parts[:-1]
        if parts[0] not in dataset.joins:
            if parts[0] not in self.definitions.datasets:
                raise OracleRefuses(f"`{parts[0]}` is neither a join of `{home}` nor a dataset")
            joins = (*self.definitions.one_path(home, parts[0]), *parts[1:-1])
        return self.column(*self.walk(home, place, joins), parts[-1])

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
        return self.in_row(self.definitions.dimensions[name][listed], at, there, in_dimension=True)

    def reached(self, parts: tuple[str, ...], home: str) -> None:
        """Refuse a member that `home` does not reach, or in more than one way, whatever the rows."""
        self._member(parts, home, None)

    def member(self, parts: tuple[str, ...], home: str, place: int) -> Value:
        """Return a dimension, or a path `dataset.column` or `dataset.join.column`, of a row."""
        key = (home, place, parts)
        if key not in self._members:
            self._members[key] = self._member(parts, home, place)
        return self._members[key]

    def _member(self, parts: tuple[str, ...], home: str, place: Place) -> Value:
        if len(parts) == 1:
            if parts[0] not in self.definitions.dimensions:
                raise OracleRefuses(f"`{parts[0]}` is no dimension")
            return self.dimension(parts[0], home, place)
        if parts[0] not in self.definitions.datasets:
            raise OracleRefuses(f"`{parts[0]}` is no dataset")
        joins = (*self.definitions.one_path(home, parts[0]), *parts[1:-1])
        return self.column(*self.walk(home, place, joins), parts[-1])

    def meets(self, condition: t.Expr, home: str, place: int, moment: datetime | None) -> bool:
        """Return whether a row satisfies a condition on dimensions, paths and time grains."""

        def atom(node: t.Expr) -> Value:
            if not isinstance(node, t.Name):
                raise OracleRefuses(f"not in a condition on dimensions: {node}")
            if node.text in GRAINS:
                return None if moment is None else bucket_of(moment, node.text, self.definitions.week_start)
            return self.member(node.parts, home, place)

        return holds(condition, atom)

    # Time

    def moment(self, home: str, place: int, column: tuple[str, ...]) -> datetime | None:
        """Return a row's time as local civil time; `column` may walk joins, a date is its midnight."""
        if len(column) > 1 and column[0] == home and home not in self.definitions.datasets[home].joins:
            column = column[1:]
        value = self.column(*self.walk(home, place, column[:-1]), column[-1])
        if value is None:
            return None
        if not isinstance(value, date):
            raise OracleRefuses(f"`{'.'.join(column)}` is no time")
        return value if isinstance(value, datetime) else datetime.combine(value, time())
