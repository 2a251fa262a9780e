"""Numbers of a lexicon on one's own tables, worked out by hand, on DuckDB and SQLite."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.binding.projects import ENGINES, asked, with_tables, written
from tests.cli.running import call

engines = pytest.mark.parametrize("engine", ENGINES)

ADS = """\
create table google_ads (
  day date, account bigint, campaign bigint, ad_group_id bigint, ad text,
  impressions bigint, clicks bigint, invalid bigint, cost_micros bigint
);
insert into google_ads values
  ('2026-05-02', 11, 7, 1, 'x', 900, 12, 2, 3500000),
  ('2026-05-03', 11, 7, 1, 'x', 100, 5, 0, 1500000),
  ('2026-05-03', 12, 8, 2, 'y', 200, 5, 1, 2750000),
  ('2026-06-01', 12, 8, 2, 'y', 300, 4, 0, 1000000);
"""
ADS_BOUND = """\
project: shop
language: 1
use: marketing@1
bind:
  ad_performance:
    sql: select 'google' as platform, google.* from google_ads as google
    dialect: {engine}
    columns:
      served_on: day
      account_id: {{column: account, type: integer}}
      campaign_id: {{column: campaign, type: integer}}
      ad_id: ad
      ad_group_id: {{type: integer}}
      clicks: clicks - invalid
      spend_amount: cost_micros * 0.000001
      rate: 1
    own: {{clicks: integer, invalid: integer, cost_micros: integer}}
    lacks: [conversions, conversions_amount, measurable_impressions, viewable_impressions, currency]
"""


@pytest.mark.parametrize(
    ("value", "help"),
    [
        ("null", "for nothing in any row, put it in quotes: `conversions: 'null'`; where the table"),
        (
            "~",
            "put it in quotes: `conversions: 'null'`; where the table does not have it, put `conversions` under",
        ),
        (
            "",
            "write the table's column, `conversions: …`; where the table does not have it, put `conversions`",
        ),
    ],
)
def test_a_null_that_is_no_formula_is_told(tmp_path: Path, value: str, help: str) -> None:
    text = ADS_BOUND.format(engine="duckdb").replace(
        "      rate: 1\n", f"      rate: 1\n      conversions: {value}\n"
    )
    folder = written(tmp_path, {"kpidsl.yml": text.replace("lacks: [conversions, ", "lacks: [")})
    told = flat(call("check", cwd=folder).err)
    assert told.count("error[") == 1
    assert help in told
    quoted = text.replace(f"conversions: {value}\n", "conversions: 'null'\n").replace("[conversions, ", "[")
    written(tmp_path, {"kpidsl.yml": quoted})
    assert call("check", cwd=folder).code == 0


@engines
def test_columns_that_are_called_otherwise_and_computed(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": ADS_BOUND.format(engine=engine)})
    url = with_tables(folder, engine, ADS)
    found = asked(folder, url, ["ad_clicks", "ad_spend", "cpc"], by=["account"], period="2026-05")
    # Of account 11 12 - 2 + 5 clicks for 3.5 + 1.5, of account 12 in May 5 - 1 clicks for 2.75.
    assert [(row["account"], row["ad_clicks"], row["ad_spend"]) for row in found] == [
        ("11", 15, Decimal("5")),
        ("12", 4, Decimal("2.75")),
    ]
    assert [row["cpc"] for row in found] == pytest.approx([5 / 15, 2.75 / 4])


@engines
def test_identifiers_that_are_integers_are_compared_as_texts(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": ADS_BOUND.format(engine=engine)})
    url = with_tables(folder, engine, ADS)
    of_12 = asked(folder, url, "ad_clicks", where="account = '12'")
    assert [row["ad_clicks"] for row in of_12] == [8]
    of_google = asked(folder, url, "ad_impressions", where="platform = 'google'")
    assert [row["ad_impressions"] for row in of_google] == [1500]


FIGURES = {
    "figures/kpidsl.yml": "project: figures\nlanguage: 1\nversion: 2.1.0\n",
    "figures/definitions/sales.yml": """\
