"""Whether DuckDB still needs a setting of its connections: docs/decisions/0254."""

from __future__ import annotations

from pathlib import Path

import duckdb

from kpidsl.engines import connect

ROWS = "create table s (v integer); insert into s values (2); create table c (id integer)"
ASKED = "select k, k > 5 from (select coalesce(sum(v), 0) * 10 as k from s left join c on v = id where v > 1)"


def test_duckdb_still_decides_what_it_does_not_know() -> None:
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        assert connection.execute(ASKED).fetchall() == [(20, False)]


def test_connections_do_not_ask_its_statistics(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "some.duckdb")) as connection:
        connection.execute(ROWS)
    with connect("duckdb:///some.duckdb", base=tmp_path) as ours:
        assert ours.fetch(ASKED) == [(20, True)]
