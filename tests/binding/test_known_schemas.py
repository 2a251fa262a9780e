"""`kpidsl bind` on tables of public schemas, and on times that are stored without a zone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from kpidsl.engines.stored_types import is_without_zone
from kpidsl.formatting.files import format_text
from tests.binding.projects import asked, with_tables, written
from tests.cli.running import Ran, call

ADS = """\
create table {schema}ad_reporting__ad_report (
  source_relation text, date_day date, platform text, account_id text, account_name text, campaign_id text,
  campaign_name text, ad_group_id text, ad_group_name text, ad_id text, ad_name text,
  clicks bigint, impressions bigint, spend double, conversions double, conversions_value double
);
insert into {schema}ad_reporting__ad_report values
  ('', '2026-05-01', 'google_ads', 'g', 'G', 'c1', 'C', 'a', 'A', 'x', 'X', 20, 1000, 12.5, 2, 80),
  ('', '2026-05-02', 'google_ads', 'g', 'G', 'c1', 'C', 'a', 'A', 'x', 'X', 30, 1000, 7.5, 1, null);
"""
ORDERS = """\
create table {schema}shopify__orders (
  order_id bigint, customer_id bigint, processed_timestamp timestamp, cancelled_timestamp timestamp,
  is_test_order boolean, is_deleted boolean, total_line_items_price double, total_discounts double,
  shipping_cost double, total_tax double, refund_subtotal double, currency text
);
insert into {schema}shopify__orders values
  (1, 7, '2026-05-02 09:00:00', null, false, false, 100, 10, 5, 18, null, 'EUR'),
  (2, 7, '2026-05-02 09:00:00', null, false, true, 999, 0, 0, 0, null, 'EUR');
