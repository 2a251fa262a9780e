"""Local times, days and hours around changes of the clock, against Python's zones written by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpidsl.engines import EngineError
from kpidsl.model.grains import GRAINS, Cut
from kpidsl.model.types import INTEGER, TIMESTAMP
from kpidsl.model.zones import changes
from kpidsl.model.zones import known as zone_named
from tests import answers
from tests.buckets import buckets_between

DEFINITIONS = """
datasets:
  visits:
    table: visits
    key: id
    time: seen_at
    columns:
      id: integer
      seen_at: {{type: timestamp{held}}}
metrics:
  visits: count(visits)
  ids: sum(visits.id)
"""
AROUND = {
    "Europe/Paris": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Asia/Kolkata": ("2026-01-01",),
    "Pacific/Apia": ("2011-12-30", "2012-04-01"),
    "America/St_Johns": ("2010-11-07", "2026-11-01"),
    "America/Havana": ("2026-03-08", "2026-11-01"),
}
PAIRS = [
    *((None, zone) for zone in AROUND),
    *(("UTC", zone) for zone in AROUND),
    ("America/New_York", "Europe/Paris"),
    ("Europe/Paris", "America/New_York"),
    ("Australia/Lord_Howe", "Asia/Kolkata"),
    ("Pacific/Apia", "Australia/Lord_Howe"),
    ("Europe/Paris", "UTC"),
    ("Asia/Kolkata", "Pacific/Apia"),
]
OWN_ZONES = {
    "postgres": "select ('2026-11-01 05:30'::timestamp at time zone 'UTC') at time zone 'America/Havana'",
    "clickhouse": "select toTimeZone(toDateTime('2026-11-01 05:30:00', 'UTC'), 'America/Havana')::String",
    "spark": "select convert_timezone('UTC', 'America/Havana', timestamp_ntz'2026-11-01 05:30:00')",
}
"""What an engine with zone data of its own makes of an instant after Cuba's last change of its clocks: data
that are older than Python's have one more."""
Row = tuple[int, datetime | None]


def rows_around(held: str | None, zone: str) -> list[Row]:
    """Rows every few minutes around the changes of both zones, with fractions of seconds at their edges."""
    days = [date.fromisoformat(d) for z in (held or "UTC", zone) for d in AROUND.get(z, ())]
    moments: list[datetime | None] = [None]
    for day in days:
        moment = datetime(day.year, day.month, day.day) - timedelta(hours=30)
        while moment < datetime(day.year, day.month, day.day) + timedelta(hours=54):
            moments.extend((moment, moment + timedelta(minutes=14, seconds=59, microseconds=999_999)))
            moment += timedelta(minutes=15)
    return list(enumerate(moments, start=1))


def instant_of(moment: datetime, held: str) -> datetime:
    return moment.replace(tzinfo=zone_named(held), fold=0).astimezone(UTC)


def local_of(moment: datetime, held: str | None, zone: str) -> datetime:
    if held is None:
        return moment
    return instant_of(moment, held).astimezone(zone_named(zone)).replace(tzinfo=None, fold=0)


@cache
def hour_of(moment: datetime, held: str | None, zone: str) -> datetime:
    """Walk back, minute by minute, to the first instant with the same local hour and offset."""

    def label(instant: datetime) -> tuple[object, ...]:
        local = instant.astimezone(zone_named(zone))
        return local.date(), local.hour, local.utcoffset()

    first = instant_of(moment, held or zone).replace(second=0, microsecond=0)
    while label(first - timedelta(minutes=1)) == label(first):
        first -= timedelta(minutes=1)
    return first


def expected(rows: Iterable[Row], key: Callable[[datetime], Any]) -> list[tuple[Any, int]]:
    found: dict[Any, int] = defaultdict(int)
    for number, moment in rows:
        found[None if moment is None else key(moment)] += number
    nothing = [(None, found.pop(None))] if None in found else []
    return [*sorted(found.items()), *nothing]


