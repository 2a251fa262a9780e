"""Pushing contexts into aggregates over entities: the context of the values has their keys in its group."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidsl.contexts.added_buckets import added_buckets
from kpidsl.contexts.date_parts import warn_of_other_buckets
from kpidsl.contexts.leaves import (
    AnyLeaf,
    EntityLeaf,
    Key,
    Leaf,
    LeafValue,
    Operation,
    Scalar,
    has_rows,
    rows_of,
)
from kpidsl.contexts.parts import arithmetic, parts_of
from kpidsl.contexts.placing import Step
from kpidsl.contexts.ranges import making_rows
from kpidsl.contexts.scalars import members_in, with_values
from kpidsl.contexts.widening import holds_its_bucket
from kpidsl.contexts.windows import InBucket
from kpidsl.model.types import BOOLEAN, INTEGER, NULL, UNKNOWN
from kpidsl.semantics import move_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Grain,
    KeyValue,
    Member,
    MetricRef,
    PerEntity,
    Prior,
    Total,
    children,
)
from kpidsl.semantics.conditions import lacking
from kpidsl.semantics.functions import ZERO_OF_NOTHING

if TYPE_CHECKING:
    from kpidsl.contexts.contexts import Context
    from kpidsl.contexts.pushing import Pusher

_ZERO = Constant(0, INTEGER)


def over_entities(pusher: Pusher, expr: PerEntity, context: Context, metric: str | None) -> Scalar:
    """Return an aggregate over the values that entities have in a context.

    A count of values of required columns is null where a row that is counted lacks one.
    """
    found = _over_entities(pusher, expr, context, metric)
    if expr.among is None or not expr.among.required:
        return found
    missing = pusher.push(lacking(expr.among), context, f"{metric or expr.among.dataset}_missing")
    lacks = Operation(">", (missing, _ZERO), BOOLEAN)
    return Operation("case", (lacks, Constant(None, NULL), found), expr.type)


def _over_entities(pusher: Pusher, expr: PerEntity, context: Context, metric: str | None) -> Scalar:
    members = _members(pusher, expr, context)
    grains = tuple(member for member in members if isinstance(member, Grain))
    if grains and _is_of_comparable_days(context):
        span = next(s for m, s in zip(expr.members, expr.spans, strict=False) if isinstance(m, Grain))
        pusher.sink.report(move_errors.per_comparable(span, grains[0].name))
        return Constant(None, UNKNOWN)
    whole = _whole(pusher, expr, context, members, metric)
    warn_of_other_buckets(pusher, expr, whole, grains, context)
    bounds = None
    if grains:
        datasets = pusher.project.project.datasets
        ahead = any(datasets[row.dataset].lies_ahead for leaf in whole.inner for row in rows_of(leaf))
        around = (context.grains, context.steps, context.window)
        bounds = pusher.placing.buckets_between(*around, lies_ahead=ahead)
        if bounds is None:
            return Constant(None, UNKNOWN)
        fills = len(grains) == len(members)
        whole = replace(whole, buckets=added_buckets(pusher, whole, context, bounds, fills=fills))
        # A day outside a calendar has a time but lies in no window of its buckets.
        outer = (grain for grain in context.grains if pusher.placing.windows.rule(grain).calendar is not None)
        whole = replace(whole, tested=(*whole.tested, *(_value(pusher, grain, expr) for grain in outer)))
    if context.depth:
        # Entities around are those of its totals, too, which are in other groups than its own.
        for leaf in whole.inner:
            if has_rows(leaf) and not whole.keeps_group(leaf):
                _added(pusher, _only(leaf, whole))
    value = parts_of(_as_aggregate(expr), ()).value
    who = {member for member in members if not isinstance(member, Grain)}
    found = arithmetic(value, lambda part: _leaf(pusher, part, whole, context))
    drops_members = _drops_members(expr.operand, pusher)
    if expr.among is not None or (len(grains) < len(members) and not drops_members):
        return found
    if who and not any(who <= set(leaf.members) for leaf in whole.inner):
        # All of the value drops the keys, so that it has no entities.
        return found
    # Without any row each bucket has a value too: that of nothing. A window that is open has none then.
    # And a total has the same entities in all groups, whether these have rows or not.
    is_one_level = pusher.has_one_level(context)
    if is_one_level and not context.group:
        return found
    is_there = _has_rows(pusher, whole)
    if is_one_level and bounds is not None and bounds.is_open and not _has_buckets_anyway(pusher, whole):
        nothing = arithmetic(value, _of_no_entities)
    else:
        # At each level of the result the formula is the same arithmetic, over leaves of its own.
        empty = replace(_of_nothing(pusher, whole), stands_in=0 if is_one_level else 1)
        nothing = _over_nothing(pusher, value, empty, context)
        may_be_empty = empty.inner and not empty.asked and _has_buckets_anyway(pusher, empty)
        if may_be_empty or (grains and drops_members and not is_one_level):
            # So may what a total gives: it is moved too.
            none, has_some = (_of_nothing(pusher, empty), empty) if may_be_empty else (empty, whole)
            still = _over_nothing(pusher, value, replace(none, stands_in=0 if is_one_level else 2), context)
            is_some = _has_rows(pusher, replace(has_some, stands_in=empty.stands_in))
            nothing = Operation("case", (is_some, nothing, still), expr.type)
    nothing = pusher.of_no_entities(nothing, whole, context)
    return Operation("case", (is_there, found, nothing), expr.type)


def _has_rows(pusher: Pusher, whole: EntityLeaf) -> Scalar:
    """Return whether a group has entities with rows."""
    present = replace(_present(whole), tested=())
    return Operation(">", (_added(pusher, present), _ZERO), BOOLEAN)


def _present(whole: EntityLeaf) -> EntityLeaf:
    """Return the leaf that counts groups of entities, whatever their values rest on."""
    inner = tuple(leaf for leaf in whole.inner if not _asked(leaf))
    return replace(
        whole, function="count", inner=inner, value=None, asked=(), empty_is_null=False, type=INTEGER
    )


def _is_of_comparable_days(context: Context) -> bool:
    """Tell whether a context's rows are those of the comparable days of its window, whatever their own."""
    moves = [step.move for step in context.steps if not isinstance(step.move, InBucket)]
    return bool(moves) and isinstance(moves[-1], Prior) and moves[-1].is_compared


