"""Members of a context as values on an aggregate's rows."""

from __future__ import annotations

from collections.abc import Mapping

from kpidsl.contexts.contexts import Context
from kpidsl.contexts.leaves import (
    Key,
)
from kpidsl.contexts.windows import InBucket
from kpidsl.diagnostics import Sink
from kpidsl.model.types import UNKNOWN
from kpidsl.semantics import set_errors, time_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Cumulative,
    Grain,
    Member,
    MemberValue,
    Part,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.filters_on_rows import with_filter
from kpidsl.semantics.functions import VALUES
from kpidsl.semantics.printing import move_text
from kpidsl.semantics.times import check_hours, of_time, shown_time
from kpidsl.source import Span

_NO_VALUE = Constant(None, UNKNOWN)


class OnRows:
    """Says what members and conditions on them are on the rows of each dataset, each worked out once."""

    def __init__(self, project: CheckedProject, spans: Mapping[Member, Span], sink: Sink) -> None:
        self.project = project
        self.spans = dict(spans)
        self.sink = sink
        self._members: dict[tuple[str, Member, Bound | None], Bound] = {}
        self._groups: dict[tuple[str, tuple[Member, ...], Bound | None], tuple[Key, ...]] = {}

    def no_time(self, aggregate: Aggregate, span: Span, because: str, whole: str | None = None) -> None:
        definition = self.project.datasets[aggregate.dataset].definition
        self.sink.report(time_errors.no_time(span, definition, because, whole))

    def asks_for_time(self, context: Context) -> tuple[Span | None, str] | None:
        """Return what of a context asks for a time, where and why; a window of everything asks for none."""
        if context.grains and not (context.steps and isinstance(context.steps[-1].move, Cumulative)):
            grain = context.grains[0]
            asks = f"`per {grain.text}` asks for it" if grain.depth else f"the query groups by {grain.text}"
            return self.spans[grain], asks
        if context.steps:
            last = context.steps[-1]
            if isinstance(last.move, Cumulative | InBucket):
                return None
            return last.span, f"`{move_text(last.move)}` asks for it"
        return (context.window_span, "the query has a period") if context.window.is_bounded else None

    def group(self, aggregate: Aggregate, group: tuple[Member, ...], time: Bound | None) -> tuple[Key, ...]:
        known = self._groups.get((aggregate.dataset, group, time))
        if known is None:
            known = tuple(self._key(aggregate, member, time) for member in group)
            self._groups[aggregate.dataset, group, time] = known
        return known

    def _key(self, aggregate: Aggregate, member: Member, time: Bound | None) -> Key:
        """Return what a member of the group is on the rows; a set can do without what its rows lack."""
        sink, self.sink = self.sink, Sink()
        value = self._member(aggregate, member, time, self.spans[member])
        found, self.sink = self.sink.reported, sink
        if found:
            is_set = aggregate.function == VALUES.name
            shown = aggregate.span.excerpt()
            sink.extend(set_errors.all_groups(told, shown) if is_set else told for told in found)
        return Key(member, value)

    def _member(self, aggregate: Aggregate, member: Member, time: Bound | None, span: Span) -> Bound:
        """Return a member's value on the aggregate's rows; `time` is the aggregate's own."""
        is_of_time = isinstance(member, Grain) or (isinstance(member, Part) and member.member is None)
        place = (aggregate.dataset, member, time if is_of_time else None)
        known = self._members.get(place)
        if known is None:
            rows = self.project.rows
            if is_of_time:
                known = self._of_time(aggregate, member, time, span)
            else:
                known = rows.member(aggregate.dataset, member, span, self.sink, aggregate.span)
            self._members[place] = known
        return known

    def _of_time(self, aggregate: Aggregate, member: Member, time: Bound | None, span: Span) -> Bound:
        assert isinstance(member, Grain | Part)
        if time is None:
            self.no_time(aggregate, span, f"the query asks for its {member.text}")
            return _NO_VALUE
        dataset = self.project.datasets[aggregate.dataset]
        if isinstance(member, Part) and aggregate.at is None and dataset.until is not None:
            self.sink.report(time_errors.of_intervals(span, dataset.definition, member.text))
            return _NO_VALUE
        check_hours(member, time.type, shown_time(time), span, self.sink)
        return of_time(self.project.project, member, time)

    def _condition_member(self, aggregate: Aggregate, value: MemberValue, time: Bound | None) -> Bound:
        sink, self.sink = self.sink, Sink()
        found = self._member(aggregate, value.member, time, value.span)
        sink.extend(with_filter(value, self.sink))
        self.sink = sink
        return found

    def condition(self, condition: Bound, aggregate: Aggregate, time: Bound | None) -> Bound:
        """Return a condition on dimensions as one on the aggregate's rows."""
        match condition:
            case MemberValue():
                return self._condition_member(aggregate, condition, time)
            case Apply(op=op, args=args, type=type, span=span):
                return Apply(op, tuple(self.condition(arg, aggregate, time) for arg in args), type, span)
            case _:
                return condition
