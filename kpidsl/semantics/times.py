"""Times of a row as members: the bucket of a grain, a date part, a time role."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.grains import PARTS
from kpidsl.model.types import INTEGER, TEXT, Kind, Type
from kpidsl.semantics import errors, time_errors
from kpidsl.semantics.bound import (
    Apply,
    Bound,
    Bucketed,
    Constant,
    Derived,
    DimensionMember,
    Grain,
    Part,
    PathMember,
    RowColumn,
)
from kpidsl.source import Span
from kpidsl.syntax import tree

TimeMember = Grain | Bucketed | Part

_OF_THE_DAY = ("hour", "minute", "hour_of_day")


def bucket(project: Project, grain: str, time: Bound) -> Bound:
    """Return the bucket of a time, cut in the project's zone."""
    type_ = project.grains[grain].type_in(project.timezone)
    return Apply("bucket", (Constant(grain, TEXT), time), type_)


def part(name: str, time: Bound) -> Bound:
    """Return a date part of a time, of its local time in the project's zone."""
    return Apply(PARTS[name], (time,), INTEGER)


def of_time(project: Project, member: TimeMember, time: Bound) -> Bound:
    """Return the member's value for a time."""
    match member:
        case Grain(name=grain) | Bucketed(grain=grain):
            return bucket(project, grain, time)
        case Part(name=name):
            return part(name, time)


def type_of(project: Project, member: TimeMember) -> Type:
    match member:
        case Grain(name=grain) | Bucketed(grain=grain):
            return project.grains[grain].type_in(project.timezone)
        case Part():
            return INTEGER


def check_hours(member: TimeMember, time: Type, shown: str, span: Span, sink: Sink) -> bool:
    """Tell whether a time has what the member asks for, having reported where it has not."""
    head, _, asked = member.text.rpartition(".")
    if time.kind is not Kind.DATE or asked not in _OF_THE_DAY:
        return True
    day, weekday, month = (f"{head}.{name}" if head else name for name in ("day", "weekday", "month_of_year"))
    instead = f"group by `{day}`"
    if isinstance(member, Part):
        instead = f"a date has its `{weekday}` and `{month}`; hours are asked of a timestamp"
    sink.report(time_errors.no_time_of_day(span, member.text, shown, instead))
    return False


def shown_time(time: Bound) -> str:
    """Return a time's name as a reader knows it."""
    match time:
        case (
            RowColumn(path=path, dataset=dataset, column=column)
            | Derived(path=path, dataset=dataset, column=column)
        ):
            return ".".join((*path, column)) if path else f"{dataset}.{column}"
        case _:
            return "the time column"


def role(name: tree.Name, project: Project, sink: Sink) -> Bucketed | Part | None:
    """Return the time role that a dotted name is, or None where it is no role.

    A dimension or a path to a column, then a grain or a date part: `signup.month`,
    `customers.signed_up_at.weekday`. A name that is also a path to a column is reported.
    """
    *before, last = name.parts
    if not before or (last not in project.grains and last not in PARTS):
        return None
    found: list[DimensionMember | PathMember] = []
    head, *steps = before
    if not steps and head in project.dimensions:
        found.append(DimensionMember(head))
    holder = _holder(project, tuple(before[:-1])) if steps else None
    if holder is not None and steps[-1] in project.datasets[holder].columns:
        found.append(PathMember(head, tuple(steps[:-1]), steps[-1]))
    if not found:
        return None
    column_of = _holder(project, tuple(before))
    if column_of is not None and last in project.datasets[column_of].columns:
        kind = "time grain" if last in project.grains else "date part"
        meanings = (f"a column of `{column_of}`", f"the {kind} `{last}` of `{found[0].text}`")
        sink.report(errors.ambiguous(name.span, name.text, meanings, "rename the column or the dimension"))
    return Bucketed(found[0], last) if last in project.grains else Part(last, found[0])


def _holder(project: Project, parts: tuple[str, ...]) -> str | None:
    """Return the dataset that a dataset and joins from it lead to."""
    at = parts[0] if parts[0] in project.datasets else None
    for step in parts[1:]:
        join = project.datasets[at].joins.get(step) if at is not None else None
        at = join.target if join is not None and join.target in project.datasets else None
    return at
