"""Crowded worlds: the same few customers month after month, counted among the rows of sets by what they do in
other months.

Values of drawn worlds seldom come back, so that it makes no difference in which month a set is asked or a `having`
is tested. Here it does.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from .dice import Dice
from .worlds import World

CUSTOMERS, SHOPS = ("ann", "ben", "cem"), ("a", "b")
MOVES = (
    "X",
    "prior(X, 1 month)",
    "rolling(X, 2 months)",
    "rolling(X, 3 months)",
    "cumulative(X)",
    "to_date(X, quarter)",
)
GROUPS = (["month"], ["month", "shop"], ["month"], ["quarter"], [])
DATASETS = ("visits", "stock")


def draw_crowd(dice: Dice) -> World:
    """Return a world of two facts with the same columns, and counts of the first by the second."""
    facts = {
        name: {
            "table": name,
            "key": "id",
            "time": "day",
            "columns": {"id": "integer", "customer": "text", "shop": "text", "day": "date"},
        }
        for name in DATASETS
    }
    dimensions = {
        "shop": {"type": "text", "from": dict.fromkeys(DATASETS, "shop")},
        "customer": {"type": "text", "from": dict.fromkeys(DATASETS, "customer")},
    }
    kpis = [f"kpi_{number} = {_counted(dice)}" for number in range(1, 4)]
    query = {"kpis": kpis, "by": dice.pick(GROUPS), "period": "2026-02-01..2026-05-01"}
    return World(
        {"datasets": facts, "dimensions": dimensions},
        {name: [_row(dice, number) for number in range(1, dice.between(8, 14))] for name in DATASETS},
        query,
    )


def _row(dice: Dice, number: int) -> dict[str, Any]:
    day = date(2026, dice.between(1, 4), dice.pick((1, 10, 28)))
    customer = None if dice.chance(12) else dice.pick(CUSTOMERS)
    return {"id": number, "customer": customer, "shop": dice.pick(SHOPS), "day": day}


def _counted(dice: Dice) -> str:
    """Return how many there are among rows that a set keeps, tested in another window than counted."""
    asked = dice.pick(("", "", " where shop = 'a'", f" having {_test(dice, 'stock')}"))
    conditions = [f"customer {dice.pick(('in', 'in', 'not in'))} values(stock.customer{asked})"]
    if dice.chance(4):
        conditions.append("shop = 'a'")
    where = " and ".join(conditions)
    counted = f"count_distinct(visits.customer where {where} having {_test(dice, 'visits')})"
    return dice.pick(("X", "X", *MOVES)).replace("X", counted)


def _test(dice: Dice, dataset: str) -> str:
    moved = dice.pick(MOVES).replace("X", f"count({dataset})")
    return f"{moved} {dice.pick(('>=', '=', '<'))} {dice.between(1, 3)}"
