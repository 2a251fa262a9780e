"""StarRocks and Doris, which nobody runs here: their statements on PostgreSQL, their functions spelled in its own.

That tells whether a statement means what it should if these functions do what is documented of them, and
nothing of the engines themselves.
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
    "price: 'decimal(12,2)', wide: 'decimal(30,2)', other: timestamp}}}\n"
)
PARTS = {
    "YEAR": "YEAR",
    "MONTH": "MONTH",
    "DAYOFMONTH": "DAY",
    "HOUR": "HOUR",
    "DAYOFYEAR": "DOY",
    "WEEK_ISO": "WEEK",
    "QUARTER": "QUARTER",
}


def _extracted(part: str, x: Node) -> Node:
    return nodes.cast(exp.Extract(this=exp.Var(this=part), expression=x), "bigint")


def _in_postgres(call: exp.Anonymous, args: list[Node]) -> Node | None:
    match call.name:
        case name if name in PARTS:
            return _extracted(PARTS[name], args[0])
        case "DAYOFWEEK":
            day = nodes.binary(exp.Add, _extracted("DOW", args[0]), nodes.integer(1))
            return exp.Paren(this=day)
        case "DATEDIFF":
            ends = (nodes.cast(arg, "date") for arg in args)
            return exp.Paren(this=nodes.binary(exp.Sub, *ends))
        case "DATE_TRUNC":
            unit, time = args if isinstance(args[0], exp.Literal) else args[::-1]
            return nodes.call("DATE_TRUNC", unit, nodes.cast(time, "timestamp"))
        case "WEEK":
            return _extracted("WEEK", args[0])
        case "CONVERT_TZ":
            time, held_in, to = args
            return nodes.call("TIMEZONE", to, nodes.call("TIMEZONE", held_in, time))
        case "TIMESTAMPDIFF":
            _, start, end = (
                arg if isinstance(arg, exp.Var) else nodes.cast(arg, "timestamp") for arg in args
            )
            between = exp.Paren(this=nodes.binary(exp.Sub, end, start))
            seconds = exp.Extract(this=exp.Var(this="EPOCH"), expression=between)
            return nodes.call("TRUNC", seconds)
        case "DATE_FORMAT" if args[1].name == "%f":
            return nodes.call("TO_CHAR", args[0], nodes.text("US"))
        case "MICROSECOND":
            return nodes.cast(nodes.call("TO_CHAR", args[0], nodes.text("US")), "bigint")
        case "INSTR":
            return nodes.call("STRPOS", *args)
        case "CONCAT":
            whole, *others = args
            for part in others:
                whole = nodes.binary(exp.DPipe, whole, part)
            return exp.Paren(this=whole)
        case _:
            return None


def in_postgres(tree: Node) -> str:
    """Return a statement with StarRocks' functions spelled in PostgreSQL's; the tree is used up."""
    for view in list(tree.find_all(exp.Lateral)):
        last = nodes.binary(exp.Sub, view.this.expressions[0], nodes.integer(1))
        series = nodes.call("GENERATE_SERIES", nodes.integer(0), last)
        query = view.parent
        assert query is not None
        query.append("joins", exp.Join(this=exp.Table(this=series, alias=view.args["alias"])))
        view.pop()
    for call in reversed(list(tree.find_all(exp.Anonymous, exp.DateAdd))):
        if isinstance(call, exp.DateAdd):
            step = exp.Interval(this=nodes.text("1"), unit=call.args["unit"])
            later = nodes.binary(exp.Mul, call.expression, step)
            call.replace(exp.Paren(this=nodes.binary(exp.Add, nodes.cast(call.this, "timestamp"), later)))
        elif (found := _in_postgres(call, [arg.copy() for arg in call.expressions])) is not None:
            call.replace(found)
    with_told_instants(tree)
    return tree.sql("postgres", pretty=True)


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("dialect", ["starrocks", "doris"])
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise, dialect: str) -> None:
    if exercise.label not in NO_BOOLEAN_EXTREMES:
        assert answers_as_it_should(exercise, dialect, (), in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.wide)", "over many rows it may have 40 digits, and 38 are kept"),
        ("sum(t.price) * sum(t.price)", "its result may have 44 digits, and 38 are kept"),
        ("sum(t.id where round(t.price, 1) = 0.5)", "which way they round a half"),
        ("round(sum(t.price) / count(t), 2)", "which way they round a half"),
        ("sum(t.id where name like 'a_c')", "whether `_` is a character or a byte"),
        ("sum(t.id where lower(name) = 'a')", "which letters it changes is not documented"),
        ("count(t where t.at + 1.5 seconds > t.other)", "what becomes of its microseconds"),
    ],
)
def test_what_is_not_documented_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    sink = Sink()
    assert compile_query(project, query_text([f"x = {formula}"]), "starrocks", sink) is None
    (told,) = sink.diagnostics()
    assert told.code == "dialect/unsupported"
    assert reason in told.message


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("sum(t.n)", "SUM(CAST(t.n AS DECIMAL(38, 0)))"),
        ("sum(t.n * t.n)", "t.n * CAST(1 AS DECIMAL(38, 0)) * t.n"),
    ],
)
def test_integers_do_not_turn_around(formula: str, sql: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    found = compile_query(project, query_text([f"x = {formula}"]), "starrocks", Sink())
    assert found is not None
    assert sql in found.sql


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("max(t.wide) * 0.123456789", "its result may have 39 digits, and 38 are kept"),
        ("sum(t.id where t.n * t.n * t.price > 1)", "its result may have 50 digits, and 38 are kept"),
    ],
)
def test_what_hangs_on_the_session_of_doris_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    sink = Sink()
    assert compile_query(project, query_text([f"x = {formula}"]), "doris", sink) is None
    (told,) = sink.diagnostics()
    assert reason in told.message


@pytest.mark.parametrize(
    "formula",
    [
        "sum(t.price) - sum(t.price where name = 'a')",
        "sum(t.price) / count(t)",
        "sum(t.price * 1.05)",
        "sum(t.n) + 1",
    ],
)
def test_doris_computes_what_has_its_digits(formula: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    assert compile_query(project, query_text([f"x = {formula}"]), "doris", Sink()) is not None


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        # 12 digits over 10^10 rows are 22, 64 bits over as many 29.
        ("sum(t.price) * 1.05", "CAST(t_total.v_t_sum AS DECIMAL(22, 2)) * 1.05"),
        ("sum(t.n) * 0.5", "CAST(t_total.v_t_sum AS DECIMAL(29, 0)) * 0.5"),
        ("sum(t.price) - sum(t.n)", " t_total.v_t_sum - CAST(t_total.v_t_sum_2 AS DECIMAL(29, 0))"),
    ],
)
def test_doris_is_told_how_many_digits_a_sum_needs(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "doris", TABLE, tmp_path)


@pytest.mark.parametrize(
    "formula",
    ["sum(t.price) * 5", "sum(sum(t.price) per name)", "sum(t.price * t.price)"],
)
def test_starrocks_computes_what_fits(formula: str, tmp_path: Path) -> None:
    assert "CAST" not in sql_of(formula, "starrocks", TABLE, tmp_path).replace(
        "CAST(t.n AS DECIMAL(38, 0))", ""
    )


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        # sql_mode, "MODE_DOUBLE_LITERAL: interprets floating-point types as DOUBLE rather than DECIMAL".
        ("sum(t.price) * 1.05", " t_total.v_t_sum * CAST('1.05' AS DECIMAL(3, 2))"),
        ("sum(t.n) * 0.5", " t_total.v_t_sum * CAST('0.5' AS DECIMAL(1, 1))"),
        ("sum(t.price) - 0.500", "- CAST('0.500' AS DECIMAL(3, 3))"),
        ("sum(t.n) + 100.25", "+ CAST('100.25' AS DECIMAL(5, 2))"),
    ],
)
def test_written_decimals_of_starrocks_hang_on_no_session(formula: str, sql: str, tmp_path: Path) -> None:
    assert sql in sql_of(formula, "starrocks", TABLE, tmp_path)
