"""Star schemas, drawn: facts, dimension tables over up to three hops, conformed dimensions."""

from __future__ import annotations

from typing import Any

from .dice import Dice, some
from .drawn_histories import derive
from .schemas import FACTS, Schema, field_of

ZONES = (
    "UTC",
    "Europe/Paris",
    "Europe/Paris",
    "America/New_York",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
)
OWED = ("amount", "fee", "net", "price", "pages", "unit_price", "gross", "discount", "rate")
"""Columns that may be required."""

RETAIL: dict[str, Any] = {
    "table": "retail_days",
    "day": "calendar_date",
    "columns": {"calendar_date": "date", "week_key": "text", "season_key": "integer"},
    "grains": {"retail_week": "week_key", "season": "season_key"},
}


class SchemaAuthor:
    """Draws one schema."""

    def __init__(self, dice: Dice, features: frozenset[str]) -> None:
        self.dice = dice
        self.features = features
        self.datasets: dict[str, dict[str, Any]] = {}

    def schema(self) -> Schema:
        dice = self.dice
        facts = some(dice, FACTS, least=1, most=3)
        timed = not dice.chance(5)
        self.has_customers = "customers" in facts or not dice.chance(4)
        self.has_countries = self.has_customers and not dice.chance(3)
        self.has_products = bool({"orders", "order_lines"} & set(facts)) and not dice.chance(3)
        has_orders = "orders" in facts or ("order_lines" in facts and not dice.chance(3))
        if self.has_countries and not dice.chance(3):
            self._add("regions", ["region_id"], {"region_id": "integer", "name": "text"})
        if self.has_countries:
            self._countries()
        if self.has_customers:
            self._customers(timed)
        if self.has_products:
            columns = {"shop": "text", "sku": "integer", "family": "text", "price": "decimal(8,2)"}
            self._add("products", ["shop", "sku"], columns | {"weight": "float"})
        self.has_tiers = "intervals" in self.features and self.has_customers and dice.chance(2)
        if self.has_tiers:
            self._tiers()
        if has_orders:
            self._orders(timed)
        if "sessions" in facts:
            self._sessions(timed)
        if "order_lines" in facts:
            self._order_lines(timed)
        if timed and self.has_customers and "stretches" in self.features and dice.chance(4):
            self._memberships()
            facts.append("memberships")
        if timed and "all plans" in self.features:
            self._lie_ahead()
        derive(dice, self.datasets, self.features)
        project = {
            "project": "drawn",
            "language": 1,
            "timezone": dice.pick(ZONES if "hours" in self.features else ZONES[:4]),
            "week_start": dice.pick(("monday", "monday", "sunday", "saturday")),
            "datasets": self.datasets,
            "dimensions": self._dimensions(),
        }
        if "fiscal" in self.features and dice.chance(2):
            project["fiscal_year_start"] = dice.pick((4, 2, 12))
        if "calendars" in self.features and dice.chance(3):
            project["calendars"] = {"retail": RETAIL}
            if "comparable" in self.features:
                columns = {**RETAIL["columns"], "compare_to": "date"}
                project["calendars"] = {"retail": {**RETAIL, "columns": columns, "comparable": "compare_to"}}
        schema = Schema(project, facts, timed)
        for name, body in self.datasets.items():
            schema.own[name] = [field_of(c, spec) for c, spec in body["columns"].items()]
        return schema

    def _add(self, name: str, key: list[str], columns: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Add a dataset, its key and columns spelled in one of the ways that mean the same."""
        spelled = {c: self._spelled(c, spec) for c, spec in columns.items()}
        body = {
            "table": name,
            "key": key[0] if len(key) == 1 else key,
            "columns": spelled,
            **more,
        }
        self.datasets[name] = body
        return body

    def _spelled(self, name: str, spec: Any) -> Any:
        chosen = (
            {"type": spec, "column": f"raw_{name}"} if isinstance(spec, str) and self.dice.chance(8) else spec
        )
        if "required" in self.features and name in OWED and self.dice.chance(6):
            return {**({"type": chosen} if isinstance(chosen, str) else chosen), "required": True}
        return chosen

    def _late(self, body: dict[str, Any], known_at: str) -> None:
        """Say how late a dataset's rows are known."""
        dice = self.dice
        if "settling" in self.features and dice.chance(3):
            body["settles_after"] = dice.pick(("3 days", "1 day", "30 days", "12 hours", "1 month"))
        if "plans" in self.features and dice.chance(6):
            body |= {"plan": True} if dice.chance(2) else {"known_at": known_at}

    def _lie_ahead(self) -> None:
        """Now and then make plans of all that has a time, or of lines whose time is their order's."""
        dice = self.dice
        if dice.chance(8):
            for body in self.datasets.values():
                if "time" in body:
                    body.pop("known_at", None)
                    body["plan"] = True
        elif "order_lines" in self.datasets and dice.chance(4):
            lines = self.datasets["order_lines"]
            lines |= {"plan": True} if dice.chance(2) else {"known_at": "added_on"}

    def _time_type(self) -> Any:
        return self.dice.pick(
            (
                "date",
                "timestamp",
                {"type": "timestamp", "timezone": "UTC"},
                {"type": "timestamp", "timezone": "UTC"},
                {"type": "timestamp", "timezone": "America/New_York"},
            )
        )

    def _join(self, to: str, same: list[str], renamed: dict[str, str] | None = None) -> dict[str, Any]:
        """Return a join; `same` are key columns that bear one name on both sides."""
        if renamed or self.dice.chance(3):
            return {"to": to, "using": {c: c for c in same} | (renamed or {})}
        return {"to": to, "using": same[0] if len(same) == 1 else same}

    def _countries(self) -> None:
        body = self._add(
            "countries",
            ["code"],
            {"code": "text", "name": "text", "is_member": "boolean", "region_id": "integer"},
        )
        if "regions" in self.datasets:
            body["joins"] = {"region": self._join("regions", ["region_id"])}
        if self.dice.chance(6):
            body["where"] = "not is_member"

    def _customers(self, timed: bool) -> None:
        columns: dict[str, Any] = {
            "customer_id": "integer",
            "country_code": "text",
            "segment": "text",
            "credit": "decimal(8,2)",
            "signed_on": "date",
        }
        if self.dice.chance(3):
            columns["tag"] = {"type": "text", "expr": "concat(coalesce(segment, '?'), '/', 'x')"}
        body = self._add("customers", ["customer_id"], columns)
        if timed:
            body["time"] = "signed_on"
        if self.has_countries:
            body["joins"] = {"country": self._join("countries", [], {"code": "country_code"})}
        if self.dice.chance(4):
            wheres = ["segment != 'pro'", "credit is null or credit > 0"]
            body["where"] = self.dice.pick([*wheres, *(["country.is_member"] if self.has_countries else [])])

    def _tiers(self) -> None:
        """What a customer is, over stretches of time."""
        end = self.dice.pick(("date", "timestamp"))
        columns = {
            "customer_id": "integer",
            "valid_from": end,
            "valid_to": end,
            "tier": "text",
            "rate": "decimal(6,4)",
        }
        self._add("tiers", ["customer_id", "valid_from"], columns)

    def _memberships(self) -> None:
        """Rows that hold over a stretch of time."""
        kind = self.dice.pick(("date", "timestamp"))
        columns = {
            "membership_id": "integer",
            "customer_id": "integer",
            "since": kind,
            "until": kind,
            "fee": "decimal(8,2)",
            "plan_name": "text",
        }
        body = self._add("memberships", ["membership_id"], columns)
        body["time"] = ["since", "until"]
        body["joins"] = {"member": self._join("customers", ["customer_id"])}

    def _held(self, using: Any, *, dice: Dice, at: str) -> dict[str, Any]:
        more = {"closed": True} if dice.chance(2) else {}
        return {"to": "tiers", "using": using, "between": ["valid_from", "valid_to"], "at": at, **more}

    def _orders(self, timed: bool) -> None:
        columns: dict[str, Any] = {
            "order_id": "integer",
            "ordered_at": self._time_type(),
            "shipped_on": "date",
            "paid_on": "date",
            "status": "text",
            "amount": "decimal(10,2)",
            "fee": "decimal(10,3)",
            "quantity": "integer",
            "score": "float",
            "is_test": "boolean",
        }
        joins: dict[str, Any] = {}
        if self.has_customers:
            columns["customer_id"] = "integer"
            joins["customer"] = self._join("customers", ["customer_id"])
        if self.has_products and not self.dice.chance(3):
            columns |= {"shop": "text", "sku": "integer"}
            joins["product"] = self._join("products", ["shop", "sku"])
        if self.has_tiers:
            joins["tier"] = self._held("customer_id", dice=self.dice, at="ordered_at")
        if self.dice.chance(3):
            columns["net"] = {"type": "decimal(12,3)", "expr": "amount - coalesce(fee, 0)"}
        if self.dice.chance(4):
            columns["is_big"] = {"type": "boolean", "expr": "amount != 20 and not is_test"}
        if self.has_customers and self.dice.chance(4):
            columns["origin"] = {"type": "text", "expr": "coalesce(customer.segment, status)"}
        body = self._add("orders", ["order_id"], columns)
        if joins:
            body["joins"] = joins
        if timed:
            body["time"] = "ordered_at"
            self._late(body, "shipped_on")
        if self.dice.chance(3):
            wheres = ["not is_test", "status != 'paid'", "amount > 0 or quantity > 1"]
            body["where"] = self.dice.pick(
                [*wheres, *(["customer.segment not in ('pro')"] if self.has_customers else [])]
            )

    def _sessions(self, timed: bool) -> None:
        columns: dict[str, Any] = {
            "session_id": "integer",
            "started_at": self._time_type(),
            "converted_on": "date",
            "channel": "text",
            "pages": "integer",
            "seconds": "float",
        }
        if "units" in self.features:
            columns["wait"] = {"type": "integer", "unit": "minute"}
            columns["talk"] = {"type": "decimal(6,2)", "unit": "hour"}
            columns["ended_at"] = self._time_type()
        joins: dict[str, Any] = {}
        if self.has_customers:
            columns["visitor_id"] = "integer"
            joins["visitor"] = self._join("customers", [], {"customer_id": "visitor_id"})
        if self.has_tiers and self.dice.chance(2):
            at = self.dice.pick(("started_at", "converted_on"))
            joins["level"] = self._held({"customer_id": "visitor_id"}, dice=self.dice, at=at)
        if self.dice.chance(4):
            columns["long"] = {"type": "integer", "expr": "case when seconds > 10 then 1 else 0 end"}
        body = self._add("sessions", ["session_id"], columns)
        if "units" in self.features and self.dice.chance(2):
            body["unit"] = "session"
        if joins:
            body["joins"] = joins
        if timed:
            late = self.has_customers and self.dice.chance(6)
            body["time"] = "visitor.signed_on" if late else "started_at"
            self._late(body, "converted_on")
        if self.dice.chance(5):
            body["where"] = self.dice.pick(["channel not like 'p%'", "pages between 0 and 40"])

    def _order_lines(self, timed: bool) -> None:
        columns: dict[str, Any] = {
            "order_id": "integer",
            "line": "integer",
            "added_on": "date",
            "units": "integer",
            "unit_price": "decimal(8,2)",
            "discount": "decimal(6,4)",
        }
        joins: dict[str, Any] = {}
        if "orders" in self.datasets:
            joins["order"] = self._join("orders", ["order_id"])
        if self.has_products and not self.dice.chance(3):
            columns |= {"shop": "text", "item": "integer"}
            joins["product"] = self._join("products", ["shop"], {"sku": "item"})
        if self.dice.chance(3):
            columns["gross"] = {"type": "decimal(12,2)", "expr": "units * unit_price"}
        body = self._add("order_lines", ["order_id", "line"], columns)
        if joins:
            body["joins"] = joins
        if timed:
            through = "orders" in self.datasets and not self.dice.chance(3)
            body["time"] = "order.ordered_at" if through else "added_on"

    def _dimensions(self) -> dict[str, Any]:
        """Draw conformed dimensions; those over one dimension table, and those bound fact by fact."""
        dice, out = self.dice, {}
        if self.has_customers:
            out["segment"] = {"type": "text", "from": {"customers": "segment"}}
            code = "country.name" if self.has_countries else "country_code"
            market = dice.pick((code, f"coalesce({code}, 'none')", f"case when {code} = 'EU' then 'in' end"))
            out["market"] = {"type": "text", "from": {"customers": market}}
        if self.has_products:
            out["family"] = {"type": "text", "from": {"products": "family"}}
        if self.has_tiers:
            out["tier"] = {"type": "text", "from": {"tiers": "tier"}}
        bound: dict[str, tuple[str, dict[str, str]]] = {
            "origin_kind": (
                "text",
                {"orders": "status", "sessions": "channel", "customers": "segment"},
            ),
            "flag": (
                "boolean",
                {"orders": "is_test", "sessions": "pages > 2", "customers": "credit is null"},
            ),
            "size": ("integer", {"orders": "quantity", "sessions": "pages", "customers": "length(segment)"}),
            "birth": ("date", {"orders": "shipped_on", "sessions": "converted_on", "customers": "signed_on"}),
        }
        lines = {
            "origin_kind": "case when units > 2 then 'paid' when units < 0 then 'EU' end",
            "flag": "not (discount > 0)",
            "size": "units",
            "birth": "added_on",
        }
        for name in some(dice, tuple(bound), least=1):
            type_text, sources = bound[name]
            if "orders" not in self.datasets or dice.chance(2):
                sources = sources | {"order_lines": lines[name]}
            sources = {d: e for d, e in sources.items() if d in self.datasets}
            if sources:
                out[name] = {"type": type_text, "from": sources}
        return out
