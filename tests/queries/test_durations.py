"""Durations and parameters with a unit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import kpidsl
from kpidsl.semantics.check import CheckedProject

from .asking import ask, codes_of, refused, shop

MORE = """\
parameters:
  waited: {type: duration, default: 20 minutes}
  promised: {type: duration}
  ahead: {type: duration, default: 1 month}
  free_from: {type: integer, unit: EUR, default: 20}
  at_most: {type: integer, unit: minute, default: 1 hour}
  grace: {type: integer, unit: day, default: 2}
datasets:
  parcels:
    table: orders
    key: order_id
    time: ordered_on
    columns:
      order_id: integer
      ordered_on: date
      amount: {type: "decimal(12,2)", unit: EUR}
      minutes: {type: integer, unit: minute}
      sent_on: {type: date, expr: ordered_on + 3 days}
      due_on: {type: date, expr: ordered_on + grace}
      due_at: {type: timestamp, expr: ordered_on + promised}
metrics:
  slow: count(parcels where minutes > waited)
  slower: count(parcels where minutes > at_most)
  late: count(parcels where sent_on > ordered_on + promised)
  late_columns: count(parcels where sent_on > due_on)
  long: count(parcels where sent_on - ordered_on >= promised)
  free: count(parcels where amount >= free_from)
  first_due: min(parcels.due_at)
  last_renewal: max(parcels.ordered_on + ahead)
  last_before: max(parcels.ordered_on - ahead)
"""


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return shop(tmp_path, MORE)


def test_a_duration_is_compared_with_times_that_passed(project: CheckedProject) -> None:
    # minutes 5 15 25 35 45 55 and unknown
    assert ask(project, "slow") == [(4,)]
    assert ask(project, "slow", parameters={"waited": "45 minutes"}) == [(1,)]
    assert ask(project, "slow", parameters={"waited": "0.5 hours"}) == [(3,)]
    assert ask(project, "slow", parameters={"waited": "1500 seconds"}) == [(3,)]
    assert ask(project, "long", parameters={"promised": "3 days"}) == [(7,)]
    assert ask(project, "long", parameters={"promised": "73 hours"}) == [(0,)]


def test_a_time_is_moved_on_the_calendar_or_by_hours(project: CheckedProject) -> None:
    assert ask(project, "late", parameters={"promised": "2 days"}) == [(7,)]
    assert ask(project, "late", parameters={"promised": "3 days"}) == [(0,)]
    assert ask(project, "late", parameters={"promised": "71 hours"}) == [(7,)]
    assert ask(project, "late", parameters={"promised": "1 month"}) == [(0,)]
    assert ask(project, "first_due", parameters={"promised": "36 hours"}) == [(datetime(2025, 1, 11, 12),)]
    assert ask(project, "first_due", parameters={"promised": "2 days"}) == [(datetime(2025, 1, 12),)]
    assert ask(project, ["last_renewal", "last_before"]) == [(datetime(2026, 9, 8), datetime(2026, 7, 8))]
    ahead = {"ahead": "1 day"}
    assert ask(project, "last_renewal", parameters=ahead) == [(datetime(2026, 8, 9),)]


def test_numbers_with_a_unit(project: CheckedProject) -> None:
    assert ask(project, "free") == [(3,)]
    assert ask(project, "free", parameters={"free_from": "100 EUR"}) == [(1,)]
    assert ask(project, "free", parameters={"free_from": 6}) == [(5,)]
    assert ask(project, "slower", parameters={"at_most": "0.5 hours"}) == [(3,)]
    assert ask(project, "slower", parameters={"at_most": 30}) == [(3,)]
    assert ask(project, "late_columns") == [(7,)]
    assert ask(project, "late_columns", parameters={"grace": "3 days"}) == [(0,)]


def test_what_is_no_duration_is_refused(project: CheckedProject, tmp_path: Path) -> None:
    for text in ("10", "10 EUR", "abc", "-1 day", "0.0000001 seconds", "'1 day'", "1 day + 1 day"):
        assert refused(project, "slow", parameters={"waited": text}) == ["parameter/value"], text
    assert refused(project, "slow", parameters={"waited": "1 month"}) == ["parameter/value"]
    assert refused(project, "late") == ["parameter/missing"]
    assert refused(project, "first_due") == ["parameter/missing"]
    assert refused(project, "free", parameters={"free_from": "10 USD"}) == ["parameter/value"]
    assert refused(project, "free", parameters={"free_from": "10.5 EUR"}) == ["parameter/value"]
    wrong = MORE + "  wrong: count(parcels where amount > at_most)\n"
    assert codes_of(tmp_path, wrong) == ["unit/mismatch"]
    assert codes_of(tmp_path, "parameters: {a: {type: duration, default: 3}}\nmetrics: {m: a}\n") == [
        "parameter/value"
    ]


def test_a_duration_is_told_as_it_was_given(tmp_path: Path) -> None:
    shop(tmp_path, MORE)
    query = kpidsl.load(tmp_path).query(["slow", "late"], parameters={"promised": "2 days"})
    assert query.parameters == {"waited": "20 minutes", "promised": "2 days"}
    assert kpidsl.load(tmp_path).query("free").parameters == {"free_from": "20 EUR"}
