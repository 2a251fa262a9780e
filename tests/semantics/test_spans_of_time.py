"""A grain in a condition is a span of time: the help writes it as a period of the query."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import QueryText
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


def _told(folder: Path, asked: QueryText) -> tuple[Diagnostic, ...]:
    sink = Sink()
    check_query(answers.checked(answers.write_project(folder, "", DEFINITIONS)), asked, sink)
    return sink.diagnostics()


@pytest.mark.parametrize(
    ("condition", "help"),
    [
        ("ordered_at > '2026-01-31'", "dates and times stand without quotes: write `2026-01-31`"),
        (
            "ordered_at >= '2026-01-31 10:00'",
            "dates and times stand without quotes: write `2026-01-31 10:00:00`",
        ),
        (
            "ordered_at in ('2026-01-31T10:00:30.5', '2026-02-01')",
            "dates and times stand without quotes: write `2026-01-31 10:00:30.500000`, `2026-02-01`",
        ),
        ("ordered_at = 'yesterday'", "dates stand without quotes, such as `2026-01-31`"),
        ("ordered_at = '2026-01-31 10:00:00+02:00'", "dates stand without quotes, such as `2026-01-31`"),
        ("date(ordered_at) = 2026-01-31", "write `date_trunc(day, ordered_at)`"),
        ("ordered_at < date(2026, 1, 31)", "a day is written year-month-day: `2026-01-31`"),
    ],
)
def test_times_are_told_as_the_language_writes_them(condition: str, help: str, tmp_path: Path) -> None:
    told = _told(tmp_path, query_text(f"n = count(orders where {condition})"))
    assert [found.help for found in told] == [help]


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
    told = _told(tmp_path, query_text("orders_placed", where=condition))
    helps = {found.help.partition(";")[0] for found in told if found.help is not None}
    assert helps == {f"a span of time is a period of the query: `--period {period}`"}
    assert _told(tmp_path, query_text("orders_placed", period=period)) == ()