def entities_of(pusher: Pusher, expr: PerEntity, context: Context) -> EntityLeaf:
    """Return the entities of a set in a context, with the condition that they are to meet as their value."""
    return _whole(pusher, expr, context, _members(pusher, expr, context), None)


def _members(pusher: Pusher, expr: PerEntity, context: Context) -> tuple[Member, ...]:
    """Return the keys of entities in a context: grains are those of its own depth."""
    depth = context.depth + 1
    members = tuple(
        replace(member, depth=depth) if isinstance(member, Grain) else member for member in expr.members
    )
    for member, span in zip(members, expr.spans, strict=False):
        pusher.on_rows.spans.setdefault(member, span)
    return members


def _drops_members(bound: Bound, pusher: Pusher) -> bool:
    """Tell whether there is a `total` in a formula, its metrics written out."""
    if isinstance(bound, MetricRef):
        return _drops_members(pusher.project.metrics[bound.name].bound, pusher)
    return isinstance(bound, Total) or any(_drops_members(child, pusher) for child in children(bound))


def _all_are_elsewhere(inner: Collection[AnyLeaf]) -> bool:
    """Tell whether no leaf reads the rows of the bucket around: all are moved, widened, or of intervals."""
    return bool(inner) and all(
        leaf.is_held or any(not isinstance(move, InBucket) for move in leaf.moves)
        if isinstance(leaf, Leaf)
        else leaf.is_elsewhere
        for leaf in inner
    )


def _drops_buckets(bound: Bound, pusher: Pusher) -> bool:
    """Tell whether something in a formula, its metrics written out, drops the query's buckets."""
    if isinstance(bound, MetricRef):
        return _drops_buckets(pusher.project.metrics[bound.name].bound, pusher)
    grains = pusher.of_levels.grains
    if grains and isinstance(bound, Total) and bound.across is not None and set(grains) <= set(bound.across):
        return True
    return any(_drops_buckets(child, pusher) for child in children(bound))


