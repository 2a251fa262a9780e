"""Statements with fewer CTEs give the same rows."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import duckdb
import pytest
import sqlglot

from kpidsl.engines.errors import EngineError
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.fewer_ctes import ctes_of, with_fewer_ctes
from tests import answers
from tests.sql.test_duckdb_limits import DEFINITIONS

MOST = DIALECTS["mysql"].most_ctes or 0
SHAPES = {
    "read once": ("with a as (select 1 as x), b as (select x + 1 as x from a) select x from b", 0),
    "read once under another name": (
        "with a as (select 1 as x), b as (select z.x + 1 as x from a as z) select b.x from b",
        0,
    ),
    "equal": (
        "with a as (select 1 as x), b as (select 1 as x) "
        "select a.x + b.x as x from a join b on a.x = b.x join a as c on c.x = b.x",
        1,
    ),
    "equal but for what they read, which is equal": (
        "with a as (select 1 as x), b as (select 1 as x), c as (select a.x from a), d as (select b.x from b) "
        "select c.x + d.x as x from c join d on c.x = d.x",
        1,
    ),
    "the same text over others": (
        "with a as (select 1 as x), b as (select 2 as x), c as (select q.x from a as q), d as (select q.x from b as q) "
        "select c.x, d.x as y from c join d on c.x < d.x join c as e on c.x = e.x join d as f on f.x = d.x",
        2,
    ),
    "its two readings exchanged": (
        "with a as (select 1 as x), b as (select 2 as x), c as (select a.x - b.x as x from a cross join b), "
        "d as (select b.x - a.x as x from b cross join a), e as (select b.x - a.x as x from a cross join b) "
        "select c.x, d.x as y, e.x as z from c cross join d cross join e cross join c as f cross join d as g "
        "cross join e as h",
        5,
    ),
    "recursive": (
        "with recursive a as (select 1 as x), b as (select x from a union all select b.x + 1 from b where b.x < 3), "
        "c as (select x from b) select x from c order by x",
        2,
    ),
    "a table of a schema that has a step's name": (
        "with a as (select 1 as x), b as (select 1 as x from main.a) select a.x, b.x as y from a cross join b "
        "cross join b as c",
        1,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_stay(shape: str) -> None:
    text, left = SHAPES[shape]
    statement = sqlglot.parse_one(text, read="duckdb")
    with_fewer_ctes(statement, 0)
    assert ctes_of(statement) == left
    with duckdb.connect() as connection:
        connection.execute("create table a as select 7 as x union all select 8")
        assert connection.execute(statement.sql("duckdb")).fetchall() == connection.execute(text).fetchall()


def test_few_enough_stay_as_they_are() -> None:
    text = "WITH a AS (SELECT 1 AS x), b AS (SELECT 1 AS x) SELECT a.x FROM a CROSS JOIN b"
    statement = sqlglot.parse_one(text)
    with_fewer_ctes(statement, 2)
    assert statement.sql() == text


def steps(count: int) -> str:
    return f"with {', '.join(f's{i} as (select {i} as x)' for i in range(count))} select x from s0"


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
def test_mariadb_takes_what_the_table_says_and_no_more(engine: str) -> None:
    with answers.loaded(engine, []) as connection:
        assert connection.fetch(steps(MOST)) == [(0,)]
        more = (
            pytest.raises(EngineError, match="Too many WITH elements")
            if engine == "mariadb"
            else nullcontext()
        )
        with more:
            assert connection.fetch(steps(MOST + 1)) == [(0,)]


MADE = {
    "one formula": "sum(t.n where n > 0) / max(sum(t.n where n > 0) per month)",
    "each its own": "sum(t.n where n > {i}) / max(sum(t.n where n > {i}) per month)",
}


@pytest.mark.parametrize(("formulas", "is_refused"), [("one formula", False), ("each its own", True)])
def test_what_has_more_steps_is_refused(formulas: str, is_refused: bool, tmp_path: Path) -> None:
    names = [f"k_{i}" for i in range(100)]
    text = "".join(f"  k_{i}: {MADE[formulas].format(i=i)}\n" for i in range(100))
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS + text))
    compiled, wrong = answers.ask(project, {"kpis": names, "by": ["month"]}, "mariadb", "naive")
    assert [d.code for d in wrong] == ["dialect/too-deep"] * is_refused
    if is_refused:
        assert f"no more than {MOST} steps in a WITH" in wrong[0].message
    else:
        assert compiled is not None
        assert ctes_of(sqlglot.parse_one(compiled.sql, read="mysql")) <= MOST
