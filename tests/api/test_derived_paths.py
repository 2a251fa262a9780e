"""Columns over the whole history where rows reach each other in uncommon ways, against answers worked out by hand.

Composite keys, a dataset that is a select, quoted names, texts that differ by case, validity intervals on the way,
conditions of partners that need joins of their own, and two datasets that rest on each other step by step.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests import answers

DEFINITIONS = """\
datasets:
  orders:
    sql: "select order_no as id, shop, cust, placed, amount, state from raw_orders"
    dialect: {dialect}
    key: [shop, id]
    time: placed
    where: state != 'test' and customer.vip
    columns:
      shop: text
      id: integer
      cust: {type: text, column: cust}
      cust_key: {type: text, expr: "concat(shop, cust)"}
      placed: {type: timestamp, timezone: UTC}
      amount: decimal(12,2)
      state: text
      nth: {type: integer, expr: "row_number(per cust order by placed)"}
      group: {type: integer, expr: "row_number(per cust order by -amount)"}
      nth_fr: {type: integer, expr: "row_number(per customer.country order by -placed)"}
      since: {type: float, expr: "placed - lag(placed per cust order by placed)", unit: day}
      pieces: {type: integer, expr: "sum(items.qty)"}
      biggest: {type: text, expr: "max(items.product where qty > 1)"}
    joins:
      customer: {to: customers, using: {code: cust}}
  items:
    table: items
    key: item
    columns: {item: integer, shop: text, oid: integer, product: text, qty: integer}
    joins:
      order: {to: orders, using: {shop: shop, id: oid}}
      price: {to: prices, using: product, between: [valid_from, valid_to], at: order.placed}
  prices:
    table: prices
    key: [product, valid_from]
    columns:
      product: text
      valid_from: date
      valid_to: date
      price: decimal(8,2)
      sold: {type: integer, expr: "sum(items.qty)"}
      last_on: {type: timestamp, expr: "max(items.order.placed)"}
  customers:
    table: '"Customers"'
    key: code
    where: not gone
    columns:
      code: {type: text, column: '"Code"'}
      country: {type: text, column: '"Order"'}
      vip: boolean
      gone: boolean
      first_at: {type: timestamp, expr: "min(orders.placed)"}
      second: {type: "decimal(38,2)", expr: "sum(orders.amount where nth = 2)"}
      bought: {type: integer, expr: "count(items)"}
      loyal: {type: boolean, expr: "bought > 1 and second > 0"}
dimensions:
  country: {from: {customers: country}}
  loyal: {from: {customers: loyal}}
metrics:
  n: count(orders)
