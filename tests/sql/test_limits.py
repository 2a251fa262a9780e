"""DuckDB 2.0 may remove a LIMIT that stands alone: above a join with an empty table it gave two rows for one."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS

TABLES = """
create table o (d date, c bigint, f boolean);
insert into o values ('2026-03-29', 1, true), ('2026-08-15', 99, true);
create table e (c bigint, x boolean, k date);
"""
CUT = """
with a as (select d as k, sum(o.c) as s from o left join e on e.x where f or e.x group by d),
     b as (select e.k, sum(e.c) as v from o, e group by e.k),
     s as (select k, s, null as v from a union all select k, null, v from b)
select k, max(s) as m from s group by k order by k limit 1
"""


def rows(sql: str) -> int:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        return len(connection.execute(sql).fetchall())


def test_an_offset_keeps_the_limit() -> None:
    assert rows(CUT + " offset 0") == 1


@pytest.mark.parametrize(("dialect", "end"), [("duckdb", "LIMIT 3 OFFSET 0"), ("sqlite", "LIMIT 3")])
def test_limits_are_written_for_their_engine(dialect: str, end: str) -> None:
    query = exp.Select(expressions=[nodes.integer(1)])
    nodes.limited(query, 3, with_offset=DIALECTS[dialect].drops_limits)
    assert query.sql(dialect).endswith(end)
