"""Buckets of every grain, cut by both engines, against Python's calendar."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from kpidsl.model.grains import GRAINS, Cut, bucket_of_day
from kpidsl.model.types import DATE, INTEGER
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: day
    columns: {id: integer, day: date}
metrics:
  ids: sum(orders.id)
"""
DAYS = [date(2019, 12, 20) + timedelta(days=n) for n in range(800)]


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize(
    ("grain", "cut"),
    [
        *((grain, Cut()) for grain, rule in GRAINS.items() if not rule.is_instant),
        *(("week", Cut(week_start=day)) for day in ("tuesday", "thursday", "saturday", "sunday")),
        *(("fiscal_quarter", Cut(fiscal_year_start=month)) for month in range(2, 13)),
        *(("fiscal_year", Cut(fiscal_year_start=month)) for month in (2, 4, 10, 12)),
        ("quarter", Cut(fiscal_year_start=2)),
    ],
)
def test_buckets_are_those_of_the_calendar(grain: str, cut: Cut, engine: str, tmp_path: Path) -> None:
    settings = f"week_start: {cut.week_start}\nfiscal_year_start: {cut.fiscal_year_start}\n"
    project = answers.checked(answers.write_project(tmp_path, settings, DEFINITIONS))
    compiled, wrong = answers.ask(project, {"kpis": ["ids"], "by": [grain]}, engine)
    assert compiled is not None, wrong
    rows = [(number, day) for number, day in enumerate(DAYS)]
    expected: dict[date, int] = {}
    for number, day in rows:
        bucket = bucket_of_day(GRAINS[grain], day, cut)
        expected[bucket] = expected.get(bucket, 0) + number
    table = (("orders",), [("id", INTEGER), ("day", DATE)], rows)
    with answers.loaded(engine, [table]) as connection:
        found = answers.answer(compiled, connection)
    assert found == ((grain, "ids"), sorted(expected.items()))


def test_months_of_pieces_are_those_that_truncating_gives() -> None:
    day = nodes.column("days", "day")
    by_day = DIALECTS["duckdb"].forms["month_of_day"](day).sql("duckdb")
    truncated = DIALECTS["duckdb"].forms["bucket_of_date"](GRAINS["month"], Cut(), day).sql("duckdb")
    series = "generate_series(timestamp '0099-01-01 (BC)', timestamp '2600-01-01', interval 1 day)"
    odd = "[date 'infinity', date '-infinity', null, date '9999-12-31', date '0001-01-01']"
    with duckdb.connect() as connection:
        connection.execute(
            f"create table days as select cast(unnest({series}) as date) as day union all select unnest({odd})"
        )
        found = connection.execute(
            f"select count(*) from days where ({by_day}) is distinct from {truncated}"
        ).fetchone()
    assert found == (0,)
