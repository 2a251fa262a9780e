"""T-SQL, which nobody runs here: what its documentation says of texts, truth values and decimals."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import on_sql_server
from kpidsl.sql.truths import without_truth_values
from kpidsl.sql.tsql_tree import spelled
from tests import answers

DEFINITIONS = """
datasets:
  t:
    table: t
    key: id
    time: at
    columns:
      id: integer
      at: timestamp
      name: text
      is_new: boolean
      price: decimal(12,2)
      rate: decimal(12,6)
      fine: decimal(38,10)
"""


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", DEFINITIONS))


def written(project: CheckedProject, formula: str, **parts: object) -> str:
    sink = Sink()
    text = query_text([f"x = {formula}"], **parts)  # type: ignore[arg-type]
    compiled = compile_query(project, text, "tsql", sink)
    return " ".join(compiled.sql.split()) if compiled is not None else sink.diagnostics()[0].message


@pytest.mark.parametrize(
    ("op", "left", "right", "result"),
    [
        # The table of "Precision, scale, and length": a product has p1 + p2 + 1 digits, a sum one more before
        # the point, and of more than 38 those after the point go.
        ("*", (12, 2), (12, 6), (25, 8)),
        ("*", (38, 2), (12, 6), (38, 6)),
        ("*", (38, 2), (12, 2), (38, 4)),
        ("*", (20, 10), (20, 10), (38, 17)),
        ("+", (12, 2), (12, 6), (17, 6)),
        ("+", (38, 2), (38, 2), (38, 2)),
        ("-", (38, 2), (38, 4), (38, 2)),
    ],
)
def test_digits_are_those_of_the_documentation(
    op: str, left: tuple[int, int], right: tuple[int, int], result: tuple[int, int]
) -> None:
    assert on_sql_server(op, left, right) == result


@pytest.mark.parametrize(
    ("formula", "is_exact"),
    [
        ("sum(t.price * t.rate)", True),
        ("sum(t.price) - sum(t.price where is_new)", True),
        ("sum(t.price) * sum(t.rate)", False),
        ("sum(t.price) - sum(t.rate)", True),
        ("sum(t.fine * t.rate)", False),
        ("sum(t.price) / sum(t.rate)", True),
    ],
)
def test_decimals_that_would_be_cut_are_refused(
    project: CheckedProject, formula: str, is_exact: bool
) -> None:
    assert ("cannot compute" not in written(project, formula)) is is_exact


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        # 12 digits over 10^10 rows are 22.
        (
            "sum(t.price) - sum(t.rate)",
            "CAST(t_total.v_t_sum AS NUMERIC(22, 2)) - t_total.v_t_sum_2",
        ),
        # Of 38 + 3 + 1 digits four after the point stay, which are all that there are.
        ("sum(t.price) * 1.05", " t_total.v_t_sum * 1.05"),
        (
            "max(t.price) * max(t.rate)",
            "CAST(t_total.v_t_max AS NUMERIC(12, 2)) * CAST(t_total.v_t_max_2 AS NUMERIC(12, 6))",
        ),
    ],
)
def test_operands_are_cast_to_the_digits_they_need(project: CheckedProject, formula: str, sql: str) -> None:
    assert sql in written(project, formula)


def test_a_text_has_a_mark_at_its_end_where_it_is_compared(project: CheckedProject) -> None:
    exact = "CAST(t.name AS NVARCHAR(MAX)) COLLATE Latin1_General_100_BIN2 + NCHAR(1)"
    assert f"WHERE {exact} = N'it''s' + NCHAR(1) )" in written(project, "count(t where name = 'it''s')")
    assert "LIKE N'a\\[b%' + NCHAR(1) ESCAPE '\\'" in written(project, "count(t where name like 'a[b%')")


def test_one_wildcard_for_one_character_is_refused(project: CheckedProject) -> None:
    assert "two" in written(project, "count(t where name like 'a_b')")
    assert "LIKE" in written(project, r"count(t where name like 'a\_b')")


def test_letters_change_by_a_collation_that_is_not_the_column_s(project: CheckedProject) -> None:
    upper = "UPPER(CAST(t.name AS NVARCHAR(MAX)) COLLATE Latin1_General_100_CS_AS_SC)"
    assert upper in written(project, "count(t where upper(name) = 'EU')")


def test_what_is_rounded_has_room_for_a_digit_more(project: CheckedProject) -> None:
    found = written(project, "count(t where round(price) = 3)")
    assert "ROUND(CAST(t.price AS NUMERIC(13, 2)), 0)" in found


def test_what_is_wide_is_not_cast_again_to_be_added_up(project: CheckedProject) -> None:
    assert "SUM(CAST(t.id AS BIGINT))" in written(project, "sum(t.id)")
    assert "SUM(CAST(DATEPART(HOUR, " in written(project, "sum(hour(t.at))")


def test_an_order_has_each_key_once() -> None:
    tree = sqlglot.parse_one("SELECT FIRST_VALUE(a) OVER (ORDER BY b DESC, c, b DESC) FROM t", read="tsql")
    assert spelled(tree).sql("tsql") == "SELECT FIRST_VALUE(a) OVER (ORDER BY b DESC, c) FROM t"


def test_weeks_do_not_hang_on_the_session(project: CheckedProject) -> None:
    found = written(project, "count(t)", by=["week"])
    assert "DATEDIFF(DAY, CAST('0001-01-08' AS DATE), CAST(CAST(t.at AS DATETIME2(6)) AS DATE)) % 7" in found
    assert "WEEK" not in found


@pytest.mark.parametrize(
    ("condition", "value", "as_value"),
    [
        (
            "a = 1 OR b",
            "a = 1 OR b = 1",
            "CASE WHEN a = 1 OR b = 1 THEN 1 WHEN NOT (a = 1 OR b = 1) THEN 0 END",
        ),
        ("NOT a", "NOT (a = 1)", "CASE WHEN NOT (a = 1) THEN 1 WHEN NOT (NOT (a = 1)) THEN 0 END"),
        ("a IS NULL", "a IS NULL", "CASE WHEN a IS NULL THEN 1 ELSE 0 END"),
        ("TRUE", "1 = 1", "1"),
        ("FALSE", "1 = 0", "0"),
    ],
)
def test_truth_values(condition: str, value: str, as_value: str) -> None:
    tree = sqlglot.parse_one(f"SELECT {condition} AS c FROM t WHERE {condition}", read="duckdb")
    without_truth_values(tree)
    assert tree.args["where"].this.sql("tsql") == value
    assert tree.expressions[0].this.sql("tsql") == as_value


def test_a_condition_inside_a_comparison_is_a_number() -> None:
    missing = nodes.is_null(exp.column("a"))
    tree = exp.Select(
        expressions=[exp.Star()], where=exp.Where(this=exp.EQ(this=missing, expression=exp.false()))
    )
    without_truth_values(tree)
    assert tree.sql("tsql") == "SELECT * WHERE CASE WHEN a IS NULL THEN 1 ELSE 0 END = 0"
