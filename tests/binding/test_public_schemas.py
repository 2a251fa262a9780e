"""The bindings of public schemas that ship, on small tables of those shapes, with numbers worked out by hand."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kpidsl.formatting.files import format_text
from tests.binding.projects import ENGINES, asked, checked, with_tables, written
from tests.cli.running import call

ROOT = Path(__file__).resolve().parents[2]
BINDINGS = ROOT / "definitions" / "bindings"
NAMES = ("ad_reporting", "ga4", "search_console", "shopify", "social_media_reporting", "zendesk")
engines = pytest.mark.parametrize("engine", ENGINES)


def project(folder: Path, name: str, bind: str = "") -> Path:
    return written(folder, {"kpidsl.yml": f"project: p\nlanguage: 1\nuse: [{name}@1]\n{bind}"})


def test_each_is_told_of_and_is_a_project() -> None:
    assert sorted(path.name for path in BINDINGS.iterdir() if path.is_dir()) == sorted(NAMES)
    readme = (BINDINGS / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.M)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_has_no_mistakes_and_is_laid_out(name: str) -> None:
    _, codes = checked(BINDINGS / name)
    assert codes == []
    for path in (BINDINGS / name).glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        kind = "project" if path.name == "kpidsl.yml" else "definitions"
        assert format_text(text, kind) == text  # type: ignore[arg-type]


@engines
def test_ad_reporting(engine: str, tmp_path: Path) -> None:
    tables = """\
create table ad_reporting__ad_report (
  source_relation text, date_day date, platform text, account_id text, account_name text, campaign_id text,
  campaign_name text, ad_group_id text, ad_group_name text, ad_id text, ad_name text,
  clicks bigint, impressions bigint, spend double, conversions double, conversions_value double
);
insert into ad_reporting__ad_report values
  ('', '2026-05-01', 'google_ads', 'g', 'G', 'c1', 'C', 'a', 'A', 'x', 'X', 20, 1000, 12.5, 2, 80),
  ('', '2026-05-02', 'google_ads', 'g', 'G', 'c1', 'C', 'a', 'A', 'x', 'X', 30, 1000, 7.5, 1, null),
  ('', '2026-05-02', 'facebook_ads', 'f', 'F', 'c2', 'D', 'b', 'B', 'y', 'Y', 10, 3000, 20.0, 0.5, 10);
"""
    folder = project(tmp_path, "ad_reporting")
    url = with_tables(folder, engine, tables)
    found = asked(folder, url, ["ad_clicks", "ctr_impressions", "ad_conversions"], by=["platform"])
    assert [(row["platform"], row["ad_clicks"], row["ad_conversions"]) for row in found] == [
        ("facebook_ads", 10, 0.5),
        ("google_ads", 50, 3.0),
    ]
    # 10 of 3,000 and 50 of 2,000.
    assert [row["ctr_impressions"] for row in found] == pytest.approx([10 / 3000, 0.025])
    # Whose currency the amounts are in is not in the table.
    done = call("run", "ad_spend", "--connection", url, cwd=folder)
    assert done.code == 1
    told = " ".join(done.err.split())
    assert "`ad_performance.currency`" in told
    assert "or `rate` of `ad_performance` alone: `rate: 1` where that is always 1" in told
    folder = project(tmp_path, "ad_reporting", "bind:\n  ad_performance: {columns: {rate: 1}}\n")
    found = asked(folder, url, ["ad_spend", "cpc", "roas"])
    # 40 for 60 clicks; 90 claimed for them.
    assert found[0]["ad_spend"] == pytest.approx(40)
    assert found[0]["cpc"] == pytest.approx(40 / 60)
    assert found[0]["roas"] == pytest.approx(2.25)
    assert call("check", "--connection", url, cwd=folder).code == 0


@engines
def test_social_media_reporting(engine: str, tmp_path: Path) -> None:
    tables = """\
create table social_media_reporting__rollup_report (
  created_timestamp timestamp, post_id text, post_message text, page_id text, page_name text, post_url text,
  source_relation text, platform text, clicks bigint, impressions bigint, likes bigint, shares bigint, comments bigint
);
insert into social_media_reporting__rollup_report values
  ('2026-05-30 10:00:00', '1', 'a', 'p', 'P', 'u', '', 'facebook', 5, 400, 10, 2, 3),
  ('2026-06-02 23:30:00', '2', 'b', 'p', 'P', 'u', '', 'facebook', 7, 600, 20, 1, null),
  ('2026-06-03 08:00:00', '2', 'c', 'q', 'Q', 'u', '', 'instagram', null, 200, 8, null, 4),
  ('2026-06-04 08:00:00', '3', 'd', 'r', 'R', 'u', '', 'youtube', 300, null, 4, 0, 1);
