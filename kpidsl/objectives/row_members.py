"""The members that a row of an objective names, with their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import InvalidOperation

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import MemberText
from kpidsl.model.types import TEXT
from kpidsl.objectives import row_errors as errors
from kpidsl.semantics.bound import Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.members import Member
from kpidsl.semantics.test_rows import read_value
from kpidsl.source import SourceText, Span


def is_lost(written: Sequence[SourceText], by: Sequence[Grouped]) -> bool:
    """Tell whether some member that is written stands for none, which has been told; any may be meant."""
    return len({part.text.strip() for part in written}) > len(by)


def member_of(
    text: MemberText,
    by: Mapping[str, Grouped],
    project: CheckedProject,
    keys: Sequence[str],
    sink: Sink,
    *,
    is_whole: bool = True,
) -> tuple[Member, Constant] | None:
    """Return a member and its value, null for the null member; a name or a value of none is reported.

    `keys` are what else a row has. Where `by` is not whole, a name that it lacks is not at fault.
    """
    name = text.name.text
    grouped = by.get(name)
    span = Span.of(text.name)
    if grouped is None and not is_whole:
        return None
    if grouped is None:
        is_member = name in project.project.dimensions
        sink.report(errors.not_grouped(span, name, tuple(by), is_member=is_member, keys=keys))
        return None
    if text.value is None:
        return grouped.member, Constant(None, grouped.type)
    written = text.value.text
    values = project.types.listed(grouped.member, grouped.span)
    if values is not None and written not in values:
        sink.report(errors.no_value(text.span, name, written, values))
        return None
    try:
        value = written if grouped.type is TEXT else read_value(written, grouped.type)
    except (ValueError, InvalidOperation):
        sink.report(errors.wrong_type(text.span, name, written, str(grouped.type)))
        return None
    return grouped.member, Constant(value, grouped.type)


def members_told(members: Mapping[Member, Constant]) -> str:
    """Return members with their values as a row names them."""
    return " and ".join(
        f"`{member.text}: {'null' if value.value is None else value.value}`"
        for member, value in members.items()
    )
