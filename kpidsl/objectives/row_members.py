"""The members that a row of an objective names, with their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import InvalidOperation

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import MemberText
from kpidsl.model.types import TEXT
from kpidsl.objectives import row_errors as errors
from kpidsl.semantics.bound import Bound, Constant, DimensionMember, Partner, PathMember, RowColumn
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.members import Member
from kpidsl.semantics.test_rows import read_value
from kpidsl.source import Span


def member_of(
    text: MemberText, by: Mapping[str, Grouped], project: CheckedProject, keys: Sequence[str], sink: Sink
) -> tuple[Member, Constant] | None:
    """Return a member and its value, null for the null member; a name or a value of none is reported.

    `keys` are what else a row has.
    """
    name = text.name.text
    grouped = by.get(name)
    span = Span.of(text.name)
    if grouped is None:
        is_member = name in project.project.dimensions
        sink.report(errors.not_grouped(span, name, tuple(by), is_member=is_member, keys=keys))
        return None
    if text.value is None:
        return grouped.member, Constant(None, grouped.type)
    written = text.value.text
    values = _values(grouped, project)
    if values is not None and written not in values:
        sink.report(errors.no_value(text.span, name, written, values))
        return None
    try:
        value = written if grouped.type is TEXT else read_value(written, grouped.type)
    except (ValueError, InvalidOperation):
        sink.report(errors.wrong_type(text.span, name, written, str(grouped.type)))
        return None
    return grouped.member, Constant(value, grouped.type)


def _values(grouped: Grouped, project: CheckedProject) -> tuple[str, ...] | None:
    """Return the values that a member can have, where the columns behind it list them all."""
    rows, model = project.rows, project.project
    match grouped.member:
        case DimensionMember(name=name):
            sources = [source for source in model.dimensions[name].sources if source in model.datasets]
            found = [
                _listed(rows.member(source, grouped.member, grouped.span, Sink(), grouped.span), project)
                for source in sources
            ]
        case PathMember(dataset=head, steps=steps, column=column):
            dataset = model.datasets[head]
            found = [_listed(rows.walk(dataset, steps, column, grouped.span, Sink()), project)]
        case _:
            return None
    if not found or () in found:
        return None
    return tuple(dict.fromkeys(value for values in found for value in values))


def _listed(bound: Bound, project: CheckedProject) -> tuple[str, ...]:
    while isinstance(bound, Partner):
        bound = bound.value
    if not isinstance(bound, RowColumn):
        return ()
    return project.project.datasets[bound.dataset].columns[bound.column].values