"""
COLUMNS = {
    "raw_orders": {
        "order_no": "integer",
        "shop": "text",
        "cust": "text",
        "placed": "timestamp",
        "amount": "decimal(12,2)",
        "state": "text",
    },
    "items": {"item": "integer", "shop": "text", "oid": "integer", "product": "text", "qty": "integer"},
    "prices": {"product": "text", "valid_from": "date", "valid_to": "date", "price": "decimal(8,2)"},
    "Customers": {"Code": "text", "Order": "text", "vip": "boolean", "gone": "boolean"},
}


def january(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 1, day, hour)


ROWS: dict[str, list[tuple[Any, ...]]] = {
    "raw_orders": [
        (1, "A", "x", january(1), Decimal("10.00"), "ok"),
        (1, "B", "x", january(2), Decimal("20.25"), None),
        (2, "A", "x", january(3, 22), Decimal("5.00"), "test"),
        (3, "A", "y", january(3, 9), Decimal("7.00"), "ok"),
        (4, "A", "X", january(4, 9), Decimal("8.00"), "ok"),
        (5, "A", "z", january(5, 9), Decimal("9.00"), "ok"),
        (6, "B", "x", january(9), Decimal("1.10"), "ok"),
        (7, "B", None, january(9), Decimal("1.10"), "ok"),
        (8, "B", "g", january(9), Decimal("1.10"), "ok"),
    ],
    "items": [
        (1, "A", 1, "tea", 2),
        (2, "A", 1, "pot", 1),
        (3, "B", 1, "tea", 1),
        (4, "A", 3, "tea", 5),
        (5, "A", 99, "tea", 50),
        (6, "B", 6, "pot", 3),
        (7, "A", 2, "tea", 4),
    ],
    "prices": [
        ("tea", date(2025, 1, 1), date(2026, 1, 2), Decimal("1.00")),
        ("tea", date(2026, 1, 2), None, Decimal("2.00")),
        ("pot", date(2025, 1, 1), None, Decimal("3.00")),
        ("cup", date(2025, 1, 1), None, Decimal("3.00")),
    ],
    "Customers": [
        ("x", "FR", True, False),
        ("X", "FR", True, False),
        ("y", "DE", True, False),
        ("z", "DE", False, False),
        ("g", "DE", True, True),
    ],
}
ASKED: list[tuple[dict[str, Any], list[tuple[Any, ...]]]] = [
    (
        {
            "kpis": [
                "place = sum(orders.nth)",
                "by_amount = sum(orders.group)",
                "in_country = sum(orders.nth_fr)",
                "days = sum(orders.since)",
                "pieces = sum(orders.pieces)",
                "most = max(orders.biggest)",
            ],
            "by": ["orders.shop", "orders.id"],
        },
        [
            ("A", 1, 1, 2, 4, 0.0, 3, "tea"),
            ("A", 3, 1, 1, 1, 0.0, 5, "tea"),
            ("A", 4, 1, 1, 2, 0.0, 0, None),
            ("B", 1, 2, 1, 3, 1.0, 1, None),
            ("B", 6, 3, 3, 1, 7.0, 3, "pot"),
        ],
    ),
    (
        {
            "kpis": [
                "first_at = max(customers.first_at)",
                "second = sum(customers.second)",
                "bought = sum(customers.bought)",
            ],
            "by": ["customers.code"],
        },
        [
            ("X", january(4), Decimal("0.00"), 0),
            ("x", january(1, 11), Decimal("20.25"), 4),
            ("y", january(3), Decimal("0.00"), 1),
            ("z", None, Decimal("0.00"), 0),
        ],
    ),
    (
        {"kpis": ["n", "amount = sum(orders.amount)"], "by": ["loyal"], "totals": "cube"},
        [
            (False, "detail", 2, Decimal("15.00")),
            (True, "detail", 3, Decimal("31.35")),
            (None, "total", 5, Decimal("46.35")),
        ],
    ),
    (
        {
            "kpis": [
                "lines = count(items)",
                "value = sum(items.qty * price.price)",
                "loyal_pieces = sum(items.qty where order.customer.loyal)",
            ],
            "by": ["loyal"],
        },
        [
            (False, 1, Decimal("10.00"), 0),
            (True, 4, Decimal("16.00"), 7),
            (None, 2, Decimal("0.00"), 0),
        ],
    ),
    (
        {
            "kpis": [
                "of_first = sum(items.qty where order.nth = 1)",
                "of_most = count(items where order.group = 1 and order.customer.bought > 1)",
            ]
        },
        [(8, 1)],
    ),
    (
        {
            "kpis": ["sold = sum(prices.sold)", "last_on = max(prices.last_on)"],
            "by": ["prices.product", "prices.valid_from"],
        },
        [
            ("cup", date(2025, 1, 1), 0, None),
            ("pot", date(2025, 1, 1), 4, january(9, 11)),
            ("tea", date(2025, 1, 1), 2, january(1, 11)),
            ("tea", date(2026, 1, 2), 6, january(3)),
        ],
    ),
]


@pytest.mark.parametrize("engine", answers.ENGINES)
@pytest.mark.parametrize("strategy", answers.STRATEGIES)
def test_rows_find_each_other(engine: str, strategy: Any, tmp_path: Path) -> None:
    text = DEFINITIONS.replace("{dialect}", engine)
    project = answers.checked(answers.write_project(tmp_path, "timezone: Europe/Paris\n", text))
    tables = [
        (
            (name,),
            [(column, answers.type_named(kind)) for column, kind in columns.items()],
            ROWS[name],
        )
        for name, columns in COLUMNS.items()
    ]
    with answers.loaded(engine, tables) as connection:
        for query, due in ASKED:
            compiled, wrong = answers.ask(project, query, engine, strategy)
            assert compiled is not None, wrong
            assert answers.answer(compiled, connection)[1] == due, query["kpis"]


def test_a_step_holds_what_is_read_and_no_more(tmp_path: Path) -> None:
    text = DEFINITIONS.replace("{dialect}", "duckdb")
    project = answers.checked(answers.write_project(tmp_path, "", text))
    compiled, _ = answers.ask(project, {"kpis": ["loyal_ones = count(customers where bought > 1)"]}, "duckdb")
    assert compiled is not None
    assert "AS bought" in compiled.sql
    for other in ("first_at", "second", "nth", "pieces"):
        assert other not in compiled.sql
    plain, _ = answers.ask(project, {"kpis": ["people = count(customers)"]}, "duckdb")
    assert plain is not None
    assert "derived" not in plain.sql


NEAREST = """\
datasets:
  visits:
    table: visits
    key: visit_id
    time: began
    columns:
      visit_id: integer
      visitor: text
      began: date
      place: {type: integer, expr: row_number(per visitor order by began)}
      won: {type: integer, expr: count(orders)}
  people:
    table: people
    key: visitor
    time: since
    columns:
      visitor: text
      since: date
      late: {type: integer, expr: count(orders)}
  orders:
    table: orders
    key: order_id
    time: placed
    columns:
      order_id: integer
      visitor: text
      placed: date
    joins:
      visit: {to: visits, using: visitor, match: latest, at or before: placed}
      known: {to: people, using: visitor, match: latest, before: placed}
