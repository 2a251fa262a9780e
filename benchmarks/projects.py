"""Projects that the benchmarks measure, written as YAML into a folder."""

from __future__ import annotations

from pathlib import Path

KPIS_PER_FILE = 100
SYNTHETIC_DATASETS = 20
RATIO_DIMENSIONS = 10
RATIOS = 80

_PROJECT = """\
project: {name}
language: 1
include: ["definitions/*.yml"]
connection: {connection}
timezone: UTC
"""

_FACTS = """\
datasets:
  customers:
    table: customers
    key: customer_id
    columns:
      customer_id: integer
      country: text
      segment: {type: text, values: [regular, vip, business]}
  orders:
    table: orders
    key: order_id
    time: ordered_at
    unit: order
    columns:
      order_id: integer
      customer_id: integer
      ordered_at: timestamp
      status: {type: text, values: [paid, refunded, cancelled]}
      channel: text
      amount: {type: "decimal(12,2)", unit: EUR}
    joins:
      customer: {to: customers, using: customer_id}
      touch: {to: touches, using: customer_id, match: latest, before: ordered_at, within: 30 days}
  sessions:
    table: sessions
    key: session_id
    time: started_at
    unit: session
    columns:
      session_id: integer
      visitor_id: integer
      started_at: timestamp
      channel: text
      pageviews: integer
  touches:
    table: touches
    key: touch_id
    time: touched_at
    columns:
      touch_id: integer
      customer_id: integer
      touched_at: timestamp
      source: text
  purchases:
    table: purchases
    key: purchase_id
    time: purchased_at
    columns: {purchase_id: integer, visitor_id: integer, purchased_at: timestamp, is_paid: boolean}

dimensions:
  channel:
    label: {en: Channel, fr: Canal}
    from: {orders: channel, sessions: channel}
  country:
    label: {en: Country, fr: Pays}
    from: {orders: customer.country}
  source:
    label: {en: Source, fr: Source}
    from: {orders: touch.source}
  shopper:
    label: {en: Shopper, fr: Acheteur}
    type: integer
    from: {orders: customer_id, sessions: visitor_id}
  segment:
    label: {en: Segment, fr: Segment}
    from: {orders: customer.segment}

metrics:
  revenue: sum(orders.amount)
  revenue_paid: sum(orders.amount where status = 'paid')
  order_count: count(orders)
  orders_paid: count(orders where status = 'paid')
  session_count: count(sessions)
  customers_active: count_distinct(orders.customer_id)
  visitors: count_distinct(sessions.visitor_id)
  sessions_bought: count(sessions where followed_by(purchases where is_paid per visitor_id within 7 days))
  sessions_bought_twice: >-
    count(sessions where followed_by(purchases where is_paid then purchases per visitor_id within 30 days))
  customers_kept: |
    count_distinct(orders.customer_id where customer_id in prior(values(orders.customer_id), 1 month))
  newcomers: |
    count_distinct(orders.customer_id
      where customer_id not in prior(cumulative(values(orders.customer_id)), 1 month))
"""


def _kpi(name: str, formula: str, label: str, unit: str | None, direction: str, owner: str) -> str:
    """Return one KPI as YAML, indented to stand under `kpis:`."""
    lines = [
        f"  {name}:",
        "    version: 1.0.0",
        f"    label: {{en: {label}, fr: {label} (fr)}}",
        f"    description: {label}, as the benchmark defines it",
        f"    formula: {formula}",
        *([f"    unit: {unit}"] if unit else []),
        '    format: "0.00"',
        f"    direction: {direction}",
        f"    owner: {owner}",
        "    tags: [benchmark]",
    ]
    return "\n".join(lines) + "\n"


def _write(folder: Path, name: str, connection: str, files: dict[str, str]) -> None:
    definitions = folder / "definitions"
    definitions.mkdir(parents=True, exist_ok=True)
    (folder / "kpidsl.yml").write_text(_PROJECT.format(name=name, connection=connection), encoding="utf-8")
    for file, text in files.items():
        (definitions / file).write_text(text, encoding="utf-8")


def fact_project(folder: Path) -> None:
    """Write the project of the tables that `data.py` builds: two facts, one joined dimension table."""
    owner = "ecommerce@boutique.example"
    kpis = "kpis:\n" + "".join((
        _kpi("average_order_value", "revenue_paid / orders_paid", "Basket", "EUR/order", "up", owner),
        _kpi("conversion_rate", "order_count / session_count", "Conversion", "order/session", "up", owner),
        _kpi("revenue_share", "share(revenue across channel)", "Share of revenue", None, "none", owner),
        _kpi("bought_within_a_week", "sessions_bought / session_count", "Bought", None, "up", owner),
        _kpi("revenue_per_customer", "revenue / customers_active", "Revenue per customer", None, "up", owner),
        _kpi("retention", "customers_kept / prior(customers_active, 1 month)", "Kept", None, "up", owner),
    ))  # fmt: skip
    _write(folder, "facts", "duckdb:///facts.duckdb", {"facts.yml": _FACTS, "kpis.yml": kpis})


