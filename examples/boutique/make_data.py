"""Build the boutique's data: data/boutique.duckdb beside this file, the same rows each time.

Run: python examples/boutique/make_data.py
"""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

FIRST_DAY = date(2024, 10, 1)
LAST_DAY = date(2026, 9, 30)
PARIS = ZoneInfo("Europe/Paris")
UTC = ZoneInfo("UTC")

Row = tuple[Any, ...]

SCHEMA = """
create schema shop;
create table shop.customers (
  customer_id integer primary key, created_at timestamp, country_code varchar, segment varchar,
  first_ordered_at timestamp);
create table shop.products (
  product_id integer primary key, product_name varchar, category_name varchar, unit_cost decimal(10,2));
create table shop.sessions (
  session_id integer primary key, visitor_id varchar, customer_id integer, started_at timestamp,
  source varchar, medium varchar, device_type varchar, country_code varchar, pageviews integer,
  is_internal boolean);
create table shop.orders (
  order_id integer primary key, customer_id integer, session_id integer, ordered_at timestamp,
  shipped_at timestamp, status varchar, is_test boolean, channel_code varchar, ship_country varchar,
  goods_amount decimal(12,2), discount decimal(12,2), shipping_fee decimal(12,2), refunded decimal(12,2));
create table shop.order_lines (
  order_id integer, line_number integer, product_id integer, quantity integer, unit_price decimal(10,2),
  primary key (order_id, line_number));
create table shop.ad_spend (
  day date, network varchar, campaign varchar, impressions bigint, clicks integer, cost decimal(12,2),
  primary key (day, network, campaign));
create table shop.revenue_targets (
  month date, channel varchar, target decimal(12,2), primary key (month, channel));
create table shop.benchmarks (
  month date, shop varchar, conversion_rate decimal(6,4), primary key (month, shop));
"""

# What the shop software writes for each channel: (code on the order, source and medium of the visit).
CHANNELS = {
    "email": (["email", "E-mail", "newsletter"], [("newsletter", "email"), ("crm", "e-mail")]),
    "search ads": (["sea", "google-ads"], [("google", "cpc"), ("bing", "cpc")]),
    "organic search": (["seo", "SEO"], [("google", "organic"), ("ecosia", "organic")]),
    "social ads": (["meta", "social-paid"], [("facebook", "paid_social"), ("instagram", "paid_social")]),
    "direct": (["direct"], [("(direct)", "(none)")]),
}
CHANNEL_WEIGHTS = [18, 24, 30, 12, 16]
COUNTRIES = ["FR", "BE", "DE", "CH", "ES"]
COUNTRY_WEIGHTS = [62, 13, 12, 8, 5]
DEVICES = ["mobile", "desktop", "tablet"]
CATEGORIES = ["Dresses", "Knitwear", "Shoes", "Bags", "Jewellery"]


def instant(day: date, second: int) -> datetime:
    """Return the UTC instant, without zone, of a second of a day on the shop's clock."""
    local = datetime.combine(day, time(), PARIS) + timedelta(seconds=second)
    return local.astimezone(UTC).replace(tzinfo=None)


def days() -> Iterable[date]:
    day = FIRST_DAY
    while day <= LAST_DAY:
        yield day
        day += timedelta(days=1)


def pick_second(rng: random.Random) -> int:
    """Return a second of the day: a busy evening, and some people past midnight."""
    if rng.random() < 0.05:
        return rng.randrange(0, 5400)
    return min(86399, max(0, int(rng.triangular(6, 24, 20) * 3600)))


def visits_on(day: date, rng: random.Random) -> int:
    """Return the number of visits: growing by the year, high in December, low on 1 May."""
    if (day.month, day.day) == (5, 1):
        return 0
    trend = 70 + 28 * (day - FIRST_DAY).days / 730
    season = {11: 1.15, 12: 1.45, 1: 1.1, 7: 0.85, 8: 0.8}.get(day.month, 1.0)
    weekend = 1.2 if day.weekday() >= 5 else 1.0
    return int(trend * season * weekend * rng.uniform(0.8, 1.1))


def make_products(rng: random.Random) -> list[Row]:
    """Eighty products; product 80 has no category, and product 999 of some lines does not exist."""
    rows: list[Row] = []
    for product in range(1, 81):
        category = CATEGORIES[product % len(CATEGORIES)]
        cost = Decimal(rng.randrange(600, 6500)) / 100
        rows.append((product, f"{category} no. {product}", None if product == 80 else category, cost))
    return rows


