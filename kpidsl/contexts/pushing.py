"""Pushing contexts down to the leaves.

The context starts as the query's (group, filter, window). `x where c` adds to the filter, `total`
takes members out of the group, a metric's name stands for its formula in the same context. What
remains at the bottom are aggregates, each in the context that it has then: the leaves. Equal
leaves merge, so that a hundred KPIs share what they share.
"""

from __future__ import annotations

from dataclasses import replace

from kpidsl.contexts.contexts import Context, among_rows, filtered, moved
from kpidsl.contexts.counting import NO_VALUE, Counting
from kpidsl.contexts.entities import entities_of, over_entities
from kpidsl.contexts.flags import as_scalar
from kpidsl.contexts.holding import Holding
from kpidsl.contexts.lacking import NEVER
from kpidsl.contexts.leaves import (
    AnyLeaf,
    EntityLeaf,
    Leaf,
    LeafValue,
    Operation,
    OutputColumn,
    Scalar,
    rows_of,
)
from kpidsl.contexts.level_values import LevelValues
from kpidsl.contexts.on_rows import OnRows
from kpidsl.contexts.parts import null_where_lacking, parts_of
from kpidsl.contexts.ranges import Origin, Ranges
from kpidsl.contexts.windows import Windows
from kpidsl.diagnostics import Sink
from kpidsl.model.types import NULL
from kpidsl.semantics import move_errors
from kpidsl.semantics.aggregates import is_fraction
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Derived,
    Earliest,
    Filtered,
    Grain,
    InSet,
    InValues,
    KeyValue,
    MemberValue,
    MetricRef,
    Moved,
    ParameterRef,
    Partner,
    PerEntity,
    ResultValue,
    Ripe,
    RowColumn,
    RowSequence,
    Total,
    WindowEdge,
)
from kpidsl.semantics.check import CheckedMetric
from kpidsl.semantics.functions import ZERO_OF_NOTHING
from kpidsl.semantics.periods import Window
from kpidsl.semantics.queries import CheckedQuery
from kpidsl.semantics.reads import order_of, until_of
from kpidsl.semantics.shown import Shown
from kpidsl.semantics.unit_facts import text_of
from kpidsl.source import Span


