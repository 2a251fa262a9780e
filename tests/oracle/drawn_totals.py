"""Aggregates over entities and buckets, aimed: their values hold totals that drop some of what is grouped by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .dice import Dice, some
from .worlds import World

CHANNELS = ("a", "b", "c", None)
COUNTRIES = ("fr", "be", None)
BIRTHS = (date(1990, 5, 1), date(1991, 6, 1), None)
GRAINS = ("month", "quarter", "quarter", "week", "year")
FIRST_DAY, DAYS = date(2024, 11, 1), 500
PERIODS = ("2025", "2025-02-15..2025-09-10", "2025-Q2", "2024-12-01..2025-07-01", "2025-03")
INSTANTS = ("2025-08-20", "2025-04-01", "2026-02-01", "2025-05-15")
DATASETS: dict[str, Any] = {
    "sales": {
        "table": "sales",
        "key": "id",
        "time": "sold_on",
        "columns": {
            "id": "integer",
            "sold_on": "date",
            "fee": "integer",
            "channel": "text",
            "country": "text",
            "birth": "date",
        },
    },
    "visits": {
        "table": "visits",
        "key": "id",
        "time": "visited_on",
        "columns": {"id": "integer", "visited_on": "date", "channel": "text"},
    },
}
DIMENSIONS: dict[str, Any] = {
    "channel": {"type": "text", "from": {"sales": "channel", "visits": "channel"}},
    "country": {"type": "text", "from": {"sales": "country"}},
    "birth": {"type": "date", "from": {"sales": "birth"}},
}
METRICS = {"sold": "sum(sales.fee)", "sales_made": "count(sales)"}


@dataclass(frozen=True, slots=True)
class TotalsAuthor:
    """Draws one world: a shop's sales and visits, and a few formulas over what entities have in totals."""

    dice: Dice
    by: tuple[str, ...]
    has_period: bool
    has_instant: bool

    @property
    def grains(self) -> tuple[str, ...]:
        return tuple(name for name in self.by if name in GRAINS)

    @property
    def _may_move(self) -> bool:
        return self.has_period or bool(self.grains)

    def formula(self, depth: int = 2) -> str:
        """Return an aggregate over entities, in a window or a total or beside another aggregate."""
        dice = self.dice
        inner = self._over_entities(depth)
        match dice.between(0, 9):
            case 0 | 1:
                return self._moved(inner)
            case 2:
                return self._total(inner)
            case 3:
                return f"{inner} + sold"
            case 4:
                return f"coalesce({inner}, -1)"
            case _:
                return inner

    def _over_entities(self, depth: int) -> str:
        dice = self.dice
        keys = ["month", "week", "quarter", "birth", "birth", "birth", "channel", "country"]
        names = some(dice, list(dict.fromkeys(keys)), least=1, most=2 if dice.chance(3) else 1)
        if len(names) == 1 and dice.chance(2):
            names = ["birth" if dice.chance(2) else "month"]
        word = dice.pick(("sum", "sum", "avg", "count", "max", "min", "median", "count_distinct"))
        value = self._value(depth)
        if "week" in names and ("1 month" in value or "1 quarter" in value or "1 year" in value):
            names = ["month" if name == "week" else name for name in names]
            names = list(dict.fromkeys(names))
        null = (
            " including null" if {"birth", "channel", "country"} & set(names) and not _buckets(names) else ""
        )
        return f"{word}({value} per {', '.join(names)}{null if dice.chance(6) else ''})"

    def _value(self, depth: int) -> str:
        """Return what entities have: a total, most often beside something that keeps the group."""
        dice = self.dice
        start = self._total(self._part(depth - 1))
        if dice.chance(5):
            return start
        other = self._part(depth - 1)
        match dice.between(0, 7):
            case 0:
                return f"{start} + 0 * {other}"
            case 1:
                return f"{start} * {other}"
            case 2 if self.has_period:
                return f"{start} * date_diff(day, period_start, period_end)"
            case 3 if self.has_period:
                return f"coalesce(date_diff(day, period_start, period_end), 1) * {start}"
            case 4:
                return f"{start} + {self._total(other)}"
            case 5:
                return f"coalesce({other}, 0) + coalesce({start}, 0)"
            case _:
                return f"{start} + {other}"

    def _part(self, depth: int) -> str:
        dice = self.dice
        start = dice.pick(("sold", "sold", "sales_made", "max(sales.fee)"))
        if depth > 0 and dice.chance(8):
            return self._over_entities(0)
        match dice.between(0, 8):
            case 0 | 1:
                return self._moved(start)
            case 2 if depth > 0:
                return self._total(self._part(depth - 1))
            case 3:
                return f"({start} where channel = 'a')"
            case _:
                return start

    def _total(self, inner: str) -> str:
        dice = self.dice
        if dice.chance(10):
            return f"total({inner})"
        likely = (
            list(self.by) if self.by and not dice.chance(4) else ["channel", "country", "quarter", "month"]
        )
        return f"total({inner} across {', '.join(some(dice, likely, least=1, most=2))})"

    def _moved(self, inner: str) -> str:
        dice = self.dice
        if not self._may_move and not self.has_instant:
            return inner
        weeks = "week" in self.by or "per week" in inner or ", week" in inner
        back = ("4 weeks",) if weeks else ("1 month", "1 quarter", "1 year")
        match dice.between(0, 5):
            case 0 | 1 if self._may_move:
                return f"prior({inner}, {dice.pick(back)})"
            case 2:
                return f"rolling({inner}, {dice.pick(('6 months', '40 days', '1 year'))})"
            case 3:
                return f"to_date({inner}, year)"
            case 4 if "period_" not in inner:
                return f"cumulative({inner})"
            case _ if self._may_move:
                return f"during({inner}, 2025-01-01, 2025-07-01)"
            case _:
                return inner


