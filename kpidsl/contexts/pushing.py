"""Pushing contexts down to the leaves.

The context starts as the query's (group, filter, window). `x where c` adds to the filter, `total`
takes members out of the group, a metric's name stands for its formula in the same context. What
remains at the bottom are aggregates, each in the context that it has then: the leaves. Equal
leaves merge, so that a hundred KPIs share what they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kpidsl.contexts.contexts import Context, filtered, moved
from kpidsl.contexts.counting import NO_VALUE, Counted, Counting
from kpidsl.contexts.flags import any_of, as_scalar
from kpidsl.contexts.leaves import Leaf, LeafValue, Operation, OutputColumn, Scalar
from kpidsl.contexts.level_values import LevelValues
from kpidsl.contexts.on_rows import OnRows
from kpidsl.contexts.parts import parts_of
from kpidsl.contexts.placing import Placing
from kpidsl.contexts.sets import has_sets, is_windowed, without_sets
from kpidsl.contexts.windows import Windows
from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN, INTEGER, NULL
from kpidsl.semantics import move_errors, time_errors
from kpidsl.semantics.aggregates import is_fraction
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Derived,
    During,
    Earliest,
    Filtered,
    Grain,
    InSet,
    InValues,
    KeyValue,
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
    children,
)
from kpidsl.semantics.check import CheckedMetric
from kpidsl.semantics.queries import CheckedQuery
from kpidsl.semantics.shown import Shown
from kpidsl.semantics.unit_facts import text_of
from kpidsl.source import Span


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
        self.spread: dict[Leaf, Leaf] = {}
        """For each of these, the count of at least its rows by all grains of the query."""
        self.on_rows = OnRows(query.project, self.spans, sink)
        self.counting = Counting(query, self.placing, self.on_rows, sink)
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
            case Filtered(operand=x):
                return self.push(x, filtered(expr, context), metric)
            case Total():
                return self.push(expr.operand, self.counting.total(expr, context), metric)
            case Moved(operand=x):
                return self.push(x, moved(expr, context), metric)
            case WindowEdge():
                return self._edge(expr, context)
            case Aggregate():
                return self._aggregate(expr, context, metric)
            case RowColumn() | Derived() | RowSequence() | Partner() | MemberValue():
                raise AssertionError(f"{expr} outside an aggregate")
            case ResultValue() | ParameterRef() | KeyValue():
                raise AssertionError(f"{expr} outside an aggregate")
            case InValues() | InSet() | Earliest():
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

    def _aggregate(self, aggregate: Aggregate, context: Context, metric: str | None) -> Scalar:
        if aggregate.function == "percentile":
            (fraction,) = aggregate.others
            is_given = not isinstance(fraction, Constant) or fraction.value is not None
            if is_given and not is_fraction(fraction, aggregate.span, self.sink):
                return NO_VALUE
        parts = parts_of(aggregate, self._order(aggregate))
        value = self._over_leaves(parts.value, context, metric)
        if parts.missing is None:
            return value
        missing = self._leaf(parts.missing, context, f"{metric or aggregate.dataset}_missing")
        lacks = Operation(">", (missing, Constant(0, INTEGER)), BOOLEAN)
        return Operation("case", (lacks, Constant(None, NULL), value), value.type)

    def _order(self, aggregate: Aggregate) -> tuple[Bound, ...]:
        """Return the time and the key by which an aggregate's rows have a first and a last."""
        time = self.counting.time_of(aggregate)
        if aggregate.function not in ("first", "last") or time is None:
            return ()
        definition = self.project.datasets[aggregate.dataset].definition
        rows = self.project.rows
        return (time, *(rows.column(definition.name, definition.columns[name]) for name in definition.key))

    def _over_leaves(self, value: Bound, context: Context, metric: str | None) -> Scalar:
        match value:
            case Aggregate():
                return self._leaf(value, context, metric)
            case Apply(op=op, args=args, type=type):
                return Operation(op, tuple(self._over_leaves(arg, context, metric) for arg in args), type)
            case _:
                raise AssertionError(f"{value} as a part of an aggregate")

    def _leaf(self, aggregate: Aggregate, context: Context, metric: str | None) -> Scalar:
        found = self.counting.counted(aggregate, context)
        if found is None:
            return NO_VALUE
        aggregate, placed, time = found.aggregate, found.placed, found.time
        dataset = self.project.datasets[aggregate.dataset]
        # min, max of nothing are null anyway: one leaf, whatever the metric asks for.
        counts = aggregate.function in ("sum", "count", "count_distinct")
        leaf = Leaf(
            function=aggregate.function,
            dataset=aggregate.dataset,
            argument=aggregate.argument,
            others=aggregate.others,
            conditions=self.counting.once(found.conditions),
            keys=self.counting.keys(aggregate, context.group, time, is_moved=found.is_moved),
            empty_is_null=aggregate.empty_is_null and counts,
            type=aggregate.type,
            metric=metric,
            span=aggregate.span,
            gathered=self.on_rows.group(aggregate, context.gathered, time),
            window=None if placed is None else placed.window,
            moves=tuple(step.move for step in context.steps),
        )
        if dataset.settles_after is not None and self.query.as_of is not None:
            self.of_levels.settles(leaf, context, dataset.settles_after)
        if context.grains and time is not None and leaf not in self.unmoved:
            self.unmoved[leaf] = self._unmoved(leaf, found, context)
            self.spread[leaf] = self._spread(self.unmoved[leaf], found)
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

    def _edge(self, edge: WindowEdge, context: Context) -> Scalar:
        """Return an end of a context's window as a value beside leaves."""
        bounds = self.placing.edges(context.grains, context.steps, context.window)
        if bounds is None:
            return NO_VALUE
        value = as_scalar(self.counting.edge_of(edge, bounds))
        return self.of_levels.value((edge.which, context.steps, context.window), value, context)

    def _unmoved(self, leaf: Leaf, found: Counted, context: Context) -> Leaf:
        """Return the count of a leaf's rows by the grains, in the rows' own buckets."""
        assert found.time is not None
        placed = self.placing.placed(found.time, context.grains, (), context.window, is_cut=True)
        assert placed is not None
        aggregate, conditions = found.aggregate, found.own_conditions
        if context.steps and any(map(has_sets, children(found.asked))):
            unmoved = replace(context, steps=())
            aggregate = self.counting.with_sets(found.asked, unmoved, found.time, is_moved=False)
            conditions = self.counting.conditions(aggregate, unmoved, found.time)
        return replace(
            leaf,
            function="count",
            argument=None,
            others=(),
            conditions=self.counting.once((*conditions, *placed.conditions)),
            keys=self.on_rows.group(aggregate, context.grains, found.time),
            empty_is_null=False,
            type=INTEGER,
            gathered=(),
            window=None,
        )

    def _spread(self, unmoved: Leaf, found: Counted) -> Leaf:
        grains = tuple(member for member in self.spans if isinstance(member, Grain))
        keys = self.on_rows.group(found.aggregate, grains, found.time)
        return replace(unmoved, conditions=without_sets(unmoved.conditions), keys=keys)

    def set_ranges(self) -> tuple[Leaf, ...]:
        """Return the counts by bucket of at least the rows that are sought in sets with moved windows."""
        leaves = (*self.leaves, *self.unmoved.values())
        sought = any(is_windowed(value) for leaf in leaves for value in leaf.read)
        return tuple(dict.fromkeys(self.spread.values())) if sought else ()

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
