"""BigQuery: exact numbers where its own types would round, names that it takes, and what it is not asked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlglot import exp, parse_one

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.model.types import Type
from kpidsl.planning import Strategy
from kpidsl.project import QueryParts, query_text
from kpidsl.semantics.check import CheckedProject
from tests import answers

DEFINITIONS = """
datasets:
  t:
    table: shop.t
    key: id
    columns:
      id: integer
      a: decimal(18,6)
      b: decimal(18,6)
      n: integer
      name: text
    joins:
      other: {to: u, using: id}
  u:
    table: u
    key: id
    columns: {id: integer, kind: text}
"""
COLUMNS: list[tuple[str, Type]] = [
    (name, answers.type_named(kind))
    for name, kind in (
        ("id", "integer"),
        ("a", "decimal(18,6)"),
        ("b", "decimal(18,6)"),
        ("n", "integer"),
        ("name", "text"),
    )
]
ROWS = [
    (1, Decimal("0.000001"), Decimal("1.000003"), 9007199254740995, "50%"),
    (2, None, Decimal(2), 7, "50\\"),
]


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))


def sql(project: CheckedProject, formula: str, **more: object) -> str:
    compiled, wrong = answers.ask(project, {"kpis": [f"x = {formula}"], **more}, "googlesql")
    assert not wrong
    assert compiled is not None
    return compiled.sql


@pytest.mark.asks("googlesql")
@pytest.mark.parametrize(
    ("formula", "due"),
    [
        ("sum(t.a * b)", Decimal("0.000001000003")),
        ("sum(t.a) * sum(t.b)", Decimal("0.000003000003")),
        ("sum(t.a * 0.000001)", Decimal("0.000000000001")),
        ("sum(t.n)", 9007199254741002),
        ("round(max(t.n), -1)", 9007199254741000),
        ("max(t.n) * 1000000", None),
        ("count(t where a < 0.1 * 0.1)", 1),
        ("count(t where name like '50\\%')", 1),
        ("count(t where n < 100000000000000000000)", 2),
    ],
)
def test_numbers_are_exact(project: CheckedProject, formula: str, due: object) -> None:
    with answers.loaded("googlesql", [(("shop", "t"), COLUMNS, ROWS)]) as connection:
        compiled, wrong = answers.ask(project, {"kpis": [f"x = {formula}"]}, "googlesql")
        assert compiled is not None, wrong
        if due is None:
            with pytest.raises(Exception, match="int64 overflow"):
                answers.answer(compiled, connection)
        else:
            assert answers.answer(compiled, connection)[1] == [(due,)], compiled.sql


def test_columns_have_names_that_it_takes(project: CheckedProject) -> None:
    # The result is read by its places, under the names that were asked for.
    written = sql(project, "count(t)", by=["u.kind"])
    assert "AS `u_kind`" in written
    assert "u.kind" not in written


def test_a_pattern_escapes_by_itself(project: CheckedProject) -> None:
    written = sql(project, "count(t where name like '50\\%')")
    assert "LIKE '50\\\\%'" in written
    assert "ESCAPE" not in written


def test_conditions_stand_inside_aggregates(project: CheckedProject) -> None:
    written = sql(project, "count(t where n > 1) + count_distinct(t.n where n > 2) + sum(t.n where n > 3)")
    for aggregate in (
        "COUNTIF(t.n > 1)",
        "COUNT(DISTINCT IF(t.n > 2, t.n, NULL))",
        "SUM(IF(t.n > 3, t.n, NULL))",
    ):
        assert aggregate in written


def test_what_a_calendar_tells_stands_in_no_condition_of_a_join(tmp_path: Path) -> None:
    definitions = """
calendars:
  retail:
    table: ref.days
    day: day
    columns: {day: date, week: text}
    grains: {retail_week: week}
datasets:
  t:
    table: t
    key: id
    time: day
    columns: {id: integer, day: date}