datasets:
  orders:
    table: warehouse.orders
    key: order_id
    time: ordered_at
    unit: order
    columns:
      order_id: text
      customer_id: text
      ordered_at: {type: timestamp, timezone: UTC}
      status: text
      amount: {type: "decimal(12,2)", unit: EUR}
      handling: {type: "decimal(12,2)", unit: minute}
    joins:
      customer: {to: customers, using: customer_id}
  customers:
    table: warehouse.customers
    key: customer_id
    columns: {customer_id: text, country: text}
dimensions:
  country: {type: text, from: {orders: customer.country, customers: country}}
metrics:
  orders_paid: count(orders where status = 'paid')
kpis:
  revenue:
    label: Revenue
    formula: sum(orders.amount where status = 'paid')
    unit: EUR
    direction: up
    owner: sales@shop.example
    tests:
      - name: what is not paid does not count
        rows:
          orders:
            - {order_id: a, ordered_at: 2026-01-03 10:00, status: paid, amount: 40}
            - {order_id: b, ordered_at: 2026-01-04 10:00, status: open, amount: 9}
        expect:
          - {revenue: 40}
  handling_time:
    label: Handling
    formula: avg(orders.handling)
    unit: minute
    direction: down
    owner: sales@shop.example
  customers_known:
    label: Customers
    formula: count(customers)
    direction: up
    owner: sales@shop.example
""",
}
SHOP = """\
create table shop_orders (
  id bigint, buyer bigint, placed_at timestamp, state text, amount numeric(12,2), rebate numeric(12,2), handled integer
);
insert into shop_orders values
  (1, 5, '2026-01-31 23:30:00', 'PAID', 50.00, 5.00, 90),
  (2, 5, '2026-02-01 08:00:00', 'PAID', 20.00, 0.00, 30),
  (3, 6, '2026-02-03 08:00:00', 'OPEN', 99.00, 0.00, 60),
  (4, null, '2026-02-04 08:00:00', 'PAID', 10.50, 0.50, null);
create table people (no bigint, land text);
insert into people values (5, 'FR'), (6, 'DE');
"""
SHOP_BOUND = """\
project: shop
language: 1
timezone: Europe/Paris
use: [./figures@2.1]
bind:
  orders:
    table: shop_orders
    columns:
      order_id: {column: id, type: integer}
      customer_id: {column: buyer, type: integer}
      ordered_at: {column: placed_at, timezone: Europe/Paris}
      status: case when state = 'PAID' then 'paid' else 'open' end
      amount: amount - rebate
      handling: {column: handled, type: integer, unit: second}
    own: {state: text, amount: "decimal(12,2)", rebate: "decimal(12,2)"}
  customers:
    table: people
    columns: {customer_id: {column: "no", type: integer}, country: land}
