"""Pushing contexts down to the leaves.

The context starts as the query's (group, filter, window). `x where c` adds to the filter, `total`
takes members out of the group, a metric's name stands for its formula in the same context. What
remains at the bottom are aggregates, each in the context that it has then: the leaves. Equal
leaves merge, so that a hundred KPIs share what they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kpidsl.contexts.leaves import (
    DAY,
    DETAIL,
    MOMENT,
    OTHERS,
    Key,
    Leaf,
    LeafValue,
    Leaves,
    Level,
    Operation,
    OutputColumn,
    Ranking,
    Scalar,
)
from kpidsl.contexts.levels import level_name, lined_up, total_levels
from kpidsl.contexts.parts import is_present, parts_of
from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN, DATE, INTEGER, NULL, UNKNOWN
from kpidsl.semantics import query_errors, time_errors, totals_errors
from kpidsl.semantics.aggregates import is_fraction
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Derived,
    Filtered,
    Grain,
    Member,
    MemberValue,
    MetricRef,
    ParameterRef,
    Part,
    Partner,
    ResultValue,
    RowColumn,
    RowSequence,
    Total,
)
from kpidsl.semantics.filters_on_rows import with_filter
from kpidsl.semantics.periods import Window
from kpidsl.semantics.queries import CheckedQuery
from kpidsl.semantics.shown import Shown
from kpidsl.semantics.times import check_hours, of_time, shown_time
from kpidsl.semantics.totals import Top, ranked
from kpidsl.semantics.unit_facts import text_of
from kpidsl.semantics.walks import conjuncts
from kpidsl.source import Span

_NO_VALUE = Constant(None, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Context:
    """Γ: what a formula is evaluated in."""

    group: tuple[Member, ...]
    filter: tuple[Bound, ...]
    window: Window
    window_span: Span | None = None
    gathered: tuple[Member, ...] = ()
    """Members that are in the group as one: the others of the query's ranking."""


def push(query: CheckedQuery, sink: Sink) -> Leaves | None:
    """Return the query's leaves, or None after reporting a context that some dataset cannot have."""
    before = sink.errors
    pusher = _Pusher(query, sink)
    filter = () if query.where is None else conjuncts(query.where)
    context = Context(tuple(grouped.member for grouped in query.by), filter, query.period, query.period_span)
    columns = pusher.columns(context)
    if sink.errors > before:
        return None
    levels = tuple(_levels(query, pusher, context, columns))
    ranking = None if query.top is None else _ranking(query.top, pusher, context, columns)
    if sink.errors > before:
        return None
    return Leaves(
        leaves=tuple(pusher.leaves),
        by=query.by,
        columns=columns,
        levels=levels,
        shows_levels=query.shows_levels,
        ranking=ranking,
        spine=_spine(query, context),
        window=query.period,
        having=query.having,
        order=query.order,
        limit=query.limit,
        null_label=query.null_label,
    )


def _spine(query: CheckedQuery, context: Context) -> tuple[Key, ...]:
    """Return the grains whose empty buckets are added, as expressions on the calendar."""
    project = query.project.project
    grains = [member for member in context.group if query.fill and isinstance(member, Grain)]
    time = MOMENT if any(project.grains[grain.name].is_instant for grain in grains) else DAY
    return tuple(Key(grain, of_time(project, grain, time)) for grain in grains)


def _levels(
    query: CheckedQuery, pusher: _Pusher, detail: Context, columns: tuple[OutputColumn, ...]
) -> Iterator[Level]:
    """Yield the levels of the result: the columns once more, in the context of each."""
    count = len(pusher.leaves)
    yield Level(DETAIL, detail.group, tuple(range(count)))

    def in_stead(context: Context) -> tuple[int, ...]:
        found = lined_up(columns, pusher.columns(context))
        return tuple(found[place] for place in range(count))

    if query.top is not None and query.top.gathers:
        first = ranked(detail.group)
        rest = tuple(member for member in detail.group if member not in first)
        yield Level(OTHERS, rest, in_stead(replace(detail, group=rest, gathered=first)), gathers=True)
    if query.totals is not None:
        for kept in total_levels(detail.group, query.totals):
            yield Level(level_name(kept), kept, in_stead(replace(detail, group=kept)))


