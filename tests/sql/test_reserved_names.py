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


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        # Dremio's page of reserved words; Drill's parser has the same beginning, and these words too.
        ("dremio", ("boolean", "lead", "allow", "bit", "cardinality", "condition", "character")),
        ("drill", ("boolean", "lead", "allow", "bit", "cardinality", "savepoint", "character")),
        # Teradata's "Restricted Words".
        ("teradata", ("add", "character", "continue", "indicator", "under", "varchar", "wait")),
    ],
)
def test_a_vendors_own_words_are_quoted(tmp_path: Path, dialect: str, words: tuple[str, ...]) -> None:
    (tmp_path / "kpidsl.yml").write_text("project: shop\nlanguage: 1\ninclude: [all.yml]\n")
    columns = "".join(f", '{word}': integer" for word in words)
    metrics = "".join(f", m_{word}: sum(t.{word})" for word in words)
    (tmp_path / "all.yml").write_text(
        f"datasets: {{t: {{table: t, key: id, columns: {{id: integer{columns}}}}}}}\n"
        f"metrics: {{m: sum(t.id){metrics}}}\n"
    )
    mark = "`" if dialect == "drill" else '"'
    project = load(tmp_path)
    for word in words:
        assert f"t.{mark}{word}{mark}" in project.query([f"m_{word}"]).sql(dialect)
