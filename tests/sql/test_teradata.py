"""Teradata, which nobody runs here: see `on_postgres`."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.engines.errors import EngineError
from kpidsl.project import query_text
from tests import answers
from tests.dialects.catalogue import Exercise, exercises
from tests.sql.formulas import assert_refused, sql_of
from tests.sql.on_postgres import (
    answers_as_it_should,
    with_integer_parts,
    with_told_instants,
    with_truth_values,
)

TABLE = (
    "datasets: {t: {table: t, key: id, time: day, columns: {id: integer, n: integer, name: text, day: date, "
    "price: 'decimal(12,2)', at: timestamp, other: timestamp, wait: {type: 'decimal(12,6)', unit: second}, "
    "weight: {type: float, unit: second}}}}\n"
    "dimensions: {label: {from: {t: name}}}\n"
)
FUNCTIONS = [
    "CREATE FUNCTION add_months(date, numeric) RETURNS date LANGUAGE sql RETURN $1 + $2 * INTERVAL '1 MONTH'",
    "CREATE FUNCTION add_months(timestamp, numeric) RETURNS timestamp LANGUAGE sql RETURN $1 + $2 * INTERVAL '1 MONTH'",
    "CREATE FUNCTION index(text, text) RETURNS int LANGUAGE sql RETURN STRPOS($1, $2)",
    # Its result is padded to the length that the longest text would have.
    "CREATE FUNCTION char2hexint(text) RETURNS text LANGUAGE sql RETURN RPAD((SELECT COALESCE(STRING_AGG("
    "LPAD(UPPER(TO_HEX(ASCII(letter))), 4, '0'), '' ORDER BY place), '') "
    "FROM REGEXP_SPLIT_TO_TABLE($1, '') WITH ORDINALITY AS t(letter, place) WHERE letter <> '') , 400)",
    "CREATE SCHEMA sys_calendar",
    'CREATE VIEW sys_calendar."CALENDAR" AS SELECT CAST(day AS date) AS calendar_date '
    "FROM GENERATE_SERIES(TIMESTAMP '1900-01-01', TIMESTAMP '2100-12-31', INTERVAL '1 DAY') AS t(day)",
]
NOT_IN_POSTGRES = dict.fromkeys(
    (
        "conditions/null-booleans > Which rows each form keeps",
        "parameters/parameters-in-conditions > The defaults",
        "fiscal/a-year-that-begins-in-february > By fiscal quarter, within a calendar year",
        "datasets/a-dimension-of-one-fact > By both",
        "derived_columns/window-forms > Days between orders",
        "derived_columns/window-forms > Amounts before, running sums and all of a customer",
        "maturity/old-enough > By month and channel",
        "objectives/levels-and-budgets > An error budget",
        "objectives/parity > With one of them",
        "objectives/guardrails > Before it is over",
    ),
    "it has truth values",
)


def in_postgres(tree: exp.Expr) -> str:
    with_told_instants(tree)
    with_integer_parts(tree)
    with_truth_values(tree)
    return tree.sql("postgres", pretty=True)


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NOT_IN_POSTGRES:
        assert answers_as_it_should(exercise, "teradata", FUNCTIONS, in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.id where name like 'a%')", "what it takes for equal hangs on the session"),
        ("sum(t.id where contains(name, 'a'))", "what it takes for equal hangs on the session"),
        ("sum(t.id where lower(name) = 'a')", "which letters it changes hangs on the character set"),
        ("sum(t.id where length(name) > 3)", "a character beyond U+FFFF may count twice"),
        ("sum(t.id where round(t.price, 1) = 0.5)", "user-defined functions there"),
        ("round(sum(t.price) / count(t), 2)", "user-defined functions there"),
        ("count(t where at + weight > other)", "how it rounds more than six digits is not documented"),
    ],
)
def test_what_is_not_exact_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    assert_refused(formula, "teradata", reason, TABLE, tmp_path)


@pytest.mark.asks("postgres")
@pytest.mark.parametrize(
    ("zone", "is_told"),
    [("America/New_York", True), ("Europe/London", True), ("Asia/Kolkata", True), ("Etc/UCT", False)],
)
def test_a_session_in_another_zone_makes_the_statement_fail(zone: str, is_told: bool) -> None:
    # London's clocks show UTC in winter, as those of the times that are read do.
    exercise = next(one for one in exercises() if one.label == "aggregates_more/first-and-last > By account")
    functions = [*FUNCTIONS, f"SET TimeZone = '{zone}'"]
    if not is_told:
        assert answers_as_it_should(exercise, "teradata", functions, in_postgres)
        return
    with pytest.raises(EngineError, match="division by zero"):
        answers_as_it_should(exercise, "teradata", functions, in_postgres)


AT, OTHER = (
    f"CASE WHEN session_zone.is_utc = 1 THEN CAST(t.{name} AS TIMESTAMP) END" for name in ('"at"', "other")
)


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("max(t.at)", f"MAX({AT}) AS v_t_max FROM session_zone CROSS JOIN t AS t"),
        ("count(t where at >= 2026-03-01)", f"{AT} >= TIMESTAMP '2026-03-01 00:00:00.000000'"),
        ("count(t where hour(at) > 3)", f"EXTRACT(HOUR FROM {AT}) > 3"),
        ("count(t where at + 2 hours > other)", f"{AT} + INTERVAL '2' HOUR > {OTHER}"),
        ("count(t where at - 90 minutes > other)", f"{AT} - INTERVAL '90' MINUTE > {OTHER}"),
        (
            "count(t where at + 1.5 seconds > other)",
            f"{AT} + 1500000 * INTERVAL '0000 00:00:00.000001' DAY TO SECOND",
        ),
        (
            "count(t where at + 100000 seconds > other)",
            f"{AT} + 100000 * INTERVAL '0000 00:00:01' DAY TO SECOND",
        ),
        ("count(t where at + 3 days > other)", f"{AT} + 3 * INTERVAL '0001' DAY > {OTHER}"),
        ("count(t where at + 1 month > other)", f"ADD_MONTHS({AT}, 1) > {OTHER}"),
        (
            "count(t where at + wait > other)",
            'CAST(CAST(t."wait" AS DECIMAL(38, 6)) * 1000000 AS BIGINT) * INTERVAL',
        ),
        (
            "sum(t.other - at)",
            f"CAST(CAST({OTHER} AS DATE) - CAST({AT} AS DATE) AS DECIMAL(38, 6)) * 86400 "
            f"+ (EXTRACT(HOUR FROM {OTHER}) - EXTRACT(HOUR FROM {AT})) * 3600",
        ),
    ],
)
def test_times_are_those_of_a_session_in_utc(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "teradata", TABLE, tmp_path).replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("sum(t.n)", "SUM(CAST(t.n AS DECIMAL(38, 0)))"),
        ("sum(t.price * t.price)", "t.price * CAST(1 AS DECIMAL(38, 0)) * t.price"),
        ("count(t where name = 'é ')", "TRIM(CHAR2HEXINT(t.name || '')) || ' ' || t.name = '00E90020 é '"),
        ("count(t where day >= 2026-03-01)", "t.\"day\" >= DATE '2026-03-01'"),
    ],
)
def test_what_is_written_hangs_on_no_setting(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "teradata", TABLE, tmp_path)


def test_texts_that_meet_are_as_wide_as_they_may_be(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    asked = query_text(["x = sum(t.n)"], by="label", totals="rollup")
    found = compile_query(project, asked, "teradata", Sink())
    assert found is not None
    assert found.sql.count("CAST('' AS VARCHAR(2000))") >= 2
    assert "CHARACTER_LENGTH" in found.sql
