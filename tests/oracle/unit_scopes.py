"""What unit and type a name has, where it stands: in a row, in a context, in a condition on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kpidsl.syntax import tree as t

from .aggregates import leaf_of
from .definitions import Column, Definitions, Measure
from .members import member_of
from .table import OracleRefuses
from .units import Unit, in_units, to_unit, unit_named

Reading = tuple[t.Expr, Unit | None, str]
"""A formula with its conversions spelled out, its unit, its type."""


class UnitScopes:
    """Reads formulas with their units; what was read once is remembered."""

    def __init__(
        self, definitions: Definitions, parameter_units: Mapping[str, Unit], *, shows_hours: bool = False
    ) -> None:
        self.shows_hours = shows_hours
        self.definitions = definitions
        self.parameter_units = parameter_units
        self._rows: dict[tuple[int, str], tuple[t.Expr, Reading]] = {}
        self._contexts: dict[int, tuple[t.Expr, Reading]] = {}

    def in_row(self, expr: t.Expr, home: str) -> Reading:
        """Read a formula whose names are columns, dimensions, filters and parameters of a home."""

        def known(node: t.Name | t.Call) -> tuple[Unit | None, str]:
            if isinstance(node, t.Call):
                return self._of_set(node) if node.function == "values" else self._aggregate_in_row(node, home)
            if len(node.parts) > 1:
                dataset, column = self._end_of(node.parts, home)
                return self.column(dataset, column)
            (name,) = node.parts
            if name in self.definitions.datasets[home].columns:
                return self.column(home, name)
            if name in self.definitions.dimensions:
                return self.dimension(name, home)
            return self._bound(name) or self._parameter(name)

        key = (id(expr), home)
        if key not in self._rows:
            self._rows[key] = expr, in_units(expr, known)
        return self._rows[key][1]

    def _of_set(self, call: t.Call) -> tuple[Unit | None, str]:
        """Read the column of a set, which names its dataset first."""
        x = call.arguments[0]
        x = x.operand if isinstance(x, t.Where) else x
        if not isinstance(x, t.Name) or len(x.parts) < 2 or x.parts[0] not in self.definitions.datasets:
            return None, "other"
        _, unit, kind = self.in_row(replace(x, parts=x.parts[1:]), x.parts[0])
        return unit, kind

    def _aggregate_in_row(self, call: t.Call, home: str) -> tuple[Unit | None, str]:
        """Read a window form, whose names are the home's, or an aggregate of rows that reach the home's."""
        forms = call.function in ("lag", "lead") or any(m.word in ("per", "order by") for m in call.modifiers)
        if not forms:
            return self._aggregate(call)
        x = call.arguments[0]
        x = x.operand if isinstance(x, t.Where) else x
        if call.function in ("count", "count_distinct"):
            return None, "number"
        _, unit, kind = self.in_row(x, home)
        return unit, kind

    def column(self, dataset: str, name: str) -> tuple[Unit | None, str]:
        column = self.definitions.datasets[dataset].columns.get(name)
        if column is None:
            return None, "other"
        if column.unit is not None:
            return unit_named(column.unit), column.type
        return (None if column.expr is None else self.in_row(column.expr, dataset)[1]), column.type

    def column_formula(self, column: Column, dataset: str) -> t.Expr:
        """Return a derived column's formula in the unit that it declares."""
        assert column.expr is not None
        expr, unit, _ = self.in_row(column.expr, dataset)
        return to_unit(expr, unit, None if column.unit is None else unit_named(column.unit))

    def dimension(self, name: str, home: str) -> tuple[Unit | None, str]:
        _, listed = self.definitions.source_of(name, home)
        unit = self.in_row(self.definitions.dimensions[name][listed], listed)[1]
        return unit, self.definitions.dimension_types[name]

    def _end_of(self, parts: tuple[str, ...], home: str) -> tuple[str, str]:
        definitions = self.definitions
        joins: tuple[str, ...] = parts[:-1]
        if parts[0] not in definitions.datasets[home].joins:
            if parts[0] not in definitions.datasets:
                raise OracleRefuses(f"`{parts[0]}` is neither a join of `{home}` nor a dataset")
            joins = (*definitions.one_path(home, parts[0]), *parts[1:-1])
        for name in joins:
            join = definitions.datasets[home].joins.get(name)
            if join is None:
                raise OracleRefuses(f"`{home}` has no join `{name}`")
            home = join.to
        return home, parts[-1]

    def _bound(self, name: str) -> tuple[Unit | None, str] | None:
        if name == "as_of":
            return None, "timestamp"
        if name in ("period_start", "period_end"):
            return None, "timestamp" if self.shows_hours else "date"
        return None

    def _parameter(self, name: str) -> tuple[Unit | None, str]:
        kind = self.definitions.parameters[name].type if name in self.definitions.parameters else "other"
        return self.parameter_units.get(name), kind

    # Over aggregates

    def in_context(self, expr: t.Expr) -> Reading:
        """Read a formula whose names are metrics, KPIs and parameters."""

        def known(node: t.Name | t.Call) -> tuple[Unit | None, str]:
            if isinstance(node, t.Call):
                return self._aggregate(node)
            if node.text in self.definitions.measures:
                return self.measure(self.definitions.measures[node.text])
            return self._bound(node.text) or self._parameter(node.text)

        if id(expr) not in self._contexts:
            self._contexts[id(expr)] = expr, in_units(expr, known)
        return self._contexts[id(expr)][1]

    def measure(self, measure: Measure) -> tuple[Unit | None, str]:
        _, unit, kind = self.in_context(measure.formula)
        return (unit if measure.unit is None else unit_named(measure.unit)), kind

    def measure_formula(self, measure: Measure) -> t.Expr:
        """Return a metric's or KPI's formula in the unit that it declares."""
        expr, unit, _ = self.in_context(measure.formula)
        return to_unit(expr, unit, None if measure.unit is None else unit_named(measure.unit))

    def _aggregate(self, call: t.Call) -> tuple[Unit | None, str]:
        if any(m.word == "per" for m in call.modifiers):
            _, unit, kind = self.in_context(call.arguments[0])
            match call.function:
                case "count" | "count_distinct":
                    return None, "number"
                case "variance":
                    squared = None if unit is None else {word: 2 * power for word, power in unit.items()}
                    return squared, "number"
                case _:
                    return unit, kind
        leaf = leaf_of(call, self.definitions)
        if call.function == "count":
            noun = self.definitions.datasets[leaf.home].unit
            return (None if noun is None else unit_named(noun)), "number"
        _, unit, kind = self.in_row(leaf.arguments[0], leaf.home)
        match call.function:
            case "count_distinct":
                return None, "number"
            case "variance":
                return (None if unit is None else {word: 2 * power for word, power in unit.items()}), "number"
            case "min" | "max" | "first" | "last":
                return unit, kind
            case _:
                return unit, "number"

    # In a condition on a context

    def in_condition(self, condition: t.Expr, home: str) -> t.Expr:
        """Read a condition whose names are members, filters and parameters, as a home tells them."""

        def known(node: t.Name | t.Call) -> tuple[Unit | None, str]:
            if isinstance(node, t.Call) or node.text in self.definitions.filters:
                return None, "other"
            if node.text in self.definitions.parameters:
                return self._parameter(node.text)
            member = member_of(node.text, self.definitions)
            if member.grain:
                return None, "timestamp" if member.grain in ("hour", "minute") else "date"
            if member.part:
                return None, "number"
            if len(member.parts) == 1:
                return self.dimension(member.parts[0], home)
            return self.column(*self._end_of(member.parts, home))

        return in_units(condition, known)[0]
