"""Presto, and Trino, which nobody runs here: see `on_postgres`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.engines.errors import EngineError
from kpidsl.model.grains import Cut
from kpidsl.model.zones import known
from kpidsl.sql import nodes
from kpidsl.sql.presto_times import PrestoTimes
from kpidsl.sql.times import LookupTables
from tests.dialects.catalogue import Exercise, exercises
from tests.sql.formulas import assert_refused, sql_of
from tests.sql.on_postgres import answers_as_it_should, numbered
from tests.sql.test_converted_times import CHANGES, RARE, answers_of, around

TABLE = (
    "datasets: {t: {table: t, key: id, time: at, columns: {id: integer, n: integer, name: text, at: timestamp, "
    "wait: {type: 'decimal(12,6)', unit: second}, other: timestamp}}}\n"
)
PARTS = {
    "year": "YEAR",
    "month": "MONTH",
    "day": "DAY",
    "hour": "HOUR",
    "quarter": "QUARTER",
    "day_of_week": "ISODOW",
    "day_of_year": "DOY",
    "week_of_year": "WEEK",
}
FUNCTIONS = [
    *(numbered(name, part) for name, part in PARTS.items()),
    "CREATE FUNCTION date_trunc(text, date) RETURNS date LANGUAGE sql RETURN "
    "CAST(DATE_TRUNC($1, CAST($2 AS timestamp)) AS date)",
    "CREATE FUNCTION date_add(text, bigint, timestamp) RETURNS timestamp LANGUAGE sql RETURN "
    "$3 + $2 * CAST('1 ' || $1 AS interval)",
    "CREATE FUNCTION date_add(text, bigint, date) RETURNS date LANGUAGE sql RETURN "
    "CAST(CAST($3 AS timestamp) + $2 * CAST('1 ' || $1 AS interval) AS date)",
    "CREATE FUNCTION date_diff(text, timestamp, timestamp) RETURNS bigint LANGUAGE sql RETURN "
    "TRUNC(EXTRACT(EPOCH FROM $3 - $2) / "
    "CASE $1 WHEN 'day' THEN 86400 WHEN 'hour' THEN 3600 WHEN 'minute' THEN 60 WHEN 'second' THEN 1 "
    "WHEN 'millisecond' THEN 0.001 END)",
    # What a time with a zone shows, as a text.
    "CREATE FUNCTION at_timezone(timestamptz, text) RETURNS text LANGUAGE sql RETURN "
    "TO_CHAR(TIMEZONE($2, $1), 'YYYY-MM-DD HH24:MI:SS.MS') || ' ' || $2",
    "CREATE FUNCTION sequence(date, date, interval) RETURNS date[] LANGUAGE sql RETURN "
    "ARRAY(SELECT CAST(d AS date) FROM GENERATE_SERIES(CAST($1 AS timestamp), CAST($2 AS timestamp), $3) AS d)",
    "CREATE FUNCTION sequence(timestamp, timestamp, interval) RETURNS timestamp[] LANGUAGE sql RETURN "
    "ARRAY(SELECT d FROM GENERATE_SERIES($1, $2, $3) AS d)",
    "CREATE FUNCTION with_pair(jsonb, date, date) RETURNS jsonb LANGUAGE sql RETURN "
    "$1 || JSONB_BUILD_OBJECT(CAST($2 AS text), $3)",
    "CREATE AGGREGATE map_agg(date, date) (SFUNC = with_pair, STYPE = jsonb, INITCOND = '{}')",
    "CREATE FUNCTION element_at(jsonb, date) RETURNS date LANGUAGE sql RETURN CAST($1 ->> CAST($2 AS text) AS date)",
]


def in_zone(zone: str) -> str:
    # Else PostgreSQL computes what is only made to fail while it plans.
    return (
        "CREATE FUNCTION current_timezone() RETURNS text LANGUAGE plpgsql VOLATILE AS "
        f"$$ BEGIN RETURN '{zone}'; END $$"
    )


def in_postgres(tree: exp.Expr) -> str:
    """Return a statement as PostgreSQL with those functions takes it; the tree is used up."""
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name == "SUBSTR" and call.expressions[1:] == [nodes.integer(12)]:
            # A time of day: PostgreSQL's text of a time has no zeros at its end.
            time = call.expressions[0].this
            call.expressions[0].replace(nodes.call("TO_CHAR", time, nodes.text("YYYY-MM-DD HH24:MI:SS.MS")))
    for array in list(tree.find_all(exp.Array)):
        if not array.expressions:
            array.replace(exp.Null())
    for case in tree.find_all(exp.Case):
        (first, *_) = case.args["ifs"]
        if isinstance(first.this.this, exp.Anonymous) and first.this.this.name == "CURRENT_TIMEZONE":
            # Its columns have milliseconds.
            first.set("true", nodes.call("DATE_TRUNC", nodes.text("milliseconds"), first.args["true"]))
    return tree.sql("postgres", pretty=True)


NOT_THERE = {"units/dates-and-durations > Timestamps | latest, earliest": "its times have microseconds"}


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NOT_THERE:
        assert answers_as_it_should(exercise, "presto", [*FUNCTIONS, in_zone("UTC")], in_postgres) in (
            True,
            None,
        )


@pytest.mark.asks("postgres")
def test_a_session_in_another_zone_makes_the_statement_fail() -> None:
    exercise = next(one for one in exercises() if one.label == "time/days-in-paris > By day")
    with pytest.raises(EngineError, match="session not in UTC: America/New_York"):
        answers_as_it_should(exercise, "presto", [*FUNCTIONS, in_zone("America/New_York")], in_postgres)


IN_DUCKDB = [
    "SET TimeZone = 'UTC'",
    "CREATE MACRO at_timezone(x, zone) AS strftime(timezone(zone, x), '%Y-%m-%d %H:%M:%S.%g ') || zone",
    "CREATE MACRO date_add(unit, n, x) AS x + to_seconds(n)",
]


@pytest.mark.parametrize(("zone", "day"), CHANGES + RARE)
def test_local_times_are_brought_to_utc_and_back(zone: str, day: datetime) -> None:
    times, place = around(day), known(zone)
    made = PrestoTimes(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
    given = nodes.column("given", "t")
    in_utc = [t.replace(tzinfo=place).astimezone(UTC).replace(tzinfo=None) for t in times]
    assert answers_of(times, made.utc(given, zone), IN_DUCKDB) == in_utc
    local = [t.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None) for t in times]
    assert answers_of(times, made.local(given, "UTC", None), IN_DUCKDB) == local


@pytest.mark.parametrize(
    "formula",
    [
        "count(t where at - 0.000001 seconds > other)",
        "count(t where at + 0.5 milliseconds > other)",
        "count(t where at + wait > other)",
    ],
)
def test_microseconds_are_refused(formula: str, tmp_path: Path) -> None:
    assert_refused(formula, "presto", "its timestamps have milliseconds", TABLE, tmp_path)


GUARDED = "CASE WHEN CURRENT_TIMEZONE() = 'UTC' THEN t.{} ELSE CAST(CONCAT('session not in UTC: ', CURRENT_TIMEZONE()) AS TIMESTAMP) END"
AT, OTHER = GUARDED.format("at"), GUARDED.format("other")


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("max(t.at)", f"MAX({AT})"),
        ("count(t where at + 1.5 seconds > other)", f"DATE_ADD('millisecond', 1500, {AT}) > {OTHER}"),
        ("count(t where hour(at) > 3)", f"HOUR({AT}) > 3"),
        ("sum(t.other - at)", f"DATE_DIFF('millisecond', {AT}, {OTHER}) * 1000 * DECIMAL '0.000001'"),
    ],
)
def test_times_are_asked_in_milliseconds(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "presto", TABLE, tmp_path).replace("( ", "(").replace(" )", ")")