"""


def bound(folder: Path, *options: str) -> Ran:
    done = call("bind", "marketing", "--connection", f"duckdb:///{folder}/shop.duckdb", *options, cwd=folder)
    assert done.code == 0, done.err
    return done


def tables(folder: Path, *statements: str) -> str:
    return with_tables(folder, "duckdb", "".join(statements))


def test_tables_of_a_schema_are_bound_as_it_ships(tmp_path: Path) -> None:
    url = tables(tmp_path, "create schema raw;", ADS.format(schema="raw."), ORDERS.format(schema=""))
    done = bound(tmp_path)
    assert format_text(done.out, "project") == done.out
    assert "use: [marketing, ad_reporting, shopify]\n" in done.out
    # In another schema, without a column, and without other tables of the schema.
    assert "    table: raw.ad_reporting__ad_report\n" in done.out
    assert "    lacks: [cart_id]\n" in done.out
    assert "  order_lines: false  # there is no table `shopify__order_lines`\n" in done.out
    assert "`shopify` is a schema that kpidsl knows, with `orders`\n" in done.err
    assert (
        "KPIs need `rate`, whose sources are missing: if it is always 1, write `columns: {rate: 1}`"
        in done.out
    )
    written(tmp_path, {"kpidsl.yml": done.out})
    checked = call("check", "--connection", cwd=tmp_path)
    assert checked.code == 0, checked.err
    assert asked(tmp_path, url, "ad_clicks")[0]["ad_clicks"] == 50
    # As it is told, amounts come with the rate.
    text = done.out.replace(
        "    table: shopify__orders\n", "    table: shopify__orders\n    columns: {rate: 1}\n"
    )
    written(tmp_path, {"kpidsl.yml": text})
    assert float(asked(tmp_path, url, "average_order_value")[0]["average_order_value"]) == 90


def test_a_schema_may_be_asked_for_by_its_name(tmp_path: Path) -> None:
    url = tables(tmp_path, ADS.format(schema=""), ORDERS.format(schema=""))
    done = call("bind", "shopify@1", "--connection", url, cwd=tmp_path)
    assert "use: [shopify@1, ad_reporting]\n" in done.out
    assert "table: shopify__orders\n    lacks: [cart_id]\n" in done.out


def test_what_a_schema_is_not_used_for_is_told(tmp_path: Path) -> None:
    tables(
        tmp_path,
        "create schema a; create schema b;",
        *(ADS.format(schema=schema) for schema in ("a.", "b.")),
        "create table zendesk__ticket_metrics (ticket_id bigint, created_at timestamp);",
    )
    done = bound(tmp_path)
    assert "use: [marketing]" in done.out
    told = " ".join(done.err.split())
    assert "`a.ad_reporting__ad_report`, `b.ad_reporting__ad_report` have that name" in told
    assert (
        "`zendesk` is a schema that kpidsl knows, and is not used: `zendesk__ticket_metrics` does not have `status`"
        in told
    )
    found: dict[str, Any] = json.loads(bound(tmp_path, "--format", "json").out)
    assert found["schemas"] == {"ad_reporting": {}, "zendesk": {}}
    french = " ".join(bound(tmp_path, "--locale", "fr").err.split())
    assert "`zendesk` est un schéma connu de kpidsl, mais n'est pas utilisé : il manque à" in french


def test_a_dataset_that_is_not_there_is_told_with_false(tmp_path: Path) -> None:
    tables(tmp_path, ORDERS.format(schema=""))
    own = "project: p\nlanguage: 1\nuse: [shopify]\nbind: {orders: {lacks: cart_id}, order_lines: false, customers: false, products: false}\n"
    folder = written(tmp_path, {"kpidsl.yml": own})
    url = f"duckdb:///{folder}/shop.duckdb"
    assert call("check", "--connection", url, cwd=folder).code == 0
    told = call("compile", "x = count(order_lines)", cwd=folder).err
    assert "error[bind/unavailable]: the dataset `order_lines` is not bound" in " ".join(told.split())
    written(folder, {"kpidsl.yml": own.replace("false", "true")})
    assert "error[data/missing-table]" in call("check", "--connection", url, cwd=folder).err
    written(folder, {"kpidsl.yml": own.replace("order_lines", "order_line")})
    assert "error[bind/dataset]" in call("check", cwd=folder).err


def test_times_without_a_zone_are_asked_about(tmp_path: Path) -> None:
    url = tables(
        tmp_path,
        "create table sales (order_id bigint, placed_at timestamp, cancelled_at timestamptz, is_test boolean, gross numeric(9,2));",
        "insert into sales values (1, '2026-05-31 23:30:00', null, false, 10), (2, '2026-06-01 00:30:00', null, false, 5);",
    )
    done = bound(tmp_path)
    line = next(line for line in done.out.splitlines() if "ordered_at:" in line)
    assert line.split("  # ")[0].strip() == "ordered_at: {column: placed_at, timezone: UTC}"
    assert "without a zone in the table: is it UTC?" in line
    columns = yaml.safe_load(done.out)["bind"]["orders"]["columns"]
    assert columns["cancelled_at"] == {"sql": "cancelled_at AT TIME ZONE 'UTC'", "dialect": "duckdb"}
    done = bound(tmp_path, "--timezone", "Europe/Paris")
    assert "ordered_at: {column: placed_at, timezone: Europe/Paris}" in done.out
    assert "is it UTC" not in done.out
    written(tmp_path, {"kpidsl.yml": f"{done.out}timezone: Europe/Paris\n"})
    # As clocks in Paris show it, one order was placed in May and one in June.
    found = asked(tmp_path, url, "n = count(orders)", by=["month"])
    assert [(row["month"], row["n"]) for row in found] == [(date(2026, 5, 1), 1), (date(2026, 6, 1), 1)]
    wrong = call("bind", "marketing", "--connection", url, "--timezone", "Paris", cwd=tmp_path)
    assert wrong.code == 2
    assert "there is no time zone `Paris`" in " ".join(wrong.err.split())


def test_what_may_be_the_time_is_told(tmp_path: Path) -> None:
    tables(
        tmp_path,
        "create table orders (order_id bigint, entered timestamp, paid timestamp, gross numeric(9,2));",
    )
    told = bound(tmp_path).err
    assert "`orders` is not bound: `orders` does not have `ordered_at` (is it `entered` or `paid`?)" in told


def test_a_select_gives_what_a_key_lacks(tmp_path: Path) -> None:
    url = tables(
        tmp_path,
        "create table google_ads (day timestamp, customer_id bigint, campaign bigint, ad_group bigint, ad bigint, clicks bigint);",
        "insert into google_ads values ('2026-05-01 00:00', 1, 2, 3, 4, 10), ('2026-05-02 00:00', 1, 2, 3, 4, 5);",
    )
    done = bound(tmp_path)
    # Whose account it is Google calls a customer; the platform stands nowhere, and the day is a time.
    assert "sql: SELECT *, CAST(day AS DATE) AS served_on, '…' AS platform FROM google_ads" in done.out
    assert "    dialect: duckdb\n" in done.out
    assert "# write in place of '…' the `platform` of all rows of the table" in done.out
    written(tmp_path, {"kpidsl.yml": done.out.replace("'…' AS platform", "'google' AS platform")})
    assert call("check", "--connection", cwd=tmp_path).code == 0
    found = asked(tmp_path, url, "ad_clicks", by=["platform", "day"], as_of="2026-07-01")
    assert [(row["platform"], row["day"], row["ad_clicks"]) for row in found] == [
        ("google", date(2026, 5, 1), 10),
        ("google", date(2026, 5, 2), 5),
    ]


@pytest.mark.parametrize(
    ("zone", "day"),
    # Late in January in UTC it is February in Paris.
    [((), date(2026, 1, 31)), (("--timezone", "Europe/Paris"), date(2026, 2, 1))],
)
def test_a_select_gives_the_days_of_instants(tmp_path: Path, zone: tuple[str, ...], day: date) -> None:
    tables(
        tmp_path,
        'create table subscriptions (account_id text, started_at timestamptz, "Ended At" timestamptz);',
        "insert into subscriptions values ('a', '2026-01-31 23:30:00+00', null);",
    )
    done = bound(tmp_path, *zone)
    named = f"'{zone[1] if zone else 'UTC'}'"
    assert f"CAST(started_at AT TIME ZONE {named} AS DATE) AS valid_from" in done.out
    assert ("# `valid_from`, `valid_to`: days in UTC; those of a place by" in done.out) is (zone == ())
    written(tmp_path, {"kpidsl.yml": done.out})
    assert call("check", "--connection", cwd=tmp_path).code == 0
    select = yaml.safe_load(done.out)["bind"]["memberships"]["sql"]
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as file:
        file.execute("set TimeZone = 'UTC'")
        assert file.execute(f"select valid_from, valid_to from ({select})").fetchall() == [(day, None)]


def test_what_to_write_where_two_tables_would_do(tmp_path: Path) -> None:
    columns = (
        "day date, platform text, account_id text, campaign_id text, adset_id text, ad_id text, clicks bigint"
    )
    names = ("google_ads", "meta_ads")
    tables(tmp_path, *(f"create table {name} ({columns});" for name in names), "create table zebras (n int);")
    done = bound(tmp_path)
    told = " ".join(done.err.split())
    assert (
        "`ad_performance` is not bound: `google_ads`, `meta_ads` would do, and nothing decides: take the # away"
        in told
    )
    assert "tables that are not used: `zebras` available: 0 of" in told
    assert "bind" not in yaml.safe_load(done.out)
    # Each of them is whole behind its marks.
    first = done.out.index("#   ad_performance:")
    second = done.out.index("#   ad_performance:", first + 1)
    end = done.out.index("connection:")
    for block, name in ((done.out[first:second], "google_ads"), (done.out[second:end], "meta_ads")):
        bare = "".join(line.removeprefix("# ") for line in block.splitlines(keepends=True))
        text = f"{done.out[: done.out.index('# bind:')]}bind:\n{bare}{done.out[end:]}"
        written(tmp_path, {"kpidsl.yml": text})
        assert yaml.safe_load(text)["bind"]["ad_performance"]["table"] == name
        assert call("check", "--connection", cwd=tmp_path).code == 0
        assert call("run", "ad_clicks", cwd=tmp_path).code == 0


def test_tables_that_are_not_used_are_told_and_no_more_than_ten(tmp_path: Path) -> None:
    tables(tmp_path, *(f"create table zebra_{n:02} (n int);" for n in range(12)))
    told = " ".join(bound(tmp_path).err.split())
    assert "`zebra_08`, `zebra_09` and 2 more" in told
    assert "`zebra_10`" not in told
    shown = json.loads(bound(tmp_path, "--format", "json").out)
    assert shown["unused"] == [f"zebra_{n:02}" for n in range(12)]


def test_the_tables_other_columns_are_shown_with_their_types(tmp_path: Path) -> None:
    url = tables(
        tmp_path,
        "create table commandes (id integer, client_id integer, date_commande timestamp, statut text, "
        "total_ttc numeric(10,2), tva numeric(10,2), frais_port numeric(10,2), remise numeric(10,2));",
        "insert into commandes values (1, 1, '2026-05-02 09:30', 'payée', 125, 20, 5, 10),"
        "(2, 1, '2026-05-02 09:30', 'annulée', 99, 0, 0, 0);",
    )
    done = bound(tmp_path, "--locale", "fr", "--timezone", "Europe/Paris")
    own = 'own: {statut: text, total_ttc: "decimal(10,2)"}  # les autres colonnes de la table'
    assert own in done.out
    comme = "comme `cancelled_at: 'null'`, `is_test: false`"
    assert (
        f"rien n'en est disponible sans `cancelled_at`, `is_test` : indiquez sous `columns:` ce que c'est, {comme}"
        in done.out
    )
    # A formula reads columns that are bound to others with the type that they have there.
    mine = """\
    columns:
      cancelled_at: case when statut = 'annulée' then date_commande end
      is_test: false
      gross_amount: total_ttc - tva - frais_port + remise
      refunded_amount: 0
      rate: 1
