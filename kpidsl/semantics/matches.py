"""What a join asks of a row and its partner beyond equal columns: computed keys and validity intervals.

    price: {to: price_list, using: sku, between: [valid_from, valid_to], at: ordered_at}

The interval is [from, to): an end that is null is open, a beginning that is null never begins.
`closed: true` takes the end in; where the end is a date and the own time has hours, its whole day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Column, Dataset, Join, Project
from kpidsl.model.types import BOOLEAN, DATE, TEXT, UNKNOWN, Kind
from kpidsl.semantics import errors, join_errors
from kpidsl.semantics.bound import Apply, Bound, Constant, RowColumn
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.functions import common
from kpidsl.semantics.joined_keys import check_units
from kpidsl.semantics.midnights import as_instants
from kpidsl.semantics.nearest import Pick, pick_of
from kpidsl.semantics.paths import Path
from kpidsl.semantics.rows import RowBinder, RowNames
from kpidsl.semantics.walks import joins_of, sequences_of
from kpidsl.source import Span

JoinId = tuple[str, str]
"""A dataset and a join of it."""


@dataclass(frozen=True, slots=True)
class Match:
    """What must hold between a row and its partner beside equal columns of the two tables.

    In `condition` own values stand under the empty path, the target's columns under the join's own;
    `own` are the own values alone, which must be known before the partner is looked for. With a `pick`
    several rows may match, and it says which of them is the partner; it has no other condition then.
    """

    condition: Bound | None
    own: tuple[Bound, ...]
    pick: Pick | None = None

    def needed(self) -> tuple[Path, ...]:
        """Return the join paths that the own values walk."""
        return tuple(dict.fromkeys(path for value in self.own for path in joins_of(value)))


def match_of(rows: RowNames, dataset: Dataset, join: Join, sink: Sink) -> Match | None:
    """Return a join's match; None where there is none, or after reporting what is wrong with it."""
    target = rows.project.datasets.get(join.target)
    if target is None:
        return None
    if join.nearest is not None:
        pick = pick_of(rows, dataset, join, target, sink)
        return None if pick is None else Match(None, pick.own, pick)
    parts: list[Apply] = []
    own: list[Bound] = []
    for theirs, mine in computed_keys(dataset, join):
        if theirs in target.columns:
            own.append(rows.column(dataset.name, dataset.columns[mine]))
            parts.append(Apply("=", (own[-1], _there(join, target.columns[theirs])), BOOLEAN))
    interval = _interval(rows, dataset, join, target, sink)
    if interval is not None:
        own.append(interval[0])
        parts.extend(interval[1])
    if not parts:
        return None
    return Match(conjunction(parts), tuple(own))


def values_of(match: Match, own: str, target: str) -> tuple[tuple[str, Bound], ...]:
    """Return what a match reads beyond plain keys, each value with the dataset on whose row it stands.

    What compares the two rows stands on the own one.
    """
    found = [] if match.condition is None else [(own, match.condition)]
    if match.pick is not None:
        found.extend((own, value) for value in match.pick.own)
        found.extend((target, value) for value in match.pick.there)
        if match.pick.within is not None:
            found.append((own, match.pick.within))
    return tuple(found)


def computed_keys(dataset: Dataset, join: Join) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a join's columns whose own side is computed."""
    return tuple(
        (theirs, own)
        for theirs, own in join.keys
        if own in dataset.columns and dataset.columns[own].expr is not None
    )


def key_used(join: Join) -> list[str]:
    """Return the columns of the target's key that a join fixes: those it uses, and the interval's start."""
    used = [theirs for theirs, _ in join.keys]
    return used if join.interval is None else [*used, join.interval.start]