def _star_dataset(number: int, dimensions: int) -> str:
    """Return a fact table with two measures and `dimensions` text attributes."""
    attributes = "".join(f"      attribute_{index}: text\n" for index in range(1, dimensions + 1))
    return (
        f"  fact_{number}:\n"
        f"    description: Fact number {number} of the benchmark\n"
        f"    table: warehouse.fact_{number}\n"
        f"    key: fact_{number}_id\n"
        "    time: happened_at\n"
        "    where: not is_deleted\n"
        "    columns:\n"
        f"      fact_{number}_id: integer\n"
        "      happened_at: {type: timestamp, timezone: UTC}\n"
        "      is_deleted: boolean\n"
        "      person_id: integer\n"
        "      status: {type: text, values: [open, paid, closed]}\n"
        "      quantity: integer\n"
        '      amount: {type: "decimal(12,2)", unit: EUR}\n'
        f"{attributes}"
    )


def _shared_dimensions(datasets: int, dimensions: int) -> str:
    """Return dimensions that every fact has, one for each attribute."""
    text = "dimensions:\n"
    for index in range(1, dimensions + 1):
        text += f"  dimension_{index}:\n    label: {{en: Dimension {index}, fr: Axe {index}}}\n    from:\n"
        text += "".join(f"      fact_{number}: attribute_{index}\n" for number in range(1, datasets + 1))
    return text


def _synthetic_formula(number: int) -> tuple[str, str | None]:
    """Return the formula of KPI `number` and its unit: six shapes in turn, over the datasets in turn."""
    own = number % SYNTHETIC_DATASETS + 1
    other = (number // SYNTHETIC_DATASETS + own) % SYNTHETIC_DATASETS + 1
    attribute = number % RATIO_DIMENSIONS + 1
    shapes: tuple[tuple[str, str | None], ...] = (
        (f"sum(fact_{own}.amount where quantity > {number % 97})", "EUR"),
        (f"amount_{own} / rows_{own} * {number % 89 + 1}", None),
        (f"amount_{own} where dimension_{attribute} = 'member {number}'", "EUR"),
        (f"amount_{own} / (rows_{other} where dimension_{attribute} in ('a', 'b', 'member {number}'))", None),
        (f"count_distinct(fact_{own}.person_id where status = 'paid' and quantity >= {number % 31})", None),
        (f"(paid_{own} - amount_{other} * 0.{number % 9 + 1}) / nullif(amount_{own}, {number})", None),
    )
    return shapes[number % len(shapes)]


def _synthetic_metrics() -> str:
    text = "metrics:\n"
    for number in range(1, SYNTHETIC_DATASETS + 1):
        text += (
            f"  amount_{number}: sum(fact_{number}.amount)\n"
            f"  rows_{number}: count(fact_{number})\n"
            f"  paid_{number}: sum(fact_{number}.amount where status = 'paid')\n"
        )
    return text


def synthetic_project(folder: Path, kpis: int) -> None:
    """Write a project of 20 datasets, 10 shared dimensions, 60 metrics and `kpis` KPIs, 100 to a file."""
    facts = "".join(_star_dataset(n, RATIO_DIMENSIONS) for n in range(1, SYNTHETIC_DATASETS + 1))
    files = {
        "datasets.yml": "datasets:\n" + facts,
        "dimensions.yml": _shared_dimensions(SYNTHETIC_DATASETS, RATIO_DIMENSIONS),
        "metrics.yml": _synthetic_metrics(),
    }
    directions = ("up", "down", "none")
    for first in range(0, kpis, KPIS_PER_FILE):
        text = "kpis:\n"
        for number in range(first, min(first + KPIS_PER_FILE, kpis)):
            formula, unit = _synthetic_formula(number)
            owner = f"team{number % 12}@boutique.example"
            text += _kpi(f"kpi_{number}", formula, f"Figure {number}", unit, directions[number % 3], owner)
        files[f"kpis_{first // KPIS_PER_FILE:04d}.yml"] = text
    _write(folder, "synthetic", "duckdb:///synthetic.duckdb", files)


def ratios_project(folder: Path) -> None:
    """Write 80 ratios, `ratio_1` to `ratio_80`, over two facts that share ten dimensions."""
    facts = "".join(_star_dataset(number, RATIO_DIMENSIONS) for number in (1, 2))
    text = "kpis:\n"
    for number in range(1, RATIOS + 1):
        formula = (
            f"sum(fact_1.amount where quantity > {number}) / "
            f"count(fact_2 where status = 'paid' and quantity <= {number})"
        )
        text += _kpi(f"ratio_{number}", formula, f"Ratio {number}", None, "up", "finance@boutique.example")
    files = {
        "datasets.yml": "datasets:\n" + facts,
        "dimensions.yml": _shared_dimensions(2, RATIO_DIMENSIONS),
        "kpis.yml": text,
    }
    _write(folder, "ratios", "duckdb:///ratios.duckdb", files)
