"""Time zones, from the package that is installed with kpidsl rather than from the machine.

Machines differ in how old their zones are; with the package the same project gives the same days
everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from kpidsl.diagnostics import did_you_mean

_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*")
_STEP = 3 * 86_400
"""No zone changes twice within six days: steps of three miss no change."""
_UTC = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal"})
_OFFSET = re.compile(r"(?:GMT|UTC|CET|CEST)? ?[+-] ?[0-9].*")


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """Return a zone by its name such as `Europe/Paris`, or None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    path = files("tzdata") / "zoneinfo"
    for part in name.split("/"):
        path = path / part
    if not path.is_file():
        return None
    with path.open("rb") as data:
        try:
            return ZoneInfo.from_file(data, key=name)
        except ValueError:
            # The package's folder holds lists beside the zones.
            return None


def zone_help(name: str) -> str | None:
    """Return what to write in place of a zone that does not exist."""
    if _OFFSET.fullmatch(name):
        # Nothing of the kind may be proposed: `Etc/GMT+1` is an hour behind, not ahead.
        return "write the zone of a place, which knows its summer time: `Europe/Paris`"
    return did_you_mean(name, zone_names())


def zone_names() -> tuple[str, ...]:
    """Return the names of all zones."""
    return tuple((files("tzdata") / "zones").read_text(encoding="utf-8").split())


def is_utc(name: str) -> bool:
    return name in _UTC


def known(name: str) -> ZoneInfo:
    """Return a zone that the checker has accepted."""
    found = zone(name)
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A zone's change of offset: from `at` (in UTC) on, local time is `after` seconds ahead of UTC."""

    at: datetime
    before: int
    after: int

    @property
    def jump(self) -> tuple[datetime, datetime]:
        """The local times from which and until which clocks skip what is between, or show it twice."""
        at = self.at.replace(tzinfo=None)
        start, end = sorted((self.before, self.after))
        return at + timedelta(seconds=start), at + timedelta(seconds=end)


def midnight(day: date, name: str) -> datetime:
    """Return the instant, naive in UTC, at which a local day begins in a zone."""
    return datetime.combine(day, time(), known(name)).astimezone(UTC).replace(tzinfo=None)


def last_midnight(day: date, name: str) -> datetime:
    """Return the instant, naive in UTC, from which on clocks show a day and not the day before.

    It is the second midnight where they fall back over it: those of St. John's did until 2010, at 00:01.
    """
    first = midnight(day, name)
    local = datetime.combine(day, time())
    for change in () if is_utc(name) else changes(name, max(first.year - 1, 1), min(first.year + 1, 9999)):
        at = change.at.replace(tzinfo=None)
        if at > first and at + timedelta(seconds=change.after) < local <= at + timedelta(
            seconds=change.before
        ):
            return local - timedelta(seconds=change.after)
    return first


def falls_back_over(day: date, name: str) -> bool:
    """Tell whether clocks that have shown a day's midnight show the day before once more."""
    return last_midnight(day, name) != midnight(day, name)


def exists_once(local: date, name: str) -> bool:
    """Tell whether a local time, or the midnight of a day, is one instant of a zone: not two, not none."""
    moment = local if isinstance(local, datetime) else datetime.combine(local, time())
    if is_utc(name):
        return True
    for change in changes(name, max(moment.year - 1, 1), min(moment.year + 1, 9999)):
        start, end = change.jump
        if start <= moment < end:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Midnights:
    """Days whose midnight is not one instant.

    `skipped`: clocks jump over it; `twice`: they show it twice; `left`: of these, between the two they show
    the day before once more.
    """

    skipped: frozenset[date]
    twice: frozenset[date]
    left: frozenset[date]

    def among(self, days: Iterable[date]) -> Midnights:
        """Return what there is of it among days."""
        asked = frozenset(days)
        return Midnights(self.skipped & asked, self.twice & asked, self.left & asked)


@lru_cache(maxsize=64)
def odd_midnights(name: str, first_year: int, last_year: int) -> Midnights:
    """Return the days from year to year whose midnight is not one instant of a zone."""
    skipped: set[date] = set()
    twice: set[date] = set()
    left: set[date] = set()
    for change in () if is_utc(name) else changes(name, first_year, last_year):
        start, end = change.jump
        midnight = datetime.combine(start.date(), time())
        while midnight < end:
            if midnight >= start:
                (skipped if change.after > change.before else twice).add(midnight.date())
            if midnight > start and change.after < change.before:
                left.add(midnight.date())
            midnight += timedelta(days=1)
    return Midnights(frozenset(skipped), frozenset(twice), frozenset(left))


def is_near_change(moment: datetime, name: str) -> bool:
    """Tell whether an instant is no further from a change of clocks than these jump."""
    around = changes(name, max(moment.year - 1, 1), min(moment.year + 1, 9999))
    return any(
        abs((moment - change.at).total_seconds()) <= abs(change.after - change.before) for change in around
    )


def in_zone(local: datetime, name: str, to: str) -> datetime:
    """Return a local time of one zone as that of another; the calendar's own ends stay."""
    try:
        return local.replace(tzinfo=known(name)).astimezone(known(to)).replace(tzinfo=None)
    except OverflowError:
        return local


def offset_at(name: str, moment: datetime) -> int:
    """Return by how many seconds local time is ahead of UTC at an instant."""
    return _offset(known(name), int(moment.timestamp()))


@lru_cache(maxsize=64)
def changes(name: str, first_year: int, last_year: int) -> tuple[Change, ...]:
    """Return the changes of a zone's offset in the years from first to last, of UTC."""
    start = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp()) if last_year < 9999 else 253_402_300_799
    place = known(name)
    found = []
    seconds, before = start - 1, _offset(place, start - 1)
    while seconds < end - 1:
        following = min(seconds + _STEP, end - 1)
        after = _offset(place, following)
        if after != before:
            at = _first_other(place, before, seconds, following)
            found.append(Change(datetime.fromtimestamp(at, UTC), before, after))
        seconds, before = following, after
    return tuple(found)


def cut_short(name: str, seconds: int, first: datetime, last: datetime) -> tuple[tuple[datetime, int], ...]:
    """Return the buckets of so many seconds that last less: when each begins, and how long it is.

    A change of the clocks from the first instant to the last that is at no full bucket's beginning ends
    the bucket before it early; the one that begins there with no full bucket's local time is short too.
    """
    found = []
    for change in () if is_utc(name) else changes(name, first.year, last.year):
        if not first <= change.at <= last:
            continue
        at = int(change.at.timestamp())
        before, after = (at + change.before) % seconds, -(at + change.after) % seconds
        if before:
            found.append((change.at - timedelta(seconds=before), before))
        if after:
            found.append((change.at, after))
    return tuple(found)


def _offset(place: ZoneInfo, seconds: int) -> int:
    try:
        moment = datetime.fromtimestamp(seconds, place)
    except (OverflowError, ValueError):
        # The calendar's own ends.
        moment = datetime(1 if seconds < 0 else 9999, 6, 1, tzinfo=UTC).astimezone(place)
    found = moment.utcoffset()
    assert found is not None
    return found // timedelta(seconds=1)


def _first_other(place: ZoneInfo, was: int, low: int, high: int) -> int:
    """Return the first second in (low, high] with another offset; `low` has `was` and `high` has not."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(place, middle) == was else (low, middle)
    return high
