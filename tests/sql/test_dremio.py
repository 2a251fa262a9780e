"""Dremio, which nobody runs here: see `on_postgres`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.model.grains import Cut
from kpidsl.model.zones import known
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.dremio_times import DremioTimes
from kpidsl.sql.dremio_tree import refusal
from kpidsl.sql.times import LookupTables
from tests import answers
from tests.dialects.catalogue import Exercise, exercises
from tests.sql.formulas import assert_refused, sql_of
from tests.sql.on_postgres import (
    NO_BOOLEAN_EXTREMES,
    answers_as_it_should,
    with_integer_parts,
    with_steps,
    with_told_instants,
)
from tests.sql.test_converted_times import CHANGES, RARE, answers_of, around

TABLE = (
    "datasets: {t: {table: t, key: id, time: day, columns: {id: integer, n: integer, name: text, day: date, "
    "price: 'decimal(12,2)', wide: 'decimal(30,2)', fine: 'decimal(20,10)', at: timestamp, other: timestamp, wait: {type: 'decimal(12,6)', unit: second}}}}\n"
)
FUNCTIONS = [
    "CREATE FUNCTION hex(text) RETURNS text LANGUAGE sql RETURN UPPER(ENCODE(CONVERT_TO($1, 'UTF8'), 'hex'))",
    "CREATE FUNCTION locate(text, text) RETURNS int LANGUAGE sql RETURN STRPOS($2, $1)",
    "CREATE FUNCTION datediff(date, date) RETURNS int LANGUAGE sql RETURN $1 - $2",
    # Whether it keeps fractions of a second must not matter.
    "CREATE FUNCTION convert_timezone(text, text, timestamp) RETURNS timestamp LANGUAGE sql RETURN "
    "DATE_TRUNC('second', TIMEZONE($2, TIMEZONE($1, $3)))",
]
NOT_THERE = {"units/dates-and-durations > Timestamps | latest, earliest": "its times have microseconds"}


def in_postgres(tree: exp.Expr) -> str:
    with_integer_parts(tree)
    for added in list(tree.find_all(exp.DateAdd)):
        if added.args["unit"].name == "DAY":
            # Days that are added to a date make a date there.
            place = exp.Placeholder()
            added.replace(place)
            place.replace(nodes.cast(added, "date"))
    with_steps(tree)
    for call in reversed(list(tree.find_all(exp.Anonymous))):
        match call:
            case exp.Anonymous(name="TIMESTAMPADD"):
                unit, amount, time = call.expressions
                step = exp.Interval(this=nodes.text("1"), unit=unit.copy())
                later = nodes.binary(exp.Mul, nodes.atom(amount.copy()), step)
                call.replace(
                    exp.Paren(this=nodes.binary(exp.Add, nodes.cast(time.copy(), "timestamp"), later))
                )
            case exp.Anonymous(name="SUBSTR", expressions=[exp.Cast() as text, *_]):
                # PostgreSQL's text of a time has no zeros at its end.
                pattern = nodes.text("YYYY-MM-DD HH24:MI:SS.MS")
                text.replace(nodes.call("TO_CHAR", text.this.copy(), pattern))
            case _:
                pass
    with_told_instants(tree)
    return tree.sql("postgres", pretty=True)


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NO_BOOLEAN_EXTREMES | NOT_THERE:
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
        ("count(t where t.at + 1.5 seconds > t.other)", "its timestamps have milliseconds"),
        ("count(t where t.at - 0.000001 seconds > t.other)", "its timestamps have milliseconds"),
        ("count(t where t.at + wait > t.other)", "its timestamps have milliseconds"),
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
        # Each key of an order says once where its nulls stand, and not at all where it has none.
        ("median(t.price)", "(ORDER BY t_rows.x_t_percentile IS NULL, t_rows.x_t_percentile ASC)"),
        ("max(t.day + 7 days)", 'DATE_ADD(t."day", 7)'),
    ],
)
def test_what_is_written_hangs_on_no_source(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "dremio", TABLE, tmp_path)


def test_months_of_months_are_added_as_they_are(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    found = compile_query(project, query_text(["x = prior(count(t), 1 month)"], by="month"), "dremio", Sink())
    assert found is not None
    assert "= CAST(DATE_ADD(buckets.k_month, CAST(-1 AS INTERVAL MONTH)) AS DATE)" in found.sql


def test_days_of_times_in_their_own_zone_are_dates(tmp_path: Path) -> None:
    timed = TABLE.replace("time: day", "time: at")
    asked = query_text(["x = count(t)"], by="day", period="2026")
    own = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", timed))
    found = compile_query(own, asked, "dremio", Sink())
    assert found is not None
    assert 'CAST(t."at" AS DATE)' in found.sql


IN_DUCKDB = [
    "SET TimeZone = 'UTC'",
    "CREATE MACRO convert_timezone(held_in, zone, x) AS "
    "date_trunc('second', timezone(zone, timezone(held_in, x)))",
]


@pytest.mark.parametrize(("zone", "day"), CHANGES + RARE)
def test_local_times_are_brought_to_utc_and_back(zone: str, day: datetime) -> None:
    times, place = around(day), known(zone)
    made = DremioTimes(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
    given = nodes.column("given", "t")
    in_utc = [t.replace(tzinfo=place).astimezone(UTC).replace(tzinfo=None) for t in times]
    local = [t.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None) for t in times]
    for node, expected in ((made.utc(given, zone), in_utc), (made.local(given, "UTC", None), local)):
        held = exp.Paren(this=node)
        for call in reversed(list(held.find_all(exp.Anonymous))):
            if call.name == "TIMESTAMPADD":
                _, amount, time = call.expressions
                seconds = nodes.call("TO_SECONDS", amount.copy())
                call.replace(exp.Paren(this=nodes.binary(exp.Add, time.copy(), seconds)))
        assert answers_of(times, held, IN_DUCKDB) == expected


@pytest.mark.parametrize(("zone", "day"), CHANGES + RARE)
def test_days_of_a_zone_are_those_of_its_clocks(zone: str, day: datetime) -> None:
    times, place = around(day), known(zone)
    made = DremioTimes(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
    node = made.of_local(nodes.column("given", "t"), "UTC", None, lambda local: nodes.cast(local, "date"))
    expected = [t.replace(tzinfo=UTC).astimezone(place).date() for t in times]
    assert answers_of(times, node, IN_DUCKDB) == expected


def test_days_up_to_an_instant_within_one_are_counted(tmp_path: Path) -> None:
    timed = TABLE.replace("time: day", "time: at").replace(
        "at: timestamp", "at: {type: timestamp, timezone: UTC}"
    )
    own = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", timed))
    asked = query_text(["x = avg(count(t) per day)"], by="month", period="2026", as_of="2026-06-15 12:00:00")
    found = compile_query(own, asked, "dremio", Sink())
    assert found is not None
    assert "CONVERT_TIMEZONE('UTC', 'Europe/Paris', " in found.sql


@pytest.mark.parametrize(("fraction", "is_refused"), [(".000500", True), (".500", False), (".500000", False)])
def test_a_written_time_has_milliseconds_at_most(fraction: str, is_refused: bool) -> None:
    time = nodes.cast(nodes.text(f"2026-03-01 12:00:00{fraction}"), "timestamp")
    assert (refusal(exp.Select(expressions=[time])) is not None) == is_refused