def _whole(
    pusher: Pusher, expr: PerEntity, context: Context, members: tuple[Member, ...], metric: str | None
) -> EntityLeaf:
    """Return the leaf of the whole aggregate, whatever parts it has."""
    added = tuple(member for member in members if member not in context.group)
    steps = [Step(InBucket(member), expr.span) for member in added if isinstance(member, Grain)]
    inside = replace(
        context,
        group=(*context.group, *added),
        steps=(*context.steps, *steps),
        depth=context.depth + 1,
    )
    inner, value = _values(pusher, expr, context, inside, metric)
    return EntityLeaf(
        function=expr.function,
        inner=inner,
        value=value,
        others=(),
        keys=_keys(pusher, context.group, expr),
        added=_keys(pusher, added, expr),
        tested=() if expr.including_null else tuple(_value(pusher, member, expr) for member in members),
        buckets=None,
        among=None if expr.among is None or not inner else inner[0],
        is_gathered=bool(context.gathered),
        empty_is_null=expr.empty_is_null,
        makes_rows=True,
        is_elsewhere=_all_are_elsewhere(inner) and not _drops_buckets(expr.operand, pusher),
        type=expr.type,
        metric=metric,
        span=expr.span,
        named=members,
    )


def _values(
    pusher: Pusher, expr: PerEntity, outside: Context, inside: Context, metric: str | None
) -> tuple[tuple[AnyLeaf, ...], Scalar]:
    """Return the leaves of the entities' values, and the values over them."""
    leaves, metrics = pusher.leaves, pusher.metrics
    pusher.leaves, pusher.metrics = {}, {}
    if expr.among is not None:
        # Which rows `where` kept is asked once for all values, so that its sets are those of them all.
        among = pusher.counting.kept.by(expr.among, outside, expr.members)
        pusher.push(among, inside, metric)
        inside = replace(inside, among=(*inside.among, among), tested=(*inside.tested, *expr.members))
    value = pusher.push(expr.operand, inside, metric)
    inner = tuple(pusher.leaves)
    pusher.leaves, pusher.metrics = leaves, metrics
    return inner, value


def _leaf(pusher: Pusher, part: Aggregate, whole: EntityLeaf, context: Context) -> Scalar:
    """Return the value of a part of an aggregate over entities."""
    counts = part.function in ZERO_OF_NOTHING
    leaf = replace(
        whole,
        function=part.function,
        others=part.others,
        empty_is_null=part.empty_is_null and counts,
        type=part.type,
    )
    if not context.depth:
        origins = pusher.ranges.origins
        rows = [row for row in rows_of(leaf) if row in origins]
        pusher.of_levels.settles(leaf, [(row.dataset, origins[row].context) for row in rows])
    return pusher.value_of(leaf, context)


def _of_no_entities(part: Aggregate) -> Scalar:
    """Return the value of a part of an aggregate over entities where there are none."""
    is_zero = part.function in ZERO_OF_NOTHING and not part.empty_is_null
    return Constant(0 if is_zero else None, part.type)


def _added(pusher: Pusher, leaf: AnyLeaf) -> LeafValue:
    return LeafValue(pusher.leaves.setdefault(leaf, len(pusher.leaves)), leaf.type)


def _as_aggregate(expr: PerEntity) -> Aggregate:
    """Return the aggregate of rows that has the same parts."""
    value = Apply("as_type", (Constant(None, NULL),), expr.operand.type)
    return Aggregate(
        expr.function, "", value, None, None, expr.empty_is_null, expr.type, expr.span, expr.others
    )


def _has_buckets_anyway(pusher: Pusher, whole: EntityLeaf) -> bool:
    """Tell whether groups may have buckets without having rows in them, where an open window lacks ends.

    Where all of the value drops some of their members, they have those of its rows. What holds over an
    interval begins and ends in buckets, though it may hold at the end of none. And a window that is moved
    inside the buckets, or leaves out some of theirs, may have no rows, though the group has.
    """
    if whole.buckets is None or not whole.buckets.ranges:
        return False
    rows = [row for leaf in whole.full for row in making_rows(leaf)]
    added = {key.member for key in whole.added}
    project = pusher.project.project
    return not whole.full or any(
        row.is_held or not holds_its_bucket(project, added, row.moves) for row in rows
    )


