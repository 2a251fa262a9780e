"""Units of formulas as tables: what is inferred, what is refused and where, what a declaration may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.types import Type
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.printing import print_bound
from kpidsl.semantics.queries import check_query
from kpidsl.semantics.unit_facts import text_of
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: at
    unit: order
    columns:
      id: integer
      at: timestamp
      amount: {type: "decimal(12,2)", unit: EUR}
      tip: {type: "decimal(12,2)", unit: USD}
      rate: {type: "decimal(8,4)", unit: EUR/USD}
      bare: decimal(12,2)
      status: text
      customer_id: integer
      visitor: {type: text, unit: visitor}
      wait: {type: integer, unit: second}
      pause: {type: float, unit: minute}
      wage: {type: "decimal(8,2)", unit: EUR/hour}
      age: {type: integer, unit: month}
      vat: {type: "decimal(5,4)", unit: percent}
      net: {type: "decimal(18,6)", expr: amount * vat}
      tip_eur: {type: "decimal(18,6)", unit: EUR, expr: tip * rate}
      wait_hours: {type: float, unit: hour, expr: wait}
    joins:
      customer: {to: customers, using: {id: customer_id}}
  lines:
    table: lines
    key: [order_id, no]
    columns:
      order_id: integer
      no: integer
      quantity: {type: integer, unit: item}
      price: {type: "decimal(12,2)", unit: EUR/item}
    joins:
      order: {to: orders, using: {id: order_id}}
  customers:
    table: customers
    key: id
    unit: customer
    columns:
      id: integer
      country: text
      slow_orders: {type: integer, unit: slow_order, expr: count(orders where wait > 60 seconds)}
  ads:
    table: ads
    key: day
    time: day
    columns:
      day: date
      clicks: {type: integer, unit: click}
      impressions: {type: integer, unit: impression}
      cost: {type: "decimal(12,2)", unit: EUR}
dimensions:
  country: {from: {orders: customer.country}}
  big: {type: "decimal(12,2)", from: {orders: amount}}
metrics:
  revenue: sum(orders.amount)
  n: count(orders)
  clicks: sum(ads.clicks)
  cost: sum(ads.cost)
  bare: sum(orders.bare)
  buyers: count_distinct(orders.customer_id)
  ctr: {formula: clicks / sum(ads.impressions), unit: percent}
  conversion: n / clicks
  wait: sum(orders.wait)
  pause: sum(orders.pause)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path_factory.mktemp("units"), "", DEFINITIONS))


def asked(project: CheckedProject, formula: str) -> tuple[str | None, Type, str]:
    sink = Sink()
    query = check_query(project, query_text(f"x = {formula}"), sink)
    assert not sink.reported, sink.reported[0].message
    assert query is not None
    bound = query.kpis[0].bound
    return text_of(bound.unit), bound.type, print_bound(bound)


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("sum(orders.amount)", "EUR"),
        ("max(orders.amount)", "EUR"),
        ("avg(orders.amount)", "EUR"),
        ("count(orders)", "order"),
        ("count(orders.status)", "order"),
        ("count(lines)", None),
        ("count_distinct(orders.customer_id)", "customer"),
        ("count_distinct(orders.customer.id)", "customer"),
        ("count_distinct(orders.id)", "order"),
        ("count_distinct(lines.order_id)", "order"),
        ("count_distinct(orders.visitor)", "visitor"),
        ("count_distinct(orders.status)", None),
        ("sum(lines.quantity * lines.price)", "EUR"),
        ("sum(orders.net)", "EUR"),
        ("sum(orders.tip * orders.rate)", "EUR"),
        ("sum(orders.bare)", None),
        ("revenue / n", "EUR/order"),
        ("n / revenue", "order/EUR"),
        ("revenue * 1.2", "EUR"),
        ("1 / n", "1/order"),
        ("revenue / bare", None),
        ("revenue + bare", "EUR"),
        ("revenue + 5", "EUR"),
        ("revenue + cost", "EUR"),
        ("revenue / cost", "percent"),
        ("revenue / cost - 1", "percent"),
        ("revenue * 110%", "EUR"),
        ("n * (revenue / n)", "EUR"),
        ("avg(orders.amount) * n", "EUR"),
        ("n / n", "percent"),
        ("share(revenue across country)", "percent"),
        ("share(bare across country)", "percent"),
        ("share(max(orders.bare) across country)", "percent"),
        ("share(avg(orders.amount) across country)", "percent"),
        ("growth(bare, 1 year)", "percent"),
        ("share(bare across country) + bare", "percent"),
        ("total(revenue)", "EUR"),
        ("revenue where country = 'FR'", "EUR"),
        ("round(revenue / n, 2)", "EUR/order"),
        ("-revenue", "EUR"),
        ("abs(revenue - cost)", "EUR"),
        ("coalesce(revenue, 0)", "EUR"),
        ("nullif(revenue, 0)", "EUR"),
        ("greatest(revenue, cost, 0)", "EUR"),
        ("case when n > 3 then revenue else cost end", "EUR"),
        ("case when n > 3 then 1 else 0 end", None),
        ("ctr - conversion", "pp"),
        ("share(revenue across country) - 10%", "pp"),
        ("share(revenue across country) - 0.5pp", "percent"),
        ("100% - ctr", "percent"),
        ("1 - ctr", "percent"),
        ("(ctr - ctr) + (ctr - ctr)", "pp"),
        ("conversion", "order/click"),
        ("wait + pause", "second"),
        ("wait / n", "second/order"),
        ("pause / wait", "percent"),
        ("sum(orders.wage * orders.wait)", "EUR"),
        ("sum(orders.wage)", "EUR/hour"),
        ("max(orders.age) + 1 year", "month"),
        ("revenue > 62 EUR", None),
        ("62 EUR", "EUR"),
        ("2 hours + 30 minutes", "minute"),
        ("max(orders.status)", None),
        ("revenue * bare", None),
    ],
)
def test_the_unit_of_a_formula(project: CheckedProject, formula: str, unit: str | None) -> None:
    assert asked(project, formula)[0] == unit


@pytest.mark.parametrize(
    ("formula", "tree"),
    [
        ("sum(orders.amount where wait < 10 minutes)", "sum(orders.amount where orders.wait < 600)"),
        ("sum(orders.amount where wait < 0.5 seconds)", "sum(orders.amount where orders.wait < 0.5)"),
        ("sum(orders.amount where pause < 1 hour)", "sum(orders.amount where orders.pause < 60)"),
        ("sum(orders.amount where pause < 1 second)", "sum(orders.amount where (orders.pause * 60) < 1)"),
        ("sum(orders.amount where vat > 2.5%)", "sum(orders.amount where orders.vat > 0.025)"),
        ("sum(orders.amount where amount > 62 EUR)", "sum(orders.amount where orders.amount > 62)"),
        (
            "sum(orders.amount where wait in (1 minute, 90))",
            "sum(orders.amount where in(orders.wait, 60, 90))",
        ),
        ("wait + pause", "wait:integer + (pause:float * 60)"),
        ("pause / wait", "(pause:float / wait:integer) * 60"),
        ("sum(orders.wage * orders.wait)", "sum((orders.wage * orders.wait) / 3600)"),
        ("wait > -2 minutes", "wait:integer > -120"),
        ("sum(orders.amount where age >= 1 year)", "sum(orders.amount where orders.age >= 12)"),
        ("sum(orders.wait_hours)", "sum(orders.wait / 3600)"),
        ("revenue where orders.amount > 62 EUR", "(revenue:decimal(38,2) where orders.amount > 62)"),
        ("revenue where big > 62 EUR", "(revenue:decimal(38,2) where big > 62)"),
    ],
)
def test_conversions_are_arithmetic_in_the_tree(project: CheckedProject, formula: str, tree: str) -> None:
    assert asked(project, formula)[2] == tree


@pytest.mark.parametrize(
    ("formula", "code", "shown"),
    [
        ("revenue + clicks", "unit/mismatch", "`+` needs values of one unit, and here are `EUR` and `click`"),
        ("n + ctr", "unit/mismatch", "`+` needs values of one unit, and here are `order` and `percent`"),
        (
            "n - share(bare across country)",
            "unit/mismatch",
            "`-` needs values of one unit, and here are `order` and `percent`",
        ),
        (
            "n - (share(bare across country) + bare)",
            "unit/mismatch",
            "`-` needs values of one unit, and here are `order` and `percent`",
        ),
        ("growth(bare, 1 year) > 3 orders", "unit/mismatch", None),
        ("revenue + 5%", "unit/mismatch", "`+` needs values of one unit, and here are `EUR` and `percent`"),
        ("revenue > wait", "unit/mismatch", "`>` needs values of one unit, and here are `EUR` and `second`"),
        ("revenue > 3 hours", "unit/mismatch", "`>` needs values of one unit, and here are `EUR` and `hour`"),
        (
            "revenue / n + revenue",
            "unit/mismatch",
            "`+` needs values of one unit, and here are `EUR/order` and `EUR`",
        ),
        (
            "coalesce(revenue, n)",
            "unit/mismatch",
            "`coalesce` needs values of one unit, and here are `EUR` and `order`",
        ),
        (
            "case when n > 1 then revenue else n end",
            "unit/mismatch",
            "`case` needs values of one unit, and here are `EUR` and `order`",
        ),
        (
            "max(orders.age) > 90 days",
            "unit/mismatch",
            "`>` needs values of one unit, and here are `month` and `day`",
        ),
        (
            "sum(orders.amount + orders.tip)",
            "unit/currencies",
            "`+` needs amounts of one currency, and here are `EUR` and `USD`",
        ),
        (
            "revenue > 62 USD",
            "unit/currencies",
            "`>` needs amounts of one currency, and here are `EUR` and `USD`",
        ),
        ("sum(orders.amount where wait < 10 EUR)", "unit/mismatch", None),
        ("revenue where orders.amount > 5 clicks", "unit/mismatch", None),
        (
            "revenue > 62 eur",
            "unit/unknown",
            "`eur` is neither a currency, a unit of time nor a counted noun",
        ),
        ("wait > 5 min", "unit/unknown", "`min` is neither a currency, a unit of time nor a counted noun"),
        (
            "wait > 5 minuts",
            "unit/unknown",
            "`minuts` is neither a currency, a unit of time nor a counted noun",
        ),
    ],
)
def test_units_that_do_not_fit_are_refused(
    project: CheckedProject, formula: str, code: str, shown: str | None
) -> None:
    sink = Sink()
    check_query(project, query_text(f"x = {formula}"), sink)
    assert [d.code for d in sink.diagnostics()] == [code]
    if shown:
        assert sink.diagnostics()[0].message == shown


@pytest.mark.parametrize("digits", [38, 50, 5_000])
def test_numbers_too_large_are_told(project: CheckedProject, digits: int) -> None:
    sink = Sink()
    check_query(project, query_text(f"x = revenue > {'9' * digits} EUR"), sink)
    assert [d.code for d in sink.diagnostics()] == ["formula/number-too-large"]


def test_both_derivations_are_shown(project: CheckedProject) -> None:
    sink = Sink()
    check_query(project, query_text("x = revenue + sum(ads.clicks)"), sink)
    labels = [(label.span.excerpt(), label.text) for label in sink.diagnostics()[0].related]
    assert labels == [
        ("revenue", "`revenue` is in `EUR`"),
        ("EUR", "`orders.amount` is in `EUR`"),
        ("click", "`ads.clicks` is in `click`"),
    ]


def test_a_share_of_a_value_without_a_unit_tells_of_itself(project: CheckedProject) -> None:
    sink = Sink()
    check_query(project, query_text("x = n - share(bare across country)"), sink)
    labels = [(label.span.excerpt(), label.text) for label in sink.diagnostics()[0].related]
    assert labels[-1] == ("share(bare across country)", "a share is a fraction")


def declared(tmp_path: Path, formula: str, unit: str) -> tuple[CheckedProject | None, tuple[Diagnostic, ...]]:
    extra = f"  subject:\n    formula: {formula}\n    unit: {unit}\n"
    answers.write_project(tmp_path, "", DEFINITIONS + extra)
    sink = Sink()
    return load(tmp_path, sink), sink.diagnostics()


@pytest.mark.parametrize(
    ("formula", "unit", "tree"),
    [
        ("sum(orders.amount)", "EUR", "sum(orders.amount)"),
        ("revenue / n", "EUR/order", "revenue:decimal(38,2) / n:integer"),
        ("avg(orders.amount)", "EUR", "avg(orders.amount)"),
        ("avg(orders.amount)", "EUR/order", "avg(orders.amount)"),
        ("avg(orders.amount) * n", "EUR", "avg(orders.amount) * n:integer"),
        ("n / clicks", "percent", "n:integer / clicks:integer"),
        ("revenue / cost", "percent", "revenue:decimal(38,2) / cost:decimal(38,2)"),
        ("ctr - conversion", "pp", "ctr:float - conversion:float"),
        ("wait", "hour", "wait:integer / 3600"),
        ("pause", "second", "pause:float * 60"),
        ("wait / n", "minute/order", "(wait:integer / n:integer) / 60"),
        ("bare", "EUR", "bare:decimal(38,2)"),
        ("bare / n", "click/year", "bare:decimal(38,2) / n:integer"),
        ("buyers", "customer", "buyers:integer"),
        ("count(lines)", "line", "count(lines)"),
        ("count(orders where status = 'paid')", "paid_order", "count(orders where orders.status = 'paid')"),
        ("count(orders.customer_id)", "known_order", "count(orders.customer_id)"),
        ("count(orders at at)", "placed_order", "count(orders at orders.at)"),
        (
            "sum(customers.slow_orders)",
            "slow_order",
            "sum([count(orders where orders.wait > 60) to orders.customer_id])",
        ),
        ("5", "EUR", "5"),
        (
            "sum(orders.amount) / sum(orders.wait)",
            "EUR/hour",
            "(sum(orders.amount) / sum(orders.wait)) * 3600",
        ),
    ],
)
def test_a_declared_unit_that_fits(tmp_path: Path, formula: str, unit: str, tree: str) -> None:
    project, wrong = declared(tmp_path, formula, unit)
    assert [d.message for d in wrong] == []
    assert project is not None
    metric = project.metrics["subject"]
    assert (text_of(metric.bound.unit), print_bound(metric.bound)) == (unit, tree)


@pytest.mark.parametrize(
    ("formula", "unit", "found"),
    [
        ("sum(orders.amount)", "click", "EUR"),
        ("sum(orders.amount)", "USD", "EUR"),
        ("sum(orders.amount)", "percent", "EUR"),
        ("sum(orders.amount)", "EUR/order", "EUR"),
        ("revenue / n", "EUR", "EUR/order"),
        ("n", "percent", "order"),
        ("share(bare across country)", "EUR", "percent"),
        ("wait", "month", "second"),
        ("n / clicks", "order", "order/click"),
        ("revenue / n", "percent", "EUR/order"),
        ("count(orders)", "click", "order"),
        ("n", "click", "order"),
        ("count(orders where status = 'paid')", "EUR", "order"),
        ("count(orders where status = 'paid')", "click/order", "order"),
        ("count(orders where status = 'paid') * 2", "click", "order"),
        ("count_distinct(orders.visitor where status = 'paid')", "click", "visitor"),
        ("sum(ads.clicks where impressions > 0)", "order", "click"),
    ],
)
def test_a_declared_unit_that_does_not_fit(tmp_path: Path, formula: str, unit: str, found: str) -> None:
    _, wrong = declared(tmp_path, formula, unit)
    assert [d.code for d in wrong] == ["unit/declared"]
    assert wrong[0].message == f"`subject` is declared `{unit}`, and its formula gives `{found}`"
    assert wrong[0].primary.span.excerpt() == unit


@pytest.mark.parametrize(
    ("unit", "code", "place"),
    [
        ("eur", "unit/unknown", "eur"),
        ("EUR/orders", "unit/plural", "orders"),
        ("EUR//order", "unit/syntax", "/"),
    ],
)
def test_a_misspelt_unit_is_told_once(tmp_path: Path, unit: str, code: str, place: str) -> None:
    _, wrong = declared(tmp_path, "revenue / n", unit)
    assert [(d.code, d.primary.span.excerpt()) for d in wrong] == [(code, place)]


def test_a_computed_column_is_checked_too(tmp_path: Path) -> None:
    text = DEFINITIONS.replace(
        'rate: {type: "decimal(8,4)", unit: EUR/USD}', 'rate: {type: "decimal(8,4)", unit: GBP/USD}'
    )
    answers.write_project(tmp_path, "", text)
    sink = Sink()
    load(tmp_path, sink)
    (wrong,) = sink.diagnostics()
    assert (wrong.code, wrong.message) == (
        "unit/declared",
        "the column `orders.tip_eur` is declared `EUR`, and its formula gives `GBP`",
    )


JOINED = """
datasets:
  sales:
    table: sales
    key: id
    time: sold_on
    columns: {id: integer, sold_on: date, sku: text, buyer: integer}
    joins:
      price: {to: prices, using: sku, between: [valid_from, valid_to], at: sold_on}
      visit: {to: visits, using: buyer, match: latest, before: sold_on}
      customer: {to: customers, using: buyer}
  prices:
    table: prices
    key: [sku, valid_from]
    unit: price
    columns: {sku: text, valid_from: date, valid_to: date}
  visits:
    table: visits
    key: id
    time: day
    unit: visit
    columns: {id: integer, buyer: integer, day: date}
  customers:
    table: customers
    key: buyer
    unit: customer
    columns: {buyer: integer}
