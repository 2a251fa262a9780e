"""Zones of StarRocks, Doris and SingleStore, whose CONVERT_TZ is asked of instants alone, with DuckDB's own zones.

Which of two instants a local time gives, and what becomes of microseconds, must not hang on CONVERT_TZ: here it
takes the microseconds away, and refuses all but instants.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlglot import exp

from kpidsl.model.grains import GRAINS, Cut
from kpidsl.model.zones import known
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.nodes import Node
from kpidsl.sql.starrocks_times import StarrocksTimes
from kpidsl.sql.times import LookupTables
from tests.sql.test_converted_times import CHANGES, RARE, answers_of, around

MORE = [
    ("America/New_York", datetime(1965, 4, 25)),
    ("America/New_York", datetime(1965, 10, 31)),
    ("America/St_Johns", datetime(2010, 11, 7)),
    # Its clocks change four times in such a year.
    ("Africa/Casablanca", datetime(2012, 4, 29)),
    ("Africa/Casablanca", datetime(2012, 7, 20)),
    ("Africa/Casablanca", datetime(2012, 8, 20)),
    ("Africa/Casablanca", datetime(2012, 9, 30)),
]
WITHIN_AN_HOUR = ("Australia/Lord_Howe", "America/St_Johns")
"""Zones of whose jumps hours begin."""
IN_DUCKDB = [
    "CREATE MACRO convert_tz(x, held_in, zone) AS date_trunc('second', timezone(zone, timezone("
    "CASE held_in WHEN 'UTC' THEN 'UTC' END, x)))",
    "CREATE MACRO date_format(x, pattern) AS strftime(x, replace(replace(pattern, '%i', '%M'), '%s', '%S'))",
]


def asked(zone: str, dialect: str) -> StarrocksTimes:
    made = DIALECTS[dialect].times(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
    assert isinstance(made, StarrocksTimes)
    return made


def in_duckdb(node: Node) -> Node:
    held = exp.Paren(this=node)
    for call in reversed(list(held.find_all(exp.Anonymous))):
        if call.name == "TIMESTAMPDIFF":
            unit, *ends = call.expressions
            call.replace(nodes.call("DATE_SUB", nodes.text(unit.name.lower()), *(end.copy() for end in ends)))
    return held


def in_utc(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=known(zone)).astimezone(UTC).replace(tzinfo=None)


def in_zone(instant: datetime, zone: str) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(known(zone)).replace(tzinfo=None)


def hour(instant: datetime, zone: str) -> datetime:
    local = in_zone(instant, zone)
    return instant - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


@pytest.mark.parametrize("dialect", ["starrocks", "singlestore"])
@pytest.mark.parametrize(("zone", "day"), CHANGES + RARE + MORE)
def test_local_times_are_brought_to_utc_and_back(zone: str, day: datetime, dialect: str) -> None:
    times = [t + timedelta(microseconds=999_999 * (n % 2)) for n, t in enumerate(around(day))]
    given = nodes.column("given", "t")
    made = asked(zone, dialect)
    for node, expected in (
        (made.utc(given, zone), in_utc),
        (made.local(given, "UTC", None), in_zone),
        (
            made.of_local(given, "UTC", None, lambda local: nodes.cast(local, "date")),
            lambda *x: in_zone(*x).date(),
        ),
    ):
        assert answers_of(times, in_duckdb(node), IN_DUCKDB) == [expected(t, zone) for t in times]


@pytest.mark.parametrize("dialect", ["starrocks", "singlestore"])
def test_times_of_one_zone_are_shown_in_another(dialect: str) -> None:
    times = around(datetime(2026, 3, 29))
    node = asked("America/St_Johns", dialect).local(nodes.column("given", "t"), "Europe/Paris", None)
    expected = [in_zone(in_utc(t, "Europe/Paris"), "America/St_Johns") for t in times]
    assert answers_of(times, in_duckdb(node), IN_DUCKDB) == expected


@pytest.mark.parametrize("dialect", ["starrocks", "singlestore"])
@pytest.mark.parametrize("held_in", ["UTC", None])
@pytest.mark.parametrize(("zone", "day"), [c for c in CHANGES + MORE if c[0] not in WITHIN_AN_HOUR])
def test_hours_begin_at_the_local_full_hour(
    zone: str, day: datetime, held_in: str | None, dialect: str
) -> None:
    times = around(day)
    node = asked(zone, dialect).instant_bucket(GRAINS["hour"], nodes.column("given", "t"), held_in, None)
    instant: Callable[[datetime], datetime] = (lambda t: t) if held_in else (lambda t: in_utc(t, zone))
    expected = [hour(instant(t), zone) for t in times]
    assert answers_of(times, in_duckdb(node), IN_DUCKDB) == expected


@pytest.mark.parametrize("dialect", ["starrocks", "singlestore"])
def test_what_has_no_time_has_none_in_another_zone(dialect: str) -> None:
    made = asked("Europe/Paris", dialect)
    nothing = nodes.cast(exp.Null(), "timestamp")
    for node in (
        made.utc(nothing, "Europe/Paris"),
        made.local(nothing, "UTC", None),
        made.instant_bucket(GRAINS["hour"], nothing, None, None),
    ):
        assert answers_of([datetime(2026, 1, 1)], in_duckdb(node), IN_DUCKDB) == [None]
