"""Buckets worked out by the calendar and the clock, to compare with what engines say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from kpidsl.model.grains import Cut, GrainRule, bucket_of_day
from kpidsl.model.zones import changes, known


def next_bucket_of_day(rule: GrainRule, bucket: date) -> date:
    """Return the first day of the bucket after the one that begins on a day."""
    if rule.unit == "day":
        return bucket + timedelta(days=rule.count)
    months = bucket.year * 12 + bucket.month - 1 + rule.count
    return date(months // 12, months % 12 + 1, 1)


def bucket_of_instant(rule: GrainRule, moment: datetime, cut: Cut) -> datetime:
    """Return the first instant of the hour or minute that holds an instant, in UTC."""
    local = moment.astimezone(known(cut.zone))
    within = timedelta(
        minutes=local.minute if rule.unit == "hour" else 0,
        seconds=local.second,
        microseconds=local.microsecond,
    )
    start = moment.astimezone(UTC) - within
    return first_change(cut.zone, start, moment) or start


def next_bucket_of_instant(rule: GrainRule, bucket: datetime, cut: Cut) -> datetime:
    """Return the first instant of the bucket after the one that begins at an instant, in UTC."""
    local = bucket.astimezone(known(cut.zone))
    length = timedelta(hours=1) if rule.unit == "hour" else timedelta(minutes=1)
    into = timedelta(minutes=local.minute if rule.unit == "hour" else 0, seconds=local.second)
    end = bucket.astimezone(UTC) + length - into
    return first_change(cut.zone, bucket, end) or end


def buckets_between(rule: GrainRule, start: date, end: date, cut: Cut) -> Iterator[date | datetime]:
    """Yield every bucket that the local days [start, end) touch, in order; not for calendars.

    Instants are in UTC.
    """
    if not rule.is_instant:
        bucket = bucket_of_day(rule, start, cut)
        while bucket < end:
            yield bucket
            bucket = next_bucket_of_day(rule, bucket)
        return
    zone = known(cut.zone)
    moment = bucket_of_instant(rule, datetime.combine(start, time(), zone), cut)
    last = datetime.combine(end, time(), zone).astimezone(UTC)
    while moment < last:
        # Clocks that fall back over midnight bring back some of the day before.
        if start <= moment.astimezone(zone).date() < end:
            yield moment
        moment = next_bucket_of_instant(rule, moment, cut)


def first_change(zone: str, after: datetime, until: datetime) -> datetime | None:
    """Return the instant in (after, until] at which a zone's offset changes."""
    found = changes(zone, after.year - 1, until.year + 1)
    return next((change.at for change in found if after < change.at <= until), None)
