"""The facts of a definition as data, for `explain --format json`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import dimensions_of, facts_of
from kpidsl.semantics.printing import print_bound
from kpidsl.semantics.terms import NO_DEMANDS
from kpidsl.semantics.unit_facts import text_of
from kpidsl.syntax import print_formula
from kpidsl.syntax.printer import number

Facts = dict[str, Any]


def metric_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a metric or KPI; keys that it does not have are null or empty."""
    metric = project.metrics[name].definition
    bound = project.metrics[name].bound
    facts = facts_of(bound, project)
    demands = project.demands.get(name, NO_DEMANDS)
    bounds, deprecated = metric.terms.bounds, metric.terms.deprecated
    assert metric.formula.expr is not None
    return {
        "kind": metric.kind,
        "version": metric.version,
        "label": dict(metric.label),
        "synonyms": {language: list(words) for language, words in metric.synonyms.items()},
        "description": dict(metric.description),
        "formula": print_formula(metric.formula.expr),
        "type": str(facts.type),
        "unit": text_of(bound.unit),
        "format": metric.format,
        "direction": metric.direction,
        "empty": metric.empty,
        "bounds": None if bounds is None else [_number(bounds.low), _number(bounds.high)],
        "variant_of": metric.terms.variant_of,
        "requires": [member.text for member in demands.requires],
        "forbids": [member.text for member in demands.forbids],
        "deprecated": None if deprecated is None else {"since": deprecated.since, "use": deprecated.use},
        "owner": metric.owner,
        "stage": metric.stage,
        "tags": list(metric.tags),
        "references": list(metric.references),
        "additivity": facts.additivity.value,
        "sample": None if facts.sample is None else print_bound(facts.sample),
        "grain": {dataset: list(key) for dataset, key in facts.keys.items()},
        "times": [
            {"dataset": dataset, "time": None if time is None else print_bound(time)}
            for dataset, time in facts.times
        ],
        "grains": list(facts.grains),
        "dimensions": list(facts.dimensions),
        "reads": {dataset: list(columns) for dataset, columns in facts.reads.items()},
        "rests_on": list(facts.metrics),
        "parameters": list(facts.parameters),
        "tests": [test.name for test in metric.tests],
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else number(value)


def dataset_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a dataset."""
    dataset, checked = project.project.datasets[name], project.datasets[name]
    return {
        "kind": "dataset",
        "label": dict(dataset.label),
        "description": dict(dataset.description),
        "table": None if dataset.table is None else [part.text for part in dataset.table],
        "grain": list(dataset.key),
        "time": None if checked.time is None else print_bound(checked.time),
        "where": None if checked.condition is None else print_bound(checked.condition),
        "unit": None if dataset.unit is None else dataset.unit.text,
        "columns": {
            column.name: {
                "label": dict(column.label),
                "description": dict(column.description),
                "type": str(column.type),
                "unit": text_of(project.rows.column(name, column).unit),
                "computed": column.is_derived,
            }
            for column in dataset.columns.values()
        },
        "joins": {join.name: join.target for join in dataset.joins.values()},
        "dimensions": list(dimensions_of(name, project)),
    }


def dimension_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a dimension."""
    dimension = project.project.dimensions[name]
    return {
        "kind": "dimension",
        "label": dict(dimension.label),
        "description": dict(dimension.description),
        "type": None if dimension.type is None else str(dimension.type),
        "from": {
            dataset: print_formula(formula.expr)
            for dataset, formula in dimension.sources.items()
            if formula.expr is not None
        },
    }
