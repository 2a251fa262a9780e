"""DuckDB's instants: a column of theirs is refused, and what is declared instead is right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.engines import EngineError
from kpidsl.project import Project
from kpidsl.verifying.verify import verify
from tests import answers

DEFINITIONS = """
datasets:
  sales:
    table: sales
    key: id
    time: sold_at
    columns:
      id: integer
      sold_at: {TYPE}
      amount: decimal(8,2)
metrics:
  sold: sum(sales.amount)
"""
AS_IT_IS = "column: Sold_At, type: timestamp, timezone: UTC"
INSTEAD = "sql: \"Sold_At at time zone 'UTC'\", dialect: duckdb, type: timestamp, timezone: UTC"
MADE = """
create table sales(id integer, Sold_At timestamptz, amount decimal(8,2));
insert into sales values (1, '2026-01-31 23:30:00+00', 10), (2, '2026-01-15 12:00:00+00', 1);
"""


def project(folder: Path, declared: str) -> Project:
    """Return a project of Paris whose first sale, late in January in UTC, is of February there."""
    with duckdb.connect(str(folder / "shop.duckdb")) as file:
        file.execute(MADE)
    sink = Sink()
    text = DEFINITIONS.replace("TYPE", declared)
    found = load(answers.write_project(folder, "timezone: Europe/Paris\n", text), sink)
    assert found is not None
    assert not sink.has_errors, sink.diagnostics()
    return Project(found)


def test_instants_are_refused(tmp_path: Path) -> None:
    shop = project(tmp_path, AS_IT_IS)
    with pytest.raises(EngineError, match="it is TIMESTAMP WITH TIME ZONE in the table") as told:
        shop.query(["sold"], by=["month"]).run(f"duckdb:///{tmp_path}/shop.duckdb")
    assert "Sold_At AT TIME ZONE 'UTC'" in str(told.value.help)
    sink = Sink()
    verify(shop.checked, "duckdb:///shop.duckdb", tmp_path, sink)
    assert [found.code for found in sink.diagnostics()] == ["data/column-type"]


def test_what_is_declared_instead_is_right(tmp_path: Path) -> None:
    shop = project(tmp_path, INSTEAD)
    found = shop.query(["sold"], by=["month"]).run(f"duckdb:///{tmp_path}/shop.duckdb")
    assert [(row["month"], row["sold"]) for row in found.rows()] == [
        (date(2026, 1, 1), Decimal("1.00")),
        (date(2026, 2, 1), Decimal("10.00")),
    ]
