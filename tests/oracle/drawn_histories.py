"""Columns over a history, columns that aggregate, joins as of a time, maturity: drawn for a schema."""

from __future__ import annotations

import re
from typing import Any

from .dice import Dice, some

HISTORIES: dict[str, tuple[str, str]] = {
    "number": ("integer", "row_number(per {k} order by {o}order_id)"),
    "before": ("integer", "lag(quantity per {k} order by {o}order_id)"),
    "later": ("integer", "lead(quantity, 2 per {k} order by {o}order_id)"),
    "so_far": ("decimal(12,2)", "sum(amount{w} per {k} order by {o}order_id)"),
    "most_so_far": ("integer", "max(quantity{w} per {k} order by {o}order_id)"),
    "of_all": ("integer", "count(orders{w} per {k})"),
    "mean_of_all": ("float", "avg(quantity{w} per {k})"),
}
CHILDREN: dict[str, dict[str, tuple[str, str]]] = {
    "orders": {
        "order_count": ("integer", "count(orders{w})"),
        "has_orders": ("boolean", "count(orders{w}) > 0"),
        "spent": ("decimal(12,2)", "sum(orders.amount{w})"),
        "statuses": ("integer", "count_distinct(orders.status{w})"),
        "first_quantity": ("integer", "min(orders.quantity{w})"),
    },
    "sessions": {
        "visits": ("integer", "count(sessions)"),
        "most_pages": ("integer", "max(sessions.pages)"),
    },
}


def derive(dice: Dice, datasets: dict[str, dict[str, Any]], features: frozenset[str]) -> None:
    """Add derived columns and joins to the datasets of a drawn project."""
    if "histories" in features and "orders" in datasets and dice.chance(2):
        _histories(dice, datasets["orders"])
    if "as-of joins" in features and {"orders", "sessions"} <= set(datasets) and dice.chance(3):
        _touch(dice, datasets)
    if "children" in features and "customers" in datasets and dice.chance(2):
        _children(dice, datasets)


def _histories(dice: Dice, body: dict[str, Any]) -> None:
    keys = [k for k in ("customer_id", "status", "is_test") if k in body["columns"]]
    for name in some(dice, list(HISTORIES), least=1, most=2):
        type_text, expr = HISTORIES[name]
        key = dice.pick(keys) + (" including null" if dice.chance(5) else "")
        order = dice.pick(("", "-shipped_on, ", "quantity, ", "-", "status, "))
        where = dice.pick(("", "", " where quantity > 1", " where not is_test"))
        text = expr.format(k=key, o=order, w=where)
        body["columns"][name] = {"type": type_text, "expr": text}


def _children(dice: Dice, datasets: dict[str, dict[str, Any]]) -> None:
    for child, columns in CHILDREN.items():
        if child not in datasets or not any(
            join["to"] == "customers" for join in datasets[child].get("joins", {}).values()
        ):
            continue
        if "touch" in datasets[child].get("joins", {}):
            # Orders reach their customer in two ways.
            continue
        # A count of what has a noun bears it, which plain arithmetic doesn't go with.
        plain = [name for name in columns if name != "visits" or "unit" not in datasets[child]]
        for name in some(dice, plain, most=2):
            type_text, expr = columns[name]
            where = dice.pick(("", " where quantity > 1", " where not is_test", " where status != 'paid'"))
            text = expr.format(w=where)
            datasets["customers"]["columns"][name] = {"type": type_text, "expr": text}


def _touch(dice: Dice, datasets: dict[str, dict[str, Any]]) -> None:
    """Join orders to the session before or after them."""
    orders, sessions = datasets["orders"], datasets["sessions"]
    own, theirs = orders["columns"], sessions["columns"]
    if "customer_id" not in own or "visitor_id" not in theirs or sessions.get("time") != "started_at":
        return
    join: dict[str, Any] = {
        "to": "sessions",
        "using": {"visitor_id": "customer_id"},
        "match": dice.pick(("latest", "earliest")),
        dice.pick(("before", "at or before", "after", "at or after")): "ordered_at",
    }
    if _kind(own["ordered_at"]) == _kind(theirs["started_at"]) and dice.chance(2):
        join["within"] = dice.pick(("30 days", "1 day", "400 days", "1 month"))
    if dice.chance(3):
        join["where"] = dice.pick(("pages > 1", "channel != 'paid'", "not (seconds > 10)"))
    orders.setdefault("joins", {})["touch"] = join


def _kind(spec: Any) -> str:
    return re.split(r"\(", spec if isinstance(spec, str) else spec["type"])[0]
