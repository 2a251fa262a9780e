"""Units, elapsed times and moved dates, worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from . import OracleRefuses, evaluate
from .boutique import D, at
from .table import Value

PROJECT: dict[str, Any] = {
    "timezone": "Europe/Paris",
    "datasets": {
        "calls": {
            "table": "calls",
            "key": "call_id",
            "time": "began_at",
            "unit": "call",
            "columns": {
                "call_id": "integer",
                "began_at": "timestamp",
                "ended_at": {"type": "timestamp", "timezone": "UTC"},
                "asked_on": "date",
                "due_on": "date",
                "wait": {"type": "integer", "unit": "minute"},
                "talk": {"type": "decimal(8,2)", "unit": "hour"},
                "cost": {"type": "decimal(8,2)", "unit": "EUR"},
                "price": {"type": "decimal(8,2)", "unit": "EUR/hour"},
                "grace": {"type": "integer", "unit": "day"},
                "lost": {"type": "float", "expr": "wait", "unit": "hour"},
                "plain": "integer",
            },
        }
    },
    "parameters": {
        "patience": {"type": "duration", "default": "90 seconds"},
        "notice": {"type": "duration", "default": "1 week"},
    },
    "metrics": {
        "waited": "sum(calls.wait)",
        "waited_hours": {"formula": "waited", "unit": "hour"},
        "talked_minutes": {"formula": "sum(calls.talk)", "unit": "minute"},
        "lasted_hours": {"formula": "avg(calls.ended_at - began_at)", "unit": "hour"},
        "per_call": {"formula": "waited / count(calls)", "unit": "hour/call"},
        "rate": {"formula": "count(calls where wait > 10) / count(calls)", "unit": "percent"},
    },
}
CALLS: list[dict[str, Any]] = [
    {
        "call_id": 1,
        "began_at": at("2026-01-31 10:00:00"),
        "ended_at": at("2026-01-31 09:30:00.250000"),  # 10:30 of Paris
        "asked_on": date(2026, 1, 31),
        "due_on": date(2026, 2, 28),
        "wait": 30,
        "talk": D("0.50"),
        "cost": D(10),
        "price": D(6),
        "grace": 28,
        "plain": 3,
    },
    {
        "call_id": 2,
        "began_at": at("2026-10-25 01:30:00"),
        "ended_at": at("2026-10-25 02:30:00"),  # 03:30 of Paris, three hours later
        "asked_on": date(2024, 2, 29),
        "due_on": date(2024, 3, 1),
        "wait": 1,
        "talk": D("2.00"),
        "cost": D(-1),
        "price": D(3),
        "grace": 0,
        "plain": 4,
    },
    {"call_id": 3, "began_at": None, "ended_at": at("2026-01-01 00:00:00"), "wait": None, "plain": 1},
]


def one(formula: str, **query: Any) -> Value:
    ((value,),) = evaluate(PROJECT, {"calls": CALLS}, {"kpis": [formula], **query}).rows
    return value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        # Elapsed times are those between instants, in seconds; between dates they are days.
        ("x = sum(calls.ended_at - began_at)", D("1800.250000") + 3 * 3600),
        ("x = max(calls.ended_at - began_at)", D(10_800)),
        ("x = sum(calls.due_on - asked_on)", 29),
        ("lasted_hours", (1800.25 + 10_800) / 2 / 3600),
        ("x = count(calls where ended_at - began_at > 30 minutes)", 2),
        ("x = count(calls where ended_at - began_at = 3 hours)", 1),
        ("x = count(calls where not (ended_at - began_at > 1 hour))", 2),
        (
            "x = count(calls where ended_at - began_at between 1800 and 0.5 days)",
            2,
        ),  # a bare number is in seconds
        ("x = count(calls where due_on - asked_on >= 4 weeks)", 1),
        ("x = count(calls where wait > patience)", 1),
        ("x = count(calls where began_at + notice <= 2026-02-07)", 0),
        ("x = count(calls where asked_on + notice = 2026-02-07)", 1),
        # Moved times.
        ("x = max(calls.asked_on + 1 month)", date(2026, 2, 28)),
        ("x = min(calls.asked_on - 1 year)", date(2023, 2, 28)),
        ("x = max(calls.asked_on + 1 month - 1 month)", date(2026, 1, 28)),
        ("x = count(calls where asked_on + grace = due_on)", 1),
        ("x = min(calls.began_at + 90 minutes)", datetime(2026, 1, 31, 11, 30)),
        ("x = max(calls.began_at + 2 hours)", datetime(2026, 10, 25, 2, 30)),  # for the second time
        ("x = max(calls.began_at + 1 day)", datetime(2026, 10, 26, 1, 30)),  # a day of 25 hours
        ("x = max(calls.began_at + 3 months)", datetime(2027, 1, 25, 1, 30)),
        # Conversions.
        ("waited", 31),
        ("waited_hours", 31 / 60),
        ("talked_minutes", D(150)),
        ("x = waited_hours * 2", 31 / 30),
        ("per_call", 31 / 60 / 3),
        ("rate", 1 / 3),
        ("x = sum(calls.lost)", 31 / 60),
        ("x = sum(calls.wait + talk)", D(181)),  # in minutes, the finer
        ("x = sum(calls.wait / talk)", 30 / 30 + 1 / 120),
        ("x = sum(calls.price * wait)", 6 * 0.5 + 3 / 60),
        ("x = count(calls where wait < talk)", 1),
        ("x = count(calls where talk in (30 minutes, 7 hours))", 1),
        ("x = sum(calls.wait + 5)", 41),
        ("x = sum(case when plain = 3 then calls.wait else talk end)", D(150)),
        ("x = count(calls where cost > 5 EUR)", 1),
        ("x = sum(calls.cost) - 4 EUR", D(5)),
        ("x = 1 + waited * 2", 63),
    ],
)
def test_units(formula: str, value: Value) -> None:
    found = one(formula)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


def test_a_result_is_compared_in_its_units() -> None:
    rows = {"calls": CALLS}
    query = {"kpis": ["waited_hours", "waited"], "by": ["month"]}
    kept = evaluate(
        PROJECT, rows, {**query, "having": "waited_hours >= 0.5 hours and waited = 1800 seconds"}
    ).rows
    assert kept == [(date(2026, 1, 1), 0.5, 30)]


def test_a_day_is_not_moved_by_hours() -> None:
    with pytest.raises(OracleRefuses, match="moved by hours"):
        one("x = max(calls.asked_on + 2 hours)")