def _ranking(top: Top, pusher: _Pusher, detail: Context, columns: tuple[OutputColumn, ...]) -> Ranking:
    """Return the ranking: its KPI in the context of the ranked members alone."""
    members = ranked(detail.group)
    place = next(place for place, column in enumerate(columns) if column.name == top.column)
    alone = pusher.columns(replace(detail, group=members))[place]
    found = lined_up([columns[place]], [alone])
    return Ranking(members, columns[place].value, tuple(found.items()), top.descending, top.count)


class _Pusher:
    def __init__(self, query: CheckedQuery, sink: Sink) -> None:
        self.query = query
        self.project = query.project
        self.sink = sink
        self.leaves: dict[Leaf, int] = {}
        self.spans = {grouped.member: grouped.span for grouped in query.by}
        self._metrics: dict[tuple[str, Context], Scalar] = {}
        self._members: dict[tuple[str, Member, Bound | None], Bound] = {}
        self._groups: dict[tuple[str, tuple[Member, ...], Bound | None], tuple[Key, ...]] = {}

    def columns(self, context: Context) -> tuple[OutputColumn, ...]:
        """Return the columns of the query's KPIs in a context, each in its own period."""
        return tuple(self._column(shown, context) for shown in self.query.shown)

    def _column(self, shown: Shown, context: Context) -> OutputColumn:
        asked, period = shown.asked, shown.period
        if period is not None:
            context = replace(context, window=period.window, window_span=period.span)
        value = self.push(asked.bound, context, None)
        text = None if period is None else period.text
        return OutputColumn(shown.name, value, asked.type, asked.metric, text_of(asked.bound.unit), text)

    def push(self, expr: Bound, context: Context, metric: str | None) -> Scalar:
        match expr:
            case Constant():
                return expr
            case Apply(op=op, args=args, type=type):
                return Operation(op, tuple(self.push(arg, context, metric) for arg in args), type)
            case MetricRef(name=name):
                known = self._metrics.get((name, context))
                if known is None:
                    known = self.push(self.project.metrics[name].bound, context, name)
                    self._metrics[name, context] = known
                return known
            case Filtered(operand=x, condition=condition):
                added = tuple(c for c in conjuncts(condition) if c not in context.filter)
                return self.push(x, replace(context, filter=context.filter + added), metric)
            case Total():
                return self.push(expr.operand, self._total(expr, context), metric)
            case Aggregate():
                return self._aggregate(expr, context, metric)
            case RowColumn() | Derived() | Partner() | RowSequence():
                raise AssertionError(f"{expr} outside an aggregate")
            case MemberValue() | ResultValue() | ParameterRef():
                raise AssertionError(f"{expr} outside an aggregate")

    def _total(self, total: Total, context: Context) -> Context:
        across = total.across
        if across is None:
            across = tuple(m for m in (*context.group, *context.gathered) if not isinstance(m, Grain))
        elif total.is_share:
            for member in across:
                if member not in self.spans:
                    self.sink.report(query_errors.share(total.span, member.text))
        kept = tuple(member for member in context.group if member not in across)
        gathered = tuple(member for member in context.gathered if member not in across)
        if gathered and gathered != context.gathered:
            named = [member.text for member in context.gathered if member in across]
            self.sink.report(totals_errors.others(total.span, named, [m.text for m in context.gathered]))
        return replace(context, group=kept, gathered=gathered)

    def _aggregate(self, aggregate: Aggregate, context: Context, metric: str | None) -> Scalar:
        if aggregate.function == "percentile":
            (fraction,) = aggregate.others
            is_given = not isinstance(fraction, Constant) or fraction.value is not None
            if is_given and not is_fraction(fraction, aggregate.span, self.sink):
                return _NO_VALUE
        parts = parts_of(aggregate, self._order(aggregate))
        value = self._over_leaves(parts.value, context, metric)
        if parts.missing is None:
            return value
        missing = self._leaf(parts.missing, context, f"{metric or aggregate.dataset}_missing")
        lacks = Operation(">", (missing, Constant(0, INTEGER)), BOOLEAN)
        return Operation("case", (lacks, Constant(None, NULL), value), value.type)

    def _order(self, aggregate: Aggregate) -> tuple[Bound, ...]:
        """Return the time and the key by which an aggregate's rows have a first and a last."""
        time = self._time(aggregate)
        if aggregate.function not in ("first", "last") or time is None:
            return ()
        definition = self.project.datasets[aggregate.dataset].definition
        rows = self.project.rows
        return (time, *(rows.column(definition.name, definition.columns[name]) for name in definition.key))

    def _time(self, aggregate: Aggregate) -> Bound | None:
        return aggregate.at if aggregate.at is not None else self.project.datasets[aggregate.dataset].time

    def _over_leaves(self, value: Bound, context: Context, metric: str | None) -> Scalar:
        match value:
            case Aggregate():
                return self._leaf(value, context, metric)
            case Apply(op=op, args=args, type=type):
                return Operation(op, tuple(self._over_leaves(arg, context, metric) for arg in args), type)
            case _:
                raise AssertionError(f"{value} as a part of an aggregate")

    def _leaf(self, aggregate: Aggregate, context: Context, metric: str | None) -> Scalar:
        dataset = self.project.datasets[aggregate.dataset]
        time = self._time(aggregate)
        grain = next((member for member in context.group if isinstance(member, Grain)), None)
        if time is None and grain is not None:
            self._no_time(aggregate, self.spans[grain], f"the query groups by {grain.text}")
            return _NO_VALUE
        if time is None and context.window.is_bounded:
            self._no_time(aggregate, context.window_span or aggregate.span, "the query has a period")
            return _NO_VALUE
        conditions: list[Bound] = []
        if dataset.condition is not None:
            conditions.extend(conjuncts(dataset.condition))
        if aggregate.condition is not None:
            conditions.extend(conjuncts(aggregate.condition))
        if aggregate.at is not None:
            conditions.append(is_present(aggregate.at))
        conditions.extend(self._on_rows(condition, aggregate, time) for condition in context.filter)
        conditions.extend(_within(time, context.window))
        keys = self._group(aggregate, context.group, time)
        gathered = self._group(aggregate, context.gathered, time)
        # min, max of nothing are null anyway: one leaf, whatever the metric asks for.
        counts = aggregate.function in ("sum", "count", "count_distinct")
        leaf = Leaf(
            function=aggregate.function,
            dataset=aggregate.dataset,
            argument=aggregate.argument,
            others=aggregate.others,
            conditions=tuple(dict.fromkeys(conditions)),
            keys=keys,
            empty_is_null=aggregate.empty_is_null and counts,
            type=aggregate.type,
            metric=metric,
            span=aggregate.span,
            gathered=gathered,
        )
        return LeafValue(self.leaves.setdefault(leaf, len(self.leaves)), aggregate.type)

    def _no_time(self, aggregate: Aggregate, span: Span, because: str) -> None:
        definition = self.project.datasets[aggregate.dataset].definition
        self.sink.report(time_errors.no_time(span, definition.name, because, definition.span))

    def _group(self, aggregate: Aggregate, group: tuple[Member, ...], time: Bound | None) -> tuple[Key, ...]:
        known = self._groups.get((aggregate.dataset, group, time))
        if known is None:
            known = tuple(
                Key(member, self._member(aggregate, member, time, self.spans[member])) for member in group
            )
            self._groups[aggregate.dataset, group, time] = known
        return known

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
            self._no_time(aggregate, span, f"the query asks for its {member.text}")
            return _NO_VALUE
        check_hours(member, time.type, shown_time(time), span, self.sink)
        return of_time(self.project.project, member, time)

    def _condition_member(self, aggregate: Aggregate, value: MemberValue, time: Bound | None) -> Bound:
        sink, self.sink = self.sink, Sink()
        found = self._member(aggregate, value.member, time, value.span)
        sink.extend(with_filter(value, self.sink))
        self.sink = sink
        return found

    def _on_rows(self, condition: Bound, aggregate: Aggregate, time: Bound | None) -> Bound:
        """Return a condition on dimensions as one on the aggregate's rows."""
        match condition:
            case MemberValue():
                return self._condition_member(aggregate, condition, time)
            case Apply(op=op, args=args, type=type, span=span):
                return Apply(op, tuple(self._on_rows(arg, aggregate, time) for arg in args), type, span)
            case _:
                return condition


def _within(time: Bound | None, window: Window) -> tuple[Bound, ...]:
    if time is None:
        return ()
    bounds = ((">=", window.start), ("<", window.end))
    return tuple(Apply(op, (time, Constant(day, DATE)), BOOLEAN) for op, day in bounds if day is not None)
