"""Formulas that a project's definitions may be named in, such as those of a query."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.types import UNKNOWN
from kpidsl.semantics.bound import Bound, MetricRef
from kpidsl.semantics.check import CheckedProject, measured
from kpidsl.semantics.context_filters import check_filters
from kpidsl.semantics.formulas import FormulaBinder
from kpidsl.syntax import tree
from kpidsl.syntax.errors import too_deep
from kpidsl.syntax.parser import DEEPEST_TREE


def bound_formula(project: CheckedProject, expr: tree.Expr, sink: Sink) -> Bound | None:
    """Return a formula bound against a checked project, or None after reporting what is wrong with it."""
    bound = formula_binder(project, sink).bind(expr)
    if bound.type is UNKNOWN:
        return None
    size = (
        measured(next(iter(project.metrics.values())).definition, bound, project.metrics)
        if project.metrics
        else None
    )
    if size is not None and size.depth > DEEPEST_TREE:
        sink.report(too_deep(expr.span, DEEPEST_TREE))
        return None
    check_filters(bound, lambda name: project.metrics[name].datasets, project.rows, sink)
    return bound


def datasets_of(project: CheckedProject, bound: Bound) -> frozenset[str]:
    """Return the datasets that the aggregates of a bound formula read."""
    if isinstance(bound, MetricRef):
        return project.metrics[bound.name].datasets
    if not project.metrics:
        return frozenset()
    return measured(next(iter(project.metrics.values())).definition, bound, project.metrics).datasets


def formula_binder(project: CheckedProject, sink: Sink) -> FormulaBinder:
    """Return what binds formulas in which every metric and KPI may be named."""
    return FormulaBinder(
        project.rows,
        project.types,
        project.metric_types,
        project.metric_units,
        sink,
        empty_is_null=False,
        bound_of=lambda name: project.metrics[name].bound,
    )
