"""Quantiles, spreads, ends, tuples and required columns, worked out by hand from the description."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from . import OracleRefuses
from .boutique import NOTHING, PROJECT, D, ask, at, one, orders
from .table import Value

FIVE = orders(
    {"quantity": 10, "weight": 1.0, "status": "a", "ordered_at": at("2026-01-05 00:00:00")},
    {"quantity": 40, "weight": 2.0, "status": "a", "ordered_at": at("2026-01-03 00:00:00")},
    {"quantity": None, "weight": 5.0, "status": "b", "ordered_at": at("2026-01-01 00:00:00")},
    {"quantity": 20, "weight": None, "status": None, "ordered_at": None},
    {"quantity": 30, "weight": 3.0, "status": "a", "ordered_at": at("2026-01-05 00:00:00")},
)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("median(orders.quantity)", 25.0),
        ("median(orders.quantity where status = 'a')", 30.0),
        ("percentile(orders.quantity, 0)", 10.0),
        ("percentile(orders.quantity, 1)", 40.0),
        ("percentile(orders.quantity, 0.5)", 25.0),
        ("percentile(orders.quantity, 0.9)", 37.0),  # 10 20 30 40: place 2.7, between 30 and 40
        ("percentile(orders.quantity, 10%)", 13.0),
        ("percentile(orders.quantity where status = 'a', 0.25)", 20.0),
        ("variance(orders.quantity)", 500 / 3),  # (15² + 5² + 5² + 15²) / 3
        ("stddev(orders.quantity)", (500 / 3) ** 0.5),
        ("stddev(orders.quantity where status is null)", None),
        ("variance(orders.quantity where status = 'b')", None),
        # Rows with both: 10 at 1, 40 at 2, 30 at 3.
        ("weighted_avg(orders.quantity, orders.weight)", 180 / 6),
        ("weighted_avg(orders.quantity, weight where status != 'a')", None),
        ("weighted_avg(orders.quantity, weight - 2 where status = 'a')", None),  # weights -1, 0, 1
        ("first(orders.quantity)", 40),  # the earliest of all has no quantity
        ("last(orders.quantity)", 30),  # of two at one time the greatest key
        ("first(orders.quantity where ordered_at >= 2026-01-05)", 10),  # and here the smallest
        ("last(orders.status)", "a"),
        ("first(orders.status)", "b"),
        ("last(orders.quantity where ordered_at is null)", None),
        ("first(orders.quantity at shipped_on)", None),
        ("count_distinct(orders.status, quantity)", 3),
        ("count_distinct(orders.status, orders.status)", 2),
        ("count_distinct(orders.status, weight > 1)", 3),  # (a, false) (a, true) (b, true)
    ],
)
def test_aggregates(formula: str, value: Value) -> None:
    found = one(FIVE, formula)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize("function", ["median", "stddev", "variance", "first", "last", "percentile"])
def test_of_nothing(function: str) -> None:
    more = ", 0.5" if function == "percentile" else ""
    assert one(NOTHING, f"{function}(orders.quantity{more})") is None
    assert one(NOTHING, "weighted_avg(orders.quantity, weight)") is None
    assert one(NOTHING, "count_distinct(orders.status, quantity)") == 0


def test_two_instants_of_one_local_time_are_told_apart() -> None:
    # In Paris both are 02:30 of 25 October; the second order is an hour earlier.
    rows = orders(
        {"quantity": 1, "ordered_at": at("2026-10-25 01:30:00")},
        {"quantity": 2, "ordered_at": at("2026-10-25 00:30:00")},
    )
    paris = {"timezone": "Europe/Paris"}
    assert ask(rows, "x = first(orders.quantity)", "y = last(orders.quantity)", changes=paris) == [(2, 1)]


def test_first_needs_a_time() -> None:
    with pytest.raises(OracleRefuses, match="has no time"):
        one(NOTHING, "first(products.family)")


def test_quantiles_do_not_add_up() -> None:
    found = ask(FIVE, "x = median(orders.quantity)", "y = total(median(orders.quantity))", by=["channel"])
    assert found == [("a", 30.0, 25.0), ("b", None, 25.0), (None, 20.0, 25.0)]


RATES = {
    "datasets": PROJECT["datasets"]
    | {
        "rates": {
            "table": "rates",
            "key": "currency",
            "columns": {"currency": "text", "rate": {"type": "decimal(8,4)", "required": True}},
        },
        "sales": {
            "table": "sales",
            "key": "sale_id",
            "time": "day",
            "columns": {
                "sale_id": "integer",
                "day": "date",
                "amount": "integer",
                "currency": "text",
                "rate": {"type": "decimal(8,4)", "expr": "fx.rate", "required": True},
                "converted": {"type": "decimal(12,4)", "expr": "amount * coalesce(rate, 1)"},
            },
            "joins": {"fx": {"to": "rates", "using": "currency"}},
        },
    }
}
SALES: dict[str, list[dict[str, Any]]] = {
    "rates": [{"currency": "EUR", "rate": D(1)}, {"currency": "USD", "rate": D("0.9")}],
    "sales": [
        {"sale_id": 1, "day": date(2026, 1, 1), "amount": 10, "currency": "EUR"},
        {"sale_id": 2, "day": date(2026, 1, 2), "amount": 10, "currency": "USD"},
        {"sale_id": 3, "day": date(2026, 2, 2), "amount": 10, "currency": "CHF"},
        {"sale_id": 4, "day": None, "amount": None, "currency": None},
    ],
}


@pytest.mark.parametrize(
    ("formula", "january", "february"),
    [
        ("sum(sales.amount * rate)", D(19), None),
        (
            "sum(sales.converted)",
            D(19),
            None,
        ),  # reads it through another column, whatever stands in for a null
        ("sum(sales.amount * fx.rate)", D(19), None),  # the partner's own column
        ("count(sales.rate)", 2, None),
        ("last(sales.rate)", D("0.9"), None),
        ("sum(sales.amount where rate is null)", 0, 10),  # only what is aggregated owes it
        ("sum(sales.converted where currency != 'CHF')", D(19), 0),
        ("count(sales)", 2, 1),
    ],
)
def test_a_row_without_a_required_column_makes_its_aggregate_null(
    formula: str, january: Value, february: Value
) -> None:
    found = ask(SALES, f"x = {formula}", "n = count(sales)", by=["month"], period="2026", changes=RATES)
    assert [row[1] for row in found] == [january, february]
    assert ask(SALES, f"x = total({formula} across month)", period="2026-01", changes=RATES) == [(january,)]