class Pusher:
    """Pushes formulas down, collecting the leaves of one query."""

    def __init__(self, query: CheckedQuery, sink: Sink) -> None:
        self.query = query
        self.project = query.project
        self.sink = sink
        self.leaves: dict[AnyLeaf, int] = {}
        self.spans = {grouped.member: grouped.span for grouped in query.by}
        windows = Windows(self.project.project, query.as_of, query.partial == "whole")
        asked = tuple(member for member in self.spans if isinstance(member, Grain))
        self.placing = Holding(windows, asked, sink)
        self.of_levels = LevelValues(query, self.placing)
        self.on_rows = OnRows(query.project, self.spans, sink)
        self.counting = Counting(query, self.placing, self.on_rows, sink)
        self.counting.entities = lambda expr, context: entities_of(self, expr, context)
        self.ranges = Ranges(self.counting)
        self.metrics: dict[tuple[str, Context], Scalar] = {}

    def columns(self, context: Context) -> tuple[OutputColumn, ...]:
        """Return the columns of the query's KPIs in a context, each in its own period."""
        self.of_levels.begin(context.group)
        return tuple(self._column(shown, context) for shown in self.query.shown)

    def column(self, place: int, context: Context) -> OutputColumn:
        """Return one of the columns in a context."""
        self.of_levels.begin(context.group)
        return self._column(self.query.shown[place], context)

    def _column(self, shown: Shown, context: Context) -> OutputColumn:
        asked, period = shown.asked, shown.period
        if period is not None:
            context = replace(context, window=period.window, window_span=period.span)
        if asked.is_apart:
            window = Window(context.window.start, None)
            context = replace(context, group=(), filter=(), window=window)
        value = self.push(asked.bound, context, None)
        text = None if period is None else period.text
        return OutputColumn(shown.name, value, asked.type, asked.metric, text_of(asked.bound.unit), text)

    def push(self, expr: Bound, context: Context, metric: str | None) -> Scalar:
        match expr:
            case Constant() | KeyValue():
                return expr
            case Apply(op=op, args=args, type=type):
                return Operation(op, tuple(self.push(arg, context, metric) for arg in args), type)
            case MetricRef(name=name):
                known = self.metrics.get((name, context))
                if known is None or self.of_levels.numbers:
                    found = self.project.metrics[name]
                    inside = context if found.maturity is None else self._matured(found, context)
                    known = self.push(found.bound, inside, name)
                    self.metrics[name, context] = known
                return known
            case Ripe(operand=x, metric=name):
                return self.push(x, self._matured(self.project.metrics[name], context), metric)
            case Filtered(operand=x):
                return self.push(x, filtered(expr, context), metric)
            case Total():
                return self.push(expr.operand, self.counting.total(expr, context), metric)
            case Moved(operand=x):
                return self.push(x, moved(expr, context), metric)
            case WindowEdge():
                return self._edge(expr, context)
            case PerEntity():
                return over_entities(self, expr, context, metric)
            case Aggregate():
                return self._aggregate(expr, context, metric)
            case RowColumn() | Derived() | RowSequence() | Partner() | MemberValue():
                raise AssertionError(f"{expr} outside an aggregate")
            case ResultValue() | ParameterRef():
                raise AssertionError(f"{expr} outside an aggregate")
            case InValues() | InSet() | Earliest():
                raise AssertionError(f"{expr} outside an aggregate")

    def _matured(self, metric: CheckedMetric, context: Context) -> Context:
        """Return the context of a metric whose rows must have an age; of several ages the longest counts."""
        if self.query.as_of is None:
            part = metric.definition.terms.maturity
            assert part is not None
            span = Span.of(part)
            self.sink.report(move_errors.no_as_of(span, f"the maturity of `{metric.definition.name}`"))
            return context
        assert metric.maturity is not None
        return replace(context, maturities=tuple(dict.fromkeys((*context.maturities, metric.maturity))))

    def _aggregate(self, aggregate: Aggregate, context: Context, metric: str | None) -> Scalar:
        for among in context.among:
            if among.dataset == aggregate.dataset:
                aggregate = among_rows(aggregate, among)
        if aggregate.function == "percentile":
            (fraction,) = aggregate.others
            is_given = not isinstance(fraction, Constant) or fraction.value is not None
            if is_given and not is_fraction(fraction, aggregate.span, self.sink):
                return NO_VALUE
        parts = parts_of(aggregate, order_of(aggregate, self.project))
        return null_where_lacking(
            parts,
            lambda part: self._leaf(part, context, metric),
            lambda part: self._leaf(part, context, f"{metric or aggregate.dataset}_missing"),
        )

    def _leaf(self, aggregate: Aggregate, context: Context, metric: str | None) -> Scalar:
        found = self.counting.counted(aggregate, context)
        if found is None:
            return NO_VALUE
        aggregate, placed, time = found.aggregate, found.placed, found.time
        # min, max of nothing are null anyway: one leaf, whatever the metric asks for.
        counts = aggregate.function in ZERO_OF_NOTHING
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
            is_held=until_of(aggregate, self.project) is not None,
        )
        if time is not None:
            self.ranges.origins.setdefault(leaf, Origin(found, context))
        if not context.depth:
            self.of_levels.settles(leaf, [(leaf.dataset, context)])
        return self.value_of(leaf, context)

    def value_of(self, leaf: AnyLeaf, context: Context) -> Scalar:
        """Return a leaf's value, once it is one of the query's."""
        value: Scalar = LeafValue(self.leaves.setdefault(leaf, len(self.leaves)), leaf.type)
        is_held = _is_of_intervals(leaf)
        if not (context.is_moved or _is_elsewhere(leaf)) or not leaf.is_zero_of_nothing:
            return value
        is_cut = not any(self.project.project.datasets[row.dataset].lies_ahead for row in rows_of(leaf))
        value = self._null_without_day(value, context, is_cut=is_cut, is_held=is_held)
        return self._null_without_bucket(value, context)

    def _null_without_day(self, value: Scalar, context: Context, *, is_cut: bool, is_held: bool) -> Scalar:
        """Return a value that is null where a calendar lacks the day that a context's window rests on."""
        around = (context.grains, context.steps, context.window)
        lacks = self.placing.lacking(*around, is_cut=is_cut, is_held=is_held)
        if lacks is None or (lacks == NEVER and self.has_one_level(context)):
            return value
        key = ("without a day of a calendar", context.steps, context.window, is_cut, is_held)
        without = self.of_levels.value(key, as_scalar(lacks), context)
        return Operation("case", (without, Constant(None, NULL), value), value.type)

    def has_one_level(self, context: Context) -> bool:
        """Tell whether a context's formulas are pushed for one level alone, or are inside one."""
        return bool(context.depth) or (self.query.totals is None and self.query.top is None)

    def of_no_entities(self, value: Scalar, whole: EntityLeaf, context: Context) -> Scalar:
        """Return what an aggregate over entities is of none: null where no bucket is there for theirs."""
        is_nowhere = context.is_moved or whole.is_elsewhere
        return self._null_without_bucket(value, context) if is_nowhere else value

    def _null_without_bucket(self, value: Scalar, context: Context) -> Scalar:
        """Return a moved sum or count: null, not 0, in the row of what has no bucket."""
        if not self.of_levels.has_null_bucket(context):
            return value
        lacks = self.of_levels.without_bucket(context.grains)
        without = self.of_levels.value("without a bucket", lacks, context)
        return Operation("case", (without, Constant(None, NULL), value), value.type)

    def _edge(self, edge: WindowEdge, context: Context) -> Scalar:
        """Return an end of a context's window as a value beside leaves."""
        bounds = self.placing.edges(context.grains, context.steps, context.window)
        if bounds is None:
            return NO_VALUE
        value = as_scalar(self.counting.edge_of(edge, bounds))
        found = self.of_levels.value((edge.which, context.steps, context.window), value, context)
        return self._null_without_day(found, context, is_cut=False, is_held=False)


def _is_elsewhere(leaf: AnyLeaf) -> bool:
    """Tell whether a leaf has no rows but those of other windows than the bucket's own rows."""
    return leaf.is_held if isinstance(leaf, Leaf) else leaf.is_elsewhere


def _is_of_intervals(leaf: AnyLeaf) -> bool:
    """Tell whether a leaf has no rows but those that hold at the end of a bucket."""
    if isinstance(leaf, Leaf):
        return leaf.is_held
    return bool(leaf.inner) and all(map(_is_of_intervals, leaf.inner))
