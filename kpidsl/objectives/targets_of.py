"""Targets that stand in a dataset, as formulas over its rows.

Of a KPI that adds up the targets of all rows in a group and period do, too: those of days are the target of
the month, those of members that of the whole. Of any other there must be one row, and their number tells.
What is taken from rivals is read by `benchmarks`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import Objective, TargetsOf
from kpidsl.model.types import UNKNOWN
from kpidsl.objectives import value_errors
from kpidsl.objectives.benchmarks import benchmark_of, report_without_take
from kpidsl.objectives.made import made
from kpidsl.objectives.values import Values
from kpidsl.semantics import errors
from kpidsl.semantics.ad_hoc import bound_formula
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import Aggregate, Bound
from kpidsl.semantics.facts import additivity_of
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.objectives import Benchmark
from kpidsl.source import Span


@dataclass(frozen=True, slots=True)
class FromDataset:
    """The target of a row; where it must be that of one row of the dataset, `rows` are how many there are."""

    target: Bound
    rows: Bound | None = None
    benchmark: Benchmark | None = None


def target_of(objective: Objective, written: TargetsOf, values: Values, sink: Sink) -> FromDataset | None:
    """Return the target of a row, or None after reporting what is wrong with it.

    A dataset or a column that is not there is reported, and so is a unit that does not fit.
    """
    project = values.project.project
    dataset, column = written.dataset.text.strip(), written.value.text.strip()
    if dataset not in project.datasets:
        if ("datasets", dataset) not in project.rejected:
            sink.report(errors.unknown(Span.of(written.dataset), "dataset", dataset, project.datasets))
        return None
    columns = project.datasets[dataset].columns
    if column not in columns:
        sink.report(errors.unknown(Span.of(written.value), f"column of `{dataset}`", column, columns))
        return None
    type_ = columns[column].type
    if type_ is not UNKNOWN and not type_.is_numeric:
        sink.report(value_errors.column_of_texts(Span.of(written.value), column, str(type_)))
        return None
    if written.take is not None:
        found = benchmark_of(objective, written, project.datasets[dataset], values, sink)
        return None if found is None else FromDataset(found[0], benchmark=found[1])
    report_without_take(written, sink)
    adds_up = additivity_of(values.metric.bound, values.project) is Additivity.ADDITIVE
    function = "sum" if adds_up else "max"
    target = values.level("target_from", made(f"{function}({dataset}.{column})", written.span, sink))
    if target is None:
        return None
    target = _null_of_nothing(target)
    if adds_up:
        return FromDataset(target)
    counted = made(f"count({dataset}.{column})", written.span, sink).expr
    assert counted is not None
    return FromDataset(target, bound_formula(values.project, counted, sink))


def _null_of_nothing(bound: Bound) -> Bound:
    """Return a formula whose aggregates of no rows are null: a target that is not there is not 0."""
    if isinstance(bound, Aggregate):
        return replace(bound, empty_is_null=True)
    return map_children(bound, _null_of_nothing)
