"""Buckets of a calendar's own grain, whose days may lie apart: which days a row's buckets have in common."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

from kpidsl.contexts.bounds import Bounds, operands
from kpidsl.contexts.windows import Windows
from kpidsl.model.types import BOOLEAN, DATE, TEXT
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue
from kpidsl.semantics.conditions import conjunction, disjunction, is_present
from kpidsl.semantics.periods import Window


def own_among(windows: Windows, grains: tuple[Grain, ...]) -> tuple[tuple[Grain, ...], tuple[Grain, ...]]:
    """Return the grains of calendars of one's own, whose days may lie apart in what is left, and that.

    None, and all, where buckets are of a day or less.
    """
    # A grain that `per` adds once more has the same buckets.
    of_calendars = {grain.name: grain for grain in grains if windows.rule(grain).calendar is not None}
    own = tuple(of_calendars.values())
    usual = tuple(grain for grain in grains if grain.name not in of_calendars)
    short = any(windows.rule(grain).is_instant or grain.name == "day" for grain in usual)
    return ((), grains) if short else (own, usual)


def buckets_around(windows: Windows, grains: tuple[Grain, ...], limit: Constant) -> Bounds:
    """Return what the buckets of usual grains that a day is in have in common."""
    rules = [windows.rule(grain) for grain in grains]
    starts = [windows.bucket_of(rule, limit) for rule in rules]
    ends = [windows.end_of_days(rule, start) for rule, start in zip(rules, starts, strict=True)]
    return Bounds(windows.greatest(starts), windows.least(ends))


def has_days(windows: Windows, grains: tuple[Grain, ...], first: Bound | None, end: Bound | None) -> Bound:
    """Return whether a row's buckets of calendars have common days in [first, end), which are known."""
    keys = (part for grain in grains for part in (Constant(grain.name, TEXT), _key(windows, grain)))
    ends = (Constant(None, DATE) if bound is None else bound for bound in (first, end))
    return is_present(Apply("last_day_within", (*keys, *ends), DATE))


def _key(windows: Windows, grain: Grain) -> KeyValue:
    return KeyValue(grain, windows.type_of(grain))


def _begins_by_now(windows: Windows, start: Bound, grains: tuple[Grain, ...], period: Window) -> Bound:
    """Return the condition that a row's bucket begins before `as_of`; the null bucket does too."""
    assert windows.as_of is not None
    is_usual = all(windows.rule(grain).calendar is None for grain in grains)
    if period.is_bounded and is_usual:
        return Apply("<", (start, windows.as_of), BOOLEAN)
    # A day that a calendar leaves out has no bucket of it, and one of each other grain.
    starts = (start,) if is_usual else tuple(_operands(start))
    if any(isinstance(one, Constant) and windows.least([one, windows.as_of]) != one for one in starts):
        return Constant(False, BOOLEAN)
    later = [Apply(">=", (one, windows.as_of), BOOLEAN) for one in starts if not isinstance(one, Constant)]
    return conjunction([Apply("not", (one,), BOOLEAN) for one in later])


def _operands(start: Bound) -> Iterator[Bound]:
    """Yield the bounds of which one is the latest, those inside others too."""
    for one in operands(start, "greatest"):
        if one == start:
            yield one
        else:
            yield from _operands(one)


def begun_by_now(
    windows: Windows, start: Bound, grains: tuple[Grain, ...], period: Window
) -> tuple[tuple[Bound, ...], tuple[Bound, ...]]:
    """Return the conditions that a row's bucket, which begins at `start`, has begun by `as_of`.

    First those on its beginning, then those on its days, over the buckets' `KeyValue`s.
    """
    days = _has_begun_days(windows, grains, period)
    return (_begins_by_now(windows, start, grains, period),), () if days is None else (days,)


def _has_begun_days(windows: Windows, grains: tuple[Grain, ...], period: Window) -> Bound | None:
    """Return whether a row's buckets have a common day in the period that begins before `as_of`.

    None where those that begin by then must have.
    """
    own, usual = own_among(windows, grains)
    last = windows.last_by_now(grains)
    since = None if period.start is None else Constant(period.start, DATE)
    if not own or last is None or not (usual or since or len(own) > 1):
        return None
    around = buckets_around(windows, usual, last) if usual else Bounds(since, None)
    first = windows.greatest(known) if (known := [b for b in (around.start, since) if b]) else None
    found = list(_have_begun(windows, own, first, windows.add_days(last, 1)))
    if (start := windows.of_buckets(usual).start if usual else None) is not None:
        # A row of buckets that are over lies in one of their days.
        assert around.start is not None
        found.append(Apply("<", (start, around.start), BOOLEAN))
    return disjunction(found)


def _have_begun(windows: Windows, own: tuple[Grain, ...], first: Bound | None, end: Bound) -> Iterator[Bound]:
    """Yield the conditions of which one holds where a row's buckets of calendars have days in [first, end).

    A day that a calendar leaves out has no bucket of it, and lies among those of the others.
    """
    for left_out in chain.from_iterable(combinations(own, many) for many in range(len(own) + 1)):
        rest = tuple(grain for grain in own if grain not in left_out)
        without = [Apply("is_null", (_key(windows, grain),), BOOLEAN) for grain in left_out]
        yield conjunction([*without, *([has_days(windows, rest, first, end)] if rest else [])])
