"""The time between two times to the microsecond, where seconds and what is left of one are counted apart.

The statements are those of engines that nobody runs here, on PostgreSQL as in their own tests.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import CompiledQuery
from kpidsl.diagnostics import Sink
from kpidsl.model.types import INTEGER, TIMESTAMP
from kpidsl.planning import plan_query
from kpidsl.project import query_text
from kpidsl.sql.dialects import DIALECTS
from tests import answers
from tests.dialects.reparsed import written
from tests.sql import test_exasol, test_singlestore, test_starrocks

WAYS: dict[str, tuple[Callable[[exp.Expr], str], list[str]]] = {
    "starrocks": (test_starrocks.in_postgres, []),
    "doris": (test_starrocks.in_postgres, []),
    "singlestore": (test_singlestore.in_postgres, test_singlestore.FUNCTIONS),
    "exasol": (test_exasol.in_postgres, [f for f in test_exasol.FUNCTIONS.split(";\n") if f.strip()]),
}
TABLE = """
datasets:
  t:
    table: t
    key: id
    columns: {id: integer, at: timestamp, other: timestamp}
"""
ROWS = [
    ("2026-03-01 10:00:00.250000", "2026-03-01 10:00:02.000100", "1.750100"),
    ("2026-03-01 10:00:02.000100", "2026-03-01 10:00:00.250000", "-1.750100"),
    ("2026-02-28 23:59:59.999999", "2026-03-01 00:00:00.000000", "0.000001"),
    ("2026-03-01 00:00:00.000001", "2026-03-01 00:00:00.000000", "-0.000001"),
    # Two thousand years, of which 485 are leap years.
    ("0001-01-01 00:00:00.500000", "2001-01-01 00:00:00.000000", "63113903999.500000"),
]


@pytest.mark.asks("postgres")
@pytest.mark.parametrize("dialect", WAYS)
def test_microseconds_are_kept(dialect: str, tmp_path: Path) -> None:
    in_postgres, functions = WAYS[dialect]
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", TABLE))
    kpis = [f"x{place} = sum(t.other - t.at where id = {place})" for place in range(len(ROWS))]
    planned = plan_query(project, query_text(kpis), Sink())
    assert planned is not None
    found = written(planned, dialect)
    assert found is not None
    rows = [
        (place, datetime.fromisoformat(at), datetime.fromisoformat(other))
        for place, (at, other, _) in enumerate(ROWS)
    ]
    columns = [("id", INTEGER), ("at", TIMESTAMP), ("other", TIMESTAMP)]
    compiled = CompiledQuery(planned, DIALECTS["postgres"], in_postgres(found[0]))
    with answers.loaded("postgres", [(("t",), columns, rows)]) as connection:
        for function in functions:
            connection.fetch(function)
        _, answered = answers.answer(compiled, connection)
    assert answered == [tuple(Decimal(due) for _, _, due in ROWS)]
