"""Columns over the whole history: what they are, what they read, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.model.types import INTEGER
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import facts_of
from kpidsl.semantics.unit_facts import text_of
from tests import answers

ORDERS = {
    "order_id": "integer",
    "customer_id": "integer",
    "recipient_id": "integer",
    "ordered_at": "timestamp",
    "status": "text",
    "amount": '{type: "decimal(12,2)", unit: EUR}',
}
CUSTOMERS = {"customer_id": "integer", "country": "text"}


def definitions(orders: dict[str, str], customers: dict[str, str], *, where: str = "", more: str = "") -> str:
    def columns(own: dict[str, str], more: dict[str, str]) -> str:
        return "".join(f"      {name}: {of}\n" for name, of in {**own, **more}.items())

    return f"""\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_at
    unit: order
{where}    columns:
{columns(ORDERS, orders)}    joins:
      customer: {{to: customers, using: customer_id}}
{more}  lines:
    table: order_lines
    key: line_id
    columns: {{line_id: integer, order_id: integer, product: text, quantity: integer}}
    joins:
      order: {{to: orders, using: order_id}}
  customers:
    table: customers
    key: customer_id
    columns:
{columns(CUSTOMERS, customers)}metrics:
  revenue: sum(orders.amount)
"""


def column(type_: str, expr: str) -> str:
    return f'{{type: "{type_}", expr: "{expr}"}}'


def codes(folder: Path, text: str) -> list[tuple[str, str]]:
    sink = Sink()
    load(answers.write_project(folder, "", text), sink)
    return [(d.code, d.message) for d in sink.diagnostics() if d.rule.severity == "error"]


def project(folder: Path, text: str) -> CheckedProject:
    return answers.checked(answers.write_project(folder, "", text))


RECIPIENT = "      recipient: {to: customers, using: {customer_id: recipient_id}}\n"

WRONG = [
    ({"x": column("integer", "count(customers)")}, {}, "derived/one-partner"),
    ({"x": column("decimal(38,2)", "sum(amount)")}, {}, "derived/which-rows"),
    ({"x": column("integer", "count(orders)")}, {}, "derived/which-rows"),
    ({"x": column("integer", "row_number(per customer_id)")}, {}, "derived/no-order"),
    ({"x": column("text", "lag(status, 0 per customer_id order by ordered_at)")}, {}, "derived/offset"),
    ({"x": column("text", "lag(status, 1.5 per customer_id order by ordered_at)")}, {}, "derived/offset"),
    ({"x": column("text", "lag(status where amount > 1 order by ordered_at)")}, {}, "filter/misplaced"),
    ({"x": column("integer", "row_number(amount order by ordered_at)")}, {}, "function/arguments"),
    ({"x": column("integer", "row_number(including null order by ordered_at)")}, {}, "function/modifier"),
    ({"x": column("integer", "count(orders at ordered_at per customer_id)")}, {}, "function/modifier"),
    ({"x": column("decimal(38,2)", "sum(status per customer_id)")}, {}, "type/mismatch"),
    ({"x": column("float", "percentile(amount, 2 per customer_id)")}, {}, "aggregate/fraction"),
    ({"x": column("integer", "count(orders per custmer_id)")}, {}, "name/unknown"),
    ({"x": column("text", "row_number(per customer_id order by ordered_at)")}, {}, "type/mismatch"),
    ({}, {"x": column("integer", "count(ordrs)")}, "name/unknown"),
    ({}, {"x": column("integer", "count(orders where ordered_at >= period_start)")}, "name/unknown"),
    ({"x": column("integer", "count(orders where ordered_at < as_of per status)")}, {}, "name/unknown"),
    ({}, {"x": column("integer", "count(sum(orders.amount) per country)")}, "aggregate/nested"),
    ({}, {"x": column("decimal(38,2)", "sum(orders.amount per customer_id)")}, "derived/which-rows"),
    (
        {"x": column("integer", "sum(y per customer_id)"), "y": column("integer", "sum(x per customer_id)")},
        {},
        "name/cycle",
    ),
    (
        {"x": column("integer", "customer.y")},
        {"y": column("integer", "sum(orders.x)")},
        "name/cycle",
    ),
]


@pytest.mark.parametrize(
    ("orders", "customers", "code"), WRONG, ids=[f"{code}-{o or c}" for o, c, code in WRONG]
)
def test_what_is_wrong_is_told_once(
    orders: dict[str, str], customers: dict[str, str], code: str, tmp_path: Path
) -> None:
    found = codes(tmp_path, definitions(orders, customers))
    assert [one for one, _ in found] == [code], found


def test_several_ways_are_listed(tmp_path: Path) -> None:
    text = definitions({}, {"placed": column("integer", "count(lines)")}, more=RECIPIENT)
    ((code, message),) = codes(tmp_path, text)
    assert code == "join/ambiguous-path"
    assert "`lines.order.customer` and `lines.order.recipient`" in message


@pytest.mark.parametrize(
    ("where", "customers"),
    [
        ("    where: customer.placed > 1\n", {"placed": column("integer", "count(orders)")}),
        ("    where: number > 1\n", {}),
    ],
)
def test_a_condition_that_rests_on_what_it_keeps_is_a_circle(
    where: str, customers: dict[str, str], tmp_path: Path
) -> None:
    numbered = {"number": column("integer", "row_number(per customer_id order by ordered_at)")}
    found = codes(tmp_path, definitions(numbered, customers, where=where))
    assert [code for code, _ in found] == ["name/cycle"], found


def test_a_row_s_place_stands_in_columns_only(tmp_path: Path) -> None:
    text = definitions({}, {}) + "  firsts: count(orders where row_number(order by ordered_at) = 1)\n"
    assert [code for code, _ in codes(tmp_path, text)] == ["derived/only-in-columns"]
    text = definitions({}, {}) + "dimensions:\n  placed: {from: {customers: count(orders)}}\n"
    assert [code for code, _ in codes(tmp_path, text)] == ["aggregate/nested"]


def test_units_and_types_are_those_of_the_aggregate(tmp_path: Path) -> None:
    checked = project(
        tmp_path,
        definitions(
            {"before": column("decimal(12,2)", "lag(amount per customer_id order by ordered_at)")},
            {
                "spent": column("decimal(38,2)", "sum(orders.amount)"),
                "placed": column("integer", "count(orders)"),
                "basket": column("float", "spent / placed"),
                "spread": column("float", "variance(orders.amount)"),
            },
        ),
    )

    def unit(dataset: str, name: str) -> str | None:
        definition = checked.project.datasets[dataset].columns[name]
        return text_of(checked.rows.column(dataset, definition).unit)

    assert unit("orders", "before") == "EUR"
    assert unit("customers", "spent") == "EUR"
    assert unit("customers", "placed") == "order"
    assert unit("customers", "basket") == "EUR/order"
    assert unit("customers", "spread") == "EUR^2"
    placed = checked.project.datasets["customers"].columns["placed"]
    assert checked.rows.column("customers", placed).type == INTEGER


def test_what_a_column_reads_of_other_rows_is_read(tmp_path: Path) -> None:
    text = definitions({}, {"placed": column("integer", "count(orders where status = 'paid')")})
    checked = project(tmp_path, text + "  loyal: count(customers where placed > 1)\n")
    facts = facts_of(checked.metrics["loyal"].bound, checked)
    assert facts.reads == {"customers": ("customer_id",), "orders": ("status", "customer_id")}


TAXED = {
    "rate": "{type: float, expr: tax.rate, required: true}",
    "paid": column("float", "amount * rate"),
    "so_far": column("float", "sum(paid where status = 'paid' per customer_id order by ordered_at)"),
}
TAXES = """      tax: {to: taxes, using: status}
  taxes:
    table: taxes
    key: status
    columns: {status: text, rate: float}
