"""Facts about formulas as readable tables: types, and what is refused at which place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, NULL, TEXT, TIMESTAMP, UNKNOWN, Type, decimal
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.functions import common
from kpidsl.semantics.periods import parse_period
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
      at: timestamp
      amount: decimal(12,2)
      rate: decimal(8,4)
      score: float
      status: text
      customer: integer
    joins:
      buyer: {to: customers, using: {id: customer}}
  lines:
    table: lines
    key: id
    columns: {id: integer, order_id: integer, units: integer}
    joins:
      order: {to: orders, using: {id: order_id}}
  customers:
    table: customers
    key: id
    columns: {id: integer, country: text, born: date}
dimensions:
  country: {from: {orders: buyer.country}}
metrics:
  revenue: sum(orders.amount)
  n: count(orders)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    folder: Path = tmp_path_factory.mktemp("facts")
    return answers.checked(answers.write_project(folder, "", DEFINITIONS))


@pytest.mark.parametrize(
    ("formula", "type_"),
    [
        ("count(orders)", "integer"),
        ("count_distinct(orders.status)", "integer"),
        ("sum(lines.units)", "integer"),
        ("sum(orders.amount)", "decimal(38,2)"),
        ("sum(orders.amount * orders.rate)", "decimal(38,6)"),
        ("sum(orders.amount + orders.rate)", "decimal(38,4)"),
        ("sum(orders.score)", "float"),
        ("avg(orders.amount)", "float"),
        ("max(orders.at)", "timestamp"),
        ("min(orders.buyer.born)", "date"),
        ("max(orders.status)", "text"),
        ("revenue / n", "float"),
        ("revenue - n", "decimal(38,2)"),
        ("revenue * 1.5", "decimal(38,3)"),
        ("revenue * 2.5%", "decimal(38,5)"),
        ("n * 2", "integer"),
        ("share(revenue across country)", "float"),
        ("total(revenue across country)", "decimal(38,2)"),
        ("case when n > 1 then revenue else 0.125 end", "decimal(38,3)"),
        ("coalesce(revenue / n, 0)", "float"),
        ("round(sum(orders.rate), 2)", "decimal(36,2)"),
        ("floor(sum(orders.rate))", "decimal(35,0)"),
        ("max(year(orders.at))", "integer"),
        ("n > 3", "boolean"),
    ],
)
def test_a_formula_has_a_type(project: CheckedProject, formula: str, type_: str) -> None:
    sink = Sink()
    query = check_query(project, query_text(f"x = {formula}"), sink)
    assert [d.message for d in sink.reported] == []
    assert query is not None
    assert str(query.kpis[0].type) == type_


@pytest.mark.parametrize(
    ("formula", "code", "place"),
    [
        ("orders.amount / n", "aggregate/missing", "orders.amount"),
        ("amount / n", "aggregate/missing", "amount"),
        ("sum(revenue)", "aggregate/nested", "revenue"),
        ("sum(count(orders))", "aggregate/nested", "count(orders)"),
        ("sum(orders.amount * count(lines))", "aggregate/nested", "count(lines)"),
        ("sum(orders)", "aggregate/whole-dataset", "orders"),
        ("sum(amount)", "aggregate/no-dataset", "amount"),
        ("sum(orders.status)", "type/mismatch", "orders.status"),
        ("revenue + orders_paid", "name/unknown", "orders_paid"),
        ("sum(orders.amont)", "name/unknown", "amont"),
        ("sum(orders.buyr.country)", "name/unknown", "buyr"),
        ("sum(orders.amount * lines.units)", "grain/fan-out", "lines.units"),
        ("revenue / n where country = 'FR'", "filter/loose", "revenue / n where country = 'FR'"),
        ("revenue where status = 'paid'", "filter/not-a-dimension", "status"),
        ("sum(orders.amount where status)", "type/not-a-condition", "status"),
        ("sum(orders.amount where status = null)", "type/null-comparison", "null"),
        ("sum(orders.amount at status)", "time/not-a-time", "status"),
        ("sum(orders.amount, 2)", "function/arguments", "sum(orders.amount, 2)"),
        ("values(orders.status)", "set/outside-in", "values"),
        ("count(orders where status in values(orders.amount))", "set/types-differ", "status"),
        (
            "count(orders where status in growth(values(orders.status), 1 year))",
            "set/not-a-set",
            "growth(values(orders.status), 1 year)",
        ),
        ("revenue where country in values(orders.status)", "set/no-context", "values(orders.status)"),
        ("count(orders where status in values(orders.nothing))", "name/unknown", "nothing"),
        (
            "count(orders where status in values(orders.status having amount > 1))",
            "aggregate/missing",
            "amount",
        ),
        (
            "count(orders where status in values(orders.status having count(lines) > 1))",
            "entity/having-other-dataset",
            "count(lines) > 1",
        ),
        (
            "count(orders where status in values(orders.status having values(orders.status) > 1))",
            "set/outside-in",
            "values",
        ),
        ("count(orders where status in values(orders))", "aggregate/whole-dataset", "orders"),
        ("prior(revenue)", "function/arguments", "prior(revenue)"),
        ("prior(revenue, 2)", "window/amount", "2"),
        ("summ(orders.amount)", "function/unknown", "summ"),
        ("abs(revenue across country)", "function/modifier", "across country"),
        ("revenue > 'a'", "type/mismatch", "revenue > 'a'"),
        ("revenue * 62 eur", "unit/unknown", "eur"),
    ],
)
def test_a_mistake_is_told_once_at_its_place(
    project: CheckedProject, formula: str, code: str, place: str
) -> None:
    sink = Sink()
    assert check_query(project, query_text(f"x = {formula}"), sink) is None
    assert [(d.code, d.primary.span.excerpt()) for d in sink.diagnostics()] == [(code, place)]
    assert all(d.help for d in sink.diagnostics())


TYPES = [
    BOOLEAN,
    INTEGER,
    FLOAT,
    TEXT,
    DATE,
    TIMESTAMP,
    NULL,
    UNKNOWN,
    decimal(12, 2),
    decimal(38, 10),
    decimal(5, 5),
]


@given(st.lists(st.sampled_from(TYPES), min_size=1, max_size=4), st.randoms())
def test_the_common_type_does_not_depend_on_the_order(types: list[Type], random: object) -> None:
    assert hasattr(random, "sample")
    shuffled = random.sample(types, len(types))
    assert common(types) == common(shuffled)
    assert common([*types, NULL]) == common(types)
    assert common([types[0], types[0]]) == types[0]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2020-W53", "2020-12-28", "2021-01-04"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2026-01-01..2026-04-01", "2026-01-01", "2026-04-01"),
    ],
)
def test_a_period_is_a_half_open_window(text: str, start: str, end: str) -> None:
    window = parse_period(text)
    assert window is not None
    assert (str(window.start), str(window.end)) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-Q5", "2025-W53", "2026-02-30", "2026-1", "9999", "0001", "x..y"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    assert parse_period(text) is None