"""
    text = done.out.replace("    columns:\n", mine).replace(
        "cancelled_at, is_test, gross_amount, refunded_amount", "currency"
    )
    text = text.replace("currency, currency", "currency")
    written(tmp_path, {"kpidsl.yml": text})
    assert call("check", "--connection", cwd=tmp_path).code == 0, call(
        "check", "--connection", cwd=tmp_path
    ).err
    # 125 - 20 - 5 + 10 at list price, less 10; the other one is cancelled.
    assert float(asked(tmp_path, url, "average_order_value")[0]["average_order_value"]) == 100


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("case when state = 'x' then placed end", ["state: text", "placed: timestamp"]),
        ("case when kind in ('a', 'b') and is_open then placed end", ["kind: text", "is_open: boolean"]),
        ("case when day > 2026-01-01 and tries > 3 then placed end", ["day: date", "tries: integer"]),
        ("coalesce(placed, stamp)", ["placed: timestamp", "stamp: timestamp"]),
        ("case when name like 'a%' then placed end", ["name: text"]),
    ],
)
def test_the_type_that_is_asked_for_is_the_likely_one(formula: str, told: list[str], tmp_path: Path) -> None:
    text = f"project: p\nlanguage: 1\nuse: [marketing]\nbind:\n  orders:\n    columns:\n      cancelled_at: {formula}\n"
    done = call("check", cwd=written(tmp_path, {"kpidsl.yml": text}))
    for one in told:
        assert f"tell its type beside `columns:`, such as `own: {{{one}}}`" in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("text", "dialect", "are_instants", "is_naive"),
    [
        ("TIMESTAMP", "duckdb", False, True),
        ("TIMESTAMP WITH TIME ZONE", "duckdb", False, False),
        ("timestamp without time zone", "postgres", False, True),
        ("timestamp with time zone", "postgres", False, False),
        ("TIMESTAMP_NTZ(9)", "snowflake", False, True),
        ("TIMESTAMP_LTZ(9)", "snowflake", False, False),
        ("TIMESTAMP", "bigquery", False, False),
        ("DATETIME", "bigquery", False, True),
        ("datetime(6)", "mysql", False, True),
        ("timestamp", "mysql", False, False),
        ("datetimeoffset", "tsql", False, False),
        ("DateTime64(3)", "clickhouse", True, False),
        ("timestamp", "spark", True, False),
        ("timestamp_ntz", "spark", True, True),
        ("DATE", "duckdb", False, False),
    ],
)
def test_types_of_times_say_whether_a_zone_is_known(
    text: str, dialect: str, are_instants: bool, is_naive: bool
) -> None:
    assert is_without_zone(text, dialect, are_instants) is is_naive


def test_no_row_is_read(tmp_path: Path) -> None:
    url = tables(tmp_path, ORDERS.format(schema=""))
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as opened:
        opened.execute(
            "create view customers as select error('read')::bigint as customer_id, current_date as created_at"
        )
    assert call("bind", "marketing", "--connection", url, cwd=tmp_path).code == 0


def test_a_rows_own_number_is_called_after_its_table(tmp_path: Path) -> None:
    url = tables(
        tmp_path,
        "create table visits (visit_id text, visitor text, started timestamp, source text, medium text, pages integer, robot boolean, staff boolean);",
        "create table mails (id integer, campaign text, sent timestamp, delivered timestamp, opens integer);",
        "insert into visits values ('a', 'v', '2026-05-02 10:00', 'google', 'organic', 2, false, false),"
        "('b', 'v', '2026-05-02 10:00', 'google', 'organic', 2, true, false);",
    )
    done = bound(tmp_path)
    assert "session_id: visit_id " in done.out
    assert "send_id: {column: id, type: integer}" in done.out
    written(tmp_path, {"kpidsl.yml": done.out})
    assert call("check", "--connection", cwd=tmp_path).code == 0
    # The other visit is a robot's.
    assert asked(tmp_path, url, "sessions", as_of="2026-07-01")[0]["sessions"] == 1


def test_texts_that_compare_otherwise_are_read_by_their_characters(tmp_path: Path) -> None:
    url = tables(
        tmp_path,
        "create type channel as enum ('web', 'app');",
        "create table sales (order_id bigint, placed_at timestamp, channel channel, "
        "currency varchar collate nocase, gross numeric(9,2), shelf varchar collate nocase, floor varchar);",
        "insert into sales values (1, '2026-05-31 23:30:00', 'web', 'EUR', 10, 'a', 'b');",
    )
    done = bound(tmp_path)
    orders = yaml.safe_load(done.out)["bind"]["orders"]
    assert orders["columns"]["currency"] == {"sql": 'CAST(currency AS TEXT) COLLATE "C"', "dialect": "duckdb"}
    # What is read by an expression is no column of the binding's own.
    assert "floor" in orders["own"]
    assert "shelf" not in orders["own"]
    written(tmp_path, {"kpidsl.yml": done.out})
    assert call("check", "--connection", url, cwd=tmp_path).code == 0
