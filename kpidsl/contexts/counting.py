"""Which rows count in an aggregate, in its context: their time, their window, what they must meet.

Sets in which the rows' values are sought are pushed on the way: each has rows of its own, counted in the
aggregate's context as what stands around the set changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from kpidsl.contexts.bounds import OPEN, Bounds, instant
from kpidsl.contexts.contexts import Context, among_rows, filtered, moved, without_values_of_others
from kpidsl.contexts.holding import Holding
from kpidsl.contexts.inside import LeafWindow, Placed
from kpidsl.contexts.kept import Kept
from kpidsl.contexts.leaves import EntityLeaf, Key
from kpidsl.contexts.on_rows import OnRows
from kpidsl.contexts.sets import (
    EntitySet,
    depends_on_bucket,
    has_sets,
    in_buckets,
    is_same_everywhere,
    sought_by,
)
from kpidsl.contexts.widening import buckets_of_another_window
from kpidsl.contexts.windows import InBucket
from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN, UNKNOWN
from kpidsl.semantics import move_errors, query_errors, time_errors, totals_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Cumulative,
    Filtered,
    Grain,
    InSet,
    InValues,
    KeyValue,
    Member,
    Moved,
    PerEntity,
    Total,
    ValueSet,
    WindowEdge,
    children,
)
from kpidsl.semantics.conditions import is_present
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.printing import moved_text
from kpidsl.semantics.queries import CheckedQuery
from kpidsl.semantics.reads import time_of, until_of
from kpidsl.semantics.sets import dataset_of
from kpidsl.semantics.walks import conjuncts

NO_VALUE = Constant(None, UNKNOWN)


def _open() -> Bounds:
    return OPEN


EVERYWHERE = Placed((), LeafWindow(None, OPEN, None, None, (Cumulative(),)), _open)
"""Where rows without a time lie that are read whole: in every bucket."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows that count in an aggregate: its `aggregate` with ends of windows and sets pushed, as it was
    `asked`, its time, where rows lie, and what they must meet; `own_conditions` are without those of the
    window."""

    aggregate: Aggregate
    asked: Aggregate
    time: Bound | None
    placed: Placed | None
    own_conditions: tuple[Bound, ...]
    conditions: tuple[Bound, ...]

    @property
    def is_moved(self) -> bool:
        return self.placed is not None and self.placed.window is not None


class Counting:
    """Says which rows count in the aggregates of one query."""

    def __init__(self, query: CheckedQuery, placing: Holding, on_rows: OnRows, sink: Sink) -> None:
        self.query = query
        self.project = query.project
        self.placing = placing
        self.on_rows = on_rows
        self.spans = on_rows.spans
        self.sink = sink
        self.entities: Callable[[PerEntity, Context], EntityLeaf]
        """Pushes the values of entities in a context."""
        self.kept = Kept(self)

    def counted(self, aggregate: Aggregate, context: Context) -> Counted | None:
        """Return which rows count in an aggregate, or None after reporting a context that it cannot have."""
        time = time_of(aggregate, self.project)
        grains = context.grains
        if time is None and (because := self.on_rows.asks_for_time(context)) is not None:
            whole = aggregate.span.excerpt() or "…"
            self.on_rows.no_time(aggregate, because[0] or aggregate.span, because[1], whole)
            return None
        placed = EVERYWHERE if grains and time is None else None
        if time is not None:
            placed = self._placed(aggregate, time, context)
            if placed is None:
                return None
        is_moved = placed is not None and placed.window is not None
        kept = self.kept.around(aggregate, context, time, is_moved=is_moved)
        if kept is None:
            return None
        edged = self.with_edges(kept, _open if placed is None else placed.edges)
        found = self.with_sets(edged, context, time, is_moved=is_moved)
        conditions = self.conditions(found, context, time)
        in_window = () if placed is None else placed.conditions
        if time is not None:
            ahead = self.project.datasets[aggregate.dataset].definition.lies_ahead
            begun = self.placing.begun(time, context.gathered, context.window, lies_ahead=ahead)
            in_window = (*in_window, *begun)
        return Counted(found, aggregate, time, placed, conditions, (*conditions, *in_window))

    def in_own_buckets(self, found: Counted, context: Context) -> tuple[Aggregate, tuple[Bound, ...]]:
        """Return an aggregate in the buckets that rows have by their own time, and what they must meet."""
        assert found.time is not None
        asked = self.kept.in_own_buckets(found.asked, context, found.time)
        aggregate = self.in_buckets_of_rows(asked, context, found.time)
        return aggregate, self.conditions(aggregate, context, found.time)

    def in_buckets_of_rows(self, asked: Aggregate, context: Context, time: Bound) -> Aggregate:
        """Return an aggregate with ends of windows and sets of the buckets that its rows are in."""
        edges = partial(self.placing.own_edges, time, context.grains, context.steps, context.window)
        return self.with_sets(self.with_edges(asked, edges), context, time, is_moved=False)

    def _placed(self, aggregate: Aggregate, time: Bound, context: Context) -> Placed | None:
        """Return where an aggregate's rows lie, or None after reporting a window that there is not."""
        definition = self.project.datasets[aggregate.dataset].definition
        until, is_cut = until_of(aggregate, self.project), not definition.lies_ahead
        around = (context.grains, context.steps, context.window)
        if until is None:
            return self.placing.placed(time, *around, is_cut=is_cut, reaches_ahead=context.is_sought)
        placed = self.placing.held(time, until, *around, is_cut=is_cut)
        if placed is not None and placed.window is None and not placed.conditions:
            self.sink.report(time_errors.no_instant(aggregate.span, definition))
            return None
        return placed

    def with_sets(
        self, aggregate: Aggregate, context: Context, time: Bound | None, *, is_moved: bool
    ) -> Aggregate:
        """Return an aggregate with the sets that its rows' values are sought in, in its own context."""

        def at(bound: Bound) -> Bound:
            if isinstance(bound, InValues):
                bound = replace(bound, operand=at(bound.operand))
                return self._in_set(bound, aggregate, context, time, is_moved=is_moved)
            return map_children(bound, at)

        if not any(map(has_sets, children(aggregate))):
            return aggregate
        found = map_children(aggregate, at)
        assert isinstance(found, Aggregate)
        return found

    def _in_set(
        self, sought: InValues, aggregate: Aggregate, outer: Context, time: Bound | None, *, is_moved: bool
    ) -> Bound:
        values, context = self._to_values(sought.set, outer)
        home = dataset_of(values)
        context = replace(without_values_of_others(context, home), is_sought=True)
        if isinstance(values, PerEntity):
            return self._in_entities(sought, values, context, aggregate, time, is_moved=is_moved)
        for among in context.among:
            if among.dataset == home:
                values = among_rows(values, among)
        found = self.counted(values, context)
        if found is None:
            return NO_VALUE
        group = context.group
        window = None if found.placed is None else found.placed.window
        conditions = found.conditions
        is_bound = any(map(depends_on_bucket, found.conditions))
        is_same = window is not None and not is_bound and is_same_everywhere(window)
        how = None
        if window is not None and not is_bound:
            windows = self.placing.windows
            how = sought_by(window, context.grains, windows.of_period(context.window), windows)
        if window is not None and is_same:
            group = tuple(member for member in group if not isinstance(member, Grain))
            conditions = (*conditions, *(() if window.time is None else conjuncts(window.condition)))
            window = None
        rows = found.aggregate
        assert rows.argument is not None
        keys = self.keys(rows, group, found.time, is_moved=window is not None)
        own = ValueSet(
            rows.dataset,
            rows.argument,
            sought.includes_null,
            self.once(conditions),
            tuple((key.member, key.value) for key in keys),
            tuple(key.value for key in self.on_rows.group(rows, context.gathered, found.time)),
            None if window is None else window.condition,
            None if window is None else how,
            rows.type,
            tuple(step.move for step in context.steps if not isinstance(step.move, InBucket)),
            rows.span,
        )
        outside = self.keys(aggregate, group, time, is_moved=is_moved)
        condition = InSet(sought.operand, own, tuple(key.value for key in outside), BOOLEAN)
        if not is_same or is_moved:
            return condition
        if context.window.is_bounded and not any(
            self.placing.windows.is_own(grain.name) for grain in context.grains
        ):
            return condition
        buckets = self.keys(aggregate, context.grains, time, is_moved=False)
        return in_buckets(condition, [key.value for key in buckets])

    def _in_entities(
        self,
        sought: InValues,
        values: PerEntity,
        context: Context,
        aggregate: Aggregate,
        time: Bound | None,
        *,
        is_moved: bool,
    ) -> Bound:
        """Return whether a row's value is among the entities that a condition holds for in a context."""
        before = self.sink.errors
        leaf = self.entities(values, context)
        if self.sink.errors > before:
            return NO_VALUE
        (column,) = values.members
        own = EntitySet(
            leaf, column, sought.includes_null, self.project.types.of(column, values.span, self.sink)
        )
        outside = self.keys(aggregate, context.group, time, is_moved=is_moved)
        return InSet(sought.operand, own, tuple(key.value for key in outside), BOOLEAN)

    def _to_values(self, found: Bound, context: Context) -> tuple[Aggregate | PerEntity, Context]:
        """Return what is at the bottom of a set, and its context."""
        match found:
            case Aggregate() | PerEntity():
                return found, context
            case Filtered(operand=x):
                return self._to_values(x, filtered(found, context))
            case Total(operand=x):
                return self._to_values(x, self.total(found, context))
            case Moved(operand=x):
                return self._to_values(x, moved(found, context))
            case _:
                raise AssertionError(f"{found} as a set")

    def keys(
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

    def conditions(self, aggregate: Aggregate, context: Context, time: Bound | None) -> tuple[Bound, ...]:
        """Return what a row must meet apart from its window."""
        conditions: list[Bound] = []
        dataset = self.project.datasets[aggregate.dataset]
        if dataset.condition is not None:
            conditions.extend(conjuncts(dataset.condition))
        if aggregate.condition is not None:
            conditions.extend(conjuncts(aggregate.condition))
        if aggregate.at is not None:
            conditions.append(is_present(aggregate.at))
            # Of a window without an end, too: what is yet to come has not come in any.
            if self.query.as_of is not None and not dataset.definition.lies_ahead:
                known = self.placing.windows.exactly(aggregate.at, (self.query.as_of,))
                conditions.append(Apply("<", (known, self.query.as_of), BOOLEAN))
        conditions.extend(self.on_rows.condition(condition, aggregate, time) for condition in context.filter)
        if time is not None and context.maturities and self.query.as_of is not None:
            limit = self.placing.windows.matured(context.maturities, self.query.as_of, time.type)
            conditions.append(Apply("<=", (self.placing.windows.exactly(time, (limit,)), limit), BOOLEAN))
        return tuple(conditions)

    def once(self, conditions: tuple[Bound, ...]) -> tuple[Bound, ...]:
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

    def with_edges(self, aggregate: Aggregate, edges: Callable[[], Bounds]) -> Aggregate:
        """Return an aggregate with the ends of its window in the place of their names."""

        def at(bound: Bound) -> Bound:
            match bound:
                case WindowEdge():
                    return self.edge_of(bound, edges())
                case InValues(operand=x):
                    return replace(bound, operand=at(x))  # the set has a window of its own
                case _:
                    return map_children(bound, at)

        found = map_children(aggregate, at)
        assert isinstance(found, Aggregate)
        return found

    def edge_of(self, edge: WindowEdge, edges: Bounds) -> Bound:
        windows = self.placing.windows
        if edge.which == "as_of":
            if self.query.as_of is None:
                self.sink.report(move_errors.no_as_of(edge.span, "`as_of`"))
                return NO_VALUE
            return instant(windows.moment(self.query.as_of))
        found = edges.start if edge.which == "period_start" else edges.end
        if found is None:
            self.sink.report(move_errors.unbounded(edge.span, edge.which, as_of=False))
            return NO_VALUE
        if windows.is_instant(found):
            self.sink.report(move_errors.edge_of_hours(edge.span, edge.which))
            return NO_VALUE
        return found

    def total(self, total: Total, context: Context) -> Context:
        across = total.across
        group = (*(grouped.member for grouped in self.query.by), *context.group)
        if across is None:
            across = tuple(m for m in (*context.group, *context.gathered) if not isinstance(m, Grain))
            if total.is_share and all(isinstance(member, Grain) for member in group):
                grain = next((member.text for member in group), None)
                self.sink.report(query_errors.share_of_itself(total.span, grain))
        elif total.is_share:
            for member in across:
                if not any(_is(member, other) for other in group):
                    self.sink.report(query_errors.share(total.span, member.text))
        kept = tuple(
            member for member in context.group if not any(_is(dropped, member) for dropped in across)
        )
        dropped = [member for member in context.group if isinstance(member, Grain) and member not in kept]
        lost = buckets_of_another_window([step.move for step in context.steps], dropped)
        if lost is not None:
            bucket, move, inner = lost
            self.sink.report(
                move_errors.total_in_buckets(total.span, bucket.name, moved_text("…", move), inner.name)
            )
            return context
        steps = tuple(
            step for step in context.steps if not isinstance(step.move, InBucket) or step.move.grain in kept
        )
        gathered = tuple(member for member in context.gathered if member not in across)
        if gathered and gathered != context.gathered:
            named = [member.text for member in context.gathered if member in across]
            self.sink.report(totals_errors.others(total.span, named, [m.text for m in context.gathered]))
        return replace(context, group=kept, gathered=gathered, steps=steps)


def _is(named: Member, member: Member) -> bool:
    """Tell whether a member is the one that is named: a grain that `per` adds has the grain's name."""
    return named == member or (isinstance(member, Grain) and named == Grain(member.name))
