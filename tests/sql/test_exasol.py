"""Exasol, which nobody runs here: its statements on PostgreSQL, to which its functions are added as documented.

That tells whether a statement means what it should if Exasol's functions do what is documented of them, and
nothing of Exasol itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from tests import answers
from tests.dialects.catalogue import Exercise, exercises
from tests.sql.formulas import sql_of
from tests.sql.on_postgres import NO_BOOLEAN_EXTREMES, answers_as_it_should, with_told_instants

TABLE = (
    "datasets: {t: {table: t, key: id, time: at, columns: {id: integer, n: integer, name: text, at: timestamp, "
    "price: 'decimal(12,2)', wide: 'decimal(30,2)', other: timestamp, day: date}}}\n"
)

FUNCTIONS = """
CREATE FUNCTION add_days(date, numeric) RETURNS date LANGUAGE sql RETURN $1 + CAST($2 AS int);
CREATE FUNCTION add_days(timestamp, numeric) RETURNS timestamp LANGUAGE sql RETURN $1 + $2 * INTERVAL '1 DAY';
CREATE FUNCTION add_months(timestamp, numeric) RETURNS timestamp LANGUAGE sql RETURN
  CASE WHEN EXTRACT(DAY FROM $1 + INTERVAL '1 DAY') = 1
  THEN DATE_TRUNC('month', $1) + ($2 + 1) * INTERVAL '1 MONTH' - INTERVAL '1 DAY' + CAST($1 AS time)
  ELSE $1 + $2 * INTERVAL '1 MONTH' END;
CREATE FUNCTION add_months(date, numeric) RETURNS date LANGUAGE sql RETURN
  CAST(add_months(CAST($1 AS timestamp), $2) AS date);
CREATE FUNCTION add_seconds(timestamp, numeric) RETURNS timestamp LANGUAGE sql RETURN
  $1 + $2 * INTERVAL '1 SECOND';
CREATE FUNCTION days_between(date, date) RETURNS bigint LANGUAGE sql RETURN $1 - $2;
CREATE FUNCTION seconds_between(timestamp, timestamp) RETURNS numeric LANGUAGE sql RETURN
  EXTRACT(EPOCH FROM $1 - $2);
CREATE FUNCTION convert_tz(timestamp, text, text, text) RETURNS timestamp LANGUAGE sql RETURN
  TIMEZONE($3, TIMEZONE($2, $1));
CREATE FUNCTION instr(text, text) RETURNS bigint LANGUAGE sql RETURN STRPOS($1, $2);
CREATE FUNCTION week(timestamp) RETURNS bigint LANGUAGE sql RETURN EXTRACT(WEEK FROM $1);
"""


def in_postgres(tree: Node) -> str:
    """Return a statement as PostgreSQL with those functions takes it; the tree is used up."""
    for levels in list(tree.find_all(exp.Select)):
        if levels.args.get("connect") is not None:
            last = levels.args["connect"].args["connect"].expression
            series = nodes.call("GENERATE_SERIES", nodes.integer(1), nodes.cast(last, "int"))
            alias = nodes.table_alias("levels")
            alias.set("columns", [exp.Identifier(this="level", quoted=False)])
            level = nodes.column("levels", "level")
            levels.replace(
                exp.Select(
                    expressions=[nodes.alias(level, "number")],
                    from_=exp.From(this=exp.Table(this=series, alias=alias)),
                )
            )
    for name in tree.find_all(exp.Identifier):
        if name.quoted and name.name.isupper():
            name.set("this", name.name.lower())
    with_told_instants(tree)
    return tree.sql("postgres", pretty=True)


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NO_BOOLEAN_EXTREMES:
        functions = list(filter(str.strip, FUNCTIONS.split(";\n")))
        assert answers_as_it_should(exercise, "exasol", functions, in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.wide)", "over many rows it may have 40 digits, and 36 are kept"),
        ("sum(t.price) * sum(t.price)", "36 digits, of which 0 stand after the point, not 4"),
        ("sum(t.id where round(t.price, 1) = 0.5)", "which way it rounds a half"),
        ("sum(t.id where name = '')", "it is null there"),
        ("sum(t.id where trim(name) = 'a')", "the empty text, which may come of it, is null there"),
        ("count(t where t.at + 1.5 seconds > t.other)", "whether it keeps microseconds"),
    ],
)
def test_what_is_not_documented_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    sink = Sink()
    assert compile_query(project, query_text([f"x = {formula}"]), "exasol", sink) is None
    (told,) = sink.diagnostics()
    assert told.code == "dialect/unsupported"
    assert reason in told.message


def test_months_of_months_are_added_as_they_are(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    found = compile_query(project, query_text(["x = prior(count(t), 1 month)"], by="month"), "exasol", Sink())
    assert found is not None
    assert "= ADD_MONTHS(buckets.k_month, -1)" in found.sql


def test_names_that_are_words_there_have_its_capitals(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    found = compile_query(project, query_text(["x = min(t.day)"]), "exasol", Sink())
    assert found is not None
    assert 'MIN(t."DAY")' in found.sql


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        # 12 digits over 10^10 rows are 22, and 22 and 3 are fewer than 36.
        ("sum(t.price) * 1.05", "CAST(t_total.v_t_sum AS DECIMAL(22, 2)) * 1.05"),
        ("sum(t.price) - sum(t.price where name = 'a')", " t_total.v_t_sum - t_total.v_t_sum_2"),
        ("sum(t.price * t.price)", "SUM(t.price * t.price)"),
        # One of more than 36 digits is an error.
        ("sum(t.price * t.price) - sum(t.price * t.price)", "t_total.v_t_sum - t_total.v_t_sum"),
        ("count(t where nullif(name, '') = 'a')", "WHERE t.name = 'a'"),
        # Without ESCAPE the session's DEFAULT_LIKE_ESCAPE_CHARACTER escapes, which may stand in the pattern.
        ("count(t where name like 'a!%')", "t.name LIKE 'a!%' ESCAPE '\\'"),
    ],
)
def test_what_is_written_loses_nothing(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "exasol", TABLE, tmp_path)
