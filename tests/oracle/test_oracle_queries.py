"""Having, periods side by side, parameters, filters, labels, top, totals and fill, worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from . import OracleRefuses, evaluate
from .boutique import NOTHING, PROJECT, D, ask, at, orders
from .table import Value

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
SALES = orders(
    {"ordered_at": at("2026-01-05 00:00:00"), "status": "a", "amount": D(1), "quantity": 1},
    {"ordered_at": at("2026-01-06 00:00:00"), "status": "b", "amount": D(3), "quantity": 5},
    {"ordered_at": at("2026-03-05 00:00:00"), "status": "a", "amount": D(4), "quantity": 9},
    {"ordered_at": at("2026-03-06 00:00:00"), "status": "c", "amount": D(2), "quantity": 7},
    {"ordered_at": at("2026-03-07 00:00:00"), "status": None, "amount": D(6), "quantity": 2},
    {"ordered_at": at("2025-02-05 00:00:00"), "status": "a", "amount": D(8), "quantity": 3},
)


def table(
    *kpis: str, changes: dict[str, Any] | None = None, **query: Any
) -> tuple[tuple[str, ...], list[Any]]:
    found = evaluate(PROJECT | (changes or {}), SALES, {"kpis": list(kpis), **query})
    return found.columns, found.rows


def test_having_keeps_rows_after_everything_is_computed() -> None:
    kpis = ("revenue", "x = share(revenue)")
    assert ask(SALES, *kpis, by=["channel"], having="revenue > 3") == [
        ("a", D(13), 13 / 24),
        (None, D(6), 6 / 24),
    ]
    assert ask(SALES, *kpis, by=["channel"], having="channel != 'a' and revenue != 3") == [
        ("c", D(2), 2 / 24),
        (None, D(6), 6 / 24),
    ]
    assert ask(SALES, "revenue", by=["month"], having="month >= 2026-02-01") == [(MARCH, D(12))]
    assert ask(SALES, "revenue", having="revenue < 0") == []
    assert ask(SALES, "revenue", by=["channel"], having="revenue > 3", order=["revenue"], limit=1) == [
        (None, D(6))
    ]
    with pytest.raises(OracleRefuses, match="no columns"):
        ask(SALES, "revenue", by=["channel"], having="visits > 1")


def test_periods_side_by_side() -> None:
    columns, rows = table(
        "revenue", "n = count(orders)", by=["channel"], period=["2025", "2026-Q1", "2026-01-01..2026-02-01"]
    )
    assert columns == (
        "channel",
        *(f"{k}_{p}" for k in ("revenue", "n") for p in ("2025", "2026_q1", "2026_01_01_2026_02_01")),
    )
    assert rows == [
        ("a", D(8), D(5), D(1), 1, 2, 1),
        ("b", 0, D(3), D(3), 0, 1, 1),
        ("c", 0, D(2), 0, 0, 1, 0),
        (None, 0, D(6), 0, 0, 1, 0),
    ]
    kept = ask(
        SALES, "revenue", by=["channel"], period=["2025", "2026"], having="revenue_2026 > revenue_2025"
    )
    assert [row[0] for row in kept] == ["b", "c", None]
    with pytest.raises(OracleRefuses, match="side by side"):
        table("revenue", by=["month"], period=["2025", "2026"])


PARAMETERS = {
    "parameters": {
        "least": {"type": "decimal(8,2)", "default": "2.5"},
        "statuses": {"type": "text", "list": True},
        "status_one": {"type": "text", "default": "a"},
        "since": {"type": "date", "default": "2026-01-01"},
    }
}


@pytest.mark.parametrize(
    ("formula", "given", "value"),
    [
        ("count(orders where amount > least)", {}, 4),
        ("count(orders where amount > least)", {"least": "3"}, 3),
        ("count(orders where status in (statuses))", {"statuses": "'a', 'b'"}, 4),
        ("count(orders where status not in (statuses))", {"statuses": "'a'"}, 3),
        ("count(orders where status = status_one)", {}, 3),
        ("count(orders where status = status_one)", {"status_one": "'c'"}, 1),
        ("count(orders where ordered_at >= since)", {}, 5),
        ("revenue * least", {"least": "2"}, D(48)),
        ("revenue where channel = status_one", {}, D(13)),
        ("percentile(orders.quantity, least)", {"least": "0.5"}, 4.0),
    ],
)
def test_parameters(formula: str, given: dict[str, Any], value: Value) -> None:
    assert ask(SALES, f"x = {formula}", parameters=given, changes=PARAMETERS) == [(value,)]


def test_a_parameter_without_a_value_has_none() -> None:
    with pytest.raises(OracleRefuses, match="statuses"):
        ask(SALES, "x = count(orders where status in (statuses))", changes=PARAMETERS)


def test_named_filters() -> None:
    changes = {"filters": {"early": "channel in ('a', 'b')", "other": {"condition": "not early"}}}
    assert ask(SALES, "revenue", where="early", changes=changes) == [(D(16),)]
    assert ask(SALES, "x = revenue where not early", "y = revenue where other", changes=changes) == [
        (D(8), D(8))
    ]
    found = ask(SALES, "x = sum(orders.amount where early and quantity > 3)", changes=changes)
    assert found == [(D(7),)]
    with pytest.raises(OracleRefuses):  # sessions reach the channel, products do not
        ask(SALES, "x = count(products)", where="early", changes=changes)


def test_a_null_label_stands_in_detail_rows_of_texts() -> None:
    found = ask(SALES, "revenue", by=["channel"], null_label="(none)", totals=True, order=["-channel"])
    assert found == [
        ("c", "detail", D(2)),
        ("b", "detail", D(3)),
        ("a", "detail", D(13)),
        ("(none)", "detail", D(6)),
        (None, "total", D(24)),
    ]
    # Sorting and `having` come before it; only texts are labelled.
    assert ask(SALES, "revenue", by=["channel"], null_label="(none)", having="channel is null") == [
        ("(none)", D(6))
    ]
    rows = orders({"quantity": None, "amount": D(1)})
    assert ask(rows, "revenue", by=["orders.quantity"], null_label="(none)") == [(None, D(1))]


def test_totals_are_the_kpis_own_meaning() -> None:
    columns, rows = table(
        "m = median(orders.quantity)",
        "s = share(revenue)",
        by=["channel", "month"],
        period="2026",
        totals=True,
    )
    assert columns == ("month", "channel", "_level", "m", "s")
    assert rows == [
        (JANUARY, "a", "detail", 1.0, 1 / 4),
        (JANUARY, "b", "detail", 5.0, 3 / 4),
        (JANUARY, None, "by month", 3.0, 1.0),
        (MARCH, "a", "detail", 9.0, 4 / 12),
        (MARCH, "c", "detail", 7.0, 2 / 12),
        (MARCH, None, "detail", 2.0, 6 / 12),
        (MARCH, None, "by month", 7.0, 1.0),
        (None, None, "total", 5.0, 1.0),
    ]


def test_a_cube_keeps_every_combination() -> None:
    _, rows = table("revenue", by=["month", "channel"], period="2026", totals="cube", having="revenue >= 4")
    assert rows == [
        (JANUARY, None, "by month", D(4)),
        (MARCH, "a", "detail", D(4)),
        (MARCH, None, "detail", D(6)),
        (MARCH, None, "by month", D(12)),
        (None, "a", "by channel", D(5)),
        (None, None, "by channel", D(6)),
        (None, None, "total", D(16)),
    ]
    # Without a period the dropped bucket leaves no window.
    _, ever = table("revenue", by=["month"], totals="cube", having="revenue > 12")
    assert ever == [(None, "total", D(24))]
    assert ask(NOTHING, "revenue", by=["channel"], totals=True) == [(None, "total", 0)]


def test_an_asked_order_decides_alone() -> None:
    _, rows = table("revenue", by=["channel"], totals=True, order=["-revenue"], limit=3)
    assert rows == [(None, "total", D(24)), ("a", "detail", D(13)), (None, "detail", D(6))]


def test_top() -> None:
    assert ask(SALES, "revenue", by=["channel"], top="2 by revenue") == [("a", D(13)), (None, D(6))]
    assert ask(SALES, "revenue", by=["channel"], top="2 by -revenue") == [("b", D(3)), ("c", D(2))]
    # The bucket is taken out of the ranking: a has 5 in 2026, null has 6.
    by_month = ask(SALES, "revenue", by=["channel", "month"], period="2026", top="1 by revenue")
    assert by_month == [(MARCH, None, D(6))]
    assert ask(SALES, "revenue", by=["month"], top="1 by revenue") == [(MARCH, D(12))]
    # Ties go by members, nulls last: all but c have a null here.
    kpis = ("n = sum(orders.quantity) / count(orders where status = 'c')",)
    assert ask(SALES, *kpis, "revenue", by=["channel"], top="2 by n") == [
        ("a", None, D(13)),
        ("c", 7.0, D(2)),
    ]


def test_a_member_without_a_row_in_the_kpi_that_ranks_takes_no_place() -> None:
    rows = orders(
        {"ordered_at": at("2026-01-05 00:00:00"), "status": "a", "amount": D(5)},
        {"ordered_at": at("2026-01-06 00:00:00"), "status": "b", "amount": D(-2)},
        {"ordered_at": at("2025-01-06 00:00:00"), "status": "c", "amount": D(3)},
    ) | {
        "sessions": [
            {"session_id": n, "started_at": at("2026-01-07 00:00:00"), "channel": channel}
            for n, channel in enumerate(("a", "c", "d"))
        ]
    }
    query: dict[str, Any] = {"by": ["channel"], "period": "2026"}
    # c has orders, but none in the period; d has none: neither is worth 0.
    assert ask(rows, "revenue", "visits", top="1 by -revenue", **query) == [("b", D(-2), 0)]
    assert ask(rows, "revenue", "visits", top="3 by revenue", **query) == [
        ("a", D(5), 1),
        ("b", D(-2), 0),
    ]
    assert ask(rows, "revenue", "visits", top="3 by revenue others", **query) == [
        ("a", "detail", D(5), 1),
        ("b", "detail", D(-2), 0),
        (None, "others", 0, 2),
    ]
    # Every aggregate of the KPI counts, also one that makes it null.
    assert ask(rows, "x = revenue / visits", top="4 by -x", **query) == [
        ("a", 5.0),
        ("b", None),
        ("c", 0.0),
        ("d", 0.0),
    ]


def test_a_top_over_several_periods_ranks_by_one_of_them() -> None:
    query: dict[str, Any] = {"by": ["channel"], "period": ["2025", "2026"]}
    assert ask(SALES, "revenue", top="1 by revenue_2025", **query) == [("a", D(8), D(5))]
    assert ask(SALES, "revenue", top="1 by revenue_2026", **query) == [(None, 0, D(6))]
    with pytest.raises(OracleRefuses, match="no column to rank by"):
        ask(SALES, "revenue", top="1 by revenue", **query)


def test_others_are_computed_from_their_rows() -> None:
    columns, rows = table(
        "m = median(orders.quantity)", "s = share(revenue)", by=["channel"], top="1 by s others"
    )
    assert columns == ("channel", "_level", "m", "s")
    assert rows == [("a", "detail", 3.0, 13 / 24), (None, "others", 5.0, 11 / 24)]
    monthly = ask(
        SALES,
        "revenue",
        by=["month", "channel"],
        period="2026",
        top="1 by revenue others",
        totals=True,
        null_label="-",
    )
    assert monthly == [
        (JANUARY, None, "others", D(4)),
        (JANUARY, None, "by month", D(4)),
        (MARCH, "-", "detail", D(6)),
        (MARCH, None, "others", D(6)),
        (MARCH, None, "by month", D(12)),
        (None, None, "total", D(16)),
    ]
    buckets = ask(SALES, "revenue", "x = total(revenue)", by=["month"], top="1 by revenue others")
    assert buckets == [(MARCH, "detail", D(12), D(12)), (None, "others", D(12), D(12))]
    everyone = ask(SALES, "revenue", by=["channel"], top="9 by revenue others")
    assert [row[1] for row in everyone] == ["detail"] * 4


def test_fill_adds_empty_buckets() -> None:
    kpis = ("revenue", "m = median(orders.quantity)")
    found = ask(SALES, *kpis, by=["month"], period="2026-Q1", fill=True)
    assert found == [(JANUARY, D(4), 3.0), (FEBRUARY, 0, None), (MARCH, D(12), 7.0)]
    # Without a period: from the first to the last bucket of the result, here of channel a.
    found = ask(SALES, "revenue", by=["year"], where="channel = 'b'", fill=True)
    assert found == [(date(2026, 1, 1), D(3))]
    by_channel = ask(
        SALES,
        "revenue",
        by=["month", "channel"],
        period="2026-Q1",
        where="channel in ('b', 'c')",
        fill=True,
        totals=True,
    )
    assert by_channel == [
        (JANUARY, "b", "detail", D(3)),
        (JANUARY, "c", "detail", 0),
        (JANUARY, None, "by month", D(3)),
        (FEBRUARY, "b", "detail", 0),
        (FEBRUARY, "c", "detail", 0),
        (FEBRUARY, None, "by month", 0),
        (MARCH, "b", "detail", 0),
        (MARCH, "c", "detail", D(2)),
        (MARCH, None, "by month", D(2)),
        (None, None, "total", D(5)),
    ]
    assert ask(NOTHING, "revenue", by=["month"], period="2026-Q1", fill=True) == [
        (m, 0) for m in (JANUARY, FEBRUARY, MARCH)
    ]
    assert ask(NOTHING, "revenue", by=["month", "channel"], period="2026-Q1", fill=True) == []


def test_several_grains() -> None:
    found = ask(
        SALES,
        "revenue",
        "x = total(revenue)",
        "y = total(revenue across month)",
        by=["month", "channel", "year"],
        where="channel in ('a', 'b')",
    )
    assert found == [
        (date(2025, 2, 1), date(2025, 1, 1), "a", D(8), D(8), D(8)),
        (JANUARY, date(2026, 1, 1), "a", D(1), D(4), D(5)),
        (JANUARY, date(2026, 1, 1), "b", D(3), D(4), D(3)),
        (MARCH, date(2026, 1, 1), "a", D(4), D(4), D(5)),
    ]
    filled = ask(SALES, "revenue", by=["year", "quarter"], where="channel = 'a'", fill=True, totals=True)
    assert filled == [
        *((date(2025, 1, 1), date(2025, m, 1), "detail", v) for m, v in ((1, D(8)), (4, 0), (7, 0), (10, 0))),
        (date(2025, 1, 1), None, "by year", D(8)),
        (date(2026, 1, 1), date(2026, 1, 1), "detail", D(5)),
        (date(2026, 1, 1), None, "by year", D(5)),
        (None, None, "total", D(13)),
    ]


def test_hours_are_filled_between_the_first_and_the_last() -> None:
    rows = orders({"ordered_at": at("2026-01-05 22:10:00")}, {"ordered_at": at("2026-01-06 01:10:00")})
    assert [n for _, n in ask(rows, "x = count(orders)", by=["hour"], fill=True)] == [1, 0, 0, 1]


def test_a_null_bucket_is_not_filled() -> None:
    rows = orders(
        {"ordered_at": None, "status": "a"}, {"ordered_at": at("2026-01-05 00:00:00"), "status": "b"}
    )
    assert ask(rows, "x = count(orders)", by=["month", "channel"], fill=True) == [
        (JANUARY, "a", 0),
        (JANUARY, "b", 1),
        (None, "a", 1),
    ]
