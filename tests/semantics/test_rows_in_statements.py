"""Tests of definitions whose rows stand in the statement, as on servers: on every engine that has servers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kpidsl
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import DefinitionTest
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import SourceFile
from kpidsl.testing import _run
from tests import answers
from tests.servers import ENGINES

DEFINITIONS = r"""
datasets:
  orders:
    table: shop.orders
    key: [order_id, order]
    time: at
    where: not is_test
    columns:
      order_id: integer
      order: text
      is_test: boolean
      at: {type: timestamp, timezone: UTC}
      date: date
      amount: "decimal(12,2)"
      large: "decimal(38,10)"
      weight: float
      status: text
    joins:
      customer: {to: customers, using: {customer_id: order_id}}
  customers:
    sql: select * from shop.customers
    dialect: duckdb
    key: customer_id
    columns: {customer_id: integer, country: text, first: {type: date, sql: "x + 1", dialect: duckdb}}
calendars:
  retail:
    table: retail_days
    day: day
    columns: {day: date, month_start: date}
    grains: {retail_month: month_start}
dimensions:
  country:
    type: text
    from: {orders: customer.country}
metrics:
  revenue: sum(orders.amount)
  heaviest: max(orders.weight)
  largest: max(orders.large)
  odd: count(orders where status = 'it''s a "back\slash" é')
kpis:
  counted:
    label: Counted
    formula: count(orders)
    direction: up
    owner: me@example.com
    tests:
      - name: every type, and nulls
        rows:
          orders:
            - {order_id: 1, order: "a", is_test: false, at: "2026-01-31 23:30:00.000001", date: 2026-01-31, amount: -0.01, large: 1234567890123456789012345678.0000000001, weight: 1.5e-3, status: "it's a \"back\\slash\" é"}
            - {order_id: 2, order: "b", is_test: false, at: "2026-02-01 10:00:00", amount: 40}
            - {order_id: 3, order: "c", is_test: true, at: "2026-02-01 10:00:00", amount: 99}
            - {order_id: 3, order: "c", is_test: false, at: "2026-02-01 10:00:00", date: 2026-02-01, amount: 2.5, weight: -2, status: ""}
          customers:
            - {customer_id: 1, country: FR, first: 2026-01-01}
            - {customer_id: 2}
        query: {by: [country], order: country}
        expect:
          - {country: FR, counted: 1, revenue: -0.01, heaviest: 0.0015, largest: 1234567890123456789012345678.0000000001, odd: 1}
          - {country: null, counted: 2, revenue: 42.5, heaviest: -2, largest: null, odd: 0}
      - name: in the zone of the project
        rows:
          orders:
            - {order_id: 1, order: a, is_test: false, at: "2026-01-31 23:30:00", amount: 1}
            - {order_id: 2, order: a, is_test: false, at: "2026-01-31 22:30:00", amount: 2}
        query: {by: [month], period: "2026-01-01..2026-03-01"}
        expect:
          - {month: 2026-01-01, revenue: 2}
          - {month: 2026-02-01, revenue: 1}
      - name: no rows at all
        expect: [{counted: 0, revenue: 0, heaviest: null, odd: 0}]
"""
RETAIL = r"""
  in_retail_months:
    label: Counted
    formula: count(orders)
    direction: up
    owner: me@example.com
    tests:
      - name: by a calendar
        rows:
          retail:
            - {day: 2026-01-01, month_start: 2026-01-01}
            - {day: 2026-02-01, month_start: 2026-01-01}
          orders:
            - {order_id: 1, order: a, is_test: false, at: "2026-01-31 23:30:00"}
        query: {by: [retail_month], period: 2026}
        expect: [{retail_month: 2026-01-01, in_retail_months: 1, _partial: false}]
"""

ON_SERVERS = [name for name in answers.ENGINES_HERE if name != "sqlite"]
"""SQLite has no types for what stands in a statement; there rows are in tables."""


def _asking(checked: CheckedProject, test: DefinitionTest) -> DefinitionTest:
    """Return a test that asks for all KPIs whose values it tells."""
    asked = dict.fromkeys(name for row in test.expect for name in row.cells if name in checked.metrics)
    return replace(test, query=replace(test.query, kpis=tuple(SourceFile("test", name) for name in asked)))


@pytest.mark.parametrize("engine", ON_SERVERS)
def test_rows_in_a_statement_are_those_of_a_table(engine: str, tmp_path: Path) -> None:
    (tmp_path / "kpidsl.yml").write_text(
        "project: shop\nlanguage: 1\ntimezone: Europe/Paris\n", encoding="utf-8"
    )
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "shop.yml").write_text(DEFINITIONS + RETAIL, encoding="utf-8")
    checked = kpidsl.load(tmp_path).checked
    sink = Sink()
    with ENGINES[engine].empty() as connection:
        outcomes = [
            _run(checked, metric.definition, _asking(checked, test), connection, True, sink)
            for metric in checked.metrics.values()
            for test in metric.definition.tests
        ]
        assert connection.tables() == ()
    assert [d.message for d in sink.diagnostics()] == []
    assert [(o.test, o.difference) for o in outcomes if o is not None and o.difference] == []
    assert len(outcomes) == 4
