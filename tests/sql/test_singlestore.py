"""SingleStore, which nobody runs here: see `on_postgres`."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql import nodes
from tests import answers
from tests.dialects.catalogue import Exercise, exercises
from tests.sql.formulas import assert_refused, sql_of
from tests.sql.on_postgres import (
    NO_BOOLEAN_EXTREMES,
    answers_as_it_should,
    numbered,
    with_pipes,
    with_steps,
    with_told_instants,
)

TABLE = (
    "datasets: {t: {table: t, key: id, time: at, columns: {id: integer, n: integer, name: text, at: timestamp, "
    "price: 'decimal(12,2)', wide: 'decimal(30,2)', fine: 'decimal(20,18)', other: timestamp}}}\n"
)
PARTS = {
    "year": "YEAR",
    "month": "MONTH",
    "day": "DAY",
    "hour": "HOUR",
    "quarter": "QUARTER",
    "dayofyear": "DOY",
}
FUNCTIONS = [
    *(numbered(name, part) for name, part in PARTS.items()),
    "CREATE FUNCTION week(timestamp, int) RETURNS bigint LANGUAGE sql RETURN EXTRACT(WEEK FROM $1)",
    "CREATE FUNCTION dayofweek(timestamp) RETURNS bigint LANGUAGE sql RETURN EXTRACT(DOW FROM $1) + 1",
    "CREATE FUNCTION datediff(timestamp, timestamp) RETURNS bigint LANGUAGE sql RETURN "
    "CAST($1 AS date) - CAST($2 AS date)",
    "CREATE FUNCTION date_format(timestamp, text) RETURNS text LANGUAGE sql RETURN TO_CHAR($1, "
    "REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE($2, '%Y', 'YYYY'), '%m', 'MM'), '%d', 'DD'), '%H', 'HH24'), '%i', 'MI'), '%s', 'SS'))",
    "CREATE FUNCTION microsecond(timestamp) RETURNS bigint LANGUAGE sql RETURN CAST(TO_CHAR($1, 'US') AS bigint)",
    "CREATE FUNCTION timestampdiff(text, timestamp, timestamp) RETURNS bigint LANGUAGE sql RETURN "
    "TRUNC(EXTRACT(EPOCH FROM $3 - $2))",
    "CREATE FUNCTION convert_tz(timestamp, text, text) RETURNS timestamp LANGUAGE sql RETURN "
    "DATE_TRUNC('second', TIMEZONE($3, TIMEZONE($2, $1)))",
    "CREATE FUNCTION hex(text) RETURNS text LANGUAGE sql RETURN UPPER(ENCODE(CONVERT_TO($1, 'UTF8'), 'hex'))",
    "CREATE FUNCTION locate(text, text) RETURNS int LANGUAGE sql RETURN STRPOS($2, $1)",
]


def in_postgres(tree: exp.Expr) -> str:
    with_pipes(tree)
    with_steps(tree)
    with_told_instants(tree)
    for call in tree.find_all(exp.Anonymous):
        if call.name == "TIMESTAMPDIFF":
            call.expressions[0].replace(nodes.text(call.expressions[0].name))
    return tree.sql("postgres", pretty=True)


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NO_BOOLEAN_EXTREMES:
        assert answers_as_it_should(exercise, "singlestore", FUNCTIONS, in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.price) * sum(t.price) * sum(t.price)", "its result may have 66 digits, and 65 are kept"),
        ("sum(t.wide * t.wide)", "over many rows it may have 70 digits, and 65 are kept"),
        ("sum(t.id where t.fine * t.fine > 1)", "may have 36 digits after the point, and 30 are kept"),
        ("sum(t.id where round(t.price, 1) = 0.5)", "which way they round a half"),
        ("sum(t.id where name like 'a%')", "what it takes for equal hangs on a collation"),
        ("sum(t.id where contains(name, 'a'))", "what it takes for equal hangs on a collation"),
        ("sum(t.id where lower(name) = 'a')", "what it takes for a letter's other case hangs on a collation"),
        ("sum(t.id where length(name) > 3)", "hangs on the column's character set"),
        ("count(t where t.at + 1.5 seconds > t.other)", "what becomes of its microseconds"),
    ],
)
def test_what_is_not_documented_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    assert_refused(formula, "singlestore", reason, TABLE, tmp_path)


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("sum(t.n)", "SUM(t.n :> DECIMAL(65, 0))"),
        ("sum(t.price)", "SUM(t.price :> DECIMAL(65, 2))"),
        ("sum(t.n * t.n)", "(1 :> DECIMAL(38, 0)) * t.n"),
        ("count(t where name = 'é ')", "CONCAT(HEX(t.name), ' ', t.name) = 'C3A920 é '"),
        (
            "count(t where starts_with(name, 'é'))",
            "SUBSTRING(CONCAT(HEX(t.name), ' ', t.name), 1, 4) = 'C3A9'",
        ),
    ],
)
def test_what_is_written_hangs_on_no_setting(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "singlestore", TABLE, tmp_path).replace("( ", "(").replace(" )", ")")


ZONED = TABLE.replace("at: timestamp", "at: {type: timestamp, timezone: UTC}")


@pytest.mark.parametrize("period", ["2026", None])
def test_its_own_zones_are_asked(period: str | None, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", ZONED))
    asked = query_text(["x = count(t)"], by="day", period=period)
    found = compile_query(project, asked, "singlestore", Sink())
    assert found is not None
    assert "DATE(CONVERT_TZ(t.`at`, 'UTC', 'Europe/Paris'))" in found.sql
