"""The settings that a statement for ClickHouse carries."""

from __future__ import annotations

import pytest
from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.clickhouse_tree import spelled


@pytest.mark.parametrize(("columns", "is_large"), [(10, False), (30_000, True)])
def test_a_large_statement_raises_the_limit_of_its_size(columns: int, is_large: bool) -> None:
    tree = spelled(exp.Select(expressions=[nodes.integer(1) for _ in range(columns)]))
    settings = tree.sql("clickhouse").rpartition("SETTINGS ")[2]
    assert settings.startswith("join_use_nulls = 1, aggregate_functions_null_for_empty = 1, ")
    assert settings.endswith(", max_ast_elements = 1000000") == is_large
