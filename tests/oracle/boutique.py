"""A small project for the oracle's own tests, and short ways to ask it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from . import evaluate
from .table import Value

D = Decimal

PROJECT: dict[str, Any] = {
    "datasets": {
        "countries": {"table": "countries", "key": "code", "columns": {"code": "text", "name": "text"}},
        "customers": {
            "table": "customers",
            "key": "customer_id",
            "where": "not is_fake",
            "time": "signed_on",
            "columns": {
                "customer_id": "integer",
                "country_code": "text",
                "is_fake": "boolean",
                "signed_on": "date",
                "label": {"type": "text", "expr": "coalesce(country_code, 'unknown')"},
            },
            "joins": {"country": {"to": "countries", "using": {"code": "country_code"}}},
        },
        "products": {
            "table": "products",
            "key": ["shop", "sku"],
            "columns": {"shop": "text", "sku": "integer", "family": "text"},
        },
        "orders": {
            "table": "orders",
            "key": "order_id",
            "time": "ordered_at",
            "where": "not is_test",
            "columns": {
                "order_id": "integer",
                "customer_id": {"type": "integer", "column": "buyer"},
                "ordered_at": {"type": "timestamp", "timezone": "UTC"},
                "shipped_on": "date",
                "status": "text",
                "amount": "decimal(10,2)",
                "quantity": "integer",
                "weight": "float",
                "is_test": "boolean",
                "shop": "text",
                "sku": "integer",
                "double_amount": {"type": "decimal(12,2)", "expr": "amount * 2"},
            },
            "joins": {
                "customer": {"to": "customers", "using": "customer_id"},
                "product": {"to": "products", "using": ["shop", "sku"]},
            },
        },
        "sessions": {
            "table": "sessions",
            "key": "session_id",
            "time": "started_at",
            "columns": {
                "session_id": "integer",
                "started_at": "timestamp",
                "channel": "text",
                "visitor_id": "integer",
            },
            "joins": {"visitor": {"to": "customers", "using": {"customer_id": "visitor_id"}}},
        },
        "order_lines": {
            "table": "order_lines",
            "key": ["order_id", "line"],
            "time": "order.ordered_at",
            "columns": {"order_id": "integer", "line": "integer", "units": "integer"},
            "joins": {"order": {"to": "orders", "using": "order_id"}},
        },
    },
    "dimensions": {
        "market": {"type": "text", "from": {"customers": "coalesce(country.name, 'none')"}},
        "channel": {"type": "text", "from": {"orders": "status", "sessions": "channel"}},
    },
    "metrics": {
        "revenue": "sum(orders.amount)",
        "visits": "count(sessions)",
        "revenue_or_null": {"formula": "sum(orders.amount)", "empty": None},
    },
    "kpis": {"basket": {"formula": "revenue / count(orders)"}},
}


def orders(*rows: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {"orders": [{"order_id": i, **row} for i, row in enumerate(rows, 1)]}


def ask(
    rows: dict[str, list[dict[str, Any]]], *kpis: str, changes: dict[str, Any] | None = None, **query: Any
) -> list[tuple[Value, ...]]:
    return evaluate(PROJECT | (changes or {}), rows, {"kpis": list(kpis), **query}).rows


def one(rows: dict[str, list[dict[str, Any]]], formula: str, **query: Any) -> Value:
    ((value,),) = ask(rows, f"x = {formula}", **query)
    return value


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


NOTHING: dict[str, list[dict[str, Any]]] = {}
