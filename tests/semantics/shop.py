"""A shop to state facts about, and formulas bound on it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.formulas import FormulaBinder
from kpidsl.source import SourceFile
from kpidsl.syntax import parse_formula

SETTINGS = "project: shop\nlanguage: 1\ntimezone: Europe/Paris\n"
DEFINITIONS = """\
calendars:
  trading:
    table: trading_days
    day: calendar_date
    comparable: comparable_date
    columns: {calendar_date: date, comparable_date: date}
datasets:
  orders:
    description: One row per order
    table: orders
    key: order_id
    time: ordered_at
    where: not is_test
    columns:
      order_id: integer
      customer_id: integer
      ordered_at: {type: timestamp, timezone: UTC}
      shipped_at: timestamp
      status: text
      is_test: boolean
      channel_code: text
      price: decimal(10,2)
      quantity: {type: integer, unit: item}
      amount: {type: "decimal(12,2)", expr: price * quantity, description: What the goods cost}
      is_new: {type: boolean, expr: ordered_at = customer.first_at}
    joins:
      customer: {to: customers, using: customer_id}
      rate: {to: rates, using: status, between: [valid_from, valid_to], at: ordered_at}
  customers:
    table: customers
    key: customer_id
    time: first_at
    columns: {customer_id: integer, first_at: timestamp, country: text, vip: boolean}
  rates:
    table: rates
    key: [status, valid_from]
    columns: {status: text, valid_from: date, valid_to: date, factor: float}
  ads:
    table: ads
    key: [day, network]
    time: day
    columns:
      day: date
      network: text
      cost: decimal(12,2)
      clicks: {type: integer, unit: click}
      seconds: {type: integer, unit: second}

dimensions:
  channel:
    label: {en: Channel, fr: Canal}
    from: {orders: lower(channel_code), ads: network}
  country: {from: {customers: country}}

metrics:
  revenue:
    label: {en: Revenue, fr: Chiffre d'affaires}
    formula: sum(orders.amount where status = 'paid')
  cost: sum(ads.cost)
  paid: count(orders where status = 'paid')
  buyers: count_distinct(orders.customer_id)
  basket: revenue / paid
  known_cost: {formula: sum(ads.cost), empty: null}
"""


@lru_cache(maxsize=4)
def shop(more: str = "") -> CheckedProject:
    """Return the checked shop, with more metrics where some are given."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "definitions").mkdir()
        (folder / "kpidsl.yml").write_text(SETTINGS, encoding="utf-8")
        (folder / "definitions" / "shop.yml").write_text(DEFINITIONS + more, encoding="utf-8")
        sink = Sink()
        checked = load(folder, sink)
    assert checked is not None
    assert not sink.has_errors, [d.message for d in sink.diagnostics()]
    return checked


def bound(formula: str) -> Bound:
    """Return a formula bound in the shop."""
    project = shop()
    sink = Sink()
    expr = parse_formula(SourceFile("formula", formula), sink)
    assert expr is not None
    binder = FormulaBinder(
        project.rows,
        project.types,
        project.metric_types,
        project.metric_units,
        sink,
        empty_is_null=False,
        bound_of=lambda name: project.metrics[name].bound,
    )
    found = binder.bind(expr)
    assert not sink.has_errors, [d.message for d in sink.diagnostics()]
    return found
