"""Pushing contexts down to the leaves: a checked query to the leaves of all its levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kpidsl.contexts.bounds import is_day
from kpidsl.contexts.contexts import Context
from kpidsl.contexts.leaves import DAY, DETAIL, MOMENT, OTHERS, Key, OutputColumn, has_rows
from kpidsl.contexts.levels import Partners, level_name, lined_up, total_levels
from kpidsl.contexts.pushed import Leaves, Level, OpenRange, Ranking
from kpidsl.contexts.pushing import Pusher
from kpidsl.diagnostics import Sink
from kpidsl.semantics import query_errors
from kpidsl.semantics.queries import CheckedQuery
from kpidsl.semantics.times import of_time
from kpidsl.semantics.totals import Top, ranked
from kpidsl.semantics.walks import conjuncts


def push(query: CheckedQuery, sink: Sink) -> Leaves | None:
    """Return the query's leaves, or None after reporting a context that some dataset cannot have."""
    before = sink.errors
    pusher = Pusher(query, sink)
    filter = () if query.where is None else conjuncts(query.where)
    members = tuple(grouped.member for grouped in query.by)
    context = Context(members, filter, query.period, query.period_span)
    columns = pusher.columns(context)
    if sink.errors > before:
        return None
    detail_range = pusher.ranges.of_detail(pusher.leaves, context)
    set_ranges = pusher.ranges.of_sets(pusher.leaves)
    if sink.errors > before:
        return None
    _warn_of_no_rows(query, pusher, context)
    levels = tuple(_levels(query, pusher, context, columns, detail_range))
    ranking = None if query.top is None else _ranking(query.top, pusher, context, columns, detail_range)
    if sink.errors > before:
        return None
    return Leaves(
        leaves=tuple(pusher.leaves),
        by=query.by,
        columns=columns,
        levels=levels,
        shows_levels=query.shows_levels,
        ranking=ranking,
        grains=_grains(query, context),
        fill=query.fill,
        calendar=query.calendar,
        as_of=None if query.as_of is None or is_day(query.as_of) else query.as_of,
        fill_range=pusher.ranges.of_all([level.range for level in levels], context),
        set_ranges=set_ranges,
        unfinished=pusher.of_levels.unfinished(context),
        flags=()
        if query.judgement is not None
        else pusher.of_levels.flags(context, tuple(pusher.leaves)[: len(levels[0].leaves)]),
        window=query.period,
        having=query.having,
        order=query.order,
        limit=query.limit,
        null_label=query.null_label,
        named=query.named,
        judgement=query.judgement,
    )


def _warn_of_no_rows(query: CheckedQuery, pusher: Pusher, context: Context) -> None:
    """Warn where nothing that is asked keeps all members, so that there are no rows whatever the data."""
    are_made_otherwise = query.fill or query.totals is not None or query.judgement is not None or query.named
    if not context.group or are_made_otherwise:
        return
    making = [leaf for leaf in pusher.leaves if leaf.makes_rows and has_rows(leaf)]
    kept = [set(leaf.members) for leaf in making]
    if any(one.issuperset(context.group) for one in kept):
        return
    lost = [it for it in query.by if not any(it.member in one for one in kept)] or list(query.by)
    pusher.sink.report(query_errors.no_rows(lost[0].span, [it.member.text for it in lost]))


def _grains(query: CheckedQuery, context: Context) -> tuple[Key, ...]:
    """Return the query's grains as expressions on the calendar."""
    project = query.project.project
    grains = context.grains
    time = MOMENT if any(project.grains[grain.name].is_instant for grain in grains) else DAY
    return tuple(Key(grain, of_time(project, grain, time)) for grain in grains)


def _levels(
    query: CheckedQuery,
    pusher: Pusher,
    detail: Context,
    columns: tuple[OutputColumn, ...],
    detail_range: OpenRange,
) -> Iterator[Level]:
    """Yield the levels of the result: the columns once more, in the context of each."""
    count = len(pusher.leaves)
    same = Partners({place: place for place in range(count)}, {})
    yield _level(DETAIL, pusher, detail, same, detail_range)

    def in_stead(context: Context) -> Partners:
        before = pusher.sink.errors
        pushed = pusher.columns(context)
        return same if pusher.sink.errors > before else lined_up(columns, pushed)

    if query.top is not None and query.top.gathers:
        first = ranked(detail.group)
        rest = tuple(member for member in detail.group if member not in first)
        context = replace(detail, group=rest, gathered=first)
        yield _level(OTHERS, pusher, context, in_stead(context), detail_range, gathers=True)
    if query.totals is not None:
        for kept in total_levels(detail.group, query.totals):
            context = replace(detail, group=kept)
            level = _level(level_name(kept), pusher, context, in_stead(context), detail_range)
            made = tuple(pusher.leaves)
            own = pusher.ranges.of_level([made[index] for index in level.leaves], context, detail_range)
            yield replace(level, range=own)


def _level(
    name: str,
    pusher: Pusher,
    context: Context,
    partners: Partners,
    buckets: OpenRange,
    *,
    gathers: bool = False,
) -> Level:
    leaves = tuple(partners.leaves[place] for place in range(len(partners.leaves)))
    made = tuple(pusher.leaves)
    flags = tuple(flag.value for flag in pusher.of_levels.flags(context, [made[index] for index in leaves]))
    pusher.of_levels.unfinished(context)
    values = pusher.of_levels.here_of_all(partners.values)
    return Level(name, context.group, leaves, gathers, flags, values, buckets)


def _ranking(
    top: Top, pusher: Pusher, detail: Context, columns: tuple[OutputColumn, ...], detail_range: OpenRange
) -> Ranking:
    """Return the ranking: its KPI in the context of the ranked members alone."""
    members = ranked(detail.group)
    place = next(place for place, column in enumerate(columns) if column.name == top.column)
    before = pusher.sink.errors
    context = replace(detail, group=members)
    alone = pusher.column(place, context)
    found = Partners({}, {}) if pusher.sink.errors > before else lined_up([columns[place]], [alone])
    made = tuple(pusher.leaves)
    own = pusher.ranges.of_level([made[index] for index in found.leaves.values()], context, detail_range)
    return Ranking(
        members,
        columns[place].value,
        tuple(found.leaves.items()),
        top.descending,
        top.count,
        pusher.of_levels.here_of_all(found.values),
        own,
    )