def answer(
    folder: Path, engine: str, pair: tuple[str | None, str], rows: list[Row], **query: Any
) -> list[Any]:
    (found,) = every_answer(folder, engine, pair, rows, query)
    return found


def every_answer(
    folder: Path, engine: str, pair: tuple[str | None, str], rows: list[Row], *queries: dict[str, Any]
) -> list[list[Any]]:
    """Return the answers of several queries to the same rows."""
    held, zone = pair
    declared = f", timezone: {held}" if held else ""
    settings = f"timezone: {zone}\nzone_years: 2005..2030\n"
    project = answers.checked(answers.write_project(folder, settings, DEFINITIONS.format(held=declared)))
    table = (("visits",), [("id", INTEGER), ("seen_at", TIMESTAMP)], rows)
    found: list[list[Any]] = []
    with answers.loaded(engine, [table]) as connection:
        for query in queries:
            compiled, wrong = answers.ask(project, {"kpis": ["ids"], **query}, engine)
            assert compiled is not None, wrong
            found.append([tuple(map(in_utc, row)) for row in answers.answer(compiled, connection)[1]])
    return found


def in_utc(cell: Any) -> Any:
    return cell.astimezone(UTC) if isinstance(cell, datetime) and cell.tzinfo else cell


def has_older_zones(engine: str) -> bool:
    if engine not in OWN_ZONES:
        return False
    with answers.loaded(engine, []) as connection:
        ((shown,),) = connection.fetch(OWN_ZONES[engine])
    return str(shown)[:19] != "2026-11-01 01:30:00"


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-to-{pair[1]}")
def test_days_hours_and_parts(pair: tuple[str | None, str], engine: str, tmp_path: Path) -> None:
    # Strict: an engine whose data are as new as Python's must agree, and only such a one does.
    differs = pair[1] == "America/Havana" and has_older_zones(engine)
    with pytest.raises(AssertionError) if differs else nullcontext():
        _compare_days_hours_and_parts(pair, engine, tmp_path)


def _compare_days_hours_and_parts(pair: tuple[str | None, str], engine: str, tmp_path: Path) -> None:
    rows = rows_around(*pair)
    by = ("day", "hour", "hour_of_day")
    days, hours, parts = every_answer(tmp_path, engine, pair, rows, *({"by": [name]} for name in by))
    assert days == expected(rows, lambda m: local_of(m, *pair).date())
    assert hours == expected(rows, lambda m: hour_of(m, *pair))
    assert parts == expected(rows, lambda m: local_of(m, *pair).hour)


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-to-{pair[1]}")
def test_within_a_period(pair: tuple[str | None, str], engine: str, tmp_path: Path) -> None:
    rows = rows_around(*pair)
    middle = date.fromisoformat(AROUND.get(pair[1], AROUND["Europe/Paris"])[0])
    start, end = middle - timedelta(days=1), middle + timedelta(days=2)
    inside = [(n, m) for n, m in rows if m is not None and start <= local_of(m, *pair).date() < end]
    period = f"{start}..{end}"
    queries = ({"by": ["day"]}, {"by": ["hour"]}, {"where": "weekday in (1, 7)"})
    days, hours, whole = every_answer(
        tmp_path, engine, pair, rows, *({**query, "period": period} for query in queries)
    )
    assert days == expected(inside, lambda m: local_of(m, *pair).date())
    assert hours == expected(inside, lambda m: hour_of(m, *pair))
    assert whole == [(sum(n for n, m in inside if local_of(m, *pair).isoweekday() in (1, 7)),)]


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
def test_a_local_time_keeps_its_fraction(engine: str, tmp_path: Path) -> None:
    rows: list[Row] = [(1, datetime(2026, 10, 25, 0, 59, 59, 123_456))]
    found = answer(tmp_path, engine, ("UTC", "Europe/Paris"), rows, kpis=["latest = max(visits.seen_at)"])
    assert found == [(datetime(2026, 10, 25, 2, 59, 59, 123_456),)]


