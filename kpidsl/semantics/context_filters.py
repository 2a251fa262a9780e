"""Conditions on a context, against the datasets that they are asked of."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kpidsl.diagnostics import Sink
from kpidsl.semantics import time_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Bound,
    Filtered,
    Member,
    MemberValue,
    MetricRef,
    Part,
    children,
)
from kpidsl.semantics.filters_on_rows import with_filter
from kpidsl.semantics.rows import RowNames
from kpidsl.semantics.walks import sets_asked
from kpidsl.source import Span


def check_filters(
    bound: Bound, datasets_of: Callable[[str], frozenset[str]], rows: RowNames, sink: Sink
) -> None:
    """Report conditions on a context that some dataset under them does not reach."""
    stack: list[tuple[Bound, tuple[MemberValue, ...]]] = [(bound, ())]
    while stack:
        node, members = stack.pop()
        if isinstance(node, Filtered):
            stack.append((node.operand, (*members, *_members(node.condition))))
            continue
        if isinstance(node, Aggregate):
            _aggregate(node, members, rows, sink)
            stack.extend((found.set, members) for found in sets_asked(node))
        elif isinstance(node, MetricRef) and members:
            _reaches(sorted(datasets_of(node.name)), members, rows, sink, None)
        stack.extend((child, members) for child in children(node) if not isinstance(node, Aggregate))


def _aggregate(aggregate: Aggregate, members: tuple[MemberValue, ...], rows: RowNames, sink: Sink) -> None:
    _reaches((aggregate.dataset,), members, rows, sink, aggregate.span)
    _has_time(aggregate, members, rows, sink)


def _reaches(
    datasets: Iterable[str],
    members: Iterable[MemberValue],
    rows: RowNames,
    sink: Sink,
    aggregate: Span | None,
) -> None:
    for dataset in datasets:
        for value in members:
            if not _is_of_default_time(value.member):
                found = Sink()
                rows.member(dataset, value.member, value.span, found, aggregate or value.span)
                sink.extend(with_filter(value, found))


def _is_of_default_time(member: Member) -> bool:
    """Tell whether the member is a part of the default time, which each aggregate has for itself."""
    return isinstance(member, Part) and member.member is None


def _has_time(aggregate: Aggregate, members: Iterable[MemberValue], rows: RowNames, sink: Sink) -> None:
    definition = rows.project.datasets[aggregate.dataset]
    if aggregate.at is not None or (definition.time is not None and definition.until is None):
        return
    for value in members:
        if _is_of_default_time(value.member) and definition.until is not None:
            sink.report(time_errors.of_intervals(value.span, definition, value.member.text))
        elif _is_of_default_time(value.member):
            because = f"the condition asks for its {value.member.text}"
            sink.report(time_errors.no_time(value.span, definition, because))


def _members(condition: Bound) -> tuple[MemberValue, ...]:
    if isinstance(condition, MemberValue):
        return (condition,)
    return tuple(member for child in children(condition) for member in _members(child))
