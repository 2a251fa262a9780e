"""Pushing contexts down to the leaves.

The context starts as the query's (group, filter, window). `x where c` adds to the filter, `total`
takes members out of the group, a metric's name stands for its formula in the same context. What
remains at the bottom are aggregates, each in the context that it has then: the leaves. Equal
leaves merge, so that a hundred KPIs share what they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kpidsl.contexts.bounds import Bounds, instant
from kpidsl.contexts.contexts import Context
from kpidsl.contexts.flags import (
    any_of,
    as_scalar,
)
from kpidsl.contexts.leaves import (
    Key,
    Leaf,
    LeafValue,
    Operation,
    OutputColumn,
    Scalar,
)
from kpidsl.contexts.level_values import LevelValues
from kpidsl.contexts.on_rows import OnRows
from kpidsl.contexts.parts import is_present, parts_of
from kpidsl.contexts.placing import LeafWindow, Placed, Placing, Step
from kpidsl.contexts.windows import Windows
from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN, INTEGER, NULL, UNKNOWN
from kpidsl.semantics import move_errors, query_errors, time_errors, totals_errors
from kpidsl.semantics.aggregates import is_fraction
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Cumulative,
    Derived,
    During,
    Filtered,
    Grain,
    KeyValue,
    Member,
    MemberValue,
    MetricRef,
    Move,
    Moved,
    ParameterRef,
    Partner,
    Prior,
    ResultValue,
    RowColumn,
    RowSequence,
    Total,
    WindowEdge,
    map_children,
)
from kpidsl.semantics.check import CheckedMetric
from kpidsl.semantics.printing import move_text
from kpidsl.semantics.queries import CheckedQuery
from kpidsl.semantics.shown import Shown
from kpidsl.semantics.unit_facts import text_of
from kpidsl.semantics.walks import conjuncts
from kpidsl.source import Span

_NO_VALUE = Constant(None, UNKNOWN)
_UNBOUNDED = Bounds(None, None)
EVERYWHERE = Placed((), LeafWindow(None, _UNBOUNDED, None, None, (Cumulative(),)), _UNBOUNDED)
"""Where rows without a time lie that are read whole: in every bucket."""


class Pusher:
    """Pushes formulas down, collecting the leaves of one query."""

    def __init__(self, query: CheckedQuery, sink: Sink) -> None:
        self.query = query
        self.project = query.project
        self.sink = sink
        self.leaves: dict[Leaf, int] = {}
        self.spans = {grouped.member: grouped.span for grouped in query.by}
        windows = Windows(self.project.project, query.as_of, query.partial == "whole")
        asked = tuple(member for member in self.spans if isinstance(member, Grain))
        self.placing = Placing(windows, asked, sink)
        self.of_levels = LevelValues(query, self.placing)
        self.unmoved: dict[Leaf, Leaf] = {}
        """For each leaf under a grain, the count of its rows by the grains, in the rows' own buckets."""
        self.on_rows = OnRows(query.project, self.spans, sink)
        self._metrics: dict[tuple[str, Context], Scalar] = {}

    def columns(self, context: Context) -> tuple[OutputColumn, ...]:
        """Return the columns of the query's KPIs in a context, each in its own period."""
        self.of_levels.level = context.group
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
                if known is None or self.of_levels.numbers:
                    found = self.project.metrics[name]
                    inside = context if found.maturity is None else self._matured(found, context)
                    known = self.push(found.bound, inside, name)
                    self._metrics[name, context] = known
                return known
            case Filtered(operand=x, condition=condition):
                added = tuple(c for c in conjuncts(condition) if c not in context.filter)
                return self.push(x, replace(context, filter=context.filter + added), metric)
            case Total():
                return self.push(expr.operand, self._total(expr, context), metric)
            case Moved(operand=x, move=move, span=span):
                step = Step(move, span)
                steps = (step,) if isinstance(move, During) else (*context.steps, step)
                return self.push(x, replace(context, steps=steps), metric)
            case WindowEdge():
                return self._edge(expr, context)
            case Aggregate():
                return self._aggregate(expr, context, metric)
            case RowColumn() | Derived() | RowSequence() | Partner() | MemberValue():
                raise AssertionError(f"{expr} outside an aggregate")
            case ResultValue() | ParameterRef() | KeyValue():
                raise AssertionError(f"{expr} outside an aggregate")

    def _matured(self, metric: CheckedMetric, context: Context) -> Context:
        """Return the context of a metric whose rows must have an age; of several ages the longest counts."""
        if self.query.as_of is None:
            part = metric.definition.terms.maturity
            assert part is not None
            span = Span(part, 0, len(part.text))
            self.sink.report(move_errors.no_as_of(span, f"the maturity of `{metric.definition.name}`"))
            return context
        assert metric.maturity is not None
        return replace(context, maturities=tuple(dict.fromkeys((*context.maturities, metric.maturity))))

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
        grains = context.grains
        if time is None and (because := self._asks_for_time(context)) is not None:
            self.on_rows.no_time(aggregate, because[0] or aggregate.span, because[1])
            return _NO_VALUE
        placed = EVERYWHERE if grains and time is None else None
        if time is not None:
            is_cut = not dataset.definition.lies_ahead
            placed = self.placing.placed(time, grains, context.steps, context.window, is_cut=is_cut)
            if placed is None:
                return _NO_VALUE
        aggregate = self._with_edges(aggregate, Bounds(None, None) if placed is None else placed.edges)
        conditions = self._conditions(aggregate, context, time)
        window = None if placed is None else placed.window
        keys = self._keys(aggregate, context.group, time, is_moved=window is not None)
        # min, max of nothing are null anyway: one leaf, whatever the metric asks for.
        counts = aggregate.function in ("sum", "count", "count_distinct")
        leaf = Leaf(
            function=aggregate.function,
            dataset=aggregate.dataset,
            argument=aggregate.argument,
            others=aggregate.others,
            conditions=self._once(conditions if placed is None else (*conditions, *placed.conditions)),
            keys=keys,
            empty_is_null=aggregate.empty_is_null and counts,
            type=aggregate.type,
            metric=metric,
            span=aggregate.span,
            gathered=self.on_rows.group(aggregate, context.gathered, time),
            window=window,
            moves=tuple(step.move for step in context.steps),
        )
        if dataset.settles_after is not None and self.query.as_of is not None:
            self.of_levels.settles(leaf, context, dataset.settles_after)
        if grains and time is not None and leaf not in self.unmoved:
            self.unmoved[leaf] = self._unmoved(leaf, aggregate, context, time, conditions)
        value = LeafValue(self.leaves.setdefault(leaf, len(self.leaves)), aggregate.type)
        if not context.steps or context.window.is_bounded or not leaf.is_zero_of_nothing:
            return value
        return self._null_without_bucket(value, context)

    def _null_without_bucket(self, value: LeafValue, context: Context) -> Scalar:
        """Return a moved sum or count: null, not 0, in the row of what has no bucket."""
        if not self.of_levels.grains:
            return value
        lacks: list[Scalar] = [
            Operation("is_null", (KeyValue(grain, self.placing.windows.type_of(grain)),), BOOLEAN)
            for grain in context.grains
        ]
        without = self.of_levels.value("without a bucket", any_of(lacks), context)
        return Operation("case", (without, Constant(None, NULL), value), value.type)

    def _keys(
        self, aggregate: Aggregate, group: tuple[Member, ...], time: Bound | None, *, is_moved: bool
    ) -> tuple[Key, ...]:
        """Return a leaf's members; in a moved window the grains are those of buckets, not of rows."""
        if not is_moved:
            return self.on_rows.group(aggregate, group, time)
        rest = tuple(member for member in group if not isinstance(member, Grain))
        of_rows = {key.member: key for key in self.on_rows.group(aggregate, rest, time)}
        type_of = self.placing.windows.type_of
        return tuple(
            Key(member, KeyValue(member, type_of(member))) if isinstance(member, Grain) else of_rows[member]
            for member in group
        )

    def _asks_for_time(self, context: Context) -> tuple[Span | None, str] | None:
        """Return what of a context asks for a time, where and why; a window of everything asks for none."""
        if context.grains and not (context.steps and isinstance(context.steps[-1].move, Cumulative)):
            grain = context.grains[0]
            return self.spans[grain], f"the query groups by {grain.text}"
        if context.steps:
            last = context.steps[-1]
            if isinstance(last.move, Cumulative):
                return None
            return last.span, f"`{move_text(last.move)}` asks for it"
        return (context.window_span, "the query has a period") if context.window.is_bounded else None

    def _conditions(self, aggregate: Aggregate, context: Context, time: Bound | None) -> tuple[Bound, ...]:
        """Return what a row must meet apart from its window."""
        conditions: list[Bound] = []
        dataset = self.project.datasets[aggregate.dataset]
        if dataset.condition is not None:
            conditions.extend(conjuncts(dataset.condition))
        if aggregate.condition is not None:
            conditions.extend(conjuncts(aggregate.condition))
        if aggregate.at is not None:
            conditions.append(is_present(aggregate.at))
            is_in_window = context.window.is_bounded or bool(context.grains)
            if is_in_window and self.query.as_of is not None and not dataset.definition.lies_ahead:
                conditions.append(Apply("<", (aggregate.at, self.query.as_of), BOOLEAN))
        conditions.extend(self.on_rows.condition(condition, aggregate, time) for condition in context.filter)
        if time is not None and context.maturities and self.query.as_of is not None:
            limit = self.placing.windows.matured(context.maturities, self.query.as_of, time.type)
            conditions.append(Apply("<=", (time, limit), BOOLEAN))
        return tuple(conditions)

    def _once(self, conditions: tuple[Bound, ...]) -> tuple[Bound, ...]:
        """Return the conditions, each once; a window that ends by then leaves nothing for `as_of` to do."""
        as_of = self.query.as_of
        found = tuple(dict.fromkeys(conditions))
        if as_of is None:
            return found
        ends = {c.args[0]: c.args[1] for c in found if isinstance(c, Apply) and c.op == "<"}

        def is_needless(condition: Bound) -> bool:
            match condition:
                case Apply(op="not", args=(Apply(op=">=", args=(time, limit)),)) if limit == as_of:
                    end = ends.get(time)
                    return isinstance(end, Constant) and self.placing.windows.least([end, limit]) == end
                case _:
                    return False

        return tuple(condition for condition in found if not is_needless(condition))

    def _with_edges(self, aggregate: Aggregate, edges: Bounds) -> Aggregate:
        """Return an aggregate with the ends of its window in the place of their names."""

        def at(bound: Bound) -> Bound:
            return self._edge_of(bound, edges) if isinstance(bound, WindowEdge) else map_children(bound, at)

        found = map_children(aggregate, at)
        assert isinstance(found, Aggregate)
        return found

    def _edge_of(self, edge: WindowEdge, edges: Bounds) -> Bound:
        windows = self.placing.windows
        if edge.which == "as_of":
            if self.query.as_of is None:
                self.sink.report(move_errors.no_as_of(edge.span, "`as_of`"))
                return _NO_VALUE
            return instant(windows.moment(self.query.as_of))
        found = edges.start if edge.which == "period_start" else edges.end
        if found is None:
            self.sink.report(move_errors.unbounded(edge.span, edge.which, as_of=False))
            return _NO_VALUE
        if windows.is_instant(found):
            self.sink.report(move_errors.edge_of_hours(edge.span, edge.which))
            return _NO_VALUE
        return found

    def _edge(self, edge: WindowEdge, context: Context) -> Scalar:
        """Return an end of a context's window as a value beside leaves."""
        bounds = self.placing.edges(context.grains, context.steps, context.window)
        if bounds is None:
            return _NO_VALUE
        value = as_scalar(self._edge_of(edge, bounds))
        return self.of_levels.value((edge.which, context.steps, context.window), value, context)

    def _unmoved(
        self, leaf: Leaf, aggregate: Aggregate, context: Context, time: Bound, conditions: tuple[Bound, ...]
    ) -> Leaf:
        """Return the count of a leaf's rows by the grains, in the rows' own buckets."""
        placed = self.placing.placed(time, context.grains, (), context.window, is_cut=True)
        assert placed is not None
        return replace(
            leaf,
            function="count",
            argument=None,
            others=(),
            conditions=self._once((*conditions, *placed.conditions)),
            keys=self.on_rows.group(aggregate, context.grains, time),
            empty_is_null=False,
            type=INTEGER,
            gathered=(),
            window=None,
        )

    def ranges(self, detail: Context) -> Iterator[Leaf]:
        """Yield the counts by bucket from whose first to whose last bucket an open calendar reaches.

        They are those of the leaves that make rows, unmoved; where some stand under no move back and
        no fixed window, of these alone. None where no window is moved.
        """
        if all(leaf.window is None for leaf in self.leaves):
            return
        full = [leaf for leaf in self.leaves if len(leaf.keys) == len(detail.group) and leaf in self.unmoved]
        if not full and not detail.window.is_bounded:
            for leaf in self.leaves:
                if leaf.window is not None and leaf.window.time is None:
                    grain = detail.grains[0]
                    because = f"the query groups by {grain.text}"
                    dataset = self.project.datasets[leaf.dataset].definition
                    self.sink.report(
                        time_errors.no_time(self.spans[grain], leaf.dataset, because, dataset.span)
                    )
        near = [leaf for leaf in full if leaf.window is None or not any(map(_goes_back, leaf.window.moves))]
        yield from dict.fromkeys(self.unmoved[leaf] for leaf in near or full)


def _goes_back(move: Move) -> bool:
    return isinstance(move, Prior | During)
