"""The value of a formula in a context, over one project's rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kpidsl.syntax import tree as t

from .aggregates import Leaf, aggregated, leaf_of, percentile, weighted_average
from .buckets import Calendar
from .compute import calendar_function, compute
from .contexts import Context, Entity, Owner, Some, Tuple, across, after, same_member
from .definitions import AGGREGATES, Definitions, Measure
from .entities import Entities
from .frames import BOUNDS, Frame, without_sets
from .histories import Histories
from .members import Member, member_of
from .moments import Moment, Time, instant_of, is_midnight
from .reaches import TIME_SHIFTS, Reaches
from .required import lacks_required
from .rows import Place, Rows, Scope
from .sequences import Sequences
from .stretches import holds_at_an_end, holds_at_the_end, window_at_its_end
from .table import OracleRefuses, Value
from .values import arithmetic, number, time_of
from .windows import Amount, Reach, Spread, Window, ago

Inside = list[tuple[int, Time | None]]
"""Rows of a leaf, each with its time."""


class Interpreter:
    """The value of formulas in contexts, over one project's rows."""

    def __init__(self, definitions: Definitions, calendar: Calendar, rows: Rows, reaches: Reaches) -> None:
        self.definitions = definitions
        self.calendar = calendar
        self.rows = rows
        self.units = rows.units
        self.reaches = reaches
        self.as_of = reaches.as_of
        self.entities = Entities(self)
        self.sequences = Sequences(rows)
        self.histories = Histories(rows)
        rows.beyond = self.in_a_row

    def measured(self, measure: Measure, context: Context) -> Value:
        """Return the value of a metric or KPI in `context`, in the unit that it declares."""
        written = measure.formula
        if measure.empty_is_null and not (isinstance(written, t.Call) and written.function in AGGREGATES):
            raise OracleRefuses("`empty: null` belongs to a metric that is a single aggregate")
        formula = self.units.measure_formula(measure)
        return self.value(formula, context.ripened(measure.maturity), empty_is_null=measure.empty_is_null)

    def value(self, formula: t.Expr, context: Context, *, empty_is_null: bool = False) -> Value:
        """Return the value of `formula`, whose conversions are spelled out, in `context`."""

        def atom(node: t.Expr) -> Any:
            match node:
                case t.Name(parts=(name,)) if name in self.definitions.measures:
                    return self.measured(self.definitions.measures[name], context)
                case t.Name(parts=(name,)) if name in BOUNDS:
                    return self.bound(name, context)
                case t.Name(parts=(name,)):
                    return self.rows.parameter(name)
                case t.Where(operand=x, condition=c):
                    return self.value(x, context.narrowed(c))
                case t.Call(function=name) if name in AGGREGATES:
                    if after(node, "per") is not None:
                        return self.entities.per_entity(node, context, empty_is_null=empty_is_null)
                    return self.aggregate(node, context, empty_is_null)
                case t.Call(function="date_trunc" | "date_diff"):
                    return calendar_function(node, atom, self.calendar)
                case t.Call():
                    return self._changed(node, context)
                case _:
                    raise OracleRefuses(f"no value outside an aggregate: {node}")

        value: Value = compute(formula, atom)
        return value

    def _changed(self, call: t.Call, context: Context) -> Value:
        """Return what a change of context gives."""
        there = self.elsewhere(call, context)
        x = call.arguments[0]
        match call.function:
            case "share":
                return arithmetic("/", self.value(x, context), self.value(x, there))
            case "change":
                return arithmetic("-", self.value(x, context), self.value(x, there))
            case "growth":
                base = self.value(x, there)
                if base is None or number(base) <= 0:
                    return None
                return arithmetic("-", arithmetic("/", self.value(x, context), base), 1)
            case _:
                return self.value(x, there)

    def elsewhere(self, call: t.Call, context: Context) -> Context:
        """Return the context to which a call changes the one in which it stands."""
        match call.function:
            case "total":
                return self.without(context, across(call))
            case "share":
                grouped = context.by | {member.text for member, _ in context.members}
                if missing := (across(call) or frozenset()) - grouped:
                    raise OracleRefuses(
                        f"a share across {sorted(missing)}, by which the query does not group"
                    )
                return self.without(context, across(call))
            case name if name in TIME_SHIFTS:
                return context.changed(self.reaches.change(call, self.constant))
            case name:
                raise OracleRefuses(f"`{name}` is no change of context")

    def without(self, context: Context, removed: frozenset[str] | None) -> Context:
        """Return a context without members. What a bucket of `per` lies in is then another window, or none."""
        there = context.without(removed)
        if context.part_of is None or removed is None or not _has_bucket(context, removed):
            return there
        around, member, start = context.part_of
        outer = self.without(around, removed)
        if member.text not in removed:
            reach = self.reaches.of(outer)
            assert reach is not None
            outer = outer.refined(member, start, reach)
        kept = tuple((m, v) for m, v in outer.members if m.is_bucket)
        rest = tuple((m, v) for m, v in there.members if not m.is_bucket)
        changes = (*outer.changes, *there.changes)
        return replace(
            there, members=(*kept, *rest), period=outer.period, changes=changes, part_of=outer.part_of
        )

    def constant(self, node: t.Expr) -> Any:
        def atom(inner: t.Expr) -> Any:
            if isinstance(inner, t.Name):
                return self.rows.parameter(inner.text)
            raise OracleRefuses(f"a constant is wanted, not {inner}")

        return compute(node, atom)

    def bound(self, name: str, context: Context | None) -> Value:
        """Return `period_start`, `period_end` (the window's bounds, not cut by `as_of`) or `as_of`."""
        if name == "as_of":
            if self.as_of is None:
                raise OracleRefuses("`as_of` where the query has none")
            return self.as_of
        if context is None:
            raise OracleRefuses(f"`{name}` where there is no context")
        reach = self.reaches.of(context, ahead=True)
        if reach is None:
            return None
        at = reach.whole.start if name == "period_start" else reach.whole.end
        if at is None:
            raise OracleRefuses(f"`{name}` where there is no bound")
        return at.day if is_midnight(at) and not self.reaches.shows_hours else at

    # What stands in row formulas and needs more than the row

    def in_a_row(self, node: t.Expr, home: str, place: Place, scope: Scope | None) -> Any:
        context = None if scope is None else scope.context
        match node:
            case t.Name(parts=(name,)) if name in BOUNDS:
                return self.bound(name, context)
            case t.InSet(operand=x, set=call, negated=negated):
                if scope is None or context is None:
                    raise OracleRefuses("a set where there is no context")
                own = self.rows.in_row(x, home, place, scope=scope)
                if id(call) not in scope.sets:
                    scope.sets[id(call)] = self.entities.set_of(call, context)
                there = any(same_member(own, one) for one in scope.sets[id(call)])
                return there != negated
            case _ if place is None:
                return None
            case t.Call(function="followed_by" | "preceded_by"):
                return self.sequences.holds(node, home, place, scope)
            case t.Call() if self.histories.is_one(node, home):
                return self.histories.value(node, home, place)
            case t.Call(function=name) if name in AGGREGATES and scope is None:
                return self.value(self.units.in_context(node)[0], Context.of_row(home, place))
            case _:
                raise OracleRefuses(f"no row formula: {node}")

    # Aggregates

    def aggregate(self, call: t.Call, context: Context, empty_is_null: bool) -> Value:
        leaf = leaf_of(call, self.definitions)
        self.owes(leaf, context, tuple(member for member, _ in context.members))
        inside = self.inside(leaf, context)
        if inside is None:
            return None
        if any(lacks_required(self.rows, x, leaf.home, i) for x in leaf.arguments for i, _ in inside):
            return None
        if not leaf.arguments:
            return None if empty_is_null and not inside else len(inside)
        if leaf.function == "count_distinct":
            size = len(self.entities.distinct(call, leaf, context, inside))
            return None if empty_is_null and not size else size
        found = [(i, moment, self.told(leaf, i, Scope(context, moment))) for i, moment in inside]
        with_null = after(call, "including null") is not None
        known = [(i, moment, values) for i, moment, values in found if with_null or None not in values]
        if leaf.function in ("first", "last"):
            return self._at_an_end(leaf, [(m, i, v[0]) for i, m, v in known if m is not None])
        tuples = [values for _, _, values in known]
        if not tuples and empty_is_null:
            return None
        if leaf.function == "weighted_avg":
            return weighted_average([(x, w) for x, w in tuples])
        if leaf.function == "percentile":
            return percentile([number(x) for (x,) in tuples], self.share(leaf.share))
        return aggregated(leaf.function, [x for (x,) in tuples])

    def told(self, leaf: Leaf, place: int, scope: Scope) -> Tuple:
        return tuple(self.rows.in_row(x, leaf.home, place, scope=scope) for x in leaf.arguments)

    def share(self, share: t.Expr | None) -> float:
        if share is None:
            raise OracleRefuses("a percentile without its share")
        return float(number(self.constant(share)))

    def _at_an_end(self, leaf: Leaf, found: list[tuple[Time, int, Value]]) -> Value:
        """Return the value at the earliest or latest time; of one time, that of the smallest or greatest key."""
        if not found:
            return None
        keys = self.definitions.datasets[leaf.home].key
        line = sorted(
            (moment, tuple(self.rows.column(leaf.home, i, key) for key in keys), i, value)
            for moment, i, value in found
        )
        return line[0 if leaf.function == "first" else -1][3]

    # Which rows

    def inside(self, leaf: Leaf, context: Context) -> Inside | None:
        """Return the leaf's rows that the context holds; None where a moved window is that of no bucket."""
        frames = self.frames(leaf, context)
        if frames is None:
            return None
        return [
            (i, moment)
            for i, moment in self.rows_of(leaf, context)
            if any(self.fits(leaf, i, moment, frame, context) for frame in frames)
        ]

    def rows_in(self, leaf: Leaf, context: Context) -> Iterator[tuple[int, Time | None]]:
        """Yield the rows inside a context whose members are not all known: each in the context that it has."""
        bare = without_sets(leaf)
        for i, moment in self.inside(bare, context) or ():
            if bare is leaf:
                yield i, moment
                continue
            own = tuple(
                (m, self.rows.member(m, leaf.home, i, moment) if isinstance(v, Some) else v)
                for m, v in context.members
            )
            told = replace(context, members=own)
            if any((i, moment) in (self.inside(leaf, part) or ()) for part in self._parts(bare, told)):
                yield i, moment

    def anywhere(self, members: tuple[Member, ...], leaf: Leaf, context: Context) -> Iterator[Tuple]:
        """Yield the members of every row that the context may hold, whatever its group and its window."""
        bare = without_sets(leaf)
        for i, moment in self.rows_of(bare, context):
            yield self.tuple_of(members, bare, i, moment)

    def _parts(self, leaf: Leaf, context: Context) -> Iterator[Context]:
        """Yield the contexts of the buckets over which a changed one is spread: those in which sets are asked."""
        at = next((n for n, change in enumerate(context.changes) if isinstance(change, Spread)), None)
        if at is None or not context.is_changed:
            yield context
            return
        spread = context.changes[at]
        assert isinstance(spread, Spread)
        *_, member = (m for m, _ in context.members if m.is_bucket and m.grain == spread.grain)
        rest = tuple((m, v) for m, v in context.members if m is not member)
        around = replace(context, members=rest, changes=context.changes[:at])
        ahead = self.definitions.datasets[leaf.home].lies_ahead
        for reach in self.reaches.each(around, ahead=ahead) or ():
            for part in self._bounded(leaf, around, reach, spread.grain):
                own = part.cut if part.whole.is_empty else part.whole
                (start,) = next(iter(self.calendar.buckets(own, [spread.grain])))
                there = around.refined(member, start, reach)
                yield from self._parts(leaf, replace(there, changes=context.changes[at + 1 :]))

    def _bounded(self, leaf: Leaf, context: Context, reach: Reach, grain: str) -> Iterator[Reach]:
        """Yield the buckets of a window; of an open one, from the first to the last with rows of the dataset."""
        times = [moment for _, moment in self.rows_of(leaf, context) if moment is not None]
        known = [self.calendar.bucket(moment, grain) for moment in times]
        starts = sorted(time_of(start) for start in known if start is not None)
        whole = reach.whole
        if whole.start is None and starts:
            whole = replace(whole, start=self.calendar.interval(starts[0], grain).start)
        if whole.end is None and starts:
            whole = replace(whole, end=self.calendar.interval(starts[-1], grain).end)
        if whole.start is not None and whole.end is not None:
            yield from self.reaches.spread(replace(reach, whole=whole), grain)

    def frames(self, leaf: Leaf, context: Context) -> list[Frame] | None:
        ahead = self.definitions.datasets[leaf.home].lies_ahead
        rest = tuple((m, v) for m, v in context.members if not m.is_bucket)
        if leaf.time is None and context.reads_everything:
            return [Frame(rest, Window())]
        added = tuple(change.grain for change in context.changes if isinstance(change, Spread))
        if not context.is_changed and leaf.until is None:
            if not ahead:
                return [Frame(context.members, context.period.cut, self.as_of if context.buckets else None)]
            grains = tuple(member.grain or "" for member, _ in context.buckets) if added else ()
            return [Frame(context.members, context.period.whole, grains=grains)]
        reaches = self.reaches.each(context, ahead=ahead)
        if reaches is None:
            return None
        windows = [reach.whole if ahead else reach.cut for reach in reaches]
        if leaf.until is not None:
            ended = [window_at_its_end(w, self.calendar, self.as_of) for w in windows]
            windows = [w for w in ended if w is not None]
            if len(windows) < len(ended):
                return None
        is_open = [ahead and None in (window.start, window.end) for window in windows]
        return [
            Frame(rest, window, grains=added if is_none_other else (), spread=reach.spread or "")
            for window, reach, is_none_other in zip(windows, reaches, is_open, strict=True)
        ]

    def rows_of(self, leaf: Leaf, context: Context) -> Iterator[tuple[int, Time | None]]:
        """Yield the leaf's rows under the filter, whatever the group and the window, with their times."""
        scope = Scope(context)
        for i in self.rows.kept(leaf.home):
            moment = self._time(leaf, i)
            if leaf.has_at and (moment is None or self._is_yet_to_come(leaf, moment, context)):
                continue
            here = scope.at(moment)
            if not all(self.rows.holds_in_row(where, leaf.home, i, here) for where in leaf.wheres):
                continue
            if not all(self.rows.meets(c, leaf.home, i, here) for c in context.conditions):
                continue
            if all(self._is_ripe(leaf, moment, m) for m in context.maturities) and all(
                self._is_of(leaf, i, entity, here) for entity in context.entities
            ):
                yield i, moment

    def _is_yet_to_come(self, leaf: Leaf, moment: Time, context: Context) -> bool:
        """Tell whether what the aggregate reads by its own time comes at or after `as_of`."""
        if self.as_of is None or self.definitions.datasets[leaf.home].lies_ahead:
            return False
        if any(isinstance(entity, Owner) for entity in context.entities):
            return False
        return instant_of(moment, self.calendar.zone) >= self.as_of

    def _is_ripe(self, leaf: Leaf, moment: Time | None, maturity: Amount) -> bool:
        """Tell whether a row is at least so old at `as_of`."""
        if self.as_of is None or leaf.time is None:
            raise OracleRefuses("`maturity` without `as_of`, or over a dataset without a time")
        if moment is None:
            return False
        elapsed = isinstance(moment, Moment)
        return instant_of(moment, self.calendar.zone) <= ago(self.as_of, maturity, elapsed=elapsed)

    def kept_by(self, leaf: Leaf, context: Context) -> frozenset[int]:
        """Return the rows that the leaf's own conditions keep, whatever the window."""
        scope = Scope(context)
        return frozenset(
            i
            for i in self.rows.kept(leaf.home)
            if all(
                self.rows.holds_in_row(w, leaf.home, i, scope.at(self._time(leaf, i))) for w in leaf.wheres
            )
        )

    def _time(self, leaf: Leaf, place: int) -> Time | None:
        return None if leaf.time is None else self.rows.moment(leaf.home, place, leaf.time)

    def _is_of(self, leaf: Leaf, place: int, entity: Entity | Owner, scope: Scope) -> bool:
        """Tell whether a row is of the entity that is tested, or of the row whose column is derived."""
        home = leaf.home
        if isinstance(entity, Owner):
            way = self.definitions.one_path(home, entity.dataset)
            return self.rows.walk(home, place, way) == (entity.dataset, entity.place)
        if entity.home != home:
            raise OracleRefuses(f"`having` over `{home}` tests what `{entity.home}` has")
        return place in entity.kept and all(
            same_member(self.rows.in_row(x, home, place, scope=scope), value)
            for x, value in zip(entity.columns, entity.values, strict=True)
        )

    def fits(self, leaf: Leaf, place: int, moment: Time | None, frame: Frame, context: Context) -> bool:
        if leaf.until is not None:
            if not self._holds(leaf, place, moment, frame):
                return False
        elif (frame.window.is_bounded and (moment is None or not frame.window.holds(moment))) or (
            moment is not None and not frame.has_begun(moment, self.calendar, self.as_of)
        ):
            return False
        if context.others is not None:
            own = self.tuple_of(context.others.members, leaf, place, moment)
            if own in context.others.shown or self._lies_ahead(context, own):
                return False
        return all(
            same_member(self.rows.member(member, leaf.home, place, moment), value)
            for member, value in frame.members
        )

    def _lies_ahead(self, context: Context, values: Tuple) -> bool:
        """Tell whether a row of the rest has a bucket that begins at or after `as_of`: the result has none of these."""
        assert context.others is not None
        if self.as_of is None or not any(member.is_bucket for member in context.others.members):
            return False
        pairs = zip(context.others.members, values, strict=True)
        known = [(m.grain or "", time_of(v)) for m, v in pairs if m.is_bucket and v is not None]
        start = self.calendar.beginning(known, context.period.whole)
        return start is not None and start >= self.as_of

    def _holds(self, leaf: Leaf, place: int, moment: Time | None, frame: Frame) -> bool:
        if frame.spread and frame.window.start is None:
            return holds_at_an_end(self.rows, leaf, place, moment, frame.window, frame.spread)
        return holds_at_the_end(self.rows, leaf, place, moment, frame.window, self.as_of)

    def tuple_of(self, members: tuple[Member, ...], leaf: Leaf, place: int, moment: Time | None) -> Tuple:
        return tuple(self.rows.member(m, leaf.home, place, moment) for m in members)

    def owes(self, leaf: Leaf, context: Context, members: tuple[Member, ...]) -> None:
        """Refuse, rows or none, what the leaf's dataset cannot tell: its time, a member out of reach."""
        asked = [*members, *(m for c in context.conditions for m in self._members_in(c))]
        if leaf.time is None and not context.reads_everything:
            bounded = context.period.whole.is_bounded or context.is_changed
            if bounded or any(m.is_of_time for m in asked):
                raise OracleRefuses(f"`{leaf.home}` has no time column, and a window is given")
        for member in asked:
            self.rows.reached(member, leaf.home)

    def _members_in(self, condition: t.Expr) -> Iterator[Member]:
        """Yield the members that a condition on a context names, through named filters too."""
        match condition:
            case t.Name(parts=(name,)) if name in self.definitions.filters:
                yield from self._members_in(self.definitions.filters[name])
            case t.Name(parts=(name,)) if name in self.rows.parameters or name in BOUNDS:
                pass
            case t.Name():
                yield member_of(condition.text, self.definitions)
            case t.InSet(operand=x):
                yield from self._members_in(x)
            case t.Call(function="date_trunc" | "date_diff", arguments=(_, *times)):
                for x in times:
                    yield from self._members_in(x)
            case _:
                for x in t.children(condition):
                    yield from self._members_in(x)

    # Aggregates of a formula, each with the context in which it stands

    def leaves(self, formula: t.Expr, context: Context) -> Iterator[tuple[Leaf, Context]]:
        match formula:
            case t.Name(parts=(name,)) if name in self.definitions.measures:
                measure = self.definitions.measures[name]
                yield from self.leaves(measure.formula, context.ripened(measure.maturity))
            case t.Where(operand=x, condition=c):
                yield from self.leaves(x, context.narrowed(c))
            case t.Call(function=name) if name in AGGREGATES:
                if after(formula, "per") is not None:
                    yield from self.entities.leaves(formula, context)
                else:
                    yield leaf_of(formula, self.definitions), context
            case t.Call(function=name, arguments=(x, *_)) if (
                name in ("total", "share") or name in TIME_SHIFTS
            ):
                if name in ("share", "change", "growth"):
                    yield from self.leaves(x, context)
                yield from self.leaves(x, self.elsewhere(formula, context))
            case _:
                for inner in t.children(formula):
                    yield from self.leaves(inner, context)


def _has_bucket(context: Context, names: frozenset[str]) -> bool:
    """Tell whether some of the names are buckets of a context, or of those of whose windows it is a bucket."""
    if any(member.text in names for member, _ in context.buckets):
        return True
    return context.part_of is not None and _has_bucket(context.part_of[0], names)
