"""The empty buckets of a grain: values of no rows, for every tuple of the other members."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .asking import ask, refused, shop

D = Decimal


def test_a_share_of_an_empty_bucket_is_that_of_nothing(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path),
        ["orders_placed", "m = avg(orders.minutes)", "s = share(orders_placed)"],
        by=["month", "country"],
        period="2025-01-31..2025-03-02",
        fill=True,
    )
    assert rows == [
        (date(2025, 1, 1), "FR", 0, None, None, True),
        (date(2025, 2, 1), "FR", 1, 15.0, 1.0, False),
        (date(2025, 3, 1), "FR", 0, None, None, True),
    ]


def test_values_that_drop_the_bucket_are_there_in_empty_ones(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path),
        ["orders_placed", "of_year = total(orders_placed across quarter)"],
        by=["quarter", "channel"],
        where="channel = 'email'",
        fill=True,
    )
    assert rows[0] == (date(2025, 1, 1), "email", 1, 3)
    assert rows[1:4] == [(date(2025, month, 1), "email", 0, 3) for month in (4, 7, 10)]
    assert rows[4:] == [(date(2026, 1, 1), "email", 2, 3)]


def test_two_grains_have_the_pairs_that_days_have(tmp_path: Path) -> None:
    rows = ask(shop(tmp_path), "traffic", by=["week", "month"], period="2026-01-26..2026-02-09", fill=True)
    assert rows == [
        (date(2026, 1, 26), date(2026, 1, 1), 0),
        (date(2026, 1, 26), date(2026, 2, 1), 0),
        (date(2026, 2, 2), date(2026, 2, 1), 2),
    ]
    # without a period: from the week of 3 March 2025 (a Monday) to that of 2 February 2026
    rows = ask(shop(tmp_path), "traffic", by=["month", "week"], fill=True, totals=True)
    details = [row for row in rows if row[2] == "detail"]
    assert details[0] == (date(2025, 3, 1), date(2025, 3, 3), "detail", 1)
    assert details[-1] == (date(2026, 2, 1), date(2026, 2, 2), "detail", 2)
    assert len({week for _, week, *_ in details}) == 49
    months = [row for row in rows if row[2] == "by month"]
    assert [row[0].month for row in months] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2]
    assert rows[-1] == (None, None, "total", 5)


def test_the_first_members_have_every_bucket(tmp_path: Path) -> None:
    # Over all time email has 3 orders, no channel 2; without others the result begins with July 2025.
    rows = ask(
        shop(tmp_path),
        "orders_placed",
        by=["year", "channel"],
        top="1 by orders_placed",
        where="channel is null or channel = 'social'",
        fill=True,
    )
    assert rows == [(date(2025, 1, 1), None, 1), (date(2026, 1, 1), None, 1)]
    rows = ask(
        shop(tmp_path),
        "orders_placed",
        by=["quarter", "channel"],
        top="1 by orders_placed others",
        where="channel is null or channel = 'social'",
        fill=True,
    )
    assert [(row[0].isoformat()[:7], row[2], row[3]) for row in rows] == [
        ("2025-07", "detail", 1),
        ("2025-07", "others", 0),
        ("2025-10", "detail", 0),
        ("2025-10", "others", 0),
        ("2026-01", "detail", 0),
        ("2026-01", "others", 1),
        ("2026-04", "detail", 0),
        ("2026-04", "others", 0),
        ("2026-07", "detail", 1),
        ("2026-07", "others", 0),
    ]


def test_nothing_to_fill(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "orders_placed", by=["month"], where="channel = 'x'", fill=True) == []
    assert ask(project, "orders_placed", by=["month", "channel"], period="2020", fill=True) == []
    none = ask(
        project, "orders_placed", by=["year", "channel"], period="2020", fill=True, top="1 by orders_placed"
    )
    assert none == []
    totals = ask(project, "orders_placed", by=["year", "channel"], period="2020", fill=True, totals=True)
    assert totals == [(date(2020, 1, 1), None, "by year", 0), (None, None, "total", 0)]
    constant = ask(project, "n = 1 + 1", by=["quarter"], period="2020-Q1", fill=True)
    assert constant == [(date(2020, 1, 1), 2)]


@pytest.mark.parametrize("parts", [{"by": "channel"}, {}, {"by": "month", "top": "1 by revenue"}])
def test_what_cannot_be_filled(tmp_path: Path, parts: dict[str, str]) -> None:
    assert refused(shop(tmp_path), "revenue", fill=True, **parts) == ["query/fill"]
