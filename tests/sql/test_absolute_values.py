"""Absolute values of integers are integers as all others: they stand in one column, and below 0 beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpidsl.model.types import DATE, INTEGER
from tests import answers

DEFINITIONS = """
datasets:
  sold: {table: sold, key: id, time: day, columns: {id: integer, day: date, n: integer}}
  seen: {table: seen, key: id, time: day, columns: {id: integer, day: date, n: integer}}
"""
COLUMNS = [("id", INTEGER), ("day", DATE), ("n", INTEGER)]
ROWS = [(1, date(2026, 1, 1), -3), (2, date(2026, 2, 1), None)]


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("strategy", answers.STRATEGIES)
@pytest.mark.parametrize(
    ("formula", "due"),
    [
        ("sum(sold.n) - max(abs(seen.n))", -6),
        ("coalesce(max(abs(sold.n) where n > 0), -1)", -1),
        ("min(abs(sold.n)) + min(sold.n)", 0),
    ],
)
def test_absolute_values(
    formula: str, due: int, strategy: answers.Strategy, engine: str, tmp_path: Path
) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    compiled, wrong = answers.ask(project, {"kpis": [f"x = {formula}"]}, engine, strategy)
    assert compiled is not None, wrong
    with answers.loaded(engine, [((name,), COLUMNS, ROWS) for name in ("sold", "seen")]) as connection:
        assert answers.answer(compiled, connection)[1] == [(due,)], compiled.sql
