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
from kpidsl.semantics.functions import common
from kpidsl.semantics.paths import Path
from kpidsl.semantics.rows import RowBinder, RowNames
from kpidsl.semantics.walks import joins_of
from kpidsl.source import Span

JoinId = tuple[str, str]
"""A dataset and a join of it."""


@dataclass(frozen=True, slots=True)
class Match:
    """What must hold between a row and its partner beside equal columns of the two tables.

    In `condition` own values stand under the empty path, the target's columns under the join's own;
    `own` are the own values alone, which must be known before the partner is looked for.
    """

    condition: Bound
    own: tuple[Bound, ...]

    def needed(self) -> tuple[Path, ...]:
        """Return the join paths that the own values walk."""
        return tuple(dict.fromkeys(path for value in self.own for path in joins_of(value)))


def match_of(rows: RowNames, dataset: Dataset, join: Join, sink: Sink) -> Match | None:
    """Return a join's match; None where there is none, or after reporting what is wrong with it."""
    target = rows.project.datasets.get(join.target)
    if target is None:
        return None
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
    return Match(parts[0] if len(parts) == 1 else Apply("and", tuple(parts), BOOLEAN), tuple(own))


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
    begun = Apply(">=", (at, _there(join, begins)), BOOLEAN)
    end = _there(join, ends)
    whole_day = interval.closed and ends.type.kind is Kind.DATE and at.type.kind is Kind.TIMESTAMP
    moment = Apply("bucket", (Constant("day", TEXT), at), DATE) if whole_day else at
    before = Apply("<=" if interval.closed else "<", (moment, end), BOOLEAN)
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


def check_circles(project: Project, matches: Mapping[JoinId, Match], sink: Sink) -> None:
    """Report joins that can only be found by way of themselves."""
    needs = {join: tuple(_needed(project, join, match)) for join, match in matches.items()}
    done: set[JoinId] = set()
    for root in needs:
        trail: list[JoinId] = []
        pending: list[tuple[JoinId, int]] = [(root, 0)]
        while pending:
            join, depth = pending.pop()
            del trail[depth:]
            if join in trail:
                circle = trail[trail.index(join) :]
                spans = [project.datasets[dataset].joins[name].span for dataset, name in circle]
                sink.report(errors.cycle([f"{dataset}.{name}" for dataset, name in circle], spans))
                done.update(circle)
            elif join not in done:
                trail.append(join)
                pending.extend((needed, depth + 1) for needed in needs.get(join, ()))
        done.update(needs)


def _needed(project: Project, join: JoinId, match: Match) -> Iterable[JoinId]:
    """Yield the joins that must be known before this one."""
    for path in match.needed():
        here = join[0]
        for step in path:
            yield here, step
            here = project.datasets[here].joins[step].target
