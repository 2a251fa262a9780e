"""Entities: `f(x per k)`, what `having` keeps, sets of values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from kpidsl.syntax import tree as t

from .aggregates import Leaf, aggregated, leaf_of, percentile
from .buckets import Calendar
from .contexts import Context, Entity, Owner, Some, Tuple, after
from .definitions import Definitions
from .frames import without_sets
from .members import Member, member_of
from .moments import Moment, Time
from .reaches import Reaches
from .rows import Rows, Scope
from .stretches import ends
from .table import OracleRefuses, Value
from .unit_scopes import UnitScopes
from .values import number, time_of
from .windows import Reach, Spread

OVER_ENTITIES = (
    "avg",
    "sum",
    "min",
    "max",
    "count",
    "count_distinct",
    "median",
    "percentile",
    "stddev",
    "variance",
)


class Meaning(Protocol):
    """What is asked of the interpreter, whose formulas in turn hold entities."""

    definitions: Definitions
    calendar: Calendar
    rows: Rows
    units: UnitScopes
    reaches: Reaches
    as_of: Moment | None

    def value(self, formula: t.Expr, context: Context, *, empty_is_null: bool = False) -> Value: ...

    def elsewhere(self, call: t.Call, context: Context) -> Context: ...

    def share(self, share: t.Expr | None) -> float: ...

    def leaves(self, formula: t.Expr, context: Context) -> Iterator[tuple[Leaf, Context]]: ...

    def inside(self, leaf: Leaf, context: Context) -> list[tuple[int, Time | None]] | None: ...

    def rows_in(self, leaf: Leaf, context: Context) -> Iterator[tuple[int, Time | None]]: ...

    def anywhere(self, members: tuple[Member, ...], leaf: Leaf, context: Context) -> Iterator[Tuple]: ...

    def kept_by(self, leaf: Leaf, context: Context) -> frozenset[int]: ...

    def told(self, leaf: Leaf, place: int, scope: Scope) -> Tuple: ...

    def tuple_of(self, members: tuple[Member, ...], leaf: Leaf, place: int, moment: Time | None) -> Tuple: ...

    def owes(self, leaf: Leaf, context: Context, members: tuple[Member, ...]) -> None: ...


class Entities:
    """What one query's formulas say of entities."""

    def __init__(self, interpreter: Meaning) -> None:
        self.interpreter = interpreter
        self.definitions = interpreter.definitions

    # f(x per k)

    def per_entity(self, call: t.Call, context: Context, *, empty_is_null: bool) -> Value:
        """Return f over the values of x, one for each entity."""
        interpreter = self.interpreter
        x, share = _argument(call)
        inside = replace(context, by=context.by | {".".join(key.parts) for key in after(call, "per") or ()})
        if self._has_no_window(x, inside):
            return None
        members = self.members(call, x, context)
        # What x is in, its conversions spelled out.
        formula = interpreter.units.in_context(x)[0]
        values = [interpreter.value(formula, there) for there in self.contexts(call, x, members, context)]
        known = [v for v in values if v is not None]
        if not known and empty_is_null:
            return None
        if call.function == "percentile":
            return percentile([number(v) for v in known], interpreter.share(share))
        return aggregated(call.function, known)

    def _has_no_window(self, x: t.Expr, context: Context) -> bool:
        """Tell whether a null bucket is all that a context has, moved, or else all that its parts have, moved.

        So is a window for which a calendar lacks the day. What holds over an interval is read at its end as well.
        """
        if not any(value is None for _, value in context.buckets):
            if not context.is_changed:
                return False
            ahead = self._reaches_ahead(x, context)
            return self.interpreter.reaches.each(context, ahead=ahead) is None
        parts = list(self.interpreter.leaves(x, context))
        return context.is_changed or all(
            (there.is_changed or leaf.until is not None) and any(value is None for _, value in there.buckets)
            for leaf, there in parts
        )

    def _reaches_ahead(self, x: t.Expr, context: Context) -> bool:
        """Tell whether x reads rows that may lie ahead, so that nothing cuts its window before it is moved."""
        there = replace(context, goes_through=False)
        homes = {leaf.home for leaf, _ in self.interpreter.leaves(x, there)}
        return any(self.definitions.datasets[home].lies_ahead for home in homes)

    def members(self, call: t.Call, x: t.Expr, context: Context) -> tuple[Member, ...]:
        """Return the keys: grains, dimensions, paths, columns of the only dataset of x."""
        keys = after(call, "per") or ()
        # Inside, one asks for them as if the query grouped by them.
        there = replace(context, goes_through=False, by=context.by | {".".join(key.parts) for key in keys})
        homes = {leaf.home for leaf, _ in self.interpreter.leaves(x, there)}
        return tuple(self._member(key.parts, homes) for key in keys)

    def _member(self, parts: tuple[str, ...], homes: set[str]) -> Member:
        text = ".".join(parts)
        if len(parts) == 1 and parts[0] not in self.definitions.grains | set(self.definitions.dimensions):
            own = [home for home in homes if parts[0] in self.definitions.datasets[home].columns]
            if own and len(homes) == 1:
                return Member(text, (own[0], parts[0]))
        is_column = self.definitions.column_of(parts) is not None
        of_time = len(parts) == 2 and not is_column and parts[1] in self.definitions.grains
        if of_time and parts[0] in self.definitions.datasets:
            # `orders.day`: a grain of the dataset's own time.
            return Member(text, (), parts[1])
        return member_of(text, self.definitions)

    def contexts(
        self,
        call: t.Call,
        x: t.Expr,
        members: tuple[Member, ...],
        context: Context,
        *,
        with_null: bool = False,
    ) -> Iterator[Context]:
        """Yield the context of each entity: of each bucket, of each key with a row in some aggregate."""
        is_written = after(call, "including null") is not None
        grains = tuple(m for m in members if m.is_bucket)
        keys = tuple(m for m in members if not m.is_bucket)
        parts = self._buckets(grains, x, context, with_null=is_written) if grains else [context]
        for part in parts:
            if not keys:
                yield part
                continue
            for values in self._keys(x, keys, part, grains=grains, with_null=with_null or is_written):
                yield part.joined(keys, values)

    def _keys(
        self,
        x: t.Expr,
        keys: tuple[Member, ...],
        context: Context,
        *,
        grains: tuple[Member, ...],
        with_null: bool,
    ) -> dict[Tuple, None]:
        """Return the keys with a row in some aggregate that keeps them, and the buckets beside them."""
        interpreter = self.interpreter
        some = Some.ANYTHING if with_null else Some.SOMEBODY
        open_context = replace(context.joined(keys, [some] * len(keys)), dropped=frozenset())
        found: dict[Tuple, None] = {}
        open_context = replace(open_context, goes_through=False)
        for leaf, there in interpreter.leaves(x, open_context):
            interpreter.owes(leaf, there, tuple(m for m, _ in there.members))
            if not there.keeps((*grains, *keys), None):
                continue
            if not interpreter.reaches.is_open(there) and not there.is_spread:
                for i, moment in interpreter.rows_in(leaf, there):
                    found[interpreter.tuple_of(keys, leaf, i, moment)] = None
                continue
            for values in dict.fromkeys(interpreter.anywhere(keys, leaf, there)):
                is_there = values in found or (None in values and not with_null)
                if not is_there and self._has_rows(x, keys, values, context, grains):
                    found[values] = None
        return found

    def _has_rows(
        self,
        x: t.Expr,
        keys: tuple[Member, ...],
        values: Tuple,
        context: Context,
        grains: tuple[Member, ...],
    ) -> bool:
        """Tell whether an entity has rows in one of the buckets that its own rows reach over."""
        own = replace(context.joined(keys, values), dropped=frozenset(), goes_through=True)
        return any(
            there.keeps((*grains, *keys), None) and any(self.interpreter.rows_in(leaf, there))
            for leaf, there in self.interpreter.leaves(x, own)
        )

    def _buckets(
        self, grains: tuple[Member, ...], x: t.Expr, context: Context, *, with_null: bool
    ) -> Iterator[Context]:
        """Yield every bucket of the window up to `as_of`; of an unbounded window those from row to row."""
        interpreter, calendar = self.interpreter, self.interpreter.calendar
        context = replace(context, goes_through=False)
        ahead = self._reaches_ahead(x, context)
        reach = interpreter.reaches.of(context, ahead=ahead)
        if reach is None:
            return
        names = [grain.grain or "" for grain in grains]
        whole = reach.whole if ahead else reach.cut
        begins_open, ends_open = whole.start is None, whole.end is None
        known: list[Tuple] = []
        if whole.stands_for is not None:
            raise OracleRefuses("the buckets of comparable days")
        if begins_open or ends_open:
            known = self._starts_of_rows(grains, x, context)
            if not known:
                return
            # Of a window with one end, as that of `cumulative`, the rows tell the other.
            own = [
                calendar.interval(time_of(start), name)
                for starts in known
                for start, name in zip(starts, names, strict=True)
            ]
            if ends_open:
                whole = replace(whole, end=max(w.end for w in own if w.end is not None))
            if begins_open:
                whole = replace(whole, start=min(w.start for w in own if w.start is not None))
        every = list(calendar.buckets(whole, names))
        if known:
            places = [every.index(starts) for starts in known if starts in every]
            every = every[min(places) if begins_open else 0 : max(places) + 1 if ends_open else None]
        as_of = interpreter.as_of
        for starts in every:
            begins = calendar.beginning(list(zip(names, starts, strict=True)), whole)
            if as_of is None or (begins is not None and begins < as_of):
                yield self._bucket(context, reach, grains, starts)
        if with_null:
            raise OracleRefuses("a bucket that is null, among entities")

    def _bucket(self, context: Context, reach: Reach, grains: tuple[Member, ...], starts: Tuple) -> Context:
        """Return a bucket of a context's window: of several grains what they have in common."""
        part, inside = context, reach
        for grain, start in zip(grains, starts, strict=True):
            part = part.refined(grain, time_of(start), inside)
            inside = self.interpreter.reaches.of(part) or inside
        return part

    def _starts_of_rows(self, grains: tuple[Member, ...], x: t.Expr, context: Context) -> list[Tuple]:
        """Return the buckets with rows of the group, or of all where all drop it."""
        interpreter, calendar = self.interpreter, self.interpreter.calendar
        found: list[Tuple] = []
        standing = list(interpreter.leaves(x, context))
        group = {m.text for m, _ in context.members}
        kept = [
            (leaf, there)
            for leaf, there in standing
            if group <= {m.text for m, _ in there.members} and (there.others or not context.others)
        ]
        for leaf, there in kept or standing:
            around = replace(there, changes=context.changes)
            if not context.is_changed and leaf.until is None:
                # A set in a condition is that of the row's own bucket.
                around = around.joined(grains, [Some.ANYTHING] * len(grains))
            for i, moment in self._standing_rows(grains, leaf, context, around):
                times = [] if moment is None else [moment]
                if leaf.until is not None and moment is not None:
                    times.extend(ends(interpreter.rows, leaf, i, moment))
                for at in times:
                    starts = tuple(calendar.bucket(at, grain.grain or "") for grain in grains)
                    if None not in starts:
                        found.append(starts)
        return found

    def _standing_rows(
        self, grains: tuple[Member, ...], leaf: Leaf, context: Context, around: Context
    ) -> Iterator[tuple[int, Time | None]]:
        """Yield the rows that tell from when to when there are any; each asks the sets of its own bucket."""
        interpreter, still = self.interpreter, replace(leaf, until=None)
        bare = without_sets(still)
        if bare is still or leaf.until is not None or not context.is_changed:
            yield from interpreter.rows_in(still, around)
            return
        reach = interpreter.reaches.of(context)
        assert reach is not None
        for i, moment in interpreter.rows_in(bare, around):
            if moment is None:
                continue
            starts = tuple(interpreter.calendar.bucket(moment, grain.grain or "") for grain in grains)
            if None in starts:
                continue
            there = self._bucket(around, reach, grains, starts)
            if (i, moment) in (interpreter.inside(still, there) or ()):
                yield i, moment

    def leaves(self, call: t.Call, context: Context) -> Iterator[tuple[Leaf, Context]]:
        """Yield the aggregates of x. Their rows make rows of the result whatever their key is."""
        x, _ = _argument(call)
        members = self.members(call, x, context)
        if context.goes_through:
            for part in self.contexts(call, x, members, context, with_null=True):
                yield from self.interpreter.leaves(x, replace(part, goes_through=True))
            return
        for member in members:
            context = context.joined((member,), [Some.ANYTHING])
            if member.is_bucket:
                context = context.changed(Spread(member.grain or ""))
        yield from self.interpreter.leaves(x, context)

    # Sets

    def distinct(
        self, call: t.Call, leaf: Leaf, context: Context, inside: list[tuple[int, Time | None]]
    ) -> dict[Tuple, None]:
        """Return the different values in rows, without nulls, that meet `having` in the same context."""
        interpreter, scope = self.interpreter, Scope(context)
        with_null = after(call, "including null") is not None
        found: dict[Tuple, None] = {}
        for i, moment in inside:
            values = interpreter.told(leaf, i, scope.at(moment))
            if with_null or None not in values:
                found[values] = None
        tests = after(call, "having") or ()
        kept = interpreter.kept_by(leaf, context) if tests else frozenset()
        for condition in tests:
            test = interpreter.units.in_context(condition)[0]
            for values in list(found):
                entity = Entity(leaf.home, leaf.arguments, values, kept)
                there = replace(context, entities=(*context.entities, entity))
                if interpreter.value(test, there) is not True:
                    del found[values]
        return found

    def set_of(self, call: t.Expr, context: Context) -> list[Value]:
        """Return the values of a set in a context; there is none where the window is that of no bucket."""
        interpreter = self.interpreter
        match call:
            case t.Where(operand=x, condition=c):
                return self.set_of(x, context.narrowed(c))
            case t.Call(function="values"):
                leaf = leaf_of(replace(call, function="count_distinct"), self.definitions)
                # What `having` tests is of its own dataset: the set of another one is that of the whole context.
                own = (e for e in context.entities if isinstance(e, Owner) or e.home == leaf.home)
                context = replace(context, entities=tuple(own))
                interpreter.owes(leaf, context, tuple(m for m, _ in context.members))
                inside = interpreter.inside(leaf, context)
                if inside is None:
                    return []
                return [values[0] for values in self.distinct(call, leaf, context, inside)]
            case t.Call(function=name, arguments=(x, *_)) if name not in ("share", "change", "growth"):
                return self.set_of(x, interpreter.elsewhere(call, context))
            case _:
                raise OracleRefuses(f"{call} is no set")


def _argument(call: t.Call) -> tuple[t.Expr, t.Expr | None]:
    """Return what is aggregated over entities, and a percentile's share."""
    if call.function not in OVER_ENTITIES:
        raise OracleRefuses(f"`{call.function}` over entities")
    if call.function == "percentile":
        x, share = call.arguments
        return x, share
    (x,) = call.arguments
    return x, None
