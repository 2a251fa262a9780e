"""A compiled statement means the same in a session of any zone, wherever it is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from kpidsl.engines.connection import Connection
from tests import answers
from tests.cases.reader import case_paths, read_case
from tests.cases.test_answers import AskedCase
from tests.cases.test_answers import test_the_answers_are_the_expected_tables as ask_case
from tests.oracle.dice import SeededDice
from tests.oracle.features import EVERYTHING
from tests.oracle.test_worlds import check_world
from tests.oracle.worlds import draw_world
from tests.servers.googlesql import GoogleSql

AWAY = "America/New_York"
SESSIONS = {
    "duckdb": ("SET TimeZone = '{}'", "SELECT current_setting('TimeZone')", AWAY),
    "postgres": ("SET TimeZone = '{}'", "SELECT current_setting('TimeZone')", AWAY),
    # Its server has no table of zones.
    "mariadb": ("SET time_zone = '{}'", "SELECT @@session.time_zone", "-05:00"),
    "clickhouse": ("SET session_timezone = '{}'", "SELECT timezone()", AWAY),
    "spark": ("SET spark.sql.session.timeZone = {}", "SELECT current_timezone()", AWAY),
}
"""How a session is put into a zone, how it tells its zone, and which it is put into."""
HOME = {"mariadb": "+00:00"}
CASES = [
    path
    for path in case_paths()
    if path.parent.name == "zones"
    or path.stem
    in ("the-hour-that-exists-twice", "windows-cut-by-a-change-of-clocks", "hours-without-a-zone")
]


def put(connection: Connection, engine: str, zone: str) -> None:
    if isinstance(connection, GoogleSql):
        connection.zone = zone
        return
    setting, told, _ = SESSIONS[engine]
    connection.fetch(setting.format(zone))
    assert connection.fetch(told) == [(zone,)]


@pytest.fixture(params=[name for name in answers.ENGINES_HERE if name in (*SESSIONS, "googlesql")])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An engine whose sessions are away."""
    name: str = request.param
    loaded = answers.loaded

    def away(engine: str, tables: Iterable[answers.StoredTable]) -> Connection:
        connection = loaded(engine, tables)
        put(connection, engine, SESSIONS[engine][2] if engine in SESSIONS else AWAY)
        return connection

    monkeypatch.setattr(answers, "loaded", away)
    monkeypatch.setattr(answers, "ENGINES", (name,))
    yield name
    # Some sessions are the whole process's.
    with loaded(name, []) as connection:
        put(connection, name, HOME.get(name, "UTC"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases(path: Path, engine: str, tmp_path: Path) -> None:
    ask_case(AskedCase(read_case(path), tmp_path), engine)


@pytest.mark.drawn
def test_seeded_worlds(engine: str) -> None:
    seeds = range(3000, 3010) if engine == "spark" else range(3000, 3030)
    for seed in seeds:
        check_world(draw_world(SeededDice(seed), features=EVERYTHING))
    assert engine in answers.ENGINES
