"""A join that lacks its columns, or has others than the key: what is offered fits how it takes its partner."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import call, write
from .test_helps import help_of

TABLES = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_at
    columns: {order_id: integer, ordered_at: timestamp, customer_id: integer, amount: "decimal(10,2)"%s}
    joins:
      it: {%s}
  visits:
    table: visits
    key: visit_id
    time: visited_at
    columns: {visit_id: integer, visited_at: timestamp, page: text, customer_id: integer}
  prices:
    table: prices
    key: [customer_id, since]
    columns: {customer_id: integer, since: timestamp, until: timestamp, price: "decimal(10,2)"}
  bands:
%s
    columns: {scheme: integer, lo: "decimal(10,2)", hi: "decimal(10,2)", part: "decimal(6,4)"}
metrics:
  placed: count(orders)
"""
BANDS = "    table: bands\n    key: lo"


@pytest.mark.parametrize(
    ("join", "help"),
    [
        ("to: visits, match: latest, before: ordered_at", "add `using: customer_id`"),
        ("to: prices, between: [since, until], at: ordered_at", "add `using: customer_id`"),
        ("to: visits", "add `using: visit_id`"),
        (
            "to: visits, using: customer_id",
            "add `match: latest, before: ordered_at` for the last of these rows of `visits` before it; or name "
            "the own column that holds the key: `using: {visit_id: …}`",
        ),
        (
            "to: bands, using: {}, between: [lo, hi], at: amount",
            "bands are those of a group, such as a country: `key: [country, lo]` on `bands` and",
        ),
        (
            "to: bands, between: [lo, hi], at: amount",
            "bands are those of a group, such as a country: `key: [country, lo]` on `bands` and "
            "`using: country` here. Where all rows have the same bands, the group is a constant: on `bands` "
            "`sql: select 1 as scheme, * from bands`, and here a column `scheme: {type: integer, expr: 1}`",
        ),
    ],
)
def test_what_is_offered_for_a_join(tmp_path: Path, join: str, help: str) -> None:
    said = call("check", cwd=write(tmp_path, TABLES % ("", join, BANDS)))
    assert "\n1 error\n" in said.err
    assert help_of(said.err).startswith(help)


@pytest.mark.parametrize(
    ("column", "join", "bands"),
    [
        ("", "to: visits, match: latest, before: ordered_at, using: customer_id", BANDS),
        ("", "to: prices, between: [since, until], at: ordered_at, using: customer_id", BANDS),
        (
            ", scheme: {type: integer, expr: 1}",
            "to: bands, using: scheme, between: [lo, hi], at: amount",
            "    sql: select 1 as scheme, * from bands\n    dialect: duckdb\n    key: [scheme, lo]",
        ),
    ],
)
def test_what_was_offered_is_right(tmp_path: Path, column: str, join: str, bands: str) -> None:
    assert call("check", cwd=write(tmp_path, TABLES % (column, join, bands))).code == 0
