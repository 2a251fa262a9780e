"""Joins on a validity interval: the target's row that held when the own row happened.

    price: {to: price_list, using: sku, between: [valid_from, valid_to], at: ordered_at}

The interval is [from, to): an end that is null is open, a beginning that is null never begins.
`closed: true` takes the end in; where the end is a date and the own time has hours, its whole day.
"""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Column, Dataset, Interval, Join
from kpidsl.model.types import BOOLEAN, DATE, TEXT, UNKNOWN, Kind
from kpidsl.semantics import errors, join_errors
from kpidsl.semantics.bound import Apply, Bound, Constant, RowColumn, joins_of
from kpidsl.semantics.functions import common
from kpidsl.semantics.rows import RowBinder, RowNames
from kpidsl.source import Span


def interval_condition(rows: RowNames, dataset: Dataset, join: Join, sink: Sink) -> Bound | None:
    """Return what joins a row to the target's row that holds then, or None after reporting why not.

    Own columns stand under the empty path, the target's under the join's own.
    """
    interval, target = join.interval, rows.project.datasets.get(join.target)
    if interval is None or target is None:
        return None
    begins = _end(target, join, interval.start, interval.start_span, sink)
    ends = _end(target, join, interval.end, interval.end_span, sink)
    at = RowBinder(rows, dataset.name, sink).name(interval.at)
    if begins is None or ends is None or at.type is UNKNOWN:
        return None
    if not _walks_plain_joins(rows, dataset, join, at, sink):
        return None
    for column, span in ((begins, interval.start_span), (ends, interval.end_span)):
        if common((at.type, column.type)) is None or at.type.kind is Kind.BOOLEAN:
            sink.report(join_errors.interval_types(span, column.name, column.type, interval.at, at.type))
            return None
    return Apply("and", (_begun(at, join, begins), _not_over(at, join, ends, rows)), BOOLEAN)


def _end(target: Dataset, join: Join, name: str, span: Span, sink: Sink) -> Column | None:
    column = target.columns.get(name)
    if column is None:
        sink.report(errors.unknown(span, f"column of `{target.name}` called", name, target.columns))
        return None
    if column.is_derived:
        sink.report(join_errors.computed_end(span, join.name, name))
        return None
    return column


def _walks_plain_joins(rows: RowNames, dataset: Dataset, join: Join, at: Bound, sink: Sink) -> bool:
    """Tell whether `at` can be known before any interval is looked at."""
    for path in joins_of(at):
        here: Dataset | None = dataset
        for step in path:
            walked = here.joins[step] if here is not None else None
            if walked is None or walked.interval is not None:
                assert join.interval is not None
                sink.report(join_errors.interval_over_interval(join.interval.at.span, join.name, step))
                return False
            here = rows.project.datasets.get(walked.target)
    return True


def _there(join: Join, column: Column) -> RowColumn:
    return RowColumn((join.name,), join.target, column.name, column.type)


def _begun(at: Bound, join: Join, begins: Column) -> Bound:
    return Apply(">=", (at, _there(join, begins)), BOOLEAN)


def _not_over(at: Bound, join: Join, ends: Column, rows: RowNames) -> Bound:
    interval: Interval | None = join.interval
    assert interval is not None
    end = _there(join, ends)
    open_ended = Apply("is_null", (end,), BOOLEAN)
    if interval.closed and ends.type.kind is Kind.DATE and at.type.kind is Kind.TIMESTAMP:
        at = Apply("bucket", (Constant("day", TEXT), Constant(rows.project.week_start, TEXT), at), DATE)
    before = Apply("<=" if interval.closed else "<", (at, end), BOOLEAN)
    return Apply("or", (open_ended, before), BOOLEAN)


def key_used(join: Join) -> list[str]:
    """Return the columns of the target's key that a join fixes: those it uses, and the interval's start."""
    used = [theirs for theirs, _ in join.keys]
    return used if join.interval is None else [*used, join.interval.start]
