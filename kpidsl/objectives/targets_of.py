"""Targets that stand in a dataset, as formulas over its rows.

Of a KPI that adds up the targets of all rows in a group and period do, too: those of days are the target of
the month, those of members that of the whole. Of any other there must be one row, and their number tells.
"""

from __future__ import annotations

from dataclasses import replace

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import TargetsOf
from kpidsl.model.written import Formula
from kpidsl.objectives.values import Values
from kpidsl.semantics import errors
from kpidsl.semantics.ad_hoc import bound_formula
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import Aggregate, Bound, map_children
from kpidsl.semantics.facts import additivity_of
from kpidsl.source import SourceFile, Span
from kpidsl.syntax import parse_formula


def target_of(written: TargetsOf, values: Values, sink: Sink) -> tuple[Bound | None, Bound | None]:
    """Return the target of a row, and where it must be that of one row how many there are.

    A dataset or a column that is not there is reported, and so is a unit that does not fit.
    """
    project = values.project.project
    dataset, column = written.dataset.text.strip(), written.value.text.strip()
    if dataset not in project.datasets:
        if ("datasets", dataset) not in project.rejected:
            sink.report(errors.unknown(Span.of(written.dataset), "dataset", dataset, project.datasets))
        return None, None
    columns = project.datasets[dataset].columns
    if column not in columns:
        sink.report(errors.unknown(Span.of(written.value), f"column of `{dataset}`", column, columns))
        return None, None
    adds_up = additivity_of(values.metric.bound, values.project) is Additivity.ADDITIVE
    function = "sum" if adds_up else "max"
    target = values.level("target_from", _formula(f"{function}({dataset}.{column})", written.span, sink))
    if target is None:
        return None, None
    target = _null_of_nothing(target)
    if adds_up:
        return target, None
    counted = _formula(f"count({dataset}.{column})", written.span, sink).expr
    assert counted is not None
    return target, bound_formula(values.project, counted, sink)


def _formula(text: str, span: Span, sink: Sink) -> Formula:
    return Formula(text, parse_formula(SourceFile("target_from", text), sink), span)


def _null_of_nothing(bound: Bound) -> Bound:
    """Return a formula whose aggregates of no rows are null: a target that is not there is not 0."""
    if isinstance(bound, Aggregate):
        return replace(bound, empty_is_null=True)
    return map_children(bound, _null_of_nothing)