@pytest.mark.parametrize("by", ["day", "hour", "hour_of_day"])
@pytest.mark.parametrize("held", ["UTC", "America/New_York"])
@pytest.mark.parametrize("moment", [datetime(2004, 12, 31, 23, 59, 59), datetime(2031, 1, 1)])
def test_an_instant_outside_the_zone_years_fails_loudly(
    moment: datetime, held: str, by: str, tmp_path: Path
) -> None:
    rows: list[Row] = [(1, datetime(2026, 1, 1)), (2, moment)]
    with pytest.raises(EngineError, match="outside zone_years") as failure:
        answer(tmp_path, "sqlite", (held, "Europe/Paris"), rows, by=[by])
    assert failure.value.help is not None
    # DuckDB has zones, and a period that leaves the instant out needs none of its changes.
    assert answer(tmp_path, "duckdb", (held, "Europe/Paris"), rows, by=[by])
    assert len(answer(tmp_path, "sqlite", (held, "Europe/Paris"), rows, by=[by], period="2026")) == 1


@pytest.mark.parametrize("zone", [*AROUND, "Africa/Casablanca", "Asia/Gaza", "America/Sao_Paulo"])
def test_duckdb_has_the_same_changes(zone: str) -> None:
    with duckdb.connect() as connection:
        for change in changes(zone, 1970, 2040):
            for seconds, offset in ((-1, change.before), (0, change.after)):
                utc = (change.at + timedelta(seconds=seconds)).replace(tzinfo=None)
                (found,) = connection.execute(
                    "select ($1::timestamp at time zone 'UTC') at time zone $2", [utc, zone]
                ).fetchall()[0]
                assert found - utc == timedelta(seconds=offset)


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize(
    ("zone", "day"),
    [
        # Clocks go back over midnight: some of the day before comes after the first of the day.
        ("America/St_Johns", "2010-11-07"),
        # There is no midnight, and there are two.
        ("America/Havana", "2026-03-08"),
        ("Atlantic/Azores", "2026-10-25"),
        ("Pacific/Apia", "2011-12-31"),
    ],
)
def test_a_period_that_begins_where_clocks_jump(zone: str, day: str, engine: str, tmp_path: Path) -> None:
    start = date.fromisoformat(day)
    first = datetime(start.year, start.month, start.day) - timedelta(days=2)
    rows: list[Row] = [(n + 1, first + timedelta(seconds=30 * n)) for n in range(2 * 60 * 24 * 4)]
    inside = [(n, m) for n, m in rows if m is not None and local_of(m, "UTC", zone).date() >= start]
    found = answer(
        tmp_path, engine, ("UTC", zone), rows, by=["day"], period=f"{start}..{start.year + 1}-03-01"
    )
    assert found == expected(inside, lambda m: local_of(m, "UTC", zone).date())


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("zone", ["Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"])
def test_filled_hours_are_all_hours(zone: str, engine: str, tmp_path: Path) -> None:
    day = date.fromisoformat(AROUND[zone][0])
    rows = [(n, m) for n, m in rows_around("UTC", zone) if n % 9 == 0]
    every = list(buckets_between(GRAINS["hour"], day, day + timedelta(days=2), Cut(zone)))
    inside = [
        (n, m) for n, m in rows if m and day <= local_of(m, "UTC", zone).date() < day + timedelta(days=2)
    ]
    counted = dict(expected(inside, lambda m: hour_of(m, "UTC", zone)))
    period = f"{day}..{day + timedelta(days=2)}"
    found = answer(tmp_path, engine, ("UTC", zone), rows, by=["hour"], period=period, fill="true")
    assert found == [(bucket, counted.get(bucket, 0)) for bucket in every]
    if zone == "America/St_Johns":
        return  # its rows are sixteen years apart
    # Without a period: between the first and the last hour that has rows.
    without = answer(tmp_path, engine, ("UTC", zone), rows, by=["hour"], fill="true")
    shown = {bucket for bucket, _ in without}
    assert {bucket for bucket in every if min(counted) <= bucket <= max(counted)} <= shown
    assert all(
        bucket in (None, hour_of(bucket.replace(tzinfo=None), "UTC", zone)) for bucket, _ in without[:-1]
    )
