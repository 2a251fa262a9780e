"""Conditions on a context as conditions on a row, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Dataset, Project
from kpidsl.model.types import UNKNOWN
from kpidsl.semantics import join_errors, time_errors
from kpidsl.semantics.bound import BROKEN, Bound, Grain, MemberValue, Part, children
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.times import check_hours, of_time, shown_time
from kpidsl.source import Span


def on_row(condition: Bound, value_of: Callable[[MemberValue], Bound]) -> Bound:
    """Return a condition with each dimension's value on the row; `BROKEN` where one has none."""
    if isinstance(condition, MemberValue):
        return value_of(condition)
    inner = map_children(condition, lambda part: on_row(part, value_of))
    return BROKEN if any(part.type is UNKNOWN for part in children(inner)) else inner


def with_filter(value: MemberValue, found: Sink) -> Iterable[Diagnostic]:
    """Return what was told about a dimension, with the named filter that it came with."""
    if value.filter is None:
        return found.reported
    return [join_errors.with_filter(told, value.filter) for told in found.reported]


def of_own_time(
    member: Grain | Part, time: Bound | None, home: Dataset, project: Project, span: Span, sink: Sink
) -> Bound:
    """Return what a filter asks of the default time, or `BROKEN` where a row has no such time."""
    if time is None:
        because = f"the condition asks for its {member.text}"
        sink.report(time_errors.no_time(span, home, because))
        return BROKEN
    if time is BROKEN or not check_hours(member, time.type, shown_time(time), span, sink):
        return BROKEN
    return of_time(project, member, time)
