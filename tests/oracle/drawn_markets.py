"""Markets, drawn: small worlds for objectives, in which sales, visits and plans meet by shop and land."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from .dice import Dice, some
from .worlds import World

SHOPS = ("a", "b", "c", None)
LANDS = ("fr", "de", None)
AS_OFS = (
    "2026-02-10",
    "2026-03-01",
    "2026-03-16",
    "2026-03-17 09:30:00",
    "2026-04-01",
    "2026-04-20",
    "2025-12-15",
)
"""Instants within and at the ends of months, quarters and weeks."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """What may be promised of a KPI. `adds`: its parts add up. `scale`: about what its values are.

    `grows`: it grows in the course of a period.
    """

    formula: str
    adds: bool
    grows: bool
    is_fraction: bool
    scale: int
    homes: tuple[str, ...]
    is_money: bool = False


KPIS: dict[str, Kpi] = {
    "revenue": Kpi("sum(sales.amount)", True, True, False, 40, ("sales",), is_money=True),
    "known_revenue": Kpi("known", True, True, False, 40, ("sales",), is_money=True),
    "orders": Kpi("count(sales)", True, True, False, 3, ("sales",)),
    "pieces": Kpi("sum(sales.pieces)", True, True, False, 6, ("sales",)),
    "points": Kpi("sum(sales.points)", True, True, False, 4, ("sales",)),
    "net": Kpi(
        "sum(sales.amount) - sum(visits.cost)", True, False, False, 30, ("sales", "visits"), is_money=True
    ),
    "good_share": Kpi("count(sales where is_good) / count(sales)", False, False, True, 1, ("sales",)),
    "bounce_share": Kpi("count(visits where bounced) / count(visits)", False, False, True, 1, ("visits",)),
    "basket": Kpi("sum(sales.amount) / count(sales)", False, False, False, 20, ("sales",), is_money=True),
    "mean": Kpi("avg(sales.amount)", False, False, False, 20, ("sales",), is_money=True),
    "mean_points": Kpi("avg(sales.points)", False, False, False, 2, ("sales",)),
    "visits": Kpi("count(visits)", True, True, False, 3, ("visits",)),
    "shops_open": Kpi("count_distinct(sales.shop)", False, True, False, 2, ("sales",)),
}


def draw_market(dice: Dice, *, known_at: bool = False) -> World:
    """Return a project without objectives, its rows, and a query that has nothing but its instant.

    `known_at`: sales may be known later than they are made.
    """
    as_of = dice.pick(AS_OFS)
    datasets = {"sales": _sales(dice, known_at=known_at), "visits": _visits(dice), "plans": PLANS}
    kpis: dict[str, Any] = {}
    for name, kpi in KPIS.items():
        kpis[name] = {
            "label": "Drawn",
            "owner": "drawn@example.org",
            "direction": dice.pick(("up", "down")),
            "formula": kpi.formula,
            **({"unit": "percent"} if kpi.is_fraction else {}),
            **({"maturity": dice.pick(("3 days", "20 days"))} if dice.chance(12) else {}),
        }
    project = {
        "project": "market",
        "language": 1,
        "timezone": dice.pick(("UTC", "Europe/Paris")),
        "week_start": dice.pick(("monday", "sunday")),
        "datasets": datasets,
        "dimensions": {
            "shop": {"type": "text", "from": {"sales": "shop", "visits": "shop", "plans": "shop"}},
            "land": {"type": "text", "from": {"sales": "land", "visits": "land"}},
        },
        "metrics": {"known": {"formula": "sum(sales.amount)", "empty": None}},
        "kpis": kpis,
    }
    return World(project, _rows(dice, datasets, as_of), {"as_of": as_of})


PLANS: dict[str, Any] = {
    "table": "plans",
    "key": "plan_id",
    "time": "month",
    "plan": True,
    "columns": {
        "plan_id": "integer",
        "month": "date",
        "shop": "text",
        "due": {"type": "decimal(8,2)", "unit": "EUR"},
    },
}


def _sales(dice: Dice, *, known_at: bool) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "sale_id": "integer",
        "sold_at": dice.pick(("date", "date", "timestamp")),
        "shop": "text",
        "land": "text",
        "amount": {"type": "decimal(8,2)", "unit": "EUR"},
        "pieces": "integer",
        "points": "float",
        "is_good": "boolean",
    }
    found: dict[str, Any] = {"table": "sales", "key": "sale_id", "time": "sold_at", "columns": columns}
    if known_at:
        columns["loaded_on"] = "date"
        found["known_at"] = "loaded_on"
    if dice.chance(4):
        found["settles_after"] = dice.pick(("3 days", "1 month"))
    return found


def _visits(dice: Dice) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "visit_id": "integer",
        "day": "date",
        "shop": "text",
        "land": "text",
        "bounced": "boolean",
        "cost": {"type": "decimal(6,2)", "unit": "EUR"},
    }
    found: dict[str, Any] = {"table": "visits", "key": "visit_id", "time": "day", "columns": columns}
    if dice.chance(6):
        found["settles_after"] = "1 day"
    return found


def _rows(dice: Dice, datasets: dict[str, Any], as_of: str) -> dict[str, list[dict[str, Any]]]:
    end = date.fromisoformat(as_of[:10])
    sales = [
        _sale(dice, n, datasets["sales"]["columns"], _day(dice, end)) for n in range(dice.between(4, 40))
    ]
    visits = [
        {
            "visit_id": n,
            "day": _day(dice, end),
            "shop": dice.pick(SHOPS),
            "land": dice.pick(LANDS),
            "bounced": None if dice.chance(9) else dice.chance(2),
            "cost": None if dice.chance(9) else Decimal(dice.between(0, 900)).scaleb(-2),
        }
        for n in range(dice.between(0, 30))
    ]
    months = [date(2025 + n // 12, n % 12 + 1, 1) for n in range(10, 18)]
    keys = [(month, shop) for month in months for shop in SHOPS[:3]]
    plans = [
        {
            "plan_id": n,
            "month": month,
            "shop": shop,
            "due": None if dice.chance(9) else Decimal(dice.between(0, 80)),
        }
        for n, (month, shop) in enumerate(some(dice, keys, least=6, most=16))
    ]
    return {"sales": sales, "visits": visits, "plans": plans}


def without_some(dice: Dice, world: World) -> World:
    """Return the world with rows that have no time, and feeds that stopped some days before the instant."""
    end = date.fromisoformat(str(world.query["as_of"])[:10])
    rows = dict(world.rows)
    for name, time_of in (("sales", "sold_at"), ("visits", "day")):
        last = end - timedelta(days=dice.pick((0, 0, 20, 70)))
        kept = [row for row in rows[name] if day_of(row[time_of]) <= last]
        rows[name] = [{**row, time_of: None} if dice.chance(8) else row for row in kept]
    return world._replace(rows=rows)


def day_of(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _sale(dice: Dice, place: int, columns: dict[str, Any], day: date) -> dict[str, Any]:
    clock = dice.pick((time(), time(12, 30), time(22, 30), time(23, 59, 59)))
    row: dict[str, Any] = {
        "sale_id": place,
        "sold_at": day if columns["sold_at"] == "date" else datetime.combine(day, clock),
        "shop": dice.pick(SHOPS),
        "land": dice.pick(LANDS),
        "amount": None if dice.chance(9) else Decimal(dice.between(-200, 4000)).scaleb(-2),
        "pieces": None if dice.chance(9) else dice.between(0, 4),
        "points": None if dice.chance(9) else dice.between(-2, 8) / 4,
        "is_good": None if dice.chance(9) else dice.chance(2),
    }
    if "loaded_on" in columns:
        row["loaded_on"] = day + timedelta(days=dice.pick((0, 1, 1, 12)))
    return row


def _day(dice: Dice, as_of: date) -> date:
    """Return a day, mostly of the months before the instant; now and then its eve, after it, or a year before."""
    match dice.between(0, 9):
        case 0:
            return as_of - timedelta(days=1)
        case 1:
            return as_of + timedelta(days=dice.between(0, 3))
        case 2 | 3:
            return as_of - timedelta(days=dice.between(300, 420))
        case 4:
            last = as_of.replace(day=1) - timedelta(days=1)
            return dice.pick((last, last + timedelta(days=1), date(2026, 1, 31), date(2025, 12, 31)))
        case _:
            return as_of - timedelta(days=dice.between(1, 90))
