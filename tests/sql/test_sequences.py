"""Sequences in SQL: tested row by row, or found for all rows at once where the engine can."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kpidsl.plan.printing import print_plan
from kpidsl.planning import Strategy
from tests import answers

DEFINITIONS = """
datasets:
  visits:
    table: visits
    key: visit_id
    time: visited_at
    columns: {visit_id: integer, visitor_id: integer, visited_at: timestamp, channel: text}
  orders:
    table: orders
    key: order_id
    time: ordered_at
    columns: {order_id: integer, visitor_id: integer, ordered_at: timestamp}
parameters:
  patience: {type: duration, default: 1 day}
metrics:
  won: count(visits where followed_by(orders per visitor_id within 7 days))
  won_in_time: count(visits where followed_by(orders per visitor_id within patience))
  lost: count(visits where not followed_by(orders per visitor_id within 7 days))
  won_unknown: count(visits where followed_by(orders per visitor_id including null within 7 days))
  again: count(visits where followed_by(visits where followed_by(visits per visitor_id) per visitor_id))
  won_by_mail: count(visits where channel = 'mail' and followed_by(orders per visitor_id within 7 days))
"""


def asked(folder: Path, kpis: list[str], dialect: str, strategy: Strategy, **parts: Any) -> tuple[str, str]:
    project = answers.checked(answers.write_project(folder, "", DEFINITIONS))
    compiled, wrong = answers.ask(project, {"kpis": kpis, **parts}, dialect, strategy)
    assert compiled is not None, wrong
    return compiled.sql, print_plan(compiled.plan)


@pytest.mark.parametrize(
    ("dialect", "strategy", "is_marked"),
    [("duckdb", "fast", True), ("duckdb", "naive", False), ("postgres", "fast", False)],
)
def test_two_forms(tmp_path: Path, dialect: str, strategy: Strategy, *, is_marked: bool) -> None:
    sql, plan = asked(tmp_path, ["won"], dialect, strategy)
    assert ("SEMI JOIN" in sql) is is_marked
    assert ("EXISTS" in sql) is not is_marked
    assert ("Marked followed_by" in plan) is (strategy == "fast")


@pytest.mark.parametrize("kpi", ["won", "again", "won_unknown"])
def test_sqlite_looks_up_what_is_sought_by_an_index(tmp_path: Path, kpi: str) -> None:
    sql, _ = asked(tmp_path, [kpi], "sqlite", "fast")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table visits (visit_id, visitor_id, visited_at, channel)")
        connection.execute("create table orders (order_id, visitor_id, ordered_at)")
        read = [step[3] for step in connection.execute(f"explain query plan {sql}")]
    assert any(step.startswith("SEARCH found USING AUTOMATIC") for step in read)


def test_what_several_ask_for_is_found_once(tmp_path: Path) -> None:
    sql, plan = asked(tmp_path, ["won", "lost"], "duckdb", "fast")
    assert sql.count("SEMI JOIN") == 1
    assert plan.count("Marked") == 1
    assert plan.count("Scan visits") == 1


def test_only_rows_that_count_are_looked_at(tmp_path: Path) -> None:
    sql, _ = asked(tmp_path, ["won_by_mail"], "duckdb", "fast")
    assert sql.count("visits.channel = 'mail'") == 2


def test_rows_of_one_table_have_names_of_their_own(tmp_path: Path) -> None:
    sql, _ = asked(tmp_path, ["again"], "sqlite", "naive")
    assert "visits_2.visited_at > visits.visited_at" in sql
    assert "visits_3.visited_at > visits_2.visited_at" in sql


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_a_duration_is_as_if_it_were_written(tmp_path: Path, dialect: str) -> None:
    written, _ = asked(tmp_path / "a", ["won"], dialect, "fast")
    given, _ = asked(tmp_path / "b", ["won_in_time"], dialect, "fast", set={"patience": "7 days"})
    assert given.replace("won_in_time", "won") == written
