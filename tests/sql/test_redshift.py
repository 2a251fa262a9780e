"""Amazon Redshift, which nobody runs here: its statements on PostgreSQL, its own functions spelled in PostgreSQL's.

That tells whether a statement means what it should if Redshift's functions do what is documented of them, and nothing
of Redshift itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.model.types import Kind, Type
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.redshift_times import REDSHIFT_TIME_ARITHMETIC
from tests import answers
from tests.dialects.catalogue import Exercise, exercises, planned
from tests.dialects.reparsed import written
from tests.sql.formulas import sql_of
from tests.sql.on_postgres import answers_as_it_should


def _moment(x: Node) -> Node:
    return nodes.cast(exp.Paren(this=x.copy()), "timestamp")


def _step(unit: str) -> Node:
    return exp.Interval(this=nodes.text("1"), unit=exp.Var(this=unit))


def _later(time: Node, count: Node, unit: str) -> Node:
    return exp.Paren(this=nodes.binary(exp.Add, _moment(time), nodes.binary(exp.Mul, count, _step(unit))))


def _seconds(x: Node) -> Node:
    return exp.Extract(this=exp.Var(this="EPOCH"), expression=x)


def _between(unit: str, start: Node, end: Node) -> Node:
    if unit == "DAY":
        between = nodes.binary(exp.Sub, nodes.cast(end, "date"), nodes.cast(start, "date"))
    elif unit == "SECOND":
        cut = (nodes.call("DATE_TRUNC", nodes.text("second"), _moment(x)) for x in (end, start))
        between = _seconds(nodes.binary(exp.Sub, *cut))
    else:
        assert unit == "MICROSECOND"
        elapsed = _seconds(nodes.binary(exp.Sub, _moment(end), _moment(start)))
        between = nodes.binary(exp.Mul, elapsed, nodes.integer(1_000_000))
    return nodes.cast(exp.Paren(this=between), "bigint")


def _add_months(time: Node, count: Node) -> Node:
    moved = _later(time, count, "MONTH")
    tomorrow = exp.Extract(this=exp.Var(this="DAY"), expression=_later(time, nodes.integer(1), "DAY"))
    is_last = nodes.compare(exp.EQ, tomorrow, nodes.integer(1))
    first = nodes.call("DATE_TRUNC", nodes.text("month"), moved.copy())
    last = _later(_later(first, nodes.integer(1), "MONTH"), nodes.integer(-1), "DAY")
    clock = nodes.cast(_moment(time), "time")
    return nodes.case([(is_last, nodes.binary(exp.Add, last, clock))], moved)


def in_postgres(tree: Node) -> str:
    """Return one of Redshift's statements with its own functions spelled in PostgreSQL's; the tree is used up."""
    for call in reversed(list(tree.find_all(exp.Anonymous))):
        args = [arg.copy() for arg in call.expressions]
        match call.name:
            case "COLLATE":
                name = exp.Identifier(this="C", quoted=True)
                call.replace(exp.Collate(this=exp.Paren(this=args[0]), expression=name))
            case "LEN":
                call.set("this", "LENGTH")
            case "DATEADD":
                call.replace(_later(args[2], args[1], args[0].name))
            case "DATEDIFF":
                call.replace(_between(args[0].name, args[1], args[2]))
            case "ADD_MONTHS":
                call.replace(_add_months(*args))
            case "CONVERT_TIMEZONE":
                held_in, to, time = args
                call.replace(nodes.call("TIMEZONE", to, nodes.call("TIMEZONE", held_in, _moment(time))))
            case _:
                pass
    return tree.sql("postgres", pretty=True)


@pytest.mark.as_documented
@pytest.mark.asks("postgres")
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_statements_mean_what_they_should(exercise: Exercise) -> None:
    assert answers_as_it_should(exercise, "redshift", (), in_postgres) in (True, None)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (r"sum(t.id where t.name = 'a\b')", "whether it begins an escape there"),
        ("sum(t.rate * t.rate)", "its COALESCE and UNION keep 19 digits, and 20 stand after the point"),
    ],
)
def test_what_is_not_documented_is_refused(formula: str, reason: str, tmp_path: Path) -> None:
    definitions = "datasets: {t: {table: t, key: id, columns: {id: integer, name: text, price: 'decimal(8,2)', rate: 'decimal(12,10)'}}}\n"
    project = answers.checked(answers.write_project(tmp_path, "", definitions))
    sink = Sink()
    assert compile_query(project, query_text([f"x = {formula}"]), "redshift", sink) is None
    (told,) = sink.diagnostics()
    assert told.code == "dialect/unsupported"
    assert reason in told.message


def test_blanks_at_the_end_of_a_text_count(tmp_path: Path) -> None:
    definitions = "datasets: {t: {table: t, key: id, columns: {id: integer, name: text}}}\n"
    project = answers.checked(answers.write_project(tmp_path, "", definitions))
    compiled = compile_query(project, query_text(["x = sum(t.id where name = 'EU')"]), "redshift", Sink())
    assert compiled is not None
    assert "COLLATE(t.name || CHR(1), 'case_sensitive') = 'EU' || CHR(1)" in compiled.sql


@pytest.mark.parametrize("word", ["encrypt", "tag", "open", "percent", "minus"])
def test_its_reserved_words_are_quoted(word: str, tmp_path: Path) -> None:
    # "Reserved words" of its database developer guide.
    definitions = f"datasets: {{t: {{table: t, key: id, columns: {{id: integer, {word}: integer}}}}}}\n"
    assert f't."{word}"' in sql_of(f"sum(t.{word})", "redshift", definitions, tmp_path)


def test_every_window_with_an_order_has_a_frame() -> None:
    bare = [
        f"{exercise.label}: {window.sql('redshift')}"
        for exercise in exercises()
        if (found := written(planned(exercise), "redshift")) is not None
        for window in found[0].find_all(exp.Window)
        if window.args.get("order") is not None
        and window.args.get("spec") is None
        and window.this.name not in ("ROW_NUMBER", "RANK", "LAG", "LEAD")
        and not isinstance(window.this, exp.RowNumber | exp.Lag | exp.Lead)
    ]
    assert bare == []


def test_seconds_of_more_than_six_digits_are_rounded_whatever_the_session_says() -> None:
    seconds = exp.Column(this=exp.Identifier(this="s", quoted=False))
    long, short = (Type(Kind.DECIMAL, precision=12, scale=scale) for scale in (9, 6))
    made = REDSHIFT_TIME_ARITHMETIC.microseconds(seconds, long)
    assert made.sql("redshift") == (
        "CAST(CAST(CASE WHEN s < 0 THEN -TRUNC(ABS(s) + 0.0000005, 6) ELSE TRUNC(s + 0.0000005, 6) END AS DECIMAL(24, 6)) "
        "* 1000000 AS BIGINT)"
    )
    assert "TRUNC" not in REDSHIFT_TIME_ARITHMETIC.microseconds(seconds.copy(), short).sql("redshift")


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        (
            "round(sum(t.price), 1)",
            "THEN -TRUNC(ABS(t_total.v_t_sum) + 0.05, 1) ELSE TRUNC(t_total.v_t_sum + 0.05, 1) END",
        ),
        ("round(sum(t.price), 2)", "CAST(t_total.v_t_sum AS DECIMAL(38, 2))"),
        ("sum(round(t.id, -2))", "-TRUNC(ABS(CAST(t.id AS DECIMAL(19, 0))) + 50, -2)"),
    ],
)
def test_decimals_are_rounded_by_cutting(formula: str, sql: str, tmp_path: Path) -> None:
    # ROUND does not say which way a half goes, TRUNC of a positive number does what it shows of 111.15.
    table = "datasets: {t: {table: t, key: id, columns: {id: integer, price: 'decimal(8,2)'}}}\n"
    assert sql in sql_of(formula, "redshift", table, tmp_path)
