"""Rows that are looked for by a key which one row alone has: counts of 1, sequences that are never met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kpidsl.diagnostics import Sink
from kpidsl.semantics import lint_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Bound,
    Derived,
    Grain,
    MetricRef,
    PerEntity,
    RowColumn,
    RowSequence,
    Siblings,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.members import Member, Part
from kpidsl.semantics.nested import whose
from kpidsl.semantics.walks import inside
from kpidsl.source import Span


def own_keys(nodes: Iterable[Bound], project: CheckedProject, sink: Sink) -> None:
    """Warn of rows that a formula looks for among those with the key of one row; `nodes` are all in it."""
    for node in nodes:
        match node:
            case RowSequence(steps=steps, keys=keys):
                for step in steps:
                    pairs = zip(keys, step.keys, strict=True)
                    same = (mine for mine, theirs in pairs if mine == theirs)
                    if _has_key(step.dataset, same, project):
                        _tell(node.span, step.dataset, project, sink)
                        break
            case PerEntity(operand=x, members=members, span=span):
                for counted in _counts(x, project):
                    values = _values(counted.dataset, members, span, project)
                    if _has_key(counted.dataset, values, project):
                        _tell(span, counted.dataset, project, sink)
                        break
            case _:
                pass


def own_keys_of_columns(project: CheckedProject, sink: Sink) -> None:
    """Warn of columns over the rows with the same key, where that is the row itself."""
    for dataset in project.project.datasets.values():
        for column in dataset.columns.values():
            if column.expr is None:
                continue
            value = project.rows.column(dataset.name, column)
            own_keys(inside(value), project, sink)
            for node in inside(value):
                if isinstance(node, Derived) and not node.path and isinstance(node.form, Siblings):
                    keys = node.form.keys
                    if node.dataset == dataset.name and _has_key(dataset.name, keys, project):
                        _tell(column.expr.span, dataset.name, project, sink)


def _counts(x: Bound, project: CheckedProject) -> Iterator[Aggregate]:
    """Yield the counts of rows; one with a condition tells whether the row meets it."""
    for node in inside(x):
        match node:
            case MetricRef(name=name):
                yield from _counts(project.metrics[name].bound, project)
            case Aggregate(function="count", argument=None, condition=None):
                yield node
            case _:
                pass


def _values(dataset: str, members: Iterable[Member], span: Span, project: CheckedProject) -> Iterator[Bound]:
    for member in members:
        # Grains and date parts of the default time are no key.
        if not isinstance(member, Grain) and not (isinstance(member, Part) and member.member is None):
            yield project.rows.member(dataset, member, span, Sink(), span)


def _has_key(dataset: str, values: Iterable[Bound], project: CheckedProject) -> bool:
    """Tell whether values on a dataset's row are its whole key, and maybe more."""
    found = {
        one.column for one in values if isinstance(one, RowColumn) and not one.path and one.dataset == dataset
    }
    key = project.project.datasets[dataset].key
    return bool(key) and found >= set(key)


def _tell(span: Span, dataset: str, project: CheckedProject, sink: Sink) -> None:
    definition = project.project.datasets[dataset]
    sink.report(lint_errors.own_key(span, dataset, definition.key, whose(definition)))
