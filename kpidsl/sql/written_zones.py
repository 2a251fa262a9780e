"""Zones written out: for an engine without time zones, what to add to a column's times, and when.

Times of a column are naive in the zone that the column is held in. For stretches of such times the
distance to UTC and to the project's local time is constant: these are the pieces. A local time that
exists twice takes the earlier instant, one that does not exist shifts forward: both are what the
offset before the change gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import gcd

from kpidsl.model.zones import Change, changes, is_utc, known, offset_at

_MARGIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Piece:
    """Times in [since, until), and what to add to them for UTC and for the project's local time.

    `begins` is the instant, naive in UTC, at which the project's zone took the offset that holds here.
    """

    since: datetime
    until: datetime
    to_utc: int
    to_local: int
    begins: datetime | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    since: datetime
    until: datetime
    offset: int
    begins: datetime | None


def reach(zone: str, project_zone: str, start: date, end: date) -> tuple[datetime, datetime]:
    """Return a range of a zone's times that surely holds the project's local days [start, end).

    There are no such days where a period begins after the instant; the range has the first one then.
    """

    def moved(day: date) -> datetime:
        midnight = datetime.combine(day, time(), known(project_zone))
        return midnight.astimezone(known(zone)).replace(tzinfo=None)

    return moved(start) - _MARGIN, moved(max(start, end)) + _MARGIN


def seconds_between_buckets(zone: str, seconds: int, first: datetime, last: datetime) -> int:
    """Return a step that reaches the first instant of every bucket of so many seconds, from any of them.

    It is the bucket's own length, unless clocks jump within an hour between the instants in UTC.
    """
    step = seconds
    for change in () if is_utc(zone) else changes(zone, first.year, last.year):
        if first <= change.at.replace(tzinfo=None) <= last:
            at = int(change.at.timestamp())
            step = gcd(step, at + change.before, at + change.after)
    return step


def pieces(held_in: str, zone: str, first: datetime, last: datetime) -> tuple[Piece, ...]:
    """Return the pieces of [first, last), times of the zone `held_in`; neighbours differ."""
    found: list[Piece] = []
    targets = _stretches(zone, first - _MARGIN, last + _MARGIN, by_instant=True)
    for own in _stretches(held_in, first, last, by_instant=False):
        ahead = timedelta(seconds=own.offset)
        for target in targets:
            since = max(own.since, target.since + ahead)
            until = min(own.until, target.until + ahead)
            if since < until:
                found.append(Piece(since, until, -own.offset, target.offset - own.offset, target.begins))
    return tuple(found)


def same_local(found: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return fewer pieces that give the same local times, and no way back to UTC."""
    return tuple(_merged([replace(piece, to_utc=piece.to_local, begins=None) for piece in found]))


def same_buckets(found: tuple[Piece, ...], seconds: int) -> tuple[Piece, ...]:
    """Return fewer pieces that give the same buckets of so many seconds.

    `begins` stays where a bucket may begin at the change. Where every offset is a whole number of
    buckets they can be cut in UTC, and local time is not needed.
    """
    kept = [replace(piece, begins=_off_grid(piece, seconds)) for piece in found]
    if all((p.to_local - p.to_utc) % seconds == 0 and p.begins is None for p in kept):
        kept = [replace(piece, to_local=piece.to_utc) for piece in kept]
    return tuple(_merged(kept))


def are_cut_in_utc(found: tuple[Piece, ...]) -> bool:
    return all(piece.to_local == piece.to_utc and piece.begins is None for piece in found)


def _off_grid(piece: Piece, seconds: int) -> datetime | None:
    """Return the instant at which a piece begins, where no bucket would begin without the change."""
    begins = piece.begins
    if begins is None:
        return None
    local = begins + timedelta(seconds=piece.to_local - piece.to_utc)
    return begins if (local.minute * 60 + local.second) % seconds else None


def _merged(found: list[Piece]) -> Iterator[Piece]:
    last: Piece | None = None
    for piece in found:
        if last is not None and replace(piece, since=last.since, until=last.until) == last:
            last = replace(last, until=piece.until)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _stretches(zone: str, first: datetime, last: datetime, *, by_instant: bool) -> tuple[_Stretch, ...]:
    """Return the stretches of constant offset in [first, last): of instants in UTC, or of local times."""
    years = max(first.year - 1, 1), min(last.year + 1, 9999)
    found = () if is_utc(zone) else changes(zone, *years)
    offset = offset_at(zone, datetime(years[0], 1, 1, tzinfo=UTC)) if not found else found[0].before
    edges: list[tuple[datetime, int, datetime | None]] = [(datetime.min, offset, None)]
    for change in found:
        at = change.at.replace(tzinfo=None)
        edges.append((at if by_instant else at + _delay(change), change.after, at))
    edges.append((datetime.max, 0, None))
    return tuple(
        _Stretch(max(since, first), min(until, last), offset, begins)
        for (since, offset, begins), (until, _, _) in pairwise(edges)
        if max(since, first) < min(until, last)
    )


def _delay(change: Change) -> timedelta:
    return timedelta(seconds=max(change.before, change.after))
