"""Clock times of a day that come before an instant, also where clocks change: all of them, minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from kpidsl.contexts.compared import clocks_before
from kpidsl.model.zones import known


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Paris", date(2026, 3, 29)),
        ("Europe/Paris", date(2026, 10, 25)),
        ("Europe/Paris", date(2026, 5, 1)),
        ("America/Santiago", date(2026, 9, 6)),
        ("America/Santiago", date(2026, 4, 4)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("UTC", date(2026, 3, 29)),
    ],
)
def test_clocks_before_an_instant(zone: str, day: date) -> None:
    place = known(zone)
    clocks = [time(minute // 60, minute % 60) for minute in range(24 * 60)]
    instants = [datetime.combine(day, clock, place).astimezone(UTC) for clock in clocks]
    asked = datetime.combine(day, time(), place).astimezone(UTC)
    while asked.astimezone(place).date() == day:
        pieces = clocks_before(asked.astimezone(place), zone)
        for clock, instant in zip(clocks, instants, strict=True):
            before = any((a is None or a <= clock) and (b is None or clock < b) for a, b in pieces)
            assert before == (instant < asked), (asked, clock, pieces)
        asked += timedelta(minutes=15)
