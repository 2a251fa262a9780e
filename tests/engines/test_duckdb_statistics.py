"""What DuckDB 2.0 takes for empty beside outer joins, and that no answer rests on it: docs/decisions/0259."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import sqlglot

from kpidsl.engines import connect
from kpidsl.sql.duckdb_tree import spelled

ROWS = """
create table s (v bigint, w bigint, day date, ok boolean);
insert into s values (2, 9000000000000000000, '2026-01-05', true), (3, 9000000000000000000, '2026-01-06', true);
create table c (id bigint, opened date, z bigint);
create table d (id bigint, opened date, z bigint);
insert into d values (2, '2026-08-01', 1);
"""
BELOW = {
    "a filter on the key": "select {} from s left join c on s.v = c.id where s.v > 1",
    "a filter on the key in the join": "select {} from s left join c on s.v = c.id and s.v > 1",
    "a filter on the partner": "select {} from s left join d on s.v = d.id and d.opened < date '2026-03-01'",
    "no key": "select {} from s left join c on c.z > 1",
    "a partner from a query": "select {} from s left join (select * from c where c.z > 1) as c on s.v = c.id",
    "a partner from a step": "with p as materialized (select * from d where d.z > 5) "
    "select {} from s left join p on s.v = p.id",
    "rows from a step": "with s as materialized (select s.v, s.w, s.ok from s left join c on s.v = c.id "
    "where s.v > 1) select {} from s",
    "groups from a step": "with s as materialized (select s.v, s.ok, max(s.w) as w from s "
    "left join c on s.v = c.id where s.v > 1 group by s.v, s.ok) select {} from s",
    "a full join": "select {} from s full join (select * from c where c.z > 1) as c on s.v = c.id",
}
SUMS = {
    "compared": "coalesce(sum(s.v), 0) > 1",
    "beyond 64 bits": "sum(s.w)",
    "of a condition": "coalesce(sum(s.w) filter (where s.ok), 0) > 5",
    "of a product": "coalesce(sum(s.v * 2), 0) > 5 or coalesce(sum(2 * s.v), 0) > 5",
    "of a default": "coalesce(sum(case when s.ok then s.w else 0 end), 0) / 2 > 5",
    "of a number": "coalesce(sum(2), 0) > 3",
    "over all": "sum(s.w) over ()",
    "of sums": "sum(sum(s.w)) over () > 5",
}


@pytest.mark.parametrize("join", BELOW)
@pytest.mark.parametrize("total", SUMS)
def test_sums_above_outer_joins_are_right(join: str, total: str) -> None:
    written = BELOW[join].format(SUMS[total])
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        sent = spelled(sqlglot.parse_one(written, read="duckdb")).sql("duckdb")
        found = connection.execute(sent).fetchall()
        connection.execute("set disabled_optimizers = 'statistics_propagation'")
        assert found == connection.execute(written).fetchall()


@pytest.mark.parametrize("join", BELOW)
def test_duckdb_still_misjudges_outer_joins(join: str) -> None:
    """Where it does not any more, the sums may be written as they are."""
    written = BELOW[join].format("sum(s.w)")
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        found = connection.execute(written).fetchall()
        connection.execute("set disabled_optimizers = 'statistics_propagation'")
        assert found != connection.execute(written).fetchall()


@pytest.mark.parametrize(
    "written",
    [
        "SELECT SUM(s.w) FROM s",
        "SELECT c.z, SUM(s.w) FROM s LEFT JOIN c ON s.v = c.id WHERE s.w > 1 GROUP BY c.z",
        "SELECT SUM(CASE WHEN s.ok THEN s.w END) FROM s LEFT JOIN c ON s.v = c.id AND c.z > 1",
        "WITH p AS (SELECT COUNT(*) AS n FROM s LEFT JOIN c ON s.v = c.id AND c.z > 1) "
        "SELECT SUM(s.w) FROM s CROSS JOIN p",
        "WITH n AS (SELECT UNNEST(GENERATE_SERIES(1, 3)) AS i), p AS (SELECT s.v FROM s LEFT JOIN c ON c.z > 1) "
        "SELECT SUM(n.i) FROM n JOIN p ON p.v = n.i",
    ],
)
def test_sums_that_duckdb_judges_rightly_are_written_as_they_are(written: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        found = connection.execute(written).fetchall()
        connection.execute("set disabled_optimizers = 'statistics_propagation'")
        assert sorted(found) == sorted(connection.execute(written).fetchall())
    assert spelled(sqlglot.parse_one(written, read="duckdb")).sql("duckdb") == written


VIEWS = {
    "an outer join": ("create view v as select s.v from s left join c on s.v = c.id where s.v > 1", "v"),
    "a filter": (
        "create view v as select * from d where z > 5",
        "(select s.v from s left join v on s.v = v.id)",
    ),
}


@pytest.mark.parametrize("view", VIEWS)
def test_connections_mind_views(view: str, tmp_path: Path) -> None:
    made, read = VIEWS[view]
    asked = f"select coalesce(sum(v), 0) > 1 from {read}"
    with duckdb.connect(str(tmp_path / "some.duckdb")) as connection:
        connection.execute(ROWS)
        connection.execute(made)
        assert connection.execute(asked).fetchall() == [(False,)]
    with connect("duckdb:///some.duckdb", base=tmp_path) as ours:
        assert ours.fetch(asked) == [(True,)]
        assert ours.fetch("select current_setting('disabled_optimizers')") == [("statistics_propagation",)]
    with duckdb.connect(str(tmp_path / "some.duckdb")) as connection:
        connection.execute("drop view v; create view v as select * from s")
    with connect("duckdb:///some.duckdb", base=tmp_path) as ours:
        assert ours.fetch("select current_setting('disabled_optimizers')") == [("",)]
