"""A column where a member is due: what is offered fits every dataset that is read, and is right if followed."""

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
    time: day
    columns: {order_id: integer, day: date, customer_id: integer}
    joins:
      customer: {to: customers, using: customer_id}
      visit: {to: visits, using: customer_id, match: latest, before: day, within: 7 days}
  lines:
    table: lines
    key: line_id
    time: order.day
    columns: {line_id: integer, order_id: integer, sku: text}
    joins:
      order: {to: orders, using: order_id}
  visits:
    table: visits
    key: visit_id
    time: day
    columns: {visit_id: integer, day: date, customer_id: integer}
  customers:
    table: customers
    key: customer_id
    columns: {customer_id: integer, country: text}
metrics:
  m:
    formula: avg(count(orders) - count(visits) per %s)
    tests:
      - name: two orders and one visit of one customer are one more
        rows:
          orders: [{order_id: 1, day: 2026-01-05, customer_id: 1}, {order_id: 2, day: 2026-01-25, customer_id: 1}]
          visits: [{visit_id: 1, day: 2026-01-04, customer_id: 1}]
        query: {}
        expect: [{m: 1}]
"""
EACH = "add under `dimensions:` what it is on each of the datasets read: "


def test_a_key_of_each_dataset_is_a_dimension(tmp_path: Path) -> None:
    said = call("check", cwd=write(tmp_path, TABLES % "customer_id"))
    assert said.err.startswith("error[query/not-a-member]")
    written = "customer_id: {from: {orders: customer_id, visits: customer_id}}"
    assert help_of(said.err) == f"{EACH}`{written}`"
    folder = write(tmp_path, TABLES % "customer_id" + f"dimensions:\n  {written}\n")
    assert call("test", cwd=folder).out.endswith("1 passed, 0 failed\n")


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        (
            ["count(orders) + count(visits)", "--by", "customer_id"],
            f"{EACH}`customer_id: {{from: {{orders: customer_id, visits: customer_id}}}}`",
        ),
        (
            ["count(lines) + count(visits)", "--by", "customer_id"],
            f"{EACH}`customer_id: {{from: {{lines: order.customer_id, visits: customer_id}}}}`",
        ),
        (
            ["count(lines) + count(visits)", "--where", "customer_id = 1"],
            f"{EACH}`customer_id: {{from: {{lines: order.customer_id, visits: customer_id}}}}`",
        ),
        (["count(orders)", "--by", "customer_id"], "write `orders.customer_id` or `customers.customer_id`"),
        (["count(orders)", "--by", "visit_id"], "write `visits.visit_id`"),
        (["count(lines) + count(orders)", "--by", "customer_id"], "write `orders.customer_id`"),
        (["count(lines) + count(orders)", "--by", "country"], "write `customers.country`"),
        (
            ["count(orders) + count(visits)", "--by", "visit_id"],
            "no join by key leads from `orders` to `visits`: leave `visit_id` out, or define it under "
            "`dimensions:`, with what it is on each of them",
        ),
        (
            ["count(orders) + count(visits)", "--by", "sku"],
            "no join leads from `orders`, `visits` to `lines`:",
        ),
    ],
)
def test_every_dataset_read_has_what_is_offered(tmp_path: Path, asked: list[str], help: str) -> None:
    formula, *options = asked
    said = call("compile", f"x = {formula}", *options, cwd=write(tmp_path, TABLES % "month"))
    assert help_of(said.err).startswith(help)