def _buckets(names: list[str]) -> bool:
    return bool({"month", "week", "quarter"} & set(names))


def draw_totals(dice: Dice) -> World:
    """Return a world of sales and visits, and a query for what entities have in totals."""
    by = some(dice, ("channel", "country"), most=1)
    if not dice.chance(5):
        by.insert(dice.between(0, len(by)), dice.pick(GRAINS))
    query: dict[str, Any] = {}
    if dice.chance(2):
        query["period"] = dice.pick(PERIODS)
    if dice.chance(3):
        query["as_of"] = dice.pick(INSTANTS)
    author = TotalsAuthor(dice, tuple(by), "period" in query, "as_of" in query)
    kpis = [f"k = {author.formula()}"]
    if dice.chance(2):
        # Nobody has said from which country visits are.
        visits = "country" not in by and dice.chance(2)
        kpis.append("beside = count(visits)" if visits else f"beside = {author.formula()}")
    query = {"kpis": kpis, "by": by, **query}
    if by and dice.chance(4):
        query["totals"] = dice.pick(("rollup", "cube"))
    if author.grains and dice.chance(6):
        query["fill"] = True
    if len(by) == 2 and dice.chance(8):
        query["top"] = dice.pick(("1 by k", "1 by k others"))
    project = {
        "project": "drawn",
        "language": 1,
        "datasets": DATASETS,
        "dimensions": DIMENSIONS,
        "metrics": METRICS,
        "kpis": {},
    }
    return World(project, _rows(dice), query)


def _rows(dice: Dice) -> dict[str, list[dict[str, Any]]]:
    sales = [
        {
            "id": number,
            "sold_on": _day(dice),
            "fee": None if dice.chance(9) else dice.between(1, 9),
            "channel": dice.pick(CHANNELS),
            "country": dice.pick(COUNTRIES),
            "birth": dice.pick(BIRTHS),
        }
        for number in range(1, 1 + dice.between(1, 8))
    ]
    visits = [
        {"id": number, "visited_on": _day(dice), "channel": dice.pick(CHANNELS)}
        for number in range(1, 1 + dice.between(0, 3))
    ]
    return {"sales": sales, "visits": visits}


def _day(dice: Dice) -> date | None:
    return None if dice.chance(8) else FIRST_DAY + timedelta(days=dice.between(0, DAYS))