"""


@pytest.mark.parametrize(
    ("formula", "unit"), [("count_distinct(sales.sku)", None), ("count_distinct(sales.buyer)", "customer")]
)
def test_only_a_join_by_the_whole_key_names_what_different_values_are(
    formula: str, unit: str | None, tmp_path: Path
) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", JOINED))
    assert asked(project, formula)[0] == unit


@pytest.mark.parametrize(
    ("unit", "settings"),
    [
        ("EUR", ""),
        ("money", ""),
        ("money", "currency: EUR\n"),
        ("day", ""),
        ("month", ""),
        ("GB", ""),
        ("percent", ""),
        ("pp", ""),
        ("order/session", ""),
        ("order^2", ""),
    ],
)
@pytest.mark.parametrize(
    ("dataset", "noun"), [("orders", "order"), ("entries", "entry"), ("days", "day_row")]
)
def test_a_row_is_something_that_is_counted(
    tmp_path: Path, unit: str, settings: str, dataset: str, noun: str
) -> None:
    sink = Sink()
    definitions = f"""
datasets:
  {dataset}: {{table: t, key: id, unit: {unit}, columns: {{id: integer}}}}
metrics:
  n: count({dataset})
  m: n + 1
"""
    load(answers.write_project(tmp_path, settings, definitions), sink)
    (wrong,) = sink.diagnostics()
    assert (wrong.code, wrong.primary.span.excerpt()) == ("unit/not-a-noun", unit)
    assert wrong.help is not None
    assert wrong.help.startswith(f"name what one row is, such as `unit: {noun}`;")
    right = definitions.replace(f"unit: {unit},", f"unit: {noun},")
    again = Sink()
    load(answers.write_project(tmp_path, settings, right), again)
    assert again.diagnostics() == ()
