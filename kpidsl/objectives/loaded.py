"""How far the data behind a KPI are loaded, and how long they may still change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from kpidsl.model.types import DATE, INTEGER
from kpidsl.objectives.arithmetic import FALSE, any_of, applied, is_null
from kpidsl.objectives.columns import Column
from kpidsl.semantics.bound import Aggregate, Amount, Apply, Bound, Constant
from kpidsl.semantics.check import CheckedDataset, CheckedProject
from kpidsl.semantics.functions import common
from kpidsl.semantics.periods import Window
from kpidsl.semantics.terms import named_metrics
from kpidsl.source import Span


def loaded_through(kpi: str, project: CheckedProject, span: Span) -> Iterator[tuple[Column, Bound]]:
    """Yield how far the data behind a KPI are loaded.

    `data_through` is the latest time of the dataset that lags most; of rows that say when they are known
    it is that time. `known_through` is the same of such datasets alone, where there are others beside them.
    """
    datasets = _telling(kpi, project)
    known = [dataset for dataset in datasets if dataset.known_at is not None]
    if datasets:
        yield "data_through", _earliest(datasets, span)
    if 0 < len(known) < len(datasets):
        yield "known_through", _earliest(known, span)


def _telling(kpi: str, project: CheckedProject) -> list[CheckedDataset]:
    """Return the datasets of a KPI whose rows tell how far they are loaded.

    Plans lie ahead by their nature, and what holds over an interval may have no new row for long.
    """
    datasets = [project.datasets[name] for name in sorted(project.metrics[kpi].datasets)]
    return [
        dataset
        for dataset in datasets
        if dataset.until is None
        and not dataset.definition.is_plan
        and (dataset.time, dataset.known_at) != (None, None)
    ]


def _earliest(datasets: Sequence[CheckedDataset], span: Span) -> Bound:
    found: list[Bound] = []
    for dataset in datasets:
        time = dataset.known_at or dataset.time
        assert time is not None
        found.append(
            Aggregate("max", dataset.definition.name, time, None, dataset.known_at, False, time.type, span)
        )
    shared = common([one.type for one in found])
    assert shared is not None
    return found[0] if len(found) == 1 else Apply("least", tuple(found), shared)


def is_unloaded(
    of: Mapping[Column, Bound], period: Window | Bound, kpi: str, project: CheckedProject
) -> Bound:
    """Return whether some dataset may lack rows of a period: none of them is of its last day or later.

    A row that says when it is known may be known long before its day, or days after it: of such rows one has
    to be known when the period is over.
    """
    through = of.get("data_through")
    if through is None:
        return FALSE
    if isinstance(period, Window) and period.end is None:
        return is_null(through)
    end, last = _ends(period)
    if all(dataset.known_at is not None for dataset in _telling(kpi, project)):
        return any_of(is_null(through), applied("<", through, end))
    tests = [is_null(through), applied("<", through, last)]
    if "known_through" in of:
        tests.append(applied("<", of["known_through"], end))
    return any_of(*tests)


def _ends(period: Window | Bound) -> tuple[Bound, Bound]:
    """Return the day after a period, and its last."""
    if not isinstance(period, Window):
        return period, Apply("add_days", (period, Constant(-1, INTEGER)), DATE)
    assert period.end is not None
    return Constant(period.end, DATE), Constant(period.end - timedelta(days=1), DATE)


def lags(kpi: str, project: CheckedProject) -> list[Amount]:
    """Return how long after a period's end its rows may still change, by what is declared."""
    found: list[Amount] = []
    metrics = [kpi]
    for name in metrics:
        metric = project.metrics[name]
        if metric.maturity is not None:
            found.append(metric.maturity)
        metrics.extend(ref.name for ref in named_metrics(metric.bound) if ref.name not in metrics)
    datasets = (project.datasets[name] for name in project.metrics[kpi].datasets)
    found.extend(dataset.settles_after for dataset in datasets if dataset.settles_after is not None)
    return found
