"""Hours in every form of a result: local time with its offset, the zone in Arrow."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from kpidsl.diagnostics import Sink
from kpidsl.model.types import INTEGER, TIMESTAMP
from kpidsl.project import result_columns
from kpidsl.report.chart import render_chart
from kpidsl.report.result import Result
from kpidsl.report.table import render_table
from kpidsl.report.write import write
from kpidsl.semantics.test_rows import check_tests
from kpidsl.testing import run_tests
from tests import answers

DEFINITIONS = """
datasets:
  visits:
    table: visits
    key: id
    time: seen_at
    columns: {id: integer, seen_at: {type: timestamp, timezone: UTC}}
metrics:
  visits:
    formula: count(visits)
    tests:
      - name: the hour that exists twice
        rows:
          visits:
            - {id: 1, seen_at: 2026-10-25 00:30:00}
            - {id: 2, seen_at: 2026-10-25 01:30:00}
        query: {by: [hour]}
        expect:
          - {hour: "2026-10-25 02:00:00+02:00", visits: 1}
          - {hour: "2026-10-25 02:00:00+01:00", visits: 1}
"""
ROWS = [(1, datetime(2026, 10, 25, 0, 30)), (2, datetime(2026, 10, 25, 1, 30)), (3, None)]
SHOWN = ("2026-10-25 02:00:00+02:00", "2026-10-25 02:00:00+01:00")


def result(engine: str, folder: Path) -> Result:
    project = answers.checked(answers.write_project(folder, "timezone: Europe/Paris\n", DEFINITIONS))
    compiled, _ = answers.ask(project, {"kpis": ["visits"], "by": ["hour"]}, engine)
    assert compiled is not None
    table = (("visits",), [("id", INTEGER), ("seen_at", TIMESTAMP)], ROWS)
    columns = result_columns(compiled)
    with answers.loaded(engine, [table]) as connection:
        return Result(columns, connection.run(compiled.sql, columns))


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_each_form_tells_the_two_hours_apart(engine: str, tmp_path: Path) -> None:
    found = result(engine, tmp_path)
    assert found.arrow().schema.field("hour").type == pa.timestamp("us", tz="Europe/Paris")
    hours = [row["hour"] for row in found.rows()]
    assert [hour and hour.astimezone(UTC).hour for hour in hours] == [0, 1, None]
    assert [hour and hour.isoformat(sep=" ") for hour in hours] == [*SHOWN, None]
    write(found, "csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == f"hour,visits\n{SHOWN[0]},1\n{SHOWN[1]},1\n,1\n"
    write(found, "json", tmp_path / "out.json")
    rows = json.loads((tmp_path / "out.json").read_text())["rows"]
    assert [row["hour"] for row in rows] == [*SHOWN, None]
    table = render_table(found, width=80, color=False)
    assert all(shown in table for shown in SHOWN)
    assert all(shown in found._repr_html_() for shown in SHOWN)
    assert render_chart(found, width=80, color=False)


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_tests_of_definitions_expect_hours_with_their_offset(engine: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", DEFINITIONS))
    (outcome,) = run_tests(project, (), f"{engine}://", Sink())
    assert outcome.difference == ()


def test_an_hour_without_its_offset_is_no_value(tmp_path: Path) -> None:
    text = DEFINITIONS.replace('"2026-10-25 02:00:00+01:00"', "2026-10-25 02:00:00")
    sink = Sink()
    project = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", text))
    check_tests(project, sink)
    (wrong,) = sink.diagnostics()
    assert wrong.code == "test/value"
    assert "+01:00" in (wrong.help or "")
