"""`having`: a condition on the rows of the result, over its own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import BOOLEAN, Type
from kpidsl.semantics import errors, query_errors
from kpidsl.semantics.bound import BROKEN, Bound, ResultValue
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.functions import AGGREGATES, CONTEXTUAL
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.scalars import ScalarBinder
from kpidsl.semantics.shown import Shown, side_by_side
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.source import SourceText
from kpidsl.syntax import parse_formula, print_formula, tree


def having_condition(
    part: SourceText,
    columns: Mapping[str, Type],
    units: Mapping[str, UnitFact | None],
    by: Sequence[Grouped],
    kpis: Sequence[Shown],
    project: CheckedProject,
    sink: Sink,
) -> Bound | None:
    """Return the bound condition over the result's `columns`, or None after reporting why there is none."""
    expr = parse_formula(part, sink)
    if expr is None:
        return None
    bound = ResultBinder(columns, units, by, kpis, project, sink).condition(expr)
    return bound if bound.type is BOOLEAN else None


class ResultBinder(ScalarBinder):
    """Binds a condition on result rows: its names are the columns that the query shows."""

    def __init__(
        self,
        columns: Mapping[str, Type],
        units: Mapping[str, UnitFact | None],
        by: Sequence[Grouped],
        kpis: Sequence[Shown],
        project: CheckedProject,
        sink: Sink,
    ) -> None:
        super().__init__(sink)
        self.columns = columns
        self.units = units
        self.by = {grouped.name: grouped for grouped in by}
        self.kpis = kpis
        self.project = project

    @property
    def defined(self) -> Project:
        return self.project.project

    def listed(self, value: Bound) -> tuple[str, ...] | None:
        grouped = self.by.get(value.name) if isinstance(value, ResultValue) else None
        return None if grouped is None else self.project.types.listed(grouped.member, grouped.span)

    def name(self, expr: tree.Name) -> Bound:
        found = self.columns.get(expr.text)
        parameter = self.parameter(expr, self.project.rows.units)
        if found is not None and parameter is not None:
            meanings = ("a column of the result", "a parameter")
            self.sink.report(errors.ambiguous(expr.span, expr.text, meanings, "rename one of the two"))
            return BROKEN
        if found is not None:
            return ResultValue(expr.text, found, self.units.get(expr.text))
        if parameter is not None:
            return parameter
        several = side_by_side(expr.text, self.kpis)
        if several:
            self.sink.report(query_errors.having_period(expr.span, expr.text, several))
            return BROKEN
        kind = "kpi" if expr.text in self.project.metrics else "member"
        if kind == "member" and expr.text not in self.project.project.dimensions and len(expr.parts) == 1:
            kind = "nothing"
        self.sink.report(query_errors.having_name(expr.span, expr.text, kind, tuple(self.columns)))
        return BROKEN

    def call(self, expr: tree.Call) -> Bound:
        if expr.function in AGGREGATES or expr.function in CONTEXTUAL:
            self.sink.report(query_errors.having_aggregate(expr.span, print_formula(expr)))
            return BROKEN
        return self.scalar_call(expr)
