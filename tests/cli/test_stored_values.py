"""`kpidsl check --connection` of SQLite: values that are not of the type that their column is declared to be."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from .running import call

DEFINITIONS = """\
datasets:
  rides:
    table: rides
    key: ride_id
    time: started_at
    columns:
      ride_id: integer
      started_at: {type: timestamp, timezone: UTC}
      day: date
      station: text
      fare: decimal(8,2)
      length: float
      is_test: boolean
metrics:
  rides: count(rides)
"""
RIGHT = {
    "ride_id": "1",
    "started_at": "'2026-08-15 14:30:00'",
    "day": "'2026-08-15'",
    "station": "'Nord'",
    "fare": "2.5",
    "length": "3",
    "is_test": "1",
}


def told(folder: Path, value_of: dict[str, str]) -> list[dict[str, Any]]:
    (folder / "definitions").mkdir()
    (folder / "kpidsl.yml").write_text("project: bikes\nlanguage: 1\n", encoding="utf-8")
    (folder / "definitions" / "bikes.yml").write_text(DEFINITIONS, encoding="utf-8")
    database = sqlite3.connect(folder / "bikes.sqlite", isolation_level=None)
    # Without types in the table SQLite changes nothing of what is stored.
    database.execute(f"create table rides ({', '.join(RIGHT)})")
    database.execute(f"insert into rides values ({', '.join({**RIGHT, **value_of}.values())})")
    database.close()
    checked = call("check", "--connection", "sqlite:///bikes.sqlite", "--format", "json", cwd=folder)
    diagnostics: list[dict[str, Any]] = json.loads(checked.out)
    return diagnostics


@pytest.mark.parametrize(
    "value_of",
    [
        {},
        {name: "null" for name in RIGHT if name != "ride_id"},
        {"started_at": "'2026-08-15 14:30:00.5'", "fare": "-3", "length": "1e300", "is_test": "0"},
        {"started_at": "'2026-08-15 14:30:00.123456'", "fare": "2", "station": "''"},
    ],
)
def test_values_of_their_types(tmp_path: Path, value_of: dict[str, str]) -> None:
    assert told(tmp_path, value_of) == []


@pytest.mark.parametrize(
    ("name", "value", "help"),
    [
        ("started_at", "'2026-08-15'", 'sql: "datetime(started_at)"'),
        ("started_at", "'2026-08-15 14:30'", 'sql: "datetime(started_at)"'),
        ("started_at", "'2026-08-15T14:30:00Z'", 'sql: "datetime(started_at)"'),
        ("started_at", "'2026-08-15 14:30:00+02:00'", 'sql: "datetime(started_at)"'),
        ("started_at", "1786804200", "sql: \"datetime(started_at, 'unixepoch')\""),
        ("started_at", "'2026-08-15 14:30:00.1234567'", 'sql: "datetime(started_at)"'),
        ("started_at", "'2026-08-15 14:30:00.'", 'sql: "datetime(started_at)"'),
        ("started_at", "'2026-02-30 14:30:00'", "mend the rows"),
        ("day", "'2026-02-30'", "mend the rows"),
        ("started_at", "'15/08/2026 14:30'", "mend the rows"),
        ("started_at", "x'00'", "mend the rows"),
        ("day", "'2026-8-5'", "mend the rows"),
        ("day", "'2026-08-15 00:00:00'", 'sql: "date(day)"'),
        ("day", "20260815", "mend the rows"),
        ("day", "1786804200", "sql: \"date(day, 'unixepoch')\""),
        ("station", "75001", "as a text: mend the rows"),
        ("fare", "'2,50'", "as a number: mend the rows"),
        ("fare", "'2.50'", "as a number: mend the rows"),
        ("length", "'far'", "as a number: mend the rows"),
        ("is_test", "'true'", "as 0 or 1: mend the rows"),
        ("ride_id", "1.5", "as a whole number: mend the rows"),
    ],
)
def test_values_of_another_type(tmp_path: Path, name: str, value: str, help: str) -> None:
    (diagnostic,) = told(tmp_path, {name: value})
    assert diagnostic["code"] == "data/unreadable-value"
    assert f"1 row of `rides` holds in `{name}` what is no" in diagnostic["message"]
    assert DEFINITIONS.splitlines()[diagnostic["line"] - 1].strip().startswith(f"{name}:")
    assert help in diagnostic["help"]
    assert ("declare" in diagnostic["help"]) == ("sql:" in help)


def test_the_help_reads_other_spellings(tmp_path: Path) -> None:
    """At the summer's midnight in UTC, written as in JSON: with the help it is of the right day."""
    (diagnostic,) = told(tmp_path, {"started_at": "'2026-08-15T00:00:00+02:00'"})
    declared = diagnostic["help"].partition("or declare `")[2].removesuffix("`")
    path = tmp_path / "definitions" / "bikes.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("started_at: {type: timestamp, timezone: UTC}", declared),
        encoding="utf-8",
    )
    asked = ("--by", "day", "--as-of", "2027-01-01", "--format", "csv")
    connection = ("--connection", "sqlite:///bikes.sqlite")
    assert call("check", *connection, cwd=tmp_path).code == 0
    answer = call("run", "rides", *asked, *connection, cwd=tmp_path)
    assert answer.out == "day,rides,_partial\n2026-08-14,1,false\n"
