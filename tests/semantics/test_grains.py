"""The table of grains against the calendar, the day and the clock themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidsl.model.grains import (
    GRAINS,
    WEEKDAYS,
    Cut,
    GrainRule,
    bucket_of_day,
    bucket_seconds,
)
from kpidsl.model.zones import cut_short
from tests.buckets import bucket_of_instant, buckets_between, next_bucket_of_day, next_bucket_of_instant

DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))
CUTS = st.builds(Cut, st.just("UTC"), st.sampled_from(WEEKDAYS), st.integers(1, 12))
OF_DAYS = st.sampled_from([rule for rule in GRAINS.values() if not rule.is_instant])
HOUR = GrainRule("hour", 1, "hour")


@given(OF_DAYS, DAYS, CUTS)
def test_each_day_is_in_its_bucket_and_in_no_other(rule: GrainRule, day: date, cut: Cut) -> None:
    bucket = bucket_of_day(rule, day, cut)
    following = next_bucket_of_day(rule, bucket)
    assert bucket <= day < following
    assert bucket_of_day(rule, bucket, cut) == bucket
    assert bucket_of_day(rule, following, cut) == following
    assert bucket_of_day(rule, following - timedelta(days=1), cut) == bucket


@pytest.mark.parametrize(
    ("grain", "day", "cut", "bucket"),
    [
        ("week", "2026-01-01", Cut(), "2025-12-29"),
        ("week", "2026-01-04", Cut(week_start="sunday"), "2026-01-04"),
        ("week", "2026-01-03", Cut(week_start="sunday"), "2025-12-28"),
        ("quarter", "2026-03-31", Cut(fiscal_year_start=2), "2026-01-01"),
        ("fiscal_year", "2026-03-31", Cut(fiscal_year_start=4), "2025-04-01"),
        ("fiscal_year", "2026-04-01", Cut(fiscal_year_start=4), "2026-04-01"),
        ("fiscal_quarter", "2026-01-31", Cut(fiscal_year_start=2), "2025-11-01"),
        ("fiscal_quarter", "2026-02-01", Cut(fiscal_year_start=2), "2026-02-01"),
        ("fiscal_quarter", "2026-02-28", Cut(fiscal_year_start=12), "2025-12-01"),
        ("fiscal_year", "2026-02-28", Cut(), "2026-01-01"),
    ],
)
def test_buckets_by_hand(grain: str, day: str, cut: Cut, bucket: str) -> None:
    assert bucket_of_day(GRAINS[grain], date.fromisoformat(day), cut) == date.fromisoformat(bucket)


def test_the_buckets_of_a_period_are_those_that_it_touches() -> None:
    found = list(buckets_between(GRAINS["month"], date(2026, 1, 15), date(2026, 4, 1), Cut()))
    assert found == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Asia/Kolkata", date(2026, 11, 1), 24),
        # 01:00+11:00, then from 01:30+10:30 half an hour of its own.
        ("Australia/Lord_Howe", date(2026, 4, 5), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_the_hours_of_a_day(zone: str, day: date, hours: int) -> None:
    cut = Cut(zone)
    found = list(buckets_between(HOUR, day, day + timedelta(days=1), cut))
    assert len(found) == hours
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "Asia/Pyongyang"]
)
@pytest.mark.parametrize("around", [datetime(2026, 4, 4, tzinfo=UTC), datetime(2018, 5, 4, tzinfo=UTC)])
def test_instants_share_a_bucket_where_they_share_hour_and_offset(zone: str, around: datetime) -> None:
    cut, place = Cut(zone), ZoneInfo(zone)
    labels: dict[datetime, tuple[object, ...]] = {}
    moment = around
    while moment < around + timedelta(days=2):
        bucket = bucket_of_instant(HOUR, moment, cut)
        local = moment.astimezone(place)
        label = (local.date(), local.hour, local.utcoffset())
        assert labels.setdefault(bucket, label) == label
        assert bucket <= moment < next_bucket_of_instant(HOUR, bucket, cut)
        moment += timedelta(minutes=10)
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("Australia/Lord_Howe", date(2024, 4, 7), 1),
        ("Australia/Lord_Howe", date(2024, 10, 6), 1),
        ("America/St_Johns", date(2010, 11, 7), 2),
        ("America/St_Johns", date(2026, 11, 1), 0),
        ("Asia/Pyongyang", date(2018, 5, 5), 1),
        ("Europe/Paris", date(2026, 10, 25), 0),
        ("UTC", date(2026, 10, 25), 0),
    ],
)
@pytest.mark.parametrize("rule", [HOUR, GRAINS["minute"]])
def test_the_buckets_that_a_change_of_clocks_cuts_short(
    rule: GrainRule, zone: str, day: date, count: int
) -> None:
    start, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=n) for n in (-2, 2))
    whole, cut = timedelta(seconds=bucket_seconds(rule)), Cut(zone)
    lasting: dict[datetime, int] = {}
    bucket = bucket_of_instant(rule, start, cut)
    while bucket < end:
        following = next_bucket_of_instant(rule, bucket, cut)
        if following - bucket != whole:
            lasting[bucket] = int((following - bucket).total_seconds())
        bucket = following
    assert dict(cut_short(zone, bucket_seconds(rule), start, end)) == lasting
    assert len(lasting) == (count if rule == HOUR else 0)