"""
    folder = project(tmp_path, "social_media_reporting")
    url = with_tables(folder, engine, tables)
    found = asked(folder, url, ["social_impressions", "social_interactions", "posts_published"], by=["month"])
    rows = [tuple(row[name] for name in list(row)[:4]) for row in found]
    # In June 20 + 1, 8 + 4 and 4 + 1; posts of two networks may have one number.
    assert rows == [(date(2026, 5, 1), 400, 15, 1), (date(2026, 6, 1), 800, 38, 3)]
    clicks = asked(folder, url, ["social_clicks"], by=["platform"])
    # Where a video was looked at 300 times nobody is known to have clicked.
    assert {row["platform"]: row["social_clicks"] for row in clicks}["facebook"] == 12
    assert asked(folder, url, "social_clicks")[0]["social_clicks"] == 12
    by_impression = asked(folder, url, "engagement_rate_social_impressions", where="platform = 'facebook'")
    assert by_impression[0]["engagement_rate_social_impressions"] == pytest.approx(36 / 1000)
    assert call("check", "--connection", url, cwd=folder).code == 0


@engines
def test_shopify(engine: str, tmp_path: Path) -> None:
    tables = """\
create table shopify__orders (
  order_id bigint, customer_id bigint, cart_token text, created_timestamp timestamp, processed_timestamp timestamp,
  cancelled_timestamp timestamp, is_test_order boolean, is_deleted boolean, total_line_items_price double,
  total_discounts double, shipping_cost double, total_tax double, refund_subtotal double, currency text
);
insert into shopify__orders values
  (1, 7, 'k1', '2026-05-02 09:00:00', '2026-05-02 09:00:00', null, false, false, 100, 10, 5, 18, null, 'EUR'),
  (2, 7, 'k2', '2026-06-02 09:00:00', '2026-06-02 09:00:00', null, false, null, 60, 0, 5, 12, 20, 'EUR'),
  (3, null, 'k3', '2026-06-03 09:00:00', '2026-06-03 09:00:00', null, null, false, 40, null, 0, 8, null, 'EUR'),
  (4, 8, 'k4', '2026-06-04 09:00:00', '2026-06-04 09:00:00', null, true, false, 999, 0, 0, 0, null, 'EUR'),
  (5, 8, 'k5', '2026-06-04 09:00:00', '2026-06-04 09:00:00', null, false, true, 999, 0, 0, 0, null, 'EUR'),
  (6, 8, 'k6', '2026-06-05 09:00:00', '2026-06-05 09:00:00', '2026-06-06 09:00:00', false, false, 999, 0, 0, 0, null, 'EUR');
create table shopify__order_lines (
  order_line_id bigint, order_id bigint, product_id bigint, quantity bigint, price double, total_discount double
);
insert into shopify__order_lines values (11, 1, 1, 2, 50, 10), (12, 2, 1, 1, 50, 0), (13, 2, 2, 1, 10, 0), (14, 3, 2, 4, 10, null), (15, 4, 2, 9, 111, 0);
create table shopify__customers (customer_id bigint, created_timestamp timestamp);
insert into shopify__customers values (7, '2026-05-01 09:00:00'), (8, '2026-05-01 09:00:00');
create table shopify__products (product_id bigint, product_type text);
insert into shopify__products values (1, 'Shoes'), (2, 'Socks');
"""
    one_currency = "bind:\n  orders: {columns: {rate: 1}}\n"
    folder = project(tmp_path, "shopify", one_currency)
    url = with_tables(folder, engine, tables)
    kpis = [
        "net_revenue_by_order_date",
        "average_order_value",
        "average_order_value_charged",
        "purchase_frequency",
    ]
    found = asked(folder, url, kpis, by=["month"])
    # May: 100 - 10. June: 60 - 20 and 40; tests, deleted and cancelled orders are none.
    assert [row["net_revenue_by_order_date"] for row in found] == pytest.approx([90, 80])
    assert [row["average_order_value"] for row in found] == pytest.approx([90, 40])
    # With shipping and tax, before refunds: 90 + 5 + 18; 60 + 5 + 12 and 40 + 8.
    assert [row["average_order_value_charged"] for row in found] == pytest.approx([113, 62.5])
    # The guest is nobody.
    assert [row["purchase_frequency"] for row in found] == pytest.approx([1, 1])
    whole = asked(folder, url, ["repeat_purchase_rate", "items_per_order", "purchase_frequency"])[0]
    assert whole["repeat_purchase_rate"] == pytest.approx(1)
    assert whole["purchase_frequency"] == pytest.approx(2)
    by_category = asked(folder, url, ["sold = sum(order_lines.sales)"], by=["products.category"])
    # 100 - 10 and 50.
    assert {row["products.category"]: row["sold"] for row in by_category}["Shoes"] == pytest.approx(140)
    assert call("check", "--connection", url, cwd=folder).code == 0


@engines
def test_zendesk(engine: str, tmp_path: Path) -> None:
    tables = """\