def _interval(
    rows: RowNames, dataset: Dataset, join: Join, target: Dataset, sink: Sink
) -> tuple[Bound, list[Apply]] | None:
    """Return the own moment and what must hold between it and the interval."""
    interval = join.interval
    if interval is None:
        return None
    begins = _end(target, join, interval.start, interval.start_span, sink)
    ends = _end(target, join, interval.end, interval.end_span, sink)
    at = RowBinder(rows, dataset.name, sink).name(interval.at)
    if begins is None or ends is None or at.type is UNKNOWN:
        return None
    for column, span in ((begins, interval.start_span), (ends, interval.end_span)):
        if common((at.type, column.type)) is None or at.type.kind is Kind.BOOLEAN:
            sink.report(join_errors.interval_types(span, column.name, column.type, interval.at, at.type))
            return None
        if not check_units("between", (at.unit, rows.units.column(target.name, column)), span, sink):
            return None
    project = rows.project
    begun = Apply(">=", as_instants(">=", (at, _there(join, begins)), project), BOOLEAN)
    end = _there(join, ends)
    whole_day = interval.closed and ends.type.kind is Kind.DATE and at.type.kind is Kind.TIMESTAMP
    moment = Apply("bucket", (Constant("day", TEXT), at), DATE) if whole_day else at
    until = "<=" if interval.closed else "<"
    before = Apply(until, as_instants(until, (moment, end), project), BOOLEAN)
    return at, [begun, Apply("or", (Apply("is_null", (end,), BOOLEAN), before), BOOLEAN)]


def _end(target: Dataset, join: Join, name: str, span: Span, sink: Sink) -> Column | None:
    column = target.columns.get(name)
    if column is None:
        sink.report(errors.unknown(span, f"column of `{target.name}` called", name, target.columns))
        return None
    if column.is_derived:
        sink.report(join_errors.computed_end(span, join.name, name))
        return None
    return column


def _there(join: Join, column: Column) -> RowColumn:
    return RowColumn((join.name,), join.target, column.name, column.type)


def check_circles(
    project: Project,
    matches: Mapping[JoinId, Match],
    conditions: Mapping[str, Bound | None],
    sink: Sink,
) -> None:
    """Report joins that can only be found by way of themselves; `conditions` are those of datasets."""
    needs: dict[JoinId, tuple[JoinId, ...]] = {}
    for name, dataset in project.datasets.items():
        for join in dataset.joins.values():
            match = matches.get((name, join.name))
            found = tuple(_needed(project, name, join.target, match, conditions.get(join.target)))
            if found:
                needs[name, join.name] = found
    done: set[JoinId] = set()
    for root in needs:
        trail: list[JoinId] = []
        pending: list[tuple[JoinId, int]] = [(root, 0)]
        met: set[JoinId] = set()
        while pending:
            step, depth = pending.pop()
            del trail[depth:]
            if step in trail:
                circle = trail[trail.index(step) :]
                spans = [project.datasets[dataset].joins[name].span for dataset, name in circle]
                sink.report(errors.cycle([f"{dataset}.{name}" for dataset, name in circle], spans))
                done.update(circle)
            elif step not in done:
                trail.append(step)
                met.add(step)
                pending.extend((needed, depth + 1) for needed in needs.get(step, ()))
        done.update(met)


def _ways(home: str, value: Bound) -> Iterable[tuple[str, Path]]:
    """Yield the paths that a value walks, each with the dataset that it begins at."""
    yield from ((home, path) for path in joins_of(value))
    for sequence in sequences_of(value):
        for step in sequence.steps:
            for part in step.parts:
                yield from _ways(step.dataset, part)


def _needed(
    project: Project, own: str, target: str, match: Match | None, condition: Bound | None
) -> Iterable[JoinId]:
    """Yield the joins that must be known before a join: of its own row, and of the rows that it looks at."""
    read = [(own, value) for value in (() if match is None else match.own)]
    read.extend((target, value) for value in (condition,) if value is not None)
    if match is not None and match.pick is not None:
        read.extend((target, value) for value in match.pick.there)
    for here, path in (way for home, value in read for way in _ways(home, value)):
        for step in path:
            yield here, step
            here = project.datasets[here].joins[step].target


def is_reversed(dataset: Dataset, target: Dataset, join: Join) -> bool:
    """Tell whether a join's columns only exist with the two sides exchanged."""
    as_written = all(theirs in target.columns and own in dataset.columns for theirs, own in join.keys)
    exchanged = all(own in target.columns and theirs in dataset.columns for theirs, own in join.keys)
    return exchanged and not as_written