"""


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize(
    ("customer", "status", "due"),
    [(1, "paid", (None, None, None)), (1, "sent", (12.0, 12.0, 0.0)), (None, "paid", (6.0, 6.0, 0.0))],
)
def test_what_a_column_requires_is_required_of_other_rows(
    customer: int | None, status: str, due: tuple[float | None, ...], engine: str, tmp_path: Path
) -> None:
    """A customer with an order that lacks its rate has no amount, and the sum over customers is null."""
    text = definitions(TAXED, {"paid": column("float", "sum(orders.paid)")}, more=TAXES)
    text += "  of_customers: sum(customers.paid)\n  of_orders: sum(orders.customer.paid)\n"
    text += "  farthest: max(orders.so_far)\n"
    checked = project(tmp_path, text)
    types = {**ORDERS, "amount": "decimal(12,2)"}
    stored = [(name, answers.type_named(kind)) for name, kind in types.items()]
    orders = [(1, 2, None, None, "sent", 6), (2, customer, None, None, status, 6)]
    tables = [
        (("orders",), stored, orders),
        (("customers",), [stored[1], ("country", stored[4][1])], [(1, None), (2, None)]),
        (("taxes",), [stored[4], ("rate", answers.type_named("float"))], [("sent", 1.0)]),
    ]
    compiled, _ = answers.ask(checked, {"kpis": ["of_customers", "of_orders", "farthest"]}, engine)
    assert compiled is not None
    with answers.loaded(engine, tables) as connection:
        _, found = answers.answer(compiled, connection)
    assert found == [due]


def test_parameters_reach_other_rows(tmp_path: Path) -> None:
    text = definitions({}, {"large": column("integer", "count(orders where amount > least_amount)")})
    text += "  loyal: count(customers where large > 1)\n"
    text += "parameters:\n  least_amount: {type: integer, unit: EUR, default: 10}\n"
    checked = project(tmp_path, text)
    assert facts_of(checked.metrics["loyal"].bound, checked).parameters == ("least_amount",)
    compiled, wrong = answers.ask(checked, {"kpis": ["loyal"], "set": {"least_amount": 25}}, "duckdb")
    assert not wrong
    assert compiled is not None
    assert "orders.amount > 25" in compiled.sql
    assert {name: value[0].value for name, value in compiled.planned.parameters.items()} == {
        "least_amount": 25
    }
