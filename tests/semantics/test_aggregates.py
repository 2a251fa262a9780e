"""Aggregates: their types, where a `where` may stand, what is refused, and what a column requires."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.contexts.printing import print_leaves
from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type, decimal
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.printing import print_bound
from kpidsl.semantics.queries import check_query
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: at
    columns:
      id: integer
      at: {type: timestamp, timezone: UTC}
      sent_on: date
      status: text
      is_test: boolean
      currency: text
      amount: decimal(12,2)
      big: decimal(30,10)
      score: {type: float, required: true}
      rate: {type: "decimal(12,6)", expr: fx.rate, required: true}
      euros: {type: "decimal(38,8)", expr: amount * rate}
      tier: {type: text, expr: customer.tier}
    joins:
      fx: {to: fx_rates, using: currency}
      customer: {to: customers, using: id}
  fx_rates:
    table: fx_rates
    key: currency
    columns: {currency: text, rate: "decimal(12,6)", source: {type: text, required: true}}
  customers:
    table: customers
    key: id
    columns:
      id: integer
      points: {type: integer, required: true}
      tier: {type: text, expr: "case when coalesce(points, 0) > 3 then 'gold' else 'none' end"}
  prices:
    table: prices
    key: id
    columns: {id: integer, price: float}
dimensions:
  tier: {from: {orders: customer.tier}}
  origin: {from: {orders: "coalesce(fx.source, 'none')"}}
parameters:
  most: {type: "decimal(4,2)", default: 90%}
  word: {type: text}
metrics:
  n: count(orders)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    folder: Path = tmp_path_factory.mktemp("aggregates")
    return answers.checked(answers.write_project(folder, "", DEFINITIONS))


def bound(project: CheckedProject, formula: str) -> str:
    sink = Sink()
    query = check_query(project, query_text([f"x = {formula}"]), sink)
    assert query is not None, [d.message for d in sink.diagnostics()]
    return print_bound(query.kpis[0].bound)


@pytest.mark.parametrize(
    ("formula", "due"),
    [
        ("median(orders.amount)", FLOAT),
        ("percentile(orders.id, 0.5)", FLOAT),
        ("percentile(orders.score, 100%)", FLOAT),
        ("stddev(orders.id)", FLOAT),
        ("variance(orders.big)", FLOAT),
        ("weighted_avg(orders.big, big)", FLOAT),
        ("first(orders.amount)", decimal(12, 2)),
        ("last(orders.status)", TEXT),
        ("last(orders.is_test)", BOOLEAN),
        ("first(orders.at)", TIMESTAMP),
        ("first(orders.sent_on at sent_on)", DATE),
        ("first(prices.price) + 1", None),
        ("count_distinct(orders.status, sent_on, is_test)", INTEGER),
    ],
)
def test_types(project: CheckedProject, formula: str, due: Type | None) -> None:
    sink = Sink()
    query = check_query(project, query_text([f"x = {formula}"]), sink)
    if due is None:
        assert [d.code for d in sink.diagnostics()] == ["time/no-time-column"]
        return
    assert query is not None
    assert query.kpis[0].type == due


def test_where_follows_any_argument(project: CheckedProject) -> None:
    inside = "weighted_avg(orders.amount, orders.id where orders.status = 'x')"
    assert bound(project, "weighted_avg(orders.amount where status = 'x', id)") == inside
    assert bound(project, "weighted_avg(orders.amount, id where status = 'x')") == inside
    both = bound(project, "weighted_avg(orders.amount where status = 'x', id where id > 1 at sent_on)")
    assert both == (
        "weighted_avg(orders.amount, orders.id where (orders.status = 'x') and (orders.id > 1) at orders.sent_on)"
    )


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("percentile(orders.amount, 95)", "aggregate/fraction"),
        ("percentile(orders.amount, -0.1)", "aggregate/fraction"),
        ("percentile(orders.amount, 101%)", "aggregate/fraction"),
        ("percentile(orders.amount, amount)", "aggregate/fraction"),
        ("percentile(orders.amount, 1 - 0.5)", "aggregate/fraction"),
        ("percentile(orders.amount, true)", "type/mismatch"),
        ("percentile(orders.amount, 'half')", "type/mismatch"),
        ("percentile(orders.amount)", "function/arguments"),
        ("median(orders.amount, 0.5)", "function/arguments"),
        ("median(orders.status)", "type/mismatch"),
        ("median(orders.at)", "type/mismatch"),
        ("stddev(orders.is_test)", "type/mismatch"),
        ("weighted_avg(orders.amount, status)", "type/mismatch"),
        ("weighted_avg(orders.amount)", "function/arguments"),
        ("weighted_avg(orders.amount, nothing)", "name/unknown"),
        ("weighted_avg(orders.amount, prices.price)", "dimension/unreachable"),
        ("weighted_avg(orders, amount)", "aggregate/whole-dataset"),
        ("count_distinct(orders, status)", "aggregate/whole-dataset"),
        ("count(orders.status, sent_on)", "function/arguments"),
        ("last(prices.price)", "time/no-time-column"),
        ("first(median(orders.amount))", "aggregate/nested"),
        ("sum(median(orders.amount))", "aggregate/nested"),
        ("median(orders.amount across tier)", "function/modifier"),
        ("last(orders.amount at status)", "time/not-a-time"),
    ],
)
def test_what_is_refused(project: CheckedProject, formula: str, code: str) -> None:
    sink = Sink()
    check_query(project, query_text([f"x = {formula}"]), sink)
    assert [d.code for d in sink.diagnostics()] == [code]


def test_help_is_ready_to_paste(project: CheckedProject) -> None:
    sink = Sink()
    check_query(project, query_text(["x = weighted_avg(orders, amount)"]), sink)
    (found,) = sink.diagnostics()
    assert found.help is not None
    assert "`weighted_avg(orders.amount, weight)`" in found.help
    sink = Sink()
    check_query(project, query_text(["x = percentile(orders.amount, 99)"]), sink)
    (found,) = sink.diagnostics()
    assert found.help is not None
    assert found.help.endswith("`0.99`")


@pytest.mark.parametrize(
    ("formula", "required"),
    [
        ("sum(orders.amount)", ""),
        ("count(orders)", ""),
        ("sum(orders.amount where rate > 1.0)", ""),
        ("sum(orders.score)", "orders.score"),
        ("avg(orders.amount * rate)", "fx.rate"),
        ("sum(orders.euros)", "fx.rate"),
        ("sum(orders.euros + score)", "fx.rate, orders.score"),
        ("sum(orders.fx.rate)", ""),
        ("count(orders.fx.source)", "fx.source"),
        ("count_distinct(orders.status, tier)", "customer.points"),
        ("count_distinct(orders.status, origin)", "fx.source"),
        ("count(orders.customer.tier)", "customer.points"),
        ("weighted_avg(orders.amount, score)", "orders.score"),
        ("last(orders.rate)", "fx.rate"),
    ],
)
def test_what_an_aggregate_requires(project: CheckedProject, formula: str, required: str) -> None:
    shown = bound(project, formula)
    _, _, found = shown.partition(" required ")
    assert found.removesuffix(")") == required


def test_a_fraction_may_be_a_parameter(project: CheckedProject) -> None:
    kpis = ["a = percentile(orders.amount, most)", "b = percentile(orders.amount, 0.5)"]
    compiled, wrong = answers.ask(project, {"kpis": kpis, "set": {"most": "50%"}}, "duckdb")
    assert {d.code for d in wrong} == {"unit/row-currencies"}  # a warning
    assert compiled is not None
    assert len(compiled.leaves.leaves) == 1
    _, wrong = answers.ask(project, {"kpis": kpis, "set": {"most": "50"}}, "duckdb")
    assert {d.code for d in wrong} == {"unit/row-currencies", "aggregate/fraction"}


def test_a_parameter_in_a_later_argument_needs_its_value(project: CheckedProject) -> None:
    kpis = ["a = count_distinct(orders.id, coalesce(status, word))"]
    _, wrong = answers.ask(project, {"kpis": kpis}, "duckdb")
    assert [d.code for d in wrong] == ["parameter/missing"]


def test_medians_and_means_share_leaves(project: CheckedProject) -> None:
    kpis = [
        "a = median(orders.amount)",
        "b = percentile(orders.amount, 50%)",
        "c = percentile(orders.amount, 5e-1)",
        "d = weighted_avg(orders.amount, id)",
        "e = sum(orders.amount * id) / 2",
    ]
    compiled, wrong = answers.ask(project, {"kpis": kpis}, "duckdb")
    assert {d.code for d in wrong} == {"unit/row-currencies"}  # a warning
    assert compiled is not None
    assert len(compiled.leaves.leaves) == 3
    assert "percentile(orders.amount, 0.5)" in print_leaves(compiled.leaves)


def test_a_required_column_costs_one_count_in_the_scan(project: CheckedProject) -> None:
    kpis = ["a = sum(orders.euros)", "b = avg(orders.euros)", "n"]
    compiled, _ = answers.ask(project, {"kpis": kpis}, "duckdb")
    assert compiled is not None
    assert compiled.sql.count("FROM orders AS orders") == 1
    assert compiled.sql.count("fx.rate IS NULL") == 1
