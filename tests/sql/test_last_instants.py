"""The day of the last instant before a time, on engines that move times by no microseconds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from kpidsl.compiler import CompiledQuery, compile_query, plan_query
from kpidsl.diagnostics import Sink
from kpidsl.model.types import INTEGER, TEXT, TIMESTAMP
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.refusals import settled
from tests import answers
from tests.dialects.reparsed import written
from tests.sql import test_dremio, test_exasol, test_presto, test_singlestore
from tests.sql.test_converted_times import answers_of

VISITS = "datasets: {visits: {table: visits, key: id, time: at, columns: {id: integer, who: text, at: timestamp}}}\n"
STICKINESS = "x = avg(count_distinct(visits.who) per day)"
NOON = {"by": "month", "period": "2026", "as_of": "2026-02-02 12:00"}
TIMES = [
    datetime(2026, 3, 1),
    datetime(2026, 3, 1, 0, 0, 0, 1),
    datetime(2026, 3, 1, 0, 0, 0, 999999),
    datetime(2026, 3, 1, 0, 0, 1),
    datetime(2026, 2, 28, 23, 59, 59, 999999),
]


@pytest.mark.parametrize("dialect", ["starrocks", "doris"])
def test_the_day_of_the_last_instant_before_a_time(dialect: str) -> None:
    form = DIALECTS[dialect].arithmetic.add_microseconds
    day = settled(nodes.cast(form(nodes.column("given", "t"), nodes.integer(-1)), "date"))
    assert answers_of(TIMES, day) == [(time - timedelta(microseconds=1)).date() for time in TIMES]


@pytest.mark.parametrize(
    "dialect", ["presto", "dremio", "exasol", "starrocks", "doris", "singlestore", "hive"]
)
def test_days_up_to_a_moment_within_one_are_asked(dialect: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", VISITS))
    found = compile_query(project, query_text([STICKINESS], **NOON), dialect, Sink())
    assert found is not None
    assert "LAST_BEFORE" not in found.sql


IN_POSTGRES = {
    "exasol": (test_exasol.in_postgres, [one for one in test_exasol.FUNCTIONS.split(";\n") if one.strip()]),
    "dremio": (test_dremio.in_postgres, test_dremio.FUNCTIONS),
    "presto": (test_presto.in_postgres, [*test_presto.FUNCTIONS, test_presto.in_zone("UTC")]),
    "singlestore": (test_singlestore.in_postgres, test_singlestore.FUNCTIONS),
}
SEEN = [
    (1, "ann", datetime(2026, 1, 5, 9)),
    (2, "ben", datetime(2026, 1, 5, 10)),
    (3, "ann", datetime(2026, 1, 31, 23, 59, 59)),
    (4, "ann", datetime(2026, 2, 1, 8)),
    (5, "ben", datetime(2026, 2, 2, 11)),
    (6, "cid", datetime(2026, 2, 2, 11, 30)),
    # After the moment.
    (7, "dan", datetime(2026, 2, 2, 13)),
]
# Two and one visitors on the 31 days of January; one and two on the two days of February that have begun. It is not over.
EXPECTED = [(date(2026, 1, 1), 3 / 31, False), (date(2026, 2, 1), 3 / 2, True)]


@pytest.mark.asks("postgres")
@pytest.mark.parametrize("dialect", IN_POSTGRES)
def test_days_that_have_begun_are_counted(dialect: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", VISITS))
    sink = Sink()
    planned = plan_query(project, query_text([STICKINESS], **NOON), sink)
    assert planned is not None
    found = written(planned, dialect)
    assert found is not None
    in_postgres, functions = IN_POSTGRES[dialect]
    compiled = CompiledQuery(planned, DIALECTS["postgres"], in_postgres(found[0]))
    columns = [("id", INTEGER), ("who", TEXT), ("at", TIMESTAMP)]
    with answers.loaded("postgres", [(("visits",), columns, SEEN)]) as connection:
        for function in functions:
            connection.fetch(function)
        _, rows = answers.answer(compiled, connection)
    assert rows[:2] == EXPECTED
