"""Apache Drill, which nobody runs here: see `on_postgres`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_objective, compile_query
from kpidsl.diagnostics import Sink
from kpidsl.model.grains import Cut
from kpidsl.model.zones import known
from kpidsl.project import query_text
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.drill_times import DrillTimes
from kpidsl.sql.times import LookupTables
from tests import answers
from tests.dialects.catalogue import Exercise, exercises
from tests.objectives.standing import SALES
from tests.sql.formulas import assert_refused, sql_of
from tests.sql.on_postgres import answers_as_it_should, with_integer_parts, with_told_instants
from tests.sql.test_converted_times import CHANGES, answers_of, around

TABLE = (
    "datasets: {t: {table: t, key: id, time: day, columns: {id: integer, n: integer, name: text, day: date, "
    "ended: date, price: 'decimal(12,2)', wide: 'decimal(30,2)', fine: 'decimal(20,10)', at: timestamp, "
    "other: timestamp, paid: boolean, weight: float, wait: {type: 'decimal(12,6)', unit: second}, "
    "before: {type: integer, expr: 'lag(n, 2 per name order by id)'}}}}\n"
    "dimensions: {label: {from: {t: name}}}\n"
)
FUNCTIONS = [
    # A part of a date is a date.
    "CREATE FUNCTION date_trunc(text, date) RETURNS date LANGUAGE sql "
    "RETURN CAST(DATE_TRUNC($1, CAST($2 AS timestamp)) AS date)",
    "CREATE FUNCTION date_add(date, int) RETURNS date LANGUAGE sql RETURN $1 + $2",
]
NOT_THERE = {"units/dates-and-durations > Timestamps | latest, earliest": "its times have microseconds"}
_SECONDS = {"SECOND": 1, "MICROSECOND": 1_000_000}


def in_postgres(tree: exp.Expr) -> str:
    with_integer_parts(tree)
    for call in reversed(list(tree.find_all(exp.Anonymous))):
        match call:
            case exp.Anonymous(name="TIMESTAMPADD"):
                unit, amount, time = call.expressions
                step = exp.Interval(this=nodes.text("1"), unit=unit.copy())
                later = nodes.binary(exp.Mul, nodes.atom(amount.copy()), step)
                call.replace(
                    exp.Paren(this=nodes.binary(exp.Add, nodes.cast(time.copy(), "timestamp"), later))
                )
            case exp.Anonymous(name="TIMESTAMPDIFF"):
                unit, start, end = call.expressions
                call.replace(exp.Paren(this=_between(unit.name, start.copy(), end.copy())))
            case exp.Anonymous(name="LOG"):
                call.set("this", "LN")
            case _:
                pass
    with_told_instants(tree)
    return tree.sql("postgres", pretty=True)


def _between(unit: str, start: exp.Expr, end: exp.Expr) -> exp.Expr:
    if unit in _SECONDS:
        times = (nodes.cast(time, "timestamp") for time in (end, start))
        seconds = exp.Extract(this=exp.Var(this="EPOCH"), expression=nodes.binary(exp.Sub, *times))
        whole = nodes.call("TRUNC", nodes.binary(exp.Mul, seconds, nodes.integer(_SECONDS[unit])))
        return nodes.cast(whole, "bigint")
    days = nodes.binary(exp.Sub, end, start)
    return days if unit == "DAY" else nodes.binary(exp.Div, exp.Paren(this=days), nodes.integer(7))


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NOT_THERE:
        assert answers_as_it_should(exercise, "drill", FUNCTIONS, in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.wide)", "over many rows it may have 40 digits, and 38 are kept"),
        ("sum(t.price) * sum(t.price)", "its result may have 44 digits, and 38 are kept"),
        ("sum(t.fine) * sum(t.fine)", "its result may have 60 digits, and 38 are kept"),
        ("sum(t.id where round(t.price, 1) = 0.5)", "which way they round a half"),
        ("sum(t.id where name like 'a_')", "whether `_` is a character or a byte"),
        ("sum(t.id where lower(name) = 'a')", "which letters it changes is not documented"),
        ("count(t where t.at - 0.0005 seconds > t.other)", "its timestamps have milliseconds"),
        ("count(t where t.at + wait > t.other)", "its timestamps have milliseconds"),
    ],
)
def test_what_is_not_exact_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    assert_refused(formula, "drill", reason, TABLE, tmp_path)


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        # Whatever a file holds, a column is of the type that it is declared to be.
        ("count(t where paid)", "WHERE CAST(t.paid AS BOOLEAN)"),
        ("count(t where weight > 0.5)", "CAST(t.weight AS DOUBLE) > 5e-1"),
        ("count(t where name = 'é ')", "t.name || '' = 'é '"),
        ("count(t where price > 0.5)", "CAST(t.price AS DECIMAL(12, 2)) > CAST('0.5' AS DECIMAL(1, 1))"),
        (
            "count(t where at >= 2026-03-01)",
            "CAST(t.`at` AS TIMESTAMP) >= CAST('2026-03-01 00:00:00' AS TIMESTAMP)",
        ),
        ("sum(t.n)", "SUM(CAST(CAST(t.n AS BIGINT) AS DECIMAL(38, 0)))"),
        ("sum(t.n * t.n)", "CAST(t.n AS BIGINT) * CAST(1 AS DECIMAL(38, 0)) * CAST(t.n AS BIGINT)"),
        # A sum has 38 digits: another one would take the last digit after the point away.
        (
            "sum(t.price) + sum(t.price where paid)",
            "CAST(t_total.v_t_sum AS DECIMAL(22, 2)) + CAST(t_total.v_t_sum_2 AS DECIMAL(22, 2))",
        ),
        ("max(t.day + 7 days)", "DATE_ADD(CAST(t.`day` AS DATE), 7)"),
        ("max(t.day + 1 month)", "CAST(TIMESTAMPADD(MONTH, 1, CAST(t.`day` AS DATE)) AS DATE)"),
        ("max(t.at + 1.5 seconds)", "TIMESTAMPADD(MICROSECOND, 1500000, CAST(t.`at` AS TIMESTAMP))"),
        (
            "count(t where ended - day > 3 days)",
            "TIMESTAMPDIFF(DAY, CAST(t.`day` AS DATE), CAST(t.ended AS DATE)) > 3",
        ),
        (
            "max(weekday(t.day))",
            "TIMESTAMPDIFF(DAY, DATE_TRUNC('WEEK', CAST(t.`day` AS DATE)), CAST(t.`day` AS DATE)) + 1",
        ),
        ("count(t where starts_with(name, 'ab'))", "SUBSTR(t.name || '', 1, CHAR_LENGTH('ab')) = 'ab'"),
        ("count(t where contains(name, 'ab'))", "STRPOS(t.name || '', 'ab') > 0"),
        # Beside others a written text has no length that the shorter ones could be filled up to.
        (
            "count(t where name in ('a', 'bcd'))",
            "t.name || '' IN (CAST('a' AS VARCHAR(65535)), CAST('bcd' AS VARCHAR(65535)))",
        ),
        (
            "count_distinct(case when t.paid then 'a' else 'bcd' end)",
            "THEN CAST('a' AS VARCHAR(65535)) ELSE CAST('bcd' AS VARCHAR(65535)) END",
        ),
        ("count_distinct(t.name)", "COUNT(DISTINCT t.name || '')"),
    ],
)
def test_what_is_written_hangs_on_no_file(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "drill", TABLE, tmp_path).replace("( ", "(").replace(" )", ")")


def _asked(tmp_path: Path, formulas: list[str], **keys: Any) -> tuple[str | None, list[str]]:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    sink = Sink()
    found = compile_query(project, query_text(formulas, **keys), "drill", sink)
    return None if found is None else " ".join(found.sql.split()), [d.message for d in sink.diagnostics()]


def test_groups_of_a_period_are_joined_by_nothing_but_equality(tmp_path: Path) -> None:
    sql, _ = _asked(tmp_path, ["x = count(t where paid) / count(t)"], by=["label", "month"], period="2026")
    assert sql is not None
    assert "JOIN" not in sql
    assert "GROUP BY DATE_TRUNC('MONTH', CAST(t.`day` AS DATE)), t.name || ''" in sql


def test_descending_orders_say_where_nulls_stand(tmp_path: Path) -> None:
    sql, _ = _asked(tmp_path, ["x = sum(t.price)"], by="label", order="-x", limit=3)
    assert sql is not None
    total, label = "t_by_label.v_t_sum", "t_by_label.k_label"
    # Those that are null are the most, and would be the first.
    order = f"ORDER BY CASE WHEN {total} IS NULL THEN 1 ELSE 0 END ASC, {total} DESC, {label} ASC LIMIT 3"
    assert sql.endswith(order)


def test_values_of_rows_further_back_are_refused_where_they_are_defined(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    sink = Sink()
    assert compile_query(project, query_text(["x = sum(t.before)"]), "drill", sink) is None
    (told,) = sink.diagnostics()
    assert "its `LAG` and `LEAD` take no other number than 1" in told.message
    assert told.primary.span.excerpt() in "lag(n, 2 per name order by id)"


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (
            "prior(count(t), 1 month)",
            "a series of days or hours, of which windows and filled buckets are made",
        ),
        ("rolling(count(t), 28 days)", "a series of days or hours"),
    ],
)
def test_windows_are_refused_at_their_place(formula: str, reason: str, tmp_path: Path) -> None:
    sql, told = _asked(tmp_path, [f"x = {formula}"], by="month", period="2026")
    assert sql is None
    assert len(told) == 1
    assert reason in told[0]


def test_objectives_are_refused_as_they_judge_every_bucket(tmp_path: Path) -> None:
    promised = "objectives:\n  o: {owner: a, kpi: revenue, kind: at_least, period: month, target: 10}\n"
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", SALES + promised))
    sink = Sink()
    asked = query_text((), as_of="2026-02-01", period="2026-01")
    assert compile_objective(project, project.objectives["o"], asked, "drill", sink) is None
    (told,) = sink.diagnostics()
    assert "a series of days or hours, of which windows and filled buckets are made" in told.message


def test_days_of_a_period_in_another_zone_are_written_out(tmp_path: Path) -> None:
    timed = TABLE.replace("time: day", "time: at").replace(
        "at: timestamp", "at: {type: timestamp, timezone: UTC}"
    )
    own = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", timed))
    asked = query_text(["x = count(t)"], by="day", period="2026-03")
    found = compile_query(own, asked, "drill", Sink())
    assert found is not None
    assert "TIMESTAMPADD(SECOND, 7200, CAST(t.`at` AS TIMESTAMP))" in " ".join(found.sql.split())


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_local_times_are_brought_to_utc_and_back(zone: str, day: datetime) -> None:
    times, place = around(day), known(zone)
    made = DrillTimes(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
    days = Window(date(day.year - 1, 12, 1), date(day.year + 1, 2, 1))
    local = [t.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None) for t in times]
    held = exp.Paren(this=made.local(nodes.column("given", "t"), "UTC", days))
    for call in reversed(list(held.find_all(exp.Anonymous))):
        if call.name == "TIMESTAMPADD":
            _, amount, time = call.expressions
            seconds = nodes.call("TO_SECONDS", amount.copy())
            call.replace(exp.Paren(this=nodes.binary(exp.Add, time.copy(), seconds)))
    assert answers_of(times, held, ["SET TimeZone = 'UTC'"]) == local