def make_sessions(rng: random.Random) -> list[Row]:
    """Visits: one in eight by a known customer; country and source are not always known."""
    rows: list[Row] = []
    for day in days():
        for _ in range(visits_on(day, rng)):
            channel = rng.choices(list(CHANNELS), CHANNEL_WEIGHTS)[0]
            source, medium = rng.choice(CHANNELS[channel][1]) if rng.random() >= 0.03 else (None, None)
            country = rng.choices([*COUNTRIES, None], [*COUNTRY_WEIGHTS, 4])[0]
            if country and rng.random() < 0.2:
                country = country.lower()
            rows.append(
                (
                    len(rows) + 1,
                    f"v{rng.randrange(1, 26000):05d}",
                    rng.randrange(1, 2401) if rng.random() < 0.125 else None,
                    instant(day, pick_second(rng)),
                    source,
                    medium,
                    rng.choices([*DEVICES, None], [58, 34, 7, 1])[0],
                    country,
                    1 if rng.random() < 0.42 else rng.randrange(2, 15),
                    rng.random() < 0.01,
                )
            )
    return rows


def make_lines(order: int, products: Sequence[Row], rng: random.Random) -> list[Row]:
    lines = []
    for number in range(1, rng.choices([1, 2, 3, 4], [48, 30, 15, 7])[0] + 1):
        product = rng.choice(products)
        price = (product[3] * Decimal(rng.randrange(160, 290)) / 100).quantize(Decimal("0.01"))
        known = product[0] if rng.random() > 0.004 else 999
        lines.append((order, number, known, rng.choices([1, 2, 3], [82, 14, 4])[0], price))
    return lines


def make_order(order: int, session: Row, channel: str | None, goods: Decimal, rng: random.Random) -> Row:
    """One order that follows a visit; a fifth are guests, a few name a customer nobody knows."""
    ordered = session[3] + timedelta(minutes=rng.randrange(2, 50))
    customer = session[2] or rng.randrange(1, 2401)
    chance = rng.random()
    if chance < 0.2:
        customer = None
    elif chance < 0.21:
        customer = 90000 + rng.randrange(100)
    status = rng.choices(["paid", "refunded", "cancelled", None], [880, 65, 50, 5])[0]
    shipped = None
    if status in ("paid", "refunded") and rng.random() > 0.04:
        # The warehouse writes its own clock, the local one.
        local = ordered.replace(tzinfo=UTC).astimezone(PARIS).replace(tzinfo=None)
        shipped = local + timedelta(hours=rng.randrange(8, 120))
    discount = (goods * rng.choice([0, 0, 0, 10, 15, 20]) / 100).quantize(Decimal("0.01"))
    refunded = goods - discount if status == "refunded" else None
    country = rng.choices([*COUNTRIES, None], [*COUNTRY_WEIGHTS, 2])[0]
    fee = Decimal("0.00") if goods >= 80 else Decimal("4.90")
    code = rng.choice(CHANNELS[channel][0]) if channel else None
    return (order, customer, session[0] if rng.random() > 0.06 else None, ordered, shipped, status,
            rng.random() < 0.012, code, country, goods, discount, fee, refunded)  # fmt: skip


def make_orders(
    sessions: Sequence[Row], products: Sequence[Row], rng: random.Random
) -> tuple[list[Row], list[Row]]:
    by_source = {pair: name for name, (_, pairs) in CHANNELS.items() for pair in pairs}
    orders: list[Row] = []
    lines: list[Row] = []
    for session in sessions:
        if rng.random() > 0.098:
            continue
        channel = by_source.get((session[4], session[5]))
        if rng.random() < 0.02:
            channel = None
        order = len(orders) + 1
        own = make_lines(order, products, rng)
        goods = sum((line[3] * line[4] for line in own), Decimal("0.00"))
        orders.append(make_order(order, session, channel, goods, rng))
        lines.extend(own)
    for edge_instant in EDGE_INSTANTS:
        order = len(orders) + 1
        own = [(order, 1, 1, 1, Decimal("100.00"))]
        edge = (order, 1, None, edge_instant, None, "paid", False, "direct", "FR",
                Decimal("100.00"), Decimal("0.00"), Decimal("0.00"), None)  # fmt: skip
        orders.append(edge)
        lines.extend(own)
    return orders, lines


# In UTC. Around local midnight at the turn of months and years, and on the days the clock changes.
EDGE_INSTANTS = [
    datetime(2024, 12, 31, 22, 59, 59),  # 23:59:59 in Paris: still 2024
    datetime(2024, 12, 31, 23, 0, 0),  # midnight in Paris: 2025
    datetime(2025, 3, 29, 23, 30, 0),  # 00:30 on the day of 23 hours
    datetime(2025, 3, 30, 21, 59, 59),  # 23:59:59 of that day, summer time by now
    datetime(2025, 3, 30, 22, 0, 0),  # midnight after it
    datetime(2025, 10, 25, 22, 0, 0),  # midnight that begins the day of 25 hours
    datetime(2025, 10, 26, 0, 30, 0),  # 02:30 for the first time
    datetime(2025, 10, 26, 1, 30, 0),  # 02:30 for the second time
    datetime(2025, 10, 26, 22, 59, 59),  # 23:59:59 of that day, winter time by now
    datetime(2025, 12, 31, 23, 30, 0),  # 00:30 on 1 January 2026
    datetime(2026, 1, 31, 23, 30, 0),  # 00:30 on 1 February
    datetime(2026, 3, 28, 23, 0, 0),  # midnight that begins the day of 23 hours
    datetime(2026, 6, 30, 22, 0, 0),  # midnight that begins the third quarter
]


