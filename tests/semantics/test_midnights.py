"""A day beside a timestamp is its first midnight: where that is told, and what is offered."""

from __future__ import annotations

import pytest

from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.queries import check_query
from tests import answers

DEFINITIONS = """
parameters:
  until: {type: date, default: 2026-01-31}
datasets:
  bills:
    table: bills
    key: id
    time: sent_at
    columns:
      id: integer
      sent_at: timestamp
      seen_at: {type: timestamp, timezone: UTC}
      paid_at: timestamp
      due_on: date
      signed_on: date
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path_factory.mktemp("midnights"), "", DEFINITIONS))


def _told(project: CheckedProject, formula: str) -> list[tuple[str, str | None]]:
    sink = Sink()
    check_query(project, query_text(f"answer = {formula}"), sink)
    return [(found.rule.code, found.help) for found in sink.diagnostics()]


def _meant(by_day: str, of_midnight: str | None = None) -> str:
    or_so = "" if of_midnight is None else f", or `{of_midnight}` for that midnight"
    return f"write `{by_day}` to compare days{or_so}"


@pytest.mark.parametrize(
    ("condition", "by_day", "of_midnight"),
    [
        ("sent_at <= 2026-01-31", "date_trunc(day, sent_at) <= 2026-01-31", "sent_at < 2026-01-31"),
        ("sent_at > 2026-01-31", "date_trunc(day, sent_at) > 2026-01-31", "sent_at >= 2026-01-31"),
        ("2026-01-31 >= sent_at", "2026-01-31 >= date_trunc(day, sent_at)", "2026-01-31 > sent_at"),
        ("2026-01-31 < sent_at", "2026-01-31 < date_trunc(day, sent_at)", "2026-01-31 <= sent_at"),
        ("sent_at = 2026-01-31", "date_trunc(day, sent_at) = 2026-01-31", None),
        ("2026-01-31 != seen_at", "2026-01-31 != date_trunc(day, seen_at)", None),
        ("paid_at <= due_on", "date_trunc(day, paid_at) <= due_on", "paid_at < due_on"),
        ("paid_at <= until", "date_trunc(day, paid_at) <= until", "paid_at < until"),
        (
            "paid_at <= due_on + 30 days",
            "date_trunc(day, paid_at) <= due_on + 30 days",
            "paid_at < due_on + 30 days",
        ),
        (
            "sent_at in (2026-01-30, 2026-01-31)",
            "date_trunc(day, sent_at) in (2026-01-30, 2026-01-31)",
            None,
        ),
        (
            "sent_at between 2026-01-01 and 2026-02-01",
            "date_trunc(day, sent_at) between 2026-01-01 and 2026-02-01",
            "sent_at >= 2026-01-01 and sent_at < 2026-02-01",
        ),
        (
            "sent_at not between 2026-01-01 and 2026-01-31",
            "date_trunc(day, sent_at) not between 2026-01-01 and 2026-01-31",
            None,
        ),
        (
            "paid_at between sent_at and due_on",
            "paid_at >= sent_at and date_trunc(day, paid_at) <= due_on",
            None,
        ),
        (
            "due_on between sent_at and paid_at",
            "due_on between date_trunc(day, sent_at) and date_trunc(day, paid_at)",
            None,
        ),
    ],
)
def test_a_midnight_that_may_be_meant_as_a_day_is_told(
    project: CheckedProject, condition: str, by_day: str, of_midnight: str | None
) -> None:
    told = _told(project, f"count(bills where {condition})")
    assert told == [("type/midnight", _meant(by_day, of_midnight))]
    for each in (by_day, of_midnight):
        assert each is None or _told(project, f"count(bills where {each})") == []


@pytest.mark.parametrize(
    "condition",
    [
        "sent_at >= 2026-01-01 and sent_at < 2026-02-01",
        "2026-01-01 <= sent_at and 2026-02-01 > sent_at",
        "due_on <= 2026-01-31",
        "due_on between 2026-01-01 and 2026-01-31",
        "paid_at > sent_at",
        "paid_at between sent_at and seen_at",
        "sent_at between signed_on and paid_at",
        "date_trunc(day, sent_at) = due_on",
        "sent_at is null",
        "sent_at <= period_end",
        "sent_at between period_start and period_end",
        "sent_at = date_trunc(day, sent_at)",
        "sent_at > date_trunc(month, due_on)",
    ],
)
def test_what_says_what_it_means_is_not_told(project: CheckedProject, condition: str) -> None:
    assert _told(project, f"count(bills where {condition})") == []


def test_a_value_of_a_formula_is_compared_so_too(project: CheckedProject) -> None:
    told = _told(project, "case when max(bills.paid_at) <= 2026-01-31 then 1 else 0 end")
    by_day = "date_trunc(day, max(bills.paid_at)) <= 2026-01-31"
    assert told == [("type/midnight", _meant(by_day, "max(bills.paid_at) < 2026-01-31"))]


def test_one_mistake_is_told_once(project: CheckedProject) -> None:
    told = _told(project, "count(bills where sent_at between 2026-01-31 and 2026-01-01)")
    assert [code for code, _ in told] == ["type/exchanged-ends"]
