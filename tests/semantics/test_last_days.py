"""Ranges that leave out the day which they name last: which are told, and what is offered."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.periods import Window, parse_period, with_its_last_day, written
from kpidsl.semantics.queries import check_query
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: ordered_on
    columns:
      id: integer
      ordered_on: date
      amount: decimal(12,2)
metrics:
  revenue: sum(orders.amount)
"""
DAYS = st.dates(date(1999, 1, 1), date(2036, 12, 31))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path_factory.mktemp("last_days"), "", DEFINITIONS))


def _told(project: CheckedProject, kpi: str, period: str) -> list[tuple[str, str, str | None]]:
    sink = Sink()
    check_query(project, query_text(kpi, period=period), sink)
    return [(found.rule.code, found.message, found.help) for found in sink.diagnostics()]


@pytest.mark.parametrize(
    ("period", "day", "meant"),
    [
        ("2026-01-01..2026-01-31", "2026-01-31", "2026-01"),
        ("2026-02-01 .. 2026-02-28", "2026-02-28", "2026-02"),
        ("2028-02-01..2028-02-29", "2028-02-29", "2028-02"),
        ("2026-01-01..2026-03-31", "2026-03-31", "2026-Q1"),
        ("2026-02-01..2026-04-30", "2026-04-30", "2026-02-01..2026-05-01"),
        ("2026-01-01..2026-12-31", "2026-12-31", "2026"),
        ("2025-01-01..2026-12-31", "2026-12-31", "2025-01-01..2027-01-01"),
        ("2026-08-31..2026-09-06", "2026-09-06", "2026-W36"),
        ("2026-08-31..2026-09-13", "2026-09-13", "2026-08-31..2026-09-14"),
    ],
)
def test_a_range_that_reads_as_if_its_end_were_in_it_is_told(
    project: CheckedProject, period: str, day: str, meant: str
) -> None:
    assert _told(project, "revenue", period) == [
        (
            "time/last-day",
            f"`{period}` leaves out {day}: the end of a range is not in it",
            f"write `{meant}` to have that day, too",
        )
    ]
    assert _told(project, "revenue", meant) == []


@pytest.mark.parametrize(
    "period",
    [
        "2026-01",
        "2026-01-31",
        "2026-01-01..2026-01-30",
        "2026-01-02..2026-01-31",
        "2028-02-01..2028-02-28",
        "2026-09-01..2026-09-07",
        "2026-09-01..2026-09-13",
        "2026-01-01..2026-02-01",
        "2026-01-01..9999-12-31",
    ],
)
def test_any_other_range_is_taken_as_it_stands(project: CheckedProject, period: str) -> None:
    assert _told(project, "revenue", period) == []


def test_a_fixed_window_is_told_too(project: CheckedProject) -> None:
    formula = "during(revenue, 2025-01-01, 2025-12-31)"
    [(code, message, help)] = _told(project, f"answer = {formula}", "2026")
    assert (code, message.partition(":")[0]) == ("time/last-day", f"`{formula}` leaves out 2025-12-31")
    assert help == "write `2025-01-01, 2026-01-01` to have that day, too"
    assert _told(project, "answer = during(revenue, 2025-01-01, 2026-01-01)", "2026") == []


OBJECTIVE = """
kpis:
  turnover: {label: Turnover, formula: sum(orders.amount), direction: up, owner: shop@example.com}
objectives:
  good_january:
    kpi: turnover
    kind: at_least
    owner: shop@example.com
    target: 100
    effective: {from: 2026-01-01, until: UNTIL}
"""


@pytest.mark.parametrize(
    ("until", "helps"),
    [("2026-01-31", ["write `until: 2026-02-01` to have that day, too"]), ("2026-02-01", [])],
)
def test_the_days_of_an_objective_are_told_too(until: str, helps: list[str], tmp_path: Path) -> None:
    sink = Sink()
    load(answers.write_project(tmp_path, "", DEFINITIONS + OBJECTIVE.replace("UNTIL", until)), sink)
    assert [found.help for found in sink.diagnostics() if found.rule.code == "time/last-day"] == helps
    assert not sink.has_errors


@given(DAYS, DAYS)
def test_days_are_written_as_a_period_that_has_them(one: date, other: date) -> None:
    start, end = sorted((one, other))
    window = Window(start, end)
    if start < end:
        assert parse_period(written(window)) == window
    whole = with_its_last_day(window)
    assert whole is None or (whole.start, whole.end) == (start, date.fromordinal(end.toordinal() + 1))


@pytest.mark.parametrize("name", ["2026", "2026-Q1", "2026-Q4", "2026-08", "2026-12", "2026-W01", "2026-W53"])
def test_a_named_period_is_written_by_its_name(name: str) -> None:
    window = parse_period(name)
    assert window is not None
    assert written(window) == name