"""
    project = answers.checked(answers.write_project(tmp_path, "", definitions))
    asked = {"kpis": ["x = prior(count(t), 1 retail_week)"], "by": ["retail_week"]}
    compiled, wrong = answers.ask(project, asked, "googlesql")
    assert compiled is not None, wrong
    # The service refuses it there; its language does not.
    joins = list(parse_one(compiled.sql, dialect="bigquery").find_all(exp.Join))
    assert any(join.kind == "CROSS" for join in joins)
    assert not any(on.find(exp.Select) for join in joins if (on := join.args.get("on")) is not None)


WITH_FLOATS = """
datasets:
  t:
    table: t
    key: id
    time: day
    columns:
      id: integer
      day: date
      score: float
      place: {type: integer, expr: "row_number(per score order by id)"}
"""
FLOATS = [
    (1, date(2026, 1, 1), 0.0),
    (2, date(2026, 1, 2), -0.0),
    (3, date(2026, 2, 1), 0.5),
    (4, date(2026, 3, 1), 0.5),
    (5, date(2026, 3, 2), None),
    (6, date(2026, 3, 3), None),
]


@pytest.mark.asks("googlesql")
@pytest.mark.parametrize(
    ("formula", "by", "due"),
    [
        ("median(t.id)", ["t.score"], [(0.0, 1.5), (0.5, 3.5), (None, 5.5)]),
        ("max(t.place)", ["t.score"], [(0.0, 2), (0.5, 2), (None, None)]),
        (
            "rolling(count_distinct(t.score), 3 months)",
            ["month"],
            [(date(2026, 1, 1), 1), (date(2026, 2, 1), 2), (date(2026, 3, 1), 2)],
        ),
        (
            "share(count(t) across month)",
            ["month", "t.score"],
            [
                (date(2026, 1, 1), 0.0, 1.0),
                (date(2026, 2, 1), 0.5, 0.5),
                (date(2026, 3, 1), 0.5, 0.5),
                (date(2026, 3, 1), None, 1.0),
            ],
        ),
    ],
)
def test_windows_are_by_floats(formula: str, by: list[str], due: object, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", WITH_FLOATS))
    columns = [
        (name, answers.type_named(kind))
        for name, kind in (("id", "integer"), ("day", "date"), ("score", "float"))
    ]
    for engine in ("googlesql", "duckdb"):
        for strategy in answers.STRATEGIES:
            compiled, wrong = answers.ask(project, {"kpis": [f"x = {formula}"], "by": by}, engine, strategy)
            assert compiled is not None, wrong
            with answers.loaded(engine, [(("t",), columns, FLOATS)]) as connection:
                _, rows = answers.answer(compiled, connection)
            shown = [row[: len(by) + 1] for row in rows]
            assert shown == due, f"{engine}, {strategy}\n{compiled.sql}"


CALENDAR = """
calendars:
  shop:
    table: shop_days
    day: day
    columns: {day: date, week_key: text}
    grains: {shop_week: week_key}

datasets:
  sales:
    table: sales
    key: id
    time: sold_on
    columns: {id: integer, sold_on: date, buyer: integer}

metrics:
  ids: sum(sales.id)
"""


@pytest.mark.parametrize("dialect", ["bigquery", "oracle"])
@pytest.mark.parametrize("strategy", ["fast", "naive"])
@pytest.mark.parametrize(
    ("asked", "more"),
    [
        ("ids", {"top": "2 by ids others"}),
        ("x = count_distinct(sales.buyer where buyer in values(sales.buyer))", {}),
    ],
)
def test_no_outer_join_asks_a_query(
    dialect: str, strategy: Strategy, asked: str, more: QueryParts, tmp_path: Path
) -> None:
    # The reference implementation takes it, the service does not.
    project = answers.checked(answers.write_project(tmp_path, "", CALENDAR))
    sink = Sink()
    found = compile_query(project, query_text([asked], by=["shop_week"], **more), dialect, sink, strategy)
    assert found is not None, sink.diagnostics()
    joins = [join for join in parse_one(found.sql, dialect=dialect).find_all(exp.Join) if join.side == "LEFT"]
    assert joins
    assert not any(join.args["on"].find(exp.Select) for join in joins)
