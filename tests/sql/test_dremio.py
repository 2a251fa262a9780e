"""Dremio, which nobody runs here: see `on_postgres`."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.dremio_tree import refusal
from tests import answers
from tests.dialects.catalogue import Exercise, exercises
from tests.sql.formulas import assert_refused, sql_of
from tests.sql.on_postgres import NO_BOOLEAN_EXTREMES, answers_as_it_should, with_integer_parts, with_steps

TABLE = (
    "datasets: {t: {table: t, key: id, time: day, columns: {id: integer, n: integer, name: text, day: date, "
    "price: 'decimal(12,2)', wide: 'decimal(30,2)', fine: 'decimal(20,10)', at: timestamp, other: timestamp}}}\n"
)
FUNCTIONS = [
    "CREATE FUNCTION hex(text) RETURNS text LANGUAGE sql RETURN UPPER(ENCODE(CONVERT_TO($1, 'UTF8'), 'hex'))",
    "CREATE FUNCTION locate(text, text) RETURNS int LANGUAGE sql RETURN STRPOS($2, $1)",
    "CREATE FUNCTION datediff(date, date) RETURNS int LANGUAGE sql RETURN $1 - $2",
]


def in_postgres(tree: exp.Expr) -> str:
    with_integer_parts(tree)
    for added in list(tree.find_all(exp.DateAdd)):
        if added.args["unit"].name == "DAY":
            # Days that are added to a date make a date there.
            place = exp.Placeholder()
            added.replace(place)
            place.replace(nodes.cast(added, "date"))
    with_steps(tree)
    return tree.sql("postgres", pretty=True)


@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NO_BOOLEAN_EXTREMES:
        assert answers_as_it_should(exercise, "dremio", FUNCTIONS, in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.wide)", "over many rows it may have 40 digits, and 38 are kept"),
        ("sum(t.price) * sum(t.price)", "its result may have 44 digits, and 38 are kept"),
        ("max(t.wide) * 0.12345678", "its result has 38 digits, of which 6 stand after the point, not 10"),
        ("sum(t.fine) * sum(t.fine)", "its result may have 60 digits, and 38 are kept"),
        ("sum(t.n * t.n * t.n)", "one of more than 38 digits is 0"),
        ("sum(t.id where round(t.price, 1) = 0.5)", "which way they round a half"),
        ("sum(t.id where name like 'a%')", "which letters are alike is not documented"),
        ("sum(t.id where contains(name, 'a'))", "which letters are alike is not documented"),
        ("sum(t.id where lower(name) = 'a')", "which letters are alike is not documented"),
        ("sum(t.id where length(name) > 3)", "what it counts is not documented"),
        ("avg(t.other - t.at)", "its timestamps have milliseconds"),
        ("count(t where t.at + 3 hours > t.other)", "its timestamps have milliseconds"),
    ],
)
def test_what_is_not_exact_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    assert_refused(formula, "dremio", reason, TABLE, tmp_path)


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("sum(t.n)", "SUM(CAST(t.n AS DECIMAL(38, 0)))"),
        ("sum(t.n * t.n)", "t.n * CAST(1 AS DECIMAL(38, 0)) * t.n"),
        ("sum(t.price) * 1.05", " t_total.v_t_sum * 1.05"),
        # 20 digits over 10^10 rows are 30; 38 of them with 10 after the point have no room for one more.
        (
            "sum(t.fine) + sum(t.fine where name = 'a')",
            "CAST(t_total.v_t_sum AS DECIMAL(30, 10)) + CAST(t_total.v_t_sum_2 AS DECIMAL(30, 10))",
        ),
        ("count(t where name = 'é ')", "HEX(t.name) || ' ' || t.name = 'C3A920 é '"),
    ],
)
def test_what_is_written_hangs_on_no_source(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "dremio", TABLE, tmp_path)


def test_days_of_times_are_asked_in_their_own_zone_alone(tmp_path: Path) -> None:
    timed = TABLE.replace("time: day", "time: at")
    asked = query_text(["x = count(t)"], by="day", period="2026")
    settings = "timezone: Europe/Paris\n"
    own = answers.checked(answers.write_project(tmp_path / "own", settings, timed))
    found = compile_query(own, asked, "dremio", Sink())
    assert found is not None
    assert 'CAST(t."at" AS DATE)' in found.sql
    utc = timed.replace("at: timestamp", "at: {type: timestamp, timezone: UTC}")
    for text, parts in ((utc, {"by": "day"}), (timed, {"by": "hour"})):
        project = answers.checked(answers.write_project(tmp_path / parts["by"], settings, text))
        sink = Sink()
        question = query_text(["x = count(t)"], by=parts["by"], period="2026")
        assert compile_query(project, question, "dremio", sink) is None
        assert {told.code for told in sink.diagnostics()} == {"dialect/unsupported"}


@pytest.mark.parametrize(("fraction", "is_refused"), [(".000500", True), (".500", False), (".500000", False)])
def test_a_written_time_has_milliseconds_at_most(fraction: str, is_refused: bool) -> None:
    time = nodes.cast(nodes.text(f"2026-03-01 12:00:00{fraction}"), "timestamp")
    assert (refusal(exp.Select(expressions=[time])) is not None) == is_refused
