"""Where mistakes in a query's parts are pointed at, and what a week that a year has not is answered with."""

from __future__ import annotations

from pathlib import Path

from tests import answers

DEFINITIONS = """\
datasets:
  orders:
    table: orders
    key: id
    time: day
    columns: {id: integer, day: date}
metrics: {n: count(orders)}
"""


def told(folder: Path, **parts: object) -> list[tuple[str, int, str | None]]:
    project = answers.checked(answers.write_project(folder, "", DEFINITIONS))
    _, found = answers.ask(project, {"kpis": ["n"], **parts}, "duckdb")
    return [(d.code, d.primary.span.location().column, d.help) for d in found]


def test_a_member_is_pointed_at_in_the_list(tmp_path: Path) -> None:
    ((code, column, _),) = told(tmp_path, by=["day", "hour"])
    assert (code, column) == ("time/no-time-of-day", 5)


def test_a_column_to_order_by_is_pointed_at_in_the_list(tmp_path: Path) -> None:
    ((code, column, _),) = told(tmp_path, by=["month"], order=["month", "-x"])
    assert (code, column) == ("query/order", 7)


def test_a_year_of_52_weeks_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, period="2025-W53") == [("query/period", 1, "2025 has 52 weeks")]


def test_a_year_of_53_weeks_has_them_all(tmp_path: Path) -> None:
    assert told(tmp_path, period="2026-W53") == []
