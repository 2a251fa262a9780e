"""Spark plans a step of a WITH anew wherever it is read: what is read too often so is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

from kpidsl.sql.depth import readings
from tests import answers
from tests.sql.test_duckdb_limits import DEFINITIONS

CHAIN = ", ".join(f"s{i} as (select a.x from s{i - 1} as a cross join s{i - 1} as b)" for i in range(1, 11))
SHAPES = {
    "no step": ("select x from t", 1),
    "a table twice": ("select t.x from t, t as u", 2),
    "a step read once": ("with a as (select x from t, u) select x from a", 2),
    "a step read twice": ("with a as (select x from t, u) select a.x from a cross join a as b", 4),
    "a step that nothing reads": ("with a as (select x from t) select x from u", 1),
    "steps by steps": (
        "with a as (select x from t), b as (select a.x from a, a as c, u) select x from b union all select x from b",
        6,
    ),
    "a step in a condition": (
        "with a as (select x from t, u) select x from a where exists (select 1 from a as b where b.x = a.x)",
        4,
    ),
    "a step in a derived table": ("with a as (select x from t) select x from (select x from a, t) as b", 2),
    "a table called like a step": ("with t as (select x from s.t, u) select x from t, s.t as v", 3),
    "twice as many with each step": (f"with s0 as (select x from t), {CHAIN} select x from s10", 1024),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_readings_are_those_of_each_step_wherever_it_is_read(shape: str) -> None:
    sql, expected = SHAPES[shape]
    assert readings(sqlglot.parse_one(sql, read="spark")) == expected


def _asked(count: int, dialect: str, folder: Path) -> list[str]:
    """Return the codes with which so many KPIs of entities by two groups are refused."""
    names = [f"k_{i}" for i in range(count)]
    formulas = "".join(f"  k_{i}: max(sum(t.n where n > {i}) per month)\n" for i in range(count))
    project = answers.checked(answers.write_project(folder, "", DEFINITIONS + formulas))
    _, wrong = answers.ask(project, {"kpis": names, "by": ["c", "month"]}, dialect)
    return [told.code for told in wrong]


@pytest.mark.parametrize(("count", "codes"), [(20, []), (60, ["dialect/too-deep"])])
def test_what_ends_a_session_is_refused(count: int, codes: list[str], tmp_path: Path) -> None:
    """20 are answered by a session of 1 GB, and 40 end it."""
    assert _asked(count, "spark", tmp_path) == codes


def test_an_engine_that_computes_steps_once_takes_them(tmp_path: Path) -> None:
    assert _asked(60, "duckdb", tmp_path) == []
