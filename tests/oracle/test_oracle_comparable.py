"""Comparable days, calendars that leave days out, sets with `having`, what holds at no instant: worked out by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from . import OracleRefuses, evaluate
from .table import Value

PROJECT: dict[str, Any] = {
    "calendars": {
        "trade": {
            "table": "days",
            "day": "day",
            "columns": {"day": "date", "compared": "date", "month": "text"},
            "grains": {"trade_month": "month"},
            "comparable": "compared",
        }
    },
    "datasets": {
        "sales": {
            "table": "sales",
            "key": "id",
            "time": "sold_at",
            "columns": {"id": "integer", "sold_at": "timestamp", "buyer": "text"},
        }
    },
    "metrics": {"ids": "sum(sales.id)"},
}
OPEN = {date(2026, 4, n): f"m{(n + 4) // 5}" for n in range(1, 16) if n not in (4, 9)}
"""Three months of five days; the 4th and the 9th are in none."""


def days(**compared: str | None) -> list[dict[str, Any]]:
    """Return the days of half an April, each with its weekday of the year before, or with the day that is given."""
    listed: list[dict[str, Any]] = []
    for n in range(1, 16):
        day = date(2026, 4, n)
        given = compared.get(f"d{n}", (day - timedelta(days=364)).isoformat())
        listed.append(
            {
                "day": day,
                "compared": None if given is None else date.fromisoformat(given),
                "month": OPEN.get(day),
            }
        )
    return listed


def ask(
    *kpis: str, sold: dict[int, str], calendar: list[dict[str, Any]] | None = None, **query: Any
) -> list[tuple[Value, ...]]:
    sales = [
        {"id": n, "sold_at": datetime.fromisoformat(text), "buyer": "xyz"[n % 3]} for n, text in sold.items()
    ]
    rows = {"sales": sales, "trade": days() if calendar is None else calendar}
    return evaluate(PROJECT, rows, {"kpis": list(kpis), **query}).rows


EASTER = days(d3="2025-04-18", d4="2025-04-19", d5="2025-04-20", d6="2025-04-21")
BEFORE = {1: "2025-04-04 10:00", 2: "2025-04-16 09:00", 4: "2025-04-18 12:00", 8: "2025-04-20 18:00"}


@pytest.mark.parametrize(
    ("formula", "period", "value"),
    [
        # Good Friday compares with Good Friday, and 4 April 2025 is nobody's day.
        ("prior(ids, 1 year comparable)", "2026-04-03", 4),
        ("prior(ids, 1 year comparable)", "2026-04", 14),
        # 15 April compares with 16 April 2025.
        ("prior(ids, 1 year comparable)", "2026-04-15", 2),
        # The three days up to Good Friday, and the comparable days of three days.
        ("prior(rolling(ids, 3 days), 1 year comparable)", "2026-04-03", 6),
        ("rolling(prior(ids, 1 year comparable), 3 days)", "2026-04-05", 12),
        ("prior(cumulative(ids), 1 year comparable)", "2026-04-01", 0),
        ("prior(cumulative(ids), 1 year comparable)", "2026-04-03", 7),
        ("cumulative(prior(ids, 1 year comparable))", "2026-04-03", 4),
        ("prior(to_date(ids, month), 1 year comparable)", "2026-04-05", 15),
        ("prior(prior(ids, 1 day), 1 year comparable)", "2026-04-06", 8),
        ("prior(prior(ids, 1 year comparable), 1 day)", "2026-04-06", 8),
    ],
)
def test_comparable_days(formula: str, period: str, value: Value) -> None:
    assert ask(f"x = {formula}", sold=BEFORE, calendar=EASTER, period=period) == [(value,)]


def test_a_day_that_is_named_twice_counts_once() -> None:
    twice = days(d1="2025-04-18", d2="2025-04-18")
    x = "x = prior(ids, 1 year comparable)"
    by_day = ask(x, sold=BEFORE, calendar=twice, by=["day"], period="2026-04-01..2026-04-03")
    assert by_day == [(date(2026, 4, 1), 4), (date(2026, 4, 2), 4)]
    assert ask(x, sold=BEFORE, calendar=twice, period="2026-04-01..2026-04-03") == [(4,)]


def test_a_day_without_a_comparable_one_reads_nothing() -> None:
    none = days(d3=None)
    x = ("x = prior(ids, 1 year comparable)", "y = prior(rolling(ids, 3 days), 1 year comparable)")
    assert ask(*x, sold=BEFORE, calendar=none, period="2026-04-03") == [(0, None)]


def test_the_clock_cuts_comparable_days() -> None:
    sold = {1: "2025-04-20 11:59", 2: "2025-04-20 12:00", 4: "2026-04-05 11:00"}
    kpis = ("ids", "x = prior(ids, 1 year comparable)")
    cut = {"by": ["day"], "period": "2026-04-05..2026-04-08", "as_of": "2026-04-05 12:00"}
    assert ask(*kpis, sold=sold, calendar=EASTER, **cut) == [(date(2026, 4, 5), 4, 1, True)]
    whole = ask(*kpis, sold=sold, calendar=EASTER, **cut, partial="whole")
    assert whole == [(date(2026, 4, 5), 4, 3, True)]


@pytest.mark.parametrize(
    ("formula", "query"),
    [
        ("prior(ids, 2 years comparable)", {"by": ["day"]}),
        ("prior(ids, 1 month comparable)", {"by": ["day"]}),
        ("rolling(ids, 1 year comparable)", {"by": ["day"]}),
        ("prior(ids, 1 year comparable)", {}),
    ],
)
def test_what_no_comparable_days_are(formula: str, query: dict[str, Any]) -> None:
    with pytest.raises(OracleRefuses):
        ask(f"x = {formula}", sold=BEFORE, **query)


def test_grains_of_a_calendar_leave_its_closed_days_out() -> None:
    sold = {1: "2026-04-02 10:00", 2: "2026-04-04 10:00", 4: "2026-04-08 10:00", 8: "2026-04-09 10:00"}
    kpis = (
        "ids",
        "x = prior(ids, 1 trade_month)",
        "y = rolling(ids, 2 trade_months)",
        "z = to_date(ids, trade_month)",
        "c = cumulative(ids)",
    )
    found = ask(*kpis, sold=sold, by=["trade_month"], period="2026-04-01..2026-04-16")
    assert found == [
        (date(2026, 4, 1), 1, 0, 1, 1, 3, False),
        (date(2026, 4, 6), 4, 1, 5, 4, 15, False),
        (date(2026, 4, 11), 0, 4, 4, 0, 15, False),
        (None, 10, None, None, None, None, False),
    ]
    # On a day that is in no month there is no month to date.
    assert ask("x = to_date(ids, trade_month)", sold=sold, period="2026-04-09") == [(None,)]


def test_comparable_days_of_a_bucket_are_those_of_its_days() -> None:
    sold = {1: "2025-04-05 10:00", 2: "2025-04-04 10:00"}
    x = "x = prior(ids, 1 year comparable)"
    found = ask(x, sold=sold, by=["trade_month"], period="2026-04-01..2026-04-16")
    # 5 April 2025 is the day of 4 April, which is closed.
    assert found == [(date(2026, 4, 1), 2, False)]


def test_a_set_with_having_is_what_is_counted() -> None:
    sold = {1: "2026-04-01 10:00", 4: "2026-04-01 11:00", 2: "2026-04-01 12:00", 5: "2026-04-02 10:00"}
    several = "sales.buyer having count(sales) >= 2"
    kpis = (
        f"n = count_distinct({several})",
        f"x = sum(sales.id where buyer in values({several}))",
        f"y = sum(sales.id where buyer in prior(values({several}), 1 day))",
    )
    found = ask(*kpis, sold=sold, by=["day"], period="2026-04-01..2026-04-03")
    assert found == [(date(2026, 4, 1), 1, 5, 0), (date(2026, 4, 2), 0, 0, 0)]
    found = ask(*kpis[1:], sold=sold, period="2026-04-01..2026-04-03")
    assert found == [(12, 5)]


STAYS: dict[str, Any] = {
    **PROJECT,
    "datasets": {
        "stays": {
            "table": "stays",
            "key": "id",
            "time": ["since", "until"],
            "columns": {"id": "integer", "since": "date", "until": "date", "house": "text"},
        }
    },
    "metrics": {"ids": "sum(stays.id)"},
}


def stays(*held: str) -> list[dict[str, Any]]:
    """Return stays with the ids 1, 2, 4, …: house, beginning and end, which may be open."""
    out: list[dict[str, Any]] = []
    for n, text in enumerate(held):
        house, since, until = (*text.split(), None)[:3]
        out.append(
            {
                "id": 2**n,
                "since": date.fromisoformat(since or ""),
                "until": None if until is None else date.fromisoformat(until),
                "house": house,
            }
        )
    return out


@pytest.mark.parametrize(
    ("query", "value"),
    [
        # Easter Sunday compares with 20 April 2025, at whose end the first stay is over.
        ({"period": "2026-04-05"}, 2),
        ({"period": "2026-04-04"}, 1),
        ({"period": "2026-04-01..2026-04-05"}, 1),
        # Without a comparable day nobody knows what held, whatever the other days have.
        ({"period": "2026-04-01..2026-04-17"}, None),
        # At the same clock time of 20 April.
        ({"period": "2026-04", "as_of": "2026-04-05 12:00"}, 2),
    ],
)
def test_what_holds_is_compared_at_the_end_of_the_last_day(query: dict[str, Any], value: Value) -> None:
    rows = {"stays": stays("a 2025-04-01 2025-04-20", "a 2025-04-20"), "trade": EASTER}
    asked = {"kpis": ["x = prior(ids, 1 year comparable)"], **query}
    assert evaluate(STAYS, rows, asked).rows == [(value,)]


def test_days_and_months_of_what_holds_without_a_period() -> None:
    rows = {
        "stays": stays("a 2026-01-05 2026-03-20", "a 2026-02-05 2026-02-10", "b 2026-02-28"),
        "trade": EASTER,
    }
    kpis = ["d = count(count(stays) per day)", "m = avg(ids per month)", "n = count(ids per month)"]
    # From the first beginning to the last end of the group; an open row reaches to the instant.
    asked = evaluate(STAYS, rows, {"kpis": kpis, "by": ["stays.house"], "as_of": "2026-05-15"})
    assert asked.rows == [("a", 75, 2 / 3, 3), ("b", 76, 4.0, 4)]
    assert evaluate(STAYS, rows, {"kpis": kpis, "as_of": "2026-03-15"}).rows == [(69, 11 / 3, 3)]
    # Whoever holds at the end of no month makes no row.
    short = {"stays": stays("a 2026-01-05 2026-01-20"), "trade": EASTER}
    assert evaluate(STAYS, short, {"kpis": kpis[2:], "by": ["stays.house"], "as_of": "2026-05-15"}).rows == []


def test_a_frozen_window_is_the_same_whatever_stands_around_it() -> None:
    frozen = "during(ids, 2025-04-01, 2026-01-01)"
    lost = {"sold": BEFORE, "calendar": days(d3=None), "period": "2026-04-03"}
    assert ask(f"x = prior(rolling({frozen}, 3 days), 1 year comparable)", **lost) == [(15,)]
    assert ask("x = prior(rolling(ids, 3 days), 1 year comparable)", **lost) == [(None,)]
