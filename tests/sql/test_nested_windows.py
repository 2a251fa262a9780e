"""How much SQL nested windows need that `as_of` cuts within a day: a step more for each, not twice as much."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: placed_at
    columns: {id: integer, placed_at: {type: timestamp, timezone: UTC}}
calendars:
  retail:
    table: retail_days
    day: day
    grains: {retail_month: month_name}
    columns: {day: date, month_name: text}
"""

INSIDE = {
    "day": "avg(prior(count(orders), 1 month) per day)",
    "month": "avg(prior(rolling(count(orders), 2 months), 1 month) per day)",
    "retail_month": "rolling(to_date(count(orders), retail_month), 2 retail_months)",
}


def _size(folder: Path, grain: str, moves: int, dialect: str) -> int:
    project = answers.checked(answers.write_project(folder, "", DEFINITIONS))
    amount = "1 retail_month" if grain == "retail_month" else "1 month"
    formula = "prior(" * moves + INSIDE[grain] + f", {amount})" * moves
    query = {"kpis": [f"x = {formula}"], "by": [grain], "period": "2026", "as_of": "2026-03-15 12:00"}
    compiled, told = answers.ask(project, query, dialect)
    assert compiled is not None, [diagnostic.message for diagnostic in told]
    return len(compiled.sql)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "postgres", "mariadb"])
@pytest.mark.parametrize("grain", INSIDE)
def test_nested_moves_add_to_the_statement(tmp_path: Path, grain: str, dialect: str) -> None:
    sizes = [_size(tmp_path / str(moves), grain, moves, dialect) for moves in (1, 2, 4)]
    each = max(sizes[1] - sizes[0], 1_000)
    assert sizes[2] - sizes[1] < 4 * each
    assert sizes[2] < 50_000
