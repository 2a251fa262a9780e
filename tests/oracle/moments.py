"""Instants: a timestamp is a point in time, shown as the civil time of the project's zone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo


@lru_cache
def zone_of(name: str) -> ZoneInfo:
    """Return a zone of the tzdata package, whatever the machine has."""
    *folders, last = name.split("/")
    package = ".".join(("tzdata.zoneinfo", *folders))
    with resources.files(package).joinpath(last).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """An instant (naive, in UTC) and the zone in which it is read.

    `begins`: the day whose beginning it stands for, where that day has no instant of its own: clocks skip it.
    """

    instant: datetime
    zone: str = field(compare=False)
    begins: date | None = field(default=None, compare=False)

    @classmethod
    def of(cls, civil: datetime, zone: str, shown_in: str) -> Moment:
        """Read a civil time of `zone`.

        A time that exists twice is the earlier instant; one that does not exist shifts forward. Both
        are what `fold=0` gives.
        """
        aware = civil.replace(tzinfo=zone_of(zone), fold=0)
        return cls.at(aware, shown_in)

    @classmethod
    def at(cls, aware: datetime, shown_in: str) -> Moment:
        """Read a time that tells its offset."""
        return cls(aware.astimezone(UTC).replace(tzinfo=None), shown_in)

    @staticmethod
    def midnight(day: date, zone: str) -> Moment:
        return _midnight(day, zone)

    @property
    def aware(self) -> datetime:
        """The local time with its offset, which tells the hour that exists twice apart."""
        here = self.instant.replace(tzinfo=UTC).astimezone(zone_of(self.zone))
        offset = here.utcoffset()
        assert offset is not None
        return here.replace(tzinfo=timezone(offset), fold=0)

    @property
    def civil(self) -> datetime:
        """The local time that a clock on the wall shows."""
        return self.aware.replace(tzinfo=None, fold=0)

    @property
    def day(self) -> date:
        return self.civil.date() if self.begins is None else self.begins

    def later(self, elapsed: timedelta) -> Moment:
        return Moment(self.instant + elapsed, self.zone)


Time = date | Moment


@lru_cache(maxsize=20_000)
def _midnight(day: date, zone: str) -> Moment:
    found = Moment.of(datetime.combine(day, time()), zone, zone)
    return found if found.day == day else replace(found, begins=day)


def instant_of(value: Time, zone: str) -> Moment:
    """Return a time as an instant: a date is its first midnight."""
    return value if isinstance(value, Moment) else Moment.midnight(value, zone)


def is_midnight(moment: Moment) -> bool:
    """Tell whether a day begins at an instant."""
    return moment == Moment.midnight(moment.day, moment.zone)


def months_later(day: date, months: int) -> date:
    """Return the day so many months later, clipped to the end of its month."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    last = date((index + 1) // 12, (index + 1) % 12 + 1, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def day_of(value: Time) -> date:
    return value.day if isinstance(value, Moment) else value


def civil_of(value: Time) -> datetime:
    """Return the civil time of a date (its midnight) or of a timestamp."""
    return value.civil if isinstance(value, Moment) else datetime.combine(value, time())
