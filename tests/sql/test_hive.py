"""Hive, which nobody runs here: its statements on PostgreSQL, to which its functions are added as documented.

That tells whether a statement means what it should if Hive's functions do what is documented of them, and nothing
of Hive itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query, write_query
from kpidsl.diagnostics import Sink
from kpidsl.model.grains import Cut
from kpidsl.model.zones import known
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.dialects.common import extreme
from kpidsl.sql.hive_times import HiveTimes
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import LookupTables
from tests import answers
from tests.dialects.catalogue import Exercise, exercises
from tests.sql.formulas import sql_of
from tests.sql.on_postgres import NO_BOOLEAN_EXTREMES, answers_as_it_should, with_told_instants
from tests.sql.test_converted_times import CHANGES, RARE, answers_of, around

TABLE = (
    "datasets: {t: {table: t, key: id, time: at, columns: {id: integer, n: integer, name: text, at: timestamp, "
    "price: 'decimal(12,2)', wide: 'decimal(30,2)', other: timestamp, wait: {type: 'decimal(12,6)', unit: second}}}}\n"
)
PARTS = {
    "year": "YEAR",
    "month": "MONTH",
    "dayofmonth": "DAY",
    "hour": "HOUR",
    "minute": "MINUTE",
    "weekofyear": "WEEK",
    "quarter": "QUARTER",
}
FUNCTIONS = [
    "CREATE FUNCTION add_months(date, bigint) RETURNS text LANGUAGE sql RETURN CAST(CASE "
    "WHEN EXTRACT(DAY FROM $1 + 1) = 1 "
    "THEN CAST(DATE_TRUNC('month', CAST($1 AS timestamp)) + ($2 + 1) * INTERVAL '1 MONTH' AS date) - 1 "
    "ELSE CAST($1 + $2 * INTERVAL '1 MONTH' AS date) END AS text)",
    "CREATE FUNCTION date_add(date, bigint) RETURNS date LANGUAGE sql RETURN $1 + CAST($2 AS int)",
    "CREATE FUNCTION datediff(timestamp, timestamp) RETURNS bigint LANGUAGE sql RETURN "
    "CAST($1 AS date) - CAST($2 AS date)",
    "CREATE FUNCTION dayofweek(timestamp) RETURNS bigint LANGUAGE sql RETURN EXTRACT(DOW FROM $1) + 1",
    "CREATE FUNCTION trunc(date, text) RETURNS text LANGUAGE sql RETURN CAST(CAST(DATE_TRUNC("
    "LOWER($2), CAST($1 AS timestamp)) AS date) AS text)",
    "CREATE FUNCTION from_utc_timestamp(timestamp, text) RETURNS timestamp LANGUAGE sql RETURN "
    "TIMEZONE($2, TIMEZONE('UTC', $1))",
    "CREATE FUNCTION second(timestamp) RETURNS bigint LANGUAGE sql RETURN FLOOR(EXTRACT(SECOND FROM $1))",
    "CREATE FUNCTION instr(text, text) RETURNS bigint LANGUAGE sql RETURN STRPOS($1, $2)",
    *(
        f"CREATE FUNCTION {name}(timestamp) RETURNS bigint LANGUAGE sql RETURN EXTRACT({part} FROM $1)"
        for name, part in PARTS.items()
    ),
]


def in_postgres(tree: Node) -> str:
    """Return a statement as PostgreSQL with those functions takes it; the tree is used up."""
    for view in list(tree.find_all(exp.Lateral)):
        last = view.this.expressions[0].expressions[0].expressions[0]
        series = nodes.call("GENERATE_SERIES", nodes.integer(0), last)
        alias = view.args["alias"]
        alias.set("columns", alias.columns[:1])
        query = view.parent
        assert query is not None
        query.append("joins", exp.Join(this=exp.Table(this=series, alias=alias)))
        view.pop()
    for call in reversed(list(tree.find_all(exp.Anonymous))):
        if call.name == "CONCAT":
            whole, *others = (arg.copy() for arg in call.expressions)
            for part in others:
                whole = nodes.binary(exp.DPipe, whole, part)
            call.replace(exp.Paren(this=whole))
        elif call.name in ("LEAST", "GREATEST"):
            # PostgreSQL's pass over nulls.
            call.replace(exp.Paren(this=extreme(call.name)(*(arg.copy() for arg in call.expressions))))
    with_told_instants(tree)
    for interval in list(tree.find_all(exp.Interval)):
        if isinstance(interval.this, exp.Paren):
            amount = interval.this.copy()
            one = exp.Interval(this=nodes.text("1"), unit=interval.args["unit"])
            interval.replace(exp.Paren(this=nodes.binary(exp.Mul, amount, one)))
    return tree.sql("postgres", pretty=True)


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    if exercise.label not in NO_BOOLEAN_EXTREMES:
        assert answers_as_it_should(exercise, "hive", FUNCTIONS, in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.wide)", "over many rows it may have 40 digits, and 38 are kept"),
        ("sum(t.price) * sum(t.price)", "its result may have 44 digits, and 38 are kept"),
        ("max(t.wide) * 0.12345678", "its result has 38 digits, of which 6 stand after the point, not 10"),
        ("sum(t.id where round(t.price, 1) = 0.5)", "which way they round a half"),
        ("sum(t.id where name like 'a_c')", "whether `_` is a character or a byte"),
        ("count(t where t.at + wait > t.other)", "what becomes of its microseconds"),
    ],
)
def test_what_is_in_doubt_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    sink = Sink()
    assert compile_query(project, query_text([f"x = {formula}"]), "hive", sink) is None
    (told,) = sink.diagnostics()
    assert told.code == "dialect/unsupported"
    assert reason in told.message


@pytest.mark.parametrize(
    "formula",
    ["sum(t.price) - sum(t.price where name = 'a')", "sum(t.price) * 1.05", "sum(t.n)", "median(t.price)"],
)
def test_what_has_room_is_computed(formula: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    assert compile_query(project, query_text([f"x = {formula}"]), "hive", Sink()) is not None


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        # 12 digits over 10^10 rows are 22.
        ("sum(t.price) * 0.00001", "CAST(t_total.v_t_sum AS DECIMAL(22, 2)) * 0.00001"),
        ("sum(t.price) * 1.05", " t_total.v_t_sum * 1.05"),
        ("sum(t.price) - sum(t.price where name = 'a')", " t_total.v_t_sum - t_total.v_t_sum_2"),
    ],
)
def test_a_sum_is_cast_to_the_digits_it_needs(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "hive", TABLE, tmp_path)


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("count(t where t.at + 3 hours > t.other)", "t.at + INTERVAL '10800' SECOND > t.other"),
        ("count(t where t.at - 1.5 seconds > t.other)", "t.at + INTERVAL '-1.5' SECOND > t.other"),
    ],
)
def test_times_are_moved_by_intervals(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "hive", TABLE, tmp_path)


NAMED = (
    "datasets: {t: {table: t, key: id, time: day, columns: {id: integer, day: date, percent: integer, start: text, "
    "local: {column: map, type: text}}}, u: {table: u, key: id, columns: {id: integer}}}\n"
)


def test_its_reserved_words_are_quoted(tmp_path: Path) -> None:
    # Every KW_ of its lexer that its parser does not list as non-reserved (HiveLexer.g, IdentifiersParser.g).
    sql = sql_of("sum(t.percent where start = 'a' and local = 'b')", "hive", NAMED, tmp_path)
    assert "t.`percent`" in sql
    assert "t.`start` = 'a'" in sql
    assert "t.`map` = 'b'" in sql


def asked(query: dict[str, object], folder: Path) -> str:
    """Return what a query over some tables is on Hive, on one line."""
    project = answers.checked(answers.write_project(folder, "", NAMED))
    planned, _ = answers.plan(project, query)
    assert planned is not None
    found = write_query(planned, "hive", Sink())
    assert found is not None
    return " ".join(found.sql.split())


def test_a_falling_order_says_where_nulls_stand(tmp_path: Path) -> None:
    # `hive.default.nulls.last` is true from Hive 4 on: nulls are first then, where nothing is said (HIVE-20423).
    sql = asked({"kpis": ["x = sum(t.percent)"], "by": ["t.start"], "order": ["-x"], "limit": 3}, tmp_path)
    assert (
        "ORDER BY t_by_t_start.v_t_sum DESC NULLS LAST, t_by_t_start.k_t_start ASC NULLS LAST LIMIT 3" in sql
    )


def test_no_having_stands_without_groups(tmp_path: Path) -> None:
    # "HAVING specified without GROUP BY" is an error of its (SemanticAnalyzer.genPostGroupByBodyPlan).
    sql = asked({"kpis": ["x = sum(t.percent)"], "by": ["t.start"], "top": "1 by x others"}, tmp_path)
    assert "HAVING" not in sql
    assert "SELECT whole.v_t_sum FROM ( SELECT" in sql
    assert "COUNT(*) > 0 AS has_rows" in sql


def test_null_members_are_joined_by_an_equality(tmp_path: Path) -> None:
    # `IS NOT DISTINCT FROM` is `<=>`, by which its joins hash (is_distinct_from.q; HIVE-15986).
    sql = asked({"kpis": ["x = sum(t.percent)"], "by": ["t.start"], "top": "1 by x others"}, tmp_path)
    assert "ON top_t_start.k_t_start IS NOT DISTINCT FROM t_by_t_start.k_t_start" in sql


def test_is_null_is_asked_of_all_that_is_computed(tmp_path: Path) -> None:
    # It is a unary suffix, before `*` and `+` (LanguageManual, "Operators Precedences"; IdentifiersParser.g).
    sql = sql_of("count(t where t.id * t.n is null or t.id - t.n is not null)", "hive", TABLE, tmp_path)
    assert sql.count(" t.n ) IS NULL") == 1
    assert sql.count(" t.n ) IS NOT NULL") == 1


def test_no_name_of_a_result_has_a_point(tmp_path: Path) -> None:
    # "dot (.) and colon (:) yield errors on querying" (LanguageManual DDL, HIVE-10120).
    sql = asked({"kpis": ["x = sum(t.percent)"], "by": ["t.start"]}, tmp_path)
    assert "AS `t_start`" in sql


def test_least_is_null_by_itself(tmp_path: Path) -> None:
    # From Hive 2.0 on (HIVE-12082).
    assert "SUM(CAST(LEAST(t.id, t.n) AS" in sql_of("sum(least(t.id, t.n))", "hive", TABLE, tmp_path)


IN_DUCKDB = [
    "SET TimeZone = 'UTC'",
    "CREATE MACRO datediff(x, y) AS CAST(x AS date) - CAST(y AS date)",
    "CREATE MACRO from_utc_timestamp(x, zone) AS timezone(zone, timezone('UTC', x))",
]


@pytest.mark.parametrize(("zone", "day"), CHANGES + RARE)
def test_local_times_are_brought_to_utc(zone: str, day: datetime) -> None:
    times, place = around(day), known(zone)
    made = HiveTimes(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
    node = made.utc(nodes.column("given", "t"), zone)
    for interval in list(node.find_all(exp.Interval)):
        interval.replace(nodes.call("TO_SECONDS", nodes.cast(interval.this.copy(), "bigint")))
    expected = [t.replace(tzinfo=place).astimezone(UTC).replace(tzinfo=None) for t in times]
    assert answers_of(times, node, IN_DUCKDB) == expected
