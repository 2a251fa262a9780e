"""Joins on an interval of validity, worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from . import OracleRefuses
from .boutique import PROJECT, D, ask, at, orders

PRICES: list[dict[str, Any]] = [
    {"sku": 1, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 2, 1), "price": D(1)},
    {"sku": 1, "valid_from": date(2026, 2, 1), "valid_to": date(2026, 2, 10), "price": D(2)},
    {"sku": 1, "valid_from": date(2026, 3, 1), "valid_to": None, "price": D(4)},
    {"sku": 1, "valid_from": None, "valid_to": date(2026, 1, 1), "price": D(8)},
    {"sku": 2, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 1, 1), "price": D(16)},
]


def changed(**more: Any) -> dict[str, Any]:
    datasets = PROJECT["datasets"]
    prices = {
        "table": "prices",
        "key": ["sku", "valid_from"],
        "columns": {"sku": "integer", "valid_from": "date", "valid_to": "date", "price": "decimal(8,2)"},
    }
    join = {"to": "prices", "using": "sku", "between": ["valid_from", "valid_to"], "at": "ordered_at"}
    placed = datasets["orders"]
    joins = placed["joins"] | {"price": join | more}
    return {"datasets": datasets | {"prices": prices, "orders": placed | {"joins": joins}}}


@pytest.mark.parametrize(
    ("sku", "moment", "half_open", "closed"),
    [
        (1, "2026-01-01 00:00:00", D(1), D(1)),
        (1, "2026-01-31 23:59:59", D(1), D(1)),
        (1, "2026-02-10 00:00:00", None, D(2)),
        (1, "2026-02-10 23:59:59", None, D(2)),  # the end counts as its whole day
        (1, "2026-02-11 00:00:00", None, None),
        (1, "2099-01-01 00:00:00", D(4), D(4)),  # an open end
        (1, "2025-12-31 00:00:00", None, None),  # no start, no partner
        (1, None, None, None),
        (2, "2026-01-01 12:00:00", None, D(16)),
        (None, "2026-01-01 12:00:00", None, None),
    ],
)
def test_an_interval(sku: int | None, moment: str | None, half_open: Any, closed: Any) -> None:
    rows = orders({"sku": sku, "ordered_at": moment and at(moment)})
    rows["prices"] = [
        p for p in PRICES if sku != 1 or p["valid_from"] != date(2026, 2, 1) or "-02-1" in str(moment)
    ]
    for expected, more in ((half_open, {}), (closed, {"closed": True})):
        found = ask(rows, "x = sum(orders.price.price)", by=["prices.price"], changes=changed(**more))
        assert found == [(expected, expected or 0)]


def test_two_rows_at_one_time_are_refused() -> None:
    rows = orders({"sku": 1, "ordered_at": at("2026-02-01 12:00:00")})
    rows["prices"] = PRICES
    assert ask(rows, "x = sum(orders.price.price)", changes=changed()) == [(D(2),)]
    with pytest.raises(OracleRefuses, match="2 rows of"):
        ask(rows, "x = sum(orders.price.price)", changes=changed(closed=True))