"""


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_rows_lead_to_the_nearest_one(engine: str, tmp_path: Path) -> None:
    """A join that looks for a moment too leads only where it finds one, the key alone says nothing."""
    project = answers.checked(answers.write_project(tmp_path, "", NEAREST))
    kinds = {"visit_id": "integer", "visitor": "text", "began": "date"}
    stored = [(name, answers.type_named(kind)) for name, kind in kinds.items()]
    tables: list[answers.StoredTable] = [
        (
            ("visits",),
            stored,
            [(1, "a", date(2026, 1, 1)), (2, "a", date(2026, 1, 5)), (3, "b", date(2026, 1, 1))],
        ),
        (
            ("people",),
            [stored[1], ("since", stored[2][1])],
            [("a", date(2026, 1, 6)), ("b", date(2026, 1, 1))],
        ),
        (
            ("orders",),
            [("order_id", stored[0][1]), stored[1], ("placed", stored[2][1])],
            [
                (1, "a", date(2026, 1, 2)),
                (2, "a", date(2026, 1, 5)),
                (3, "a", date(2026, 1, 9)),
                (4, "c", None),
            ],
        ),
    ]
    with answers.loaded(engine, tables) as connection:
        for query, due in (
            ({"kpis": ["won = sum(visits.won)"], "by": ["visits.visit_id"]}, [(1, 1), (2, 2), (3, 0)]),
            ({"kpis": ["late = sum(people.late)"], "by": ["people.visitor"]}, [("a", 1), ("b", 0)]),
            ({"kpis": ["of_second = count(orders where visit.place = 2)"]}, [(2,)]),
        ):
            compiled, wrong = answers.ask(project, query, engine)
            assert compiled is not None, wrong
            assert answers.answer(compiled, connection)[1] == due, query["kpis"]
