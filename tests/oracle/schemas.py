"""Star schemas, drawn: facts, dimension tables over up to three hops, conformed dimensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .definitions import Definitions
from .dice import Dice, some
from .table import OracleRefuses

FACTS = ("orders", "sessions", "order_lines", "customers")

INTEGER_BOUND = 50
DECIMAL_BOUND = 200
FLOAT_BOUND = 64
MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Field:
    """A column or member as formulas may name it; `zoned` is a timestamp in a zone of its own."""

    path: tuple[str, ...]
    kind: str
    scale: int = 0
    zoned: bool = False

    @property
    def text(self) -> str:
        return ".".join(self.path)


@dataclass(slots=True)
class Schema:
    """A drawn project without its metrics, and what can be named in it."""

    project: dict[str, Any]
    facts: list[str]
    timed: bool
    own: dict[str, list[Field]] = field(default_factory=dict)

    def definitions(self) -> Definitions:
        return Definitions.read(self.project)

    def fields(self, home: str) -> list[Field]:
        """Return what a row of `home` can name: its columns and, over joins, those of its partners."""
        found: list[Field] = []
        pending: list[tuple[tuple[str, ...], str]] = [((), home)]
        while pending:
            path, at = pending.pop(0)
            found.extend(Field((*path, *f.path), f.kind, f.scale, f.zoned) for f in self.own[at])
            joins = self.project["datasets"][at].get("joins", {})
            pending.extend(((*path, name), j["to"]) for name, j in joins.items())
        return found

    def members(self, homes: list[str]) -> list[Field]:
        """Return the dimensions and paths that every one of `homes` reaches in exactly one way."""
        definitions = self.definitions()
        found = [
            Field((name,), _kind_of(d["type"]))
            for name, d in self.project["dimensions"].items()
            if all(_reaches_once(definitions, name, home) for home in homes)
        ]
        for dataset in self.project["datasets"]:
            if all(len(definitions.paths(home, dataset)) == 1 for home in homes):
                found.extend(
                    Field((dataset, *f.path), f.kind)
                    for f in self.fields(dataset)
                    if f.kind in ("text", "boolean", "integer", "date") and len(f.path) <= 2
                )
        return found


def _reaches_once(definitions: Definitions, dimension: str, home: str) -> bool:
    """Tell whether there is one way only, near or far, to a dataset that the dimension lists."""
    listed = definitions.dimensions[dimension]
    ways, level = 0, [home]
    while level:
        ways += sum(at in listed for at in level)
        level = [j.to for at in level if at not in listed for j in definitions.datasets[at].joins.values()]
    try:
        definitions.source_of(dimension, home)
    except OracleRefuses:
        return False
    return ways == 1


def _kind_of(type_text: str) -> str:
    return type_text.split("(")[0]


def _scale_of(type_text: str) -> int:
    return int(type_text.rstrip(")").split(",")[1]) if type_text.startswith("decimal") else 0


class SchemaAuthor:
    """Draws one schema."""

    def __init__(self, dice: Dice, *, has_period: bool | None = None) -> None:
        """`has_period` None leaves times to chance; True owes facts a time, False owes them no zones."""
        self.dice = dice
        self.has_period = has_period
        self.datasets: dict[str, dict[str, Any]] = {}

    def schema(self) -> Schema:
        dice = self.dice
        facts = some(dice, FACTS, least=1, most=3)
        timed = not dice.chance(5) or self.has_period is True
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
        if has_orders:
            self._orders(timed)
        if "sessions" in facts:
            self._sessions(timed)
        if "order_lines" in facts:
            self._order_lines(timed)
        project = {
            "project": "drawn",
            "language": 1,
            "timezone": dice.pick(("UTC", "Europe/Paris", "America/New_York")),
            "week_start": dice.pick(("monday", "monday", "sunday", "saturday")),
            "datasets": self.datasets,
            "dimensions": self._dimensions(),
        }
        schema = Schema(project, facts, timed)
        for name, body in self.datasets.items():
            schema.own[name] = [_field(c, spec) for c, spec in body["columns"].items()]
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
        if isinstance(spec, str) and self.dice.chance(8):
            return {"type": spec, "column": f"raw_{name}"}
        return spec

    def _time_type(self) -> Any:
        if self.has_period is False:
            return self.dice.pick(("date", "timestamp"))
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

    def _orders(self, timed: bool) -> None:
        columns: dict[str, Any] = {
            "order_id": "integer",
            "ordered_at": self._time_type(),
            "shipped_on": "date",
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
        joins: dict[str, Any] = {}
        if self.has_customers:
            columns["visitor_id"] = "integer"
            joins["visitor"] = self._join("customers", [], {"customer_id": "visitor_id"})
        if self.dice.chance(4):
            columns["long"] = {"type": "integer", "expr": "case when seconds > 10 then 1 else 0 end"}
        body = self._add("sessions", ["session_id"], columns)
        if joins:
            body["joins"] = joins
        if timed:
            late = self.has_customers and self.dice.chance(6)
            body["time"] = "visitor.signed_on" if late else "started_at"
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


def _field(name: str, spec: Any) -> Field:
    type_text = spec if isinstance(spec, str) else spec["type"]
    zoned = not isinstance(spec, str) and "timezone" in spec
    return Field((name,), _kind_of(type_text), _scale_of(type_text), zoned)