def make_customers(orders: Sequence[Row], rng: random.Random) -> list[Row]:
    first: dict[int, datetime] = {}
    for order in orders:
        customer, ordered, is_test = order[1], order[3], order[6]
        if customer is not None and not is_test and (customer not in first or ordered < first[customer]):
            first[customer] = ordered
    rows: list[Row] = []
    for customer in range(1, 2401):
        start = first.get(customer, datetime(2026, 1, 1))
        country = rng.choices([*COUNTRIES, None], [*COUNTRY_WEIGHTS, 3])[0]
        segment = rng.choices(["regular", "vip", None], [85, 10, 5])[0]
        created = start - timedelta(days=rng.randrange(0, 90), hours=2)
        rows.append((customer, created, country, segment, first.get(customer)))
    return rows


def make_ad_spend(rng: random.Random) -> list[Row]:
    """Three campaigns; none runs on 1 May or in the last week of August, some days have no views."""
    campaigns = [("Google Ads", "brand"), ("google_ads", "shopping"), ("META", "prospecting")]
    rows: list[Row] = []
    for day in days():
        if (day.month, day.day) == (5, 1) or (day.month == 8 and day.day >= 25):
            continue
        for network, campaign in campaigns:
            if rng.random() < 0.02:
                continue
            impressions = 0 if rng.random() < 0.01 else rng.randrange(400, 3200)
            clicks = int(impressions * rng.uniform(0.006, 0.035))
            cost = (clicks * Decimal(rng.randrange(28, 95)) / 100).quantize(Decimal("0.01"))
            rows.append((day, network, campaign, impressions, clicks, cost))
        if day.day == 15:
            rows.append((day, "Le Quotidien", "press insert", 5000, 0, Decimal("150.00")))
    return rows


def make_revenue_targets() -> list[Row]:
    """The plan of 2026: fuller months before Christmas. A marketplace has one and sells nothing."""
    yearly = {"email": 95_000, "search ads": 125_000, "organic search": 160_000, "social ads": 50_000,
              "direct": 75_000, "marketplace": 12_000}  # fmt: skip
    parts = [8, 7, 7, 8, 8, 8, 7, 6, 8, 9, 11, 13]
    return [
        (date(2026, month, 1), channel, Decimal(target * part).scaleb(-2))
        for month, part in enumerate(parts, 1)
        for channel, target in yearly.items()
    ]


def make_benchmarks(rng: random.Random) -> list[Row]:
    """What three other shops convert, as an association publishes it by month; one is not always there."""
    shops = {"Atelier Nord": 820, "Maison Sud": 870, "Rue Blanche": 905}
    return [
        (date(2026, month, 1), shop, Decimal(rate + rng.randrange(-60, 61)).scaleb(-4))
        for month in range(1, 10)
        for shop, rate in shops.items()
        if (month, shop) not in ((4, "Rue Blanche"), (8, "Rue Blanche"))
    ]


def write(connection: duckdb.DuckDBPyConnection, folder: Path, table: str, rows: Iterable[Row]) -> None:
    path = folder / f"{table}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    connection.execute(f"copy shop.{table} from '{path}' (header false, nullstr '')")


def build(target: Path) -> str:
    """Write the database and return a line that counts its rows."""
    rng = random.Random(20261001)
    products = make_products(rng)
    sessions = make_sessions(rng)
    orders, lines = make_orders(sessions, products, rng)
    customers = make_customers(orders, rng)
    ad_spend = make_ad_spend(rng)
    tables = {"customers": customers, "products": products, "sessions": sessions, "orders": orders,
              "order_lines": lines, "ad_spend": ad_spend, "revenue_targets": make_revenue_targets(),
              "benchmarks": make_benchmarks(rng)}  # fmt: skip

    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as connection, tempfile.TemporaryDirectory() as folder:
        connection.execute(SCHEMA)
        for table, rows in tables.items():
            write(connection, Path(folder), table, rows)
    counts = ", ".join(f"{len(rows):,} {table}" for table, rows in tables.items())
    return f"{target.name}: {counts}"


if __name__ == "__main__":
    print(build(Path(__file__).resolve().parent / "data" / "boutique.duckdb"))
