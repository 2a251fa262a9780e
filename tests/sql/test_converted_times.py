"""Times of engines whose manuals say little of clocks that change, with DuckDB's own conversions: which of two
instants DuckDB takes must not matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from sqlglot import exp

from kpidsl.model.grains import GRAINS, Cut
from kpidsl.model.zones import known
from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import LookupTables

CHANGES = [
    ("Europe/Paris", datetime(2026, 3, 29)),
    ("Europe/Paris", datetime(2026, 10, 25)),
    ("America/New_York", datetime(2026, 3, 8)),
    ("America/New_York", datetime(2026, 11, 1)),
    ("America/Santiago", datetime(2026, 4, 4)),
    ("America/Santiago", datetime(2026, 9, 6)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5)),
    ("Australia/Lord_Howe", datetime(2026, 10, 4)),
    ("Asia/Kolkata", datetime(2026, 1, 1)),
]

RARE = [
    # It left out a day, and its clocks were a day and an hour later than before.
    ("Pacific/Apia", datetime(2011, 12, 30)),
    # Its clocks were 44 minutes and 30 seconds behind.
    ("Africa/Monrovia", datetime(1972, 1, 7)),
]


class DuckdbConverted(ConvertedTimes):
    def converted(self, time: Node, held_in: str, to: str) -> Node:
        for zone in (held_in, to):
            time = exp.AtTimeZone(this=nodes.atom(time), zone=nodes.text(zone))
        return time

    def later(self, time: Node, seconds: Node) -> Node:
        return nodes.binary(exp.Add, nodes.operand(time, 4), nodes.call("TO_SECONDS", seconds))

    def seconds(self, end: Node, start: Node) -> Node:
        return nodes.call("DATE_DIFF", nodes.text("second"), start, end)


def answers_of(times: list[datetime], node: Node, settings: Sequence[str] = ()) -> list[datetime]:
    with duckdb.connect() as connection:
        for setting in settings:
            connection.execute(setting)
        connection.execute("CREATE TABLE given (id INTEGER, t TIMESTAMP)")
        connection.executemany("INSERT INTO given VALUES (?, ?)", list(enumerate(times)))
        found = connection.execute(f"SELECT {node.sql('duckdb')} FROM given ORDER BY id").fetchall()
    return [row[0] for row in found]


def around(day: datetime) -> list[datetime]:
    return [day - timedelta(days=2) + timedelta(minutes=7.5 * n) for n in range(8 * 24 * 5)]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_local_times_are_brought_to_utc(zone: str, day: datetime) -> None:
    times = around(day)
    node = DuckdbConverted(Cut(zone=zone), lambda *_: exp.Null(), LookupTables()).utc(
        nodes.column("given", "t"), zone
    )
    place = known(zone)
    expected = [t.replace(tzinfo=place).astimezone(UTC).replace(tzinfo=None) for t in times]
    assert answers_of(times, node) == expected


@pytest.mark.parametrize(("zone", "day"), [c for c in CHANGES if "Howe" not in c[0]])
def test_hours_begin_at_the_local_full_hour(zone: str, day: datetime) -> None:
    times = around(day)
    made = DuckdbConverted(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
    node = made.instant_bucket(GRAINS["hour"], nodes.column("given", "t"), "UTC", None)
    place = known(zone)

    def bucket(instant: datetime) -> datetime:
        local = instant.replace(tzinfo=UTC).astimezone(place)
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return instant - into

    assert answers_of(times, node) == [bucket(t) for t in times]