create table zendesk__ticket_metrics (
  ticket_id bigint, requester_id bigint, created_at timestamp, created_channel text, status text,
  first_reply_time_calendar_minutes double, first_reply_time_business_minutes double, first_solved_at timestamp,
  last_solved_at timestamp, count_reopens bigint, total_agent_replies bigint, ticket_satisfaction_score text
);
insert into zendesk__ticket_metrics values
  (1, 5, '2026-05-01 08:00:00', 'email', 'closed', 30.25, 30, '2026-05-02 08:00:00', '2026-05-02 08:00:00', 0, 1, 'good'),
  (2, 5, '2026-05-03 08:00:00', 'web', 'solved', 90, 60, '2026-05-04 08:00:00', '2026-05-20 08:00:00', 1, 3, 'bad'),
  (3, 6, '2026-05-05 08:00:00', 'web', 'open', 10, 10, '2026-05-06 08:00:00', '2026-05-06 08:00:00', 1, 2, 'offered'),
  (4, 6, '2026-05-06 08:00:00', 'web', 'closed', 50.5, 20, '2026-05-08 08:00:00', '2026-05-08 08:00:00', 0, 1, 'good'),
  (5, 6, '2026-05-07 08:00:00', 'chat', 'deleted', null, null, null, null, 0, 0, 'offered');
"""
    folder = project(tmp_path, "zendesk")
    url = with_tables(folder, engine, tables)
    kpis = ["csat_good_share", "resolution_rate_cohort", "first_response_time", "resolution_time"]
    found = asked(folder, url, kpis, as_of="2026-07-01")[0]
    # Two of three who answered; 1 and 4 within a week, 2 later, 3 is open again.
    assert found["csat_good_share"] == pytest.approx(2 / 3)
    assert found["resolution_rate_cohort"] == pytest.approx(0.5)
    by_channel = asked(folder, url, "tickets = count(tickets)", by=["contact_channel"], as_of="2026-07-01")
    assert [(row["contact_channel"], row["tickets"]) for row in by_channel] == [("email", 1), ("web", 3)]
    # Minutes 10, 30.25, 50.5, 90 have 40.375 in the middle; days 1, 2, 17 have 2. The deleted ticket waits for nobody.
    assert _minutes(found["first_response_time"], folder, "first_response_time") == pytest.approx(40.375)
    assert _minutes(found["resolution_time"], folder, "resolution_time") == pytest.approx(2 * 24 * 60)
    assert call("check", "--connection", url, cwd=folder).code == 0


def _minutes(value: float | Decimal, folder: Path, kpi: str) -> float:
    """Return an amount of time in minutes, whatever unit the lexicon has it in."""
    found, _ = checked(folder)
    unit = found.metrics[kpi].definition.unit
    assert unit is not None
    return float(value) * {"second": 1 / 60, "minute": 1, "hour": 60, "day": 24 * 60}[unit.text.split("/")[0]]


@engines
def test_search_console(engine: str, tmp_path: Path) -> None:
    export = """\
create table searchdata_site_impression (
  data_date date, site_url text, query text, is_anonymized_query boolean, country text, search_type text, device text,
  impressions bigint, clicks bigint, sum_top_position bigint
);
insert into searchdata_site_impression values
  ('2026-05-01', 's', 'shoes', false, 'fra', 'WEB', 'MOBILE', 10, 2, 20),
  ('2026-05-01', 's', 'shoes', false, 'fra', 'WEB', 'MOBILE', 5, 1, 5),
  ('2026-05-01', 's', null, true, 'fra', 'WEB', 'DESKTOP', 25, 1, 55);
create table searchdata_url_impression (
  data_date date, site_url text, url text, query text, is_anonymized_query boolean, country text, search_type text,
  device text, impressions bigint, clicks bigint, sum_position bigint
);
insert into searchdata_url_impression values
  ('2026-05-01', 's', '/a', 'shoes', false, 'fra', 'WEB', 'MOBILE', 10, 2, 20),
  ('2026-05-01', 's', '/b', 'shoes', false, 'fra', 'WEB', 'MOBILE', 9, 1, 20);
"""
    readme = (BINDINGS / "README.md").read_text(encoding="utf-8")
    views = re.findall(r"^```sql\n(.*?)^```", readme.split("## Views for search_console")[1], re.M | re.S)[0]
    tables = export + views.replace("searchconsole.", "")
    folder = project(tmp_path, "search_console")
    url = with_tables(folder, engine, tables)
    kpis = ["organic_impressions", "organic_clicks", "average_position", "query_frequency_queries"]
    found = asked(folder, url, kpis, as_of="2026-07-01")[0]
    # 80 places behind the first in 40 answers; only one query is told.
    assert (found["organic_impressions"], found["organic_clicks"]) == (40, 4)
    assert found["average_position"] == pytest.approx(3)
    assert found["query_frequency_queries"] == 1
    pages = asked(folder, url, "organic_clicks_by_page", by=["page"], as_of="2026-07-01")
    assert [(row["page"], row["organic_clicks_by_page"]) for row in pages] == [("/a", 2), ("/b", 1)]
    # `check --connection` finds the key unique, which it is not in the export itself.
    assert call("check", "--connection", url, cwd=folder).code == 0
