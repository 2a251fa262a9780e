"""Columns that tell about a row's window: whether it is cut, whether its rows may still change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kpidsl.contexts.bounds import Bounds, is_day, local_day
from kpidsl.contexts.days_apart import buckets_around, has_days, own_among
from kpidsl.contexts.inside import LeafWindow
from kpidsl.contexts.leaves import Operation, OutputColumn, Scalar
from kpidsl.contexts.windows import Windows
from kpidsl.model.types import BOOLEAN, DATE
from kpidsl.model.zones import exists_once
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.periods import Window

PARTIAL_COLUMN = "_partial"
PROVISIONAL_COLUMN = "_provisional"


def as_scalar(bound: Bound) -> Scalar:
    """Return an expression over keys and constants as one that stands beside leaves."""
    match bound:
        case Constant() | KeyValue():
            return bound
        case Apply(op=op, args=args, type=type):
            return Operation(op, tuple(map(as_scalar, args)), type)
        case _:
            raise AssertionError(f"{bound} beside leaves")


def partial(windows: Windows, grains: tuple[Grain, ...], period: Window) -> Scalar | None:
    """Return when a row's bucket is cut by the period or by `as_of`; None where nothing can cut one."""
    if not grains:
        return None
    cuts = list(_cuts(windows, grains, period))
    return _any(cuts)


def unfinished(windows: Windows, grains: tuple[Grain, ...], period: Window) -> Scalar | None:
    """Return when a row's bucket is cut by `as_of`; None where none is."""
    return _any(list(_cuts_now(windows, grains, period)))


def _cuts(windows: Windows, grains: tuple[Grain, ...], period: Window) -> Iterable[Bound]:
    start, end = (None if bound is None else Constant(bound, DATE) for bound in (period.start, period.end))
    if start is not None and windows.cuts(start, grains):
        yield _begins_before(windows, grains, start, period)
    by_now = list(_cuts_now(windows, grains, period))
    yield from by_now
    if not by_now and end is not None and windows.cuts(end, grains):
        yield _ends_after(windows, grains, end, windows.of_period(period))


def _cuts_now(windows: Windows, grains: tuple[Grain, ...], period: Window) -> Iterable[Bound]:
    as_of = windows.as_of
    end = None if period.end is None else Constant(period.end, DATE)
    if as_of is None or (end is not None and windows.least([end, as_of]) == end):
        return
    # Of buckets that are cut short only the one that `as_of` is in tells more than a whole one.
    yield _ends_after(windows, grains, _limit(windows, grains, as_of), Bounds(as_of, as_of))


def _begins_before(windows: Windows, grains: tuple[Grain, ...], limit: Constant, period: Window) -> Bound:
    """Return whether a row's bucket begins before a day."""
    own, usual = own_among(windows, grains)
    if len(own) > 1 and not usual:
        return has_days(windows, own, None, limit)
    start = windows.of_buckets(usual or grains, windows.of_period(period)).start
    assert start is not None
    begins = Apply("<", (start, limit), BOOLEAN)
    if not own or not usual:
        return begins
    return conjunction((begins, has_days(windows, own, buckets_around(windows, usual, limit).start, limit)))


def _ends_after(windows: Windows, grains: tuple[Grain, ...], limit: Bound, period: Bounds) -> Bound:
    """Return whether a row's bucket ends after a day or an instant."""
    own, usual = own_among(windows, grains)
    if len(own) > 1 and not usual:
        return has_days(windows, own, limit, None)
    end = windows.of_buckets(usual or grains, period).end
    assert end is not None
    ends = Apply(">", (end, limit), BOOLEAN)
    if not own or not usual:
        return ends
    assert isinstance(limit, Constant)
    return conjunction((ends, has_days(windows, own, limit, buckets_around(windows, usual, limit).end)))


def _limit(windows: Windows, grains: tuple[Grain, ...], as_of: Constant) -> Bound:
    """Return what the ends of buckets are compared with: a day, or `as_of`.

    Where clocks jump over a midnight they show a later time when the hour before it ends.
    """
    today = local_day(as_of, windows.project)
    if not any(windows.rule(grain).is_instant for grain in grains):
        return Constant(today, DATE)
    if is_day(as_of) and not exists_once(today, windows.project.timezone):
        return windows.as_instant(as_of)
    return as_of


def unsettled(windows: Windows, window: LeafWindow, limit: Constant) -> Scalar:
    """Return when a window reaches past an instant until which rows have settled."""
    whole = _reaches_past(windows, window.bounds, limit)
    if window.is_cut is None or window.cut is None:
        return whole
    cut = _reaches_past(windows, window.cut, limit)
    if cut == whole:
        return whole
    assert isinstance(window.is_cut, Apply)
    is_whole = replace(window.is_cut, op="<=")
    return any_of([_both(as_scalar(is_whole), whole), _both(as_scalar(window.is_cut), cut)])


def _reaches_past(windows: Windows, bounds: Bounds, limit: Constant) -> Scalar:
    if bounds.end is None:
        return Constant(True, BOOLEAN)
    if isinstance(bounds.end, Constant):
        return Constant(windows.least([bounds.end, limit]) != bounds.end, BOOLEAN)
    return as_scalar(Apply(">", (bounds.end, limit), BOOLEAN))


def _both(one: Scalar, other: Scalar) -> Scalar:
    if isinstance(other, Constant):
        return one if other.value is True else other
    return Operation("and", (one, other), BOOLEAN)


def any_of(conditions: Iterable[Scalar]) -> Scalar:
    """Return whether one of some conditions holds."""
    found = tuple(dict.fromkeys(conditions))
    if any(condition == Constant(True, BOOLEAN) for condition in found):
        return Constant(True, BOOLEAN)
    found = tuple(condition for condition in found if condition != Constant(False, BOOLEAN))
    if not found:
        return Constant(False, BOOLEAN)
    return found[0] if len(found) == 1 else Operation("or", found, BOOLEAN)


def _any(cuts: list[Bound]) -> Scalar | None:
    return any_of(map(as_scalar, cuts)) if cuts else None


def column(name: str, value: Scalar) -> OutputColumn:
    return OutputColumn(name, value, BOOLEAN, None)
