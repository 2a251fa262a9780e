"""DuckDB binds each step of a WITH inside the one before it, and no more than so many inside one another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
import sqlglot

from kpidsl.model.types import DATE, INTEGER
from kpidsl.sql.depth import depth
from kpidsl.sql.dialects import DIALECTS
from tests import answers

MOST = DIALECTS["duckdb"].most_inside or 0
DEFINITIONS = """
datasets:
  t:
    table: t
    key: id
    time: day
    columns: {id: integer, day: date, c: integer, n: integer}
dimensions:
  c: {type: integer, from: {t: c}}
metrics:
  rows: count(t)
"""
TABLE = (("t",), [("id", INTEGER), ("day", DATE), ("c", INTEGER), ("n", INTEGER)])


def steps(count: int) -> str:
    return ", ".join(f"s{i} as (select {i} as x)" for i in range(count))


def joins(count: int) -> str:
    return "select s0.x from s0 " + " ".join(f"left join s0 as j{i} on s0.x = j{i}.x" for i in range(count))


SHAPES: dict[str, Callable[[int], str]] = {
    "steps": lambda n: f"with {steps(n)} select x from s0",
    "joins outermost": lambda n: f"with {steps(n)} {joins(50)}",
    "joins in the last step": lambda n: f"with {steps(n - 1)}, z as ({joins(50)}) select x from z",
    "joins in an early step": lambda n: (
        f"with s0 as (select 0 as x), z as ({joins(50)}), "
        + ", ".join(f"s{i} as (select x from z)" for i in range(1, n - 1))
        + f" select x from s{n - 2}"
    ),
    "a union of many": lambda n: f"with {steps(n)} " + " union all ".join(["select x from s0"] * 30),
    "an order": lambda n: f"with {steps(n)} select x from s0 order by x limit 5",
    "a select in a condition": lambda n: (
        f"with {steps(n)} select x from s0 where exists (select 1 from s1 where s1.x = s0.x)"
    ),
    "a select in a select": lambda n: (
        f"with {steps(n)} select x from (select x from (select x from s0) as a) as b"
    ),
    "a select that is joined to": lambda n: (
        f"with {steps(n)} select a.x from (select x from s0) as a "
        "left join s1 on s1.x = a.x left join s2 on s2.x = a.x"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_engine_takes_what_the_table_says_and_no_more(shape: str) -> None:
    make = SHAPES[shape]
    fits = next(n for n in range(MOST, 0, -1) if depth(sqlglot.parse_one(make(n), read="duckdb")) <= MOST)
    with duckdb.connect() as connection:
        connection.execute(make(fits))
        with pytest.raises(duckdb.BinderException, match="Max expression depth limit"):
            connection.execute(make(fits + 1))


@pytest.mark.parametrize("strategy", answers.STRATEGIES)
def test_a_hundred_kpis_with_open_months_are_answered(strategy: str, tmp_path: Path) -> None:
    """January has 500 and 60, March 70: the best month of what is above i."""
    names = [f"k_{i}" for i in range(100)]
    formulas = "".join(f"  k_{i}: max(sum(t.n where n > {i}) per month)\n" for i in range(100))
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS + formulas))
    compiled, wrong = answers.ask(project, {"kpis": names}, "duckdb", strategy)
    assert not wrong
    assert compiled is not None
    rows = [[1, date(2026, 1, 3), 1, 500], [2, date(2026, 1, 9), 1, 60], [3, date(2026, 3, 3), 2, 70]]
    with answers.loaded("duckdb", [(*TABLE, rows)]) as connection:
        found = answers.answer(compiled, connection)[1]
    assert found == [tuple(560 if i < 60 else 500 for i in range(100))]


def test_what_is_inside_one_another_too_often_is_refused(tmp_path: Path) -> None:
    names = [f"k_{i}" for i in range(300)]
    formulas = "".join(
        f"  k_{i}: total(max(sum(t.n where n > {i}) per month) across c)\n" for i in range(300)
    )
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS + formulas))
    compiled, wrong = answers.ask(project, {"kpis": ["rows", *names], "by": ["c"]}, "duckdb")
    assert compiled is None
    assert [d.code for d in wrong] == ["dialect/too-deep"]
    assert f"no more than {MOST}" in wrong[0].message
