"""What Snowflake's SQL says under any parameters of a session; it is executed nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.model.types import Kind, Type
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.snowflake_tree import spelled
from tests import answers
from tests.sql.formulas import sql_of

DEFINITIONS = """
datasets:
  orders:
    table: shop.order
    key: id
    time: seen_at
    columns:
      id: integer
      seen_at: timestamp
      account: text
      kind: {type: text, column: '"kind"'}
metrics:
  ids: sum(orders.id)
"""


def written(folder: Path, **parts: object) -> str:
    project = answers.checked(answers.write_project(folder, "week_start: sunday\n", DEFINITIONS))
    sink = Sink()
    compiled = compile_query(project, query_text(["ids"], **parts), "snowflake", sink)  # type: ignore[arg-type]
    assert compiled is not None, sink.diagnostics()
    return compiled.sql


def test_names_are_quoted_in_capitals_unless_their_author_quoted_them(tmp_path: Path) -> None:
    sql = written(tmp_path, by=["orders.account", "orders.kind"])
    assert 'shop."ORDER"' in sql
    assert 'orders."ACCOUNT"' in sql
    assert 'orders."kind"' in sql


def test_times_do_not_look_at_the_session(tmp_path: Path) -> None:
    sql = written(tmp_path, by=["week"], period="2026-02")
    assert "TIMESTAMP_NTZ_FROM_PARTS(2026, 2, 1, 0, 0, 0)" in sql
    assert "DAYOFWEEKISO(CAST(orders.seen_at AS DATE)) % 7" in sql
    assert "k_week IS NULL" in sql


@pytest.mark.parametrize(
    ("descending", "nulls_first", "expected"),
    [
        (False, False, "x IS NULL ASC, x ASC"),
        (True, True, "x IS NULL DESC, x DESC"),
        (False, True, "x ASC NULLS FIRST"),
        (True, False, "x DESC NULLS LAST"),
    ],
)
def test_orders_say_where_nulls_stand(descending: bool, nulls_first: bool, expected: str) -> None:
    x = exp.Column(this=exp.Identifier(this="x", quoted=False))
    key = exp.Ordered(this=x, desc=descending, nulls_first=nulls_first)
    query = exp.Select(expressions=[x.copy()], order=exp.Order(expressions=[key]))
    assert spelled(query).sql("snowflake") == f"SELECT x ORDER BY {expected}"


@pytest.mark.parametrize(("scale", "expected"), [(4, None), (12, None), (13, "decimal(38, 13)")])
def test_products_keep_their_digits(scale: int, expected: str | None) -> None:
    wider = DIALECTS["snowflake"].wider_product
    assert wider is not None
    assert wider(Type(Kind.DECIMAL, precision=38, scale=scale)) == expected


def test_a_constant_with_a_fraction_has_nanoseconds() -> None:
    moment = nodes.cast(nodes.text("2026-01-02 03:04:05.000006"), "timestamp_ntz")
    found = spelled(exp.Select(expressions=[moment])).sql("snowflake")
    assert found == "SELECT TIMESTAMP_NTZ_FROM_PARTS(2026, 1, 2, 3, 4, 5, 6000)"


def test_least_is_null_by_itself(tmp_path: Path) -> None:
    # "If any of the argument values is NULL, the result is NULL" (LEAST, GREATEST).
    table = "datasets: {t: {table: t, key: id, columns: {id: integer, n: integer}}}\n"
    assert "SUM(LEAST(t.id, t.n))" in sql_of("sum(least(t.id, t.n))", "snowflake", table, tmp_path)
