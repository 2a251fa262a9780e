"""A grain in a condition is a span of time: the help writes it as a period of the query."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.queries import check_query
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: ordered_at
    columns: {id: integer, ordered_at: timestamp}
metrics:
  orders_placed: count(orders)
"""


@pytest.mark.parametrize(
    ("condition", "period"),
    [
        ("month = '2026-01'", "2026-01"),
        ("year = 2026", "2026"),
        ("month >= '2026-01-01' and month < '2026-04-01'", "2026-Q1"),
        ("day >= 2026-01-05 and day < 2026-01-07", "2026-01-05..2026-01-07"),
        # The last day of a `between` is in it; the end of a period is not.
        ("month between '2026-01-01' and '2026-01-31'", "2026-01"),
        ("day between 2026-01-05 and 2026-01-11", "2026-W02"),
    ],
)
def test_the_help_names_the_period(condition: str, period: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    sink = Sink()
    check_query(project, query_text("orders_placed", where=condition), sink)
    helps = {found.help.partition(";")[0] for found in sink.diagnostics() if found.help is not None}
    assert helps == {f"a span of time is a period of the query: `--period {period}`"}
    sink = Sink()
    check_query(project, query_text("orders_placed", period=period), sink)
    assert sink.diagnostics() == ()