"""


@engines
def test_a_table_may_have_a_name_of_the_lexicon_for_something_else(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": SHOP_BOUND, **FIGURES})
    url = with_tables(folder, engine, SHOP)
    by_month = asked(folder, url, ["revenue", "orders_paid"], by=["month"])
    # Stored as times of Paris, so the order of 31 January, 23:30 stays in January; 50 - 5, then 20 + 10.50 - 0.50.
    assert [(row["month"].isoformat(), row["revenue"], row["orders_paid"]) for row in by_month] == [
        ("2026-01-01", Decimal("45.00"), 1),
        ("2026-02-01", Decimal("30.00"), 2),
    ]


@engines
def test_units_of_the_table_are_brought_to_those_of_the_lexicon(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": SHOP_BOUND, **FIGURES})
    url = with_tables(folder, engine, SHOP)
    # 90, 30 and 60 seconds are a minute on average; the one without is passed over.
    assert asked(folder, url, "handling_time") == [{"handling_time": pytest.approx(1.0)}]


@engines
def test_joins_meet_by_keys_that_are_called_otherwise(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": SHOP_BOUND, **FIGURES})
    url = with_tables(folder, engine, SHOP)
    found = asked(folder, url, ["revenue", "customers_known"], by=["country"])
    assert [(row["country"], row["revenue"], row["customers_known"]) for row in found] == [
        ("DE", Decimal("0.00"), 1),
        ("FR", Decimal("65.00"), 1),
        (None, Decimal("10.00"), 0),
    ]


@engines
def test_a_binding_leaves_the_tests_of_a_lexicon_as_they_are(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": SHOP_BOUND, **FIGURES})
    done = call("test", "--engine", engine, cwd=folder)
    assert (done.code, done.out) == (
        0,
        "passed  revenue: what is not paid does not count\n1 passed, 0 failed\n",
    )


@engines
def test_the_data_are_compared_with_the_binding(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": SHOP_BOUND, **FIGURES})
    url = with_tables(folder, engine, SHOP)
    assert call("check", "--connection", url, cwd=folder).code == 0
    wrong = SHOP_BOUND.replace("column: id,", "column: ident,")
    written(folder, {"kpidsl.yml": wrong})
    done = call("check", "--connection", url, cwd=folder)
    assert done.code == 1
    assert "error[data/missing-column]" in done.err
    assert "kpidsl.yml:9:26" in done.err
    # What may be meant is told as it is written in the binding.
    assert "write `order_id: {column: …, type: integer}` under `columns:` of `orders`" in flat(done.err)


def flat(text: str) -> str:
    return " ".join(text.split())


@engines
def test_what_the_table_does_not_have_is_told_of_by_what_to_write(engine: str, tmp_path: Path) -> None:
    # The lexicon's own names, but for the key and the time; the formula reads a column that is not there either.
    bound = """\
project: shop
language: 1
use: [./figures@2.1]
bind:
  orders:
    table: shop_orders
    columns:
      order_id: {column: id, type: integer}
      ordered_at: placed_at
      amount: amount - rebates
    own: {amount: "decimal(12,2)", rebates: "decimal(12,2)"}
"""
    folder = written(tmp_path, {"kpidsl.yml": bound, **FIGURES})
    done = call("check", "--connection", with_tables(folder, engine, SHOP), cwd=folder)
    told = flat(done.err)
    assert "--> kpidsl.yml:5:3" in done.err
    assert "figures/" not in done.err
    # `buyer` is near to nothing, and `id` has a place already.
    assert (
        "write `customer_id: …` under `columns:` of `orders`, below `bind:` in kpidsl.yml, "
        "or `lacks: [customer_id]` where the table does not have it; its columns are `id`, `buyer`" in told
    )
    assert "write `status: state` under `columns:`" in told
    assert 'write `rebates: {column: rebate, type: "decimal(12,2)"}` under `own:` of `orders`' in told
    asked = call("run", "revenue", "--connection", f"{engine}:///{folder}/shop.{engine}", cwd=folder)
    assert "write `" in flat(asked.err)


TYPES = """\
create table shop_orders (
  order_id bigint, customer_id text, ordered_at timestamp, status text, amount double, handled_on timestamp, handling integer
);
create table people (customer_id timestamp, country text);
"""


def test_other_types_are_told_of_by_what_to_write(tmp_path: Path) -> None:
    bound = """\
project: shop
language: 1
use: [./figures@2.1]
bind:
  orders: {table: shop_orders, columns: {handling: spent}, own: {spent: {column: handling, type: "decimal(9,1)"}}}
  customers: people
"""
    folder = written(tmp_path, {"kpidsl.yml": bound, **FIGURES})
    done = call("check", "--connection", with_tables(folder, "duckdb", TYPES), cwd=folder)
    told = flat(done.err)
    assert "write `order_id: {type: integer}` under `columns:` of `orders`" in told
    assert "write `amount: {type: float}` under `columns:` of `orders`" in told
    assert "select *, cast(customer_id as text) as customer_id from people" in told
