"""Tables and columns that are called like words of SQL, and are not quoted in a definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.project import load

DATASET = """
datasets:
  orders: {table: Shop.Order, key: id, columns: {id: integer, amount: {type: integer, column: Select}}}
metrics: {total: sum(orders.amount)}
"""


@pytest.mark.parametrize(
    ("dialect", "table", "column"),
    [
        # What tells capitals finds them as they were written.
        ("mysql", "Shop.`Order`", "orders.`Select`"),
        ("clickhouse", 'Shop."Order"', 'orders."Select"'),
        ("bigquery", "Shop.`Order`", "orders.`Select`"),
        ("duckdb", 'Shop."Order"', 'orders."Select"'),
        # What folds names has small letters, or capitals, where its own tables were made without quotes.
        ("postgres", 'Shop."order"', 'orders."select"'),
        ("redshift", 'Shop."order"', 'orders."select"'),
        ("materialize", 'Shop."order"', 'orders."select"'),
        ("snowflake", 'Shop."ORDER"', 'orders."SELECT"'),
        ("oracle", 'Shop."ORDER"', 'orders."SELECT"'),
    ],
)
def test_words_of_sql_are_quoted_as_the_engine_has_them(
    tmp_path: Path, dialect: str, table: str, column: str
) -> None:
    (tmp_path / "kpidsl.yml").write_text("project: shop\nlanguage: 1\ninclude: [all.yml]\n")
    (tmp_path / "all.yml").write_text(DATASET)
    sql = load(tmp_path).query(["total"]).sql(dialect)
    assert f"FROM {table}" in sql
    assert column in sql
