"""How far the data behind a KPI are loaded, and how long they may still change."""

from __future__ import annotations

from datetime import timedelta

from kpidsl.model.types import DATE, INTEGER
from kpidsl.objectives.arithmetic import FALSE, any_of, applied, is_null
from kpidsl.semantics.bound import Aggregate, Amount, Apply, Bound, Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.functions import common
from kpidsl.semantics.periods import Window
from kpidsl.semantics.terms import named_metrics
from kpidsl.source import Span


def data_through(kpi: str, project: CheckedProject, span: Span) -> Bound | None:
    """Return the latest time of the dataset that lags most among those that a KPI reads."""
    found: list[Bound] = []
    for name in sorted(project.metrics[kpi].datasets):
        dataset = project.datasets[name]
        time = dataset.time
        if time is None or dataset.until is not None or dataset.definition.lies_ahead:
            continue
        found.append(Aggregate("max", name, time, None, None, False, time.type, span))
    if not found:
        return None
    shared = common([one.type for one in found])
    assert shared is not None
    return found[0] if len(found) == 1 else Apply("least", tuple(found), shared)


def is_unloaded(through: Bound | None, period: Window | Bound) -> Bound:
    """Return whether some dataset has no row of a period's last day or later, or of the day before an end."""
    if through is None:
        return FALSE
    if not isinstance(period, Window):
        last = Apply("add_days", (period, Constant(-1, INTEGER)), DATE)
        return any_of(is_null(through), applied("<", through, last))
    if period.end is None:
        return is_null(through)
    last_day = Constant(period.end - timedelta(days=1), DATE)
    return any_of(is_null(through), applied("<", through, last_day))


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
