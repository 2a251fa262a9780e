"""What 64 bits cannot hold is refused on SQLite, never clamped."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpidsl.engines import EngineError
from kpidsl.model.types import INTEGER, decimal
from tests import answers

DEFINITIONS = """
datasets:
  t:
    table: t
    key: id
    columns: {id: integer, huge: "decimal(38,4)", n: integer}
"""


@pytest.mark.parametrize(
    "formula",
    [
        "max(t.huge)",
        "sum(t.huge)",
        "min(-t.huge)",
        "max(t.huge * 1.5)",
        "max(case when n > 0 then huge else 0 end)",
    ],
)
def test_a_decimal_beyond_64_bits_is_refused(formula: str, tmp_path: Path) -> None:
    formula = formula.replace("case when n > 0 then huge", "case when t.n > 0 then t.huge")
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    compiled, wrong = answers.ask(project, {"kpis": [f"x = {formula}"]}, "sqlite")
    assert not wrong
    assert compiled is not None
    columns = [("id", INTEGER), ("huge", INTEGER), ("n", INTEGER)]
    tables = [(("t",), columns, [[1, 10**18, 1], [2, 5, 1]])]
    with answers.loaded("sqlite", tables) as connection, pytest.raises(EngineError):
        answers.answer(compiled, connection)


SETS = """
datasets:
  orders:
    table: orders
    key: id
    time: placed_at
    columns: {id: integer, placed_at: timestamp, customer_id: integer}
metrics:
  came_back: "count_distinct(orders.customer_id where customer_id in prior(to_date(values(orders.customer_id), year), 1 month))"
  came_back_a_day: "avg(came_back per day)"
"""


def test_what_nests_too_deep_within_a_day_is_asked_as_of_a_whole_day(tmp_path: Path) -> None:
    """The help that is given where this SQLite has no room, before version 3.46, is one that works."""
    project = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", SETS))
    query = {"kpis": ["came_back_a_day"], "by": ["month"], "period": "2026"}
    _, wrong = answers.ask(project, {**query, "as_of": "2026-08-15 12:00"}, "sqlite")
    assert [d.code for d in wrong] in ([], ["dialect/too-deep"])
    assert all("`--as-of 2026-08-15`" in (d.help or "") for d in wrong)
    compiled, wrong = answers.ask(project, {**query, "as_of": "2026-08-15"}, "sqlite")
    assert not wrong
    assert compiled is not None


def test_a_wide_decimal_with_small_values_is_exact(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    compiled, _ = answers.ask(project, {"kpis": ["x = sum(t.huge)"]}, "sqlite")
    assert compiled is not None
    columns = [("id", INTEGER), ("huge", decimal(38, 4)), ("n", INTEGER)]
    rows = [[1, Decimal("12345678901.2345"), 1], [2, Decimal("-0.0001"), 1]]
    with answers.loaded("sqlite", [(("t",), columns, rows)]) as connection:
        assert answers.answer(compiled, connection)[1] == [(Decimal("12345678901.2344"),)]