def _of_nothing(pusher: Pusher, whole: EntityLeaf) -> EntityLeaf:
    """Return the leaf of groups that have no rows: each of its buckets has the value of no rows.

    What of the value has no member beside grains is there all the same, and so is what a total gives.
    """
    assert whole.value is not None
    fills = whole.buckets is not None and whole.buckets.fills
    is_open = whole.buckets is not None and bool(whole.buckets.ranges)
    anyway = _has_buckets_anyway(pusher, whole)
    there: set[Member] = {key.member for key in (*whole.keys, *whole.added) if isinstance(key.member, Grain)}
    partial = {frozenset(leaf.kept) for leaf in whole.partial}
    if not fills:
        there = set().union(*partial)
    elif anyway and whole.buckets is not None:
        there.update(whole.buckets.members)
    full = set(whole.full)
    has_entities = (anyway or not is_open) if fills else bool(partial)
    kept = [
        place
        for place, leaf in enumerate(whole.inner)
        if has_entities and leaf not in full
        if fills or all(key.member in there for key in leaf.keys) or not whole.has_entities_for(leaf)
    ]
    values: dict[int, Scalar] = {
        place: Constant(0 if leaf.is_zero_of_nothing else None, leaf.type)
        for place, leaf in enumerate(whole.inner)
    }
    values |= {place: LeafValue(number, whole.inner[place].type) for number, place in enumerate(kept)}
    # Nobody is there to have a value, whatever it would rest on.
    value = with_values(whole.value, values) if has_entities else Constant(None, whole.value.type)
    asked = {*members_in(value), *(key.member for place in kept for key in _asked(whole.inner[place]))}
    # What drops some of the members alone is there for the groups that have the others.
    asked.update(key.member for place in kept for key in whole.inner[place].keys)
    if has_entities and not fills and whole.buckets is not None:
        # Buckets are those in the window of each group.
        asked.update((*whole.buckets.outer, *whole.buckets.members))
    is_crossed = not asked <= there or (len(partial) > 1 and not fills)
    found = tuple(key for key in whole.keys if key.member in there | asked)
    keys = () if is_crossed else found
    return replace(
        whole,
        inner=tuple(whole.inner[place] for place in kept),
        value=value,
        keys=keys,
        tested=tuple(key for key in whole.tested if key.member in there | asked),
        buckets=None if fills and is_open and not anyway else whole.buckets,
        is_gathered=False,
        # What a total has is there for whoever asks for fewer members, as entities around these do.
        makes_rows=bool(kept) and (anyway or not fills) and len(keys) < len(whole.keys) and not is_crossed,
        asked=found if is_crossed else (),
    )


def _over_nothing(pusher: Pusher, value: Bound, empty: EntityLeaf, context: Context) -> Scalar:
    """Return the value of groups that have no rows."""
    return arithmetic(value, lambda part: _leaf(pusher, part, empty, context))


def _only(leaf: AnyLeaf, whole: EntityLeaf) -> AnyLeaf:
    """Return a leaf that has the rows of one inner leaf alone, in its own groups."""
    if not any(key.member in leaf.members for key in whole.added):
        return leaf
    own = set(leaf.members)
    buckets, told = None, set[Member]()
    if whole.buckets is not None and any(key.member in own for key in whole.buckets.grains):
        # What it has in a bucket is in each window that holds this.
        buckets = replace(whole.buckets, fills=False)
        told = {*buckets.outer, *buckets.members}
        own.update(key.member for key in buckets.grains)
    keys = tuple(key for key in whole.keys if key.member in own | told)
    return replace(
        _present(whole),
        inner=(leaf,),
        keys=keys,
        added=tuple(key for key in whole.added if key.member in own),
        tested=tuple(key for key in whole.tested if key.member in leaf.members),
        buckets=buckets,
        lost=tuple(key.member for key in keys if key.member not in leaf.kept),
    )


def _asked(leaf: AnyLeaf) -> tuple[Key, ...]:
    return leaf.asked if isinstance(leaf, EntityLeaf) else ()


def _keys(pusher: Pusher, members: tuple[Member, ...], expr: PerEntity) -> tuple[Key, ...]:
    return tuple(Key(member, _value(pusher, member, expr)) for member in members)


def _value(pusher: Pusher, member: Member, expr: PerEntity) -> KeyValue:
    if isinstance(member, Grain):
        return KeyValue(member, pusher.placing.windows.type_of(member))
    return KeyValue(member, pusher.project.types.of(member, expr.span, pusher.sink))
