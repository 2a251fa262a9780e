"""Laws of a ranking: the KPI that ranks decides alone who is shown, whatever else is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import answers
from tests.oracle.dice import SeededDice, some
from tests.oracle.features import EVERYTHING
from tests.oracle.test_worlds import same
from tests.oracle.worlds import World, draw_world

from .test_laws import Asked, Row, asked, counts, name_of, whole

PROJECT: dict[str, Any] = {
    "datasets": {
        "orders": {
            "table": "orders",
            "key": "id",
            "time": "day",
            "columns": {
                "id": "integer",
                "day": "date",
                "sent": "date",
                "channel": "text",
                "country": "text",
                "amount": "decimal(8,2)",
            },
        },
        "visits": {
            "table": "visits",
            "key": "id",
            "time": "day",
            "columns": {
                "id": "integer",
                "day": "date",
                "channel": "text",
                "country": "text",
                "score": "integer",
            },
        },
    },
    "dimensions": {
        name: {"type": "text", "from": {"orders": name, "visits": name}} for name in ("channel", "country")
    },
    "metrics": {
        "revenue": "sum(orders.amount)",
        "french": "sum(orders.amount where country = 'FR')",
        "sent": "count(orders at sent)",
        "mean": "avg(orders.amount)",
        "least": "min(orders.amount where amount < 2)",
        "sizes": "count_distinct(orders.amount)",
        "part": "share(revenue)",
        "score": {"formula": "sum(visits.score where score != 0)", "empty": "null"},
        "per_visit": "revenue / score",
        "beside": "french - sizes + count(visits where score > 1)",
        "ever": "total(revenue across month)",
        "all_of_it": "total(revenue)",
    },
}
BY = (
    ["channel"],
    ["channel", "country"],
    ["channel", "month"],
    ["month", "country", "channel"],
    ["month"],
    ["weekday", "channel"],
    ["month", "weekday"],
)
GRAINS = {"day", "week", "month", "quarter", "year", "hour", "minute"}


def drawn_world(dice: SeededDice) -> World:
    """Return two facts whose members differ, with sums below zero and values that are null."""

    def day() -> date | None:
        return None if dice.chance(8) else date(2026, 1, 1) + timedelta(days=dice.between(0, 80))

    def rows(fact: str) -> Iterator[dict[str, Any]]:
        channels, countries = some(dice, ["a", "b", "c", "d", None], least=1), ["FR", "DE", None]
        for n in range(dice.between(0, 7)):
            row = {"id": n, "day": day(), "channel": dice.pick(channels), "country": dice.pick(countries)}
            value = dice.pick([-3, -1, 0, 1, 2, None])
            if fact == "visits":
                yield {**row, "score": value}
            else:
                amount = None if value is None else Decimal(value).quantize(Decimal("0.01"))
                yield {**row, "sent": day(), "amount": amount}

    return World(PROJECT, {fact: list(rows(fact)) for fact in PROJECT["datasets"]}, {})


def drawn_query(dice: SeededDice) -> dict[str, Any]:
    """Return a query for a ranking, without its KPIs."""
    query: dict[str, Any] = {"by": dice.pick(BY)}
    if dice.chance(3):
        query["period"] = dice.pick(("2026-01", "2026-Q1", "2025"))
    if dice.chance(4):
        query["where"] = dice.pick(("country = 'FR'", "channel != 'a'"))
    if dice.chance(4):
        query["totals"] = True
    if dice.chance(4) and "month" in query["by"] and len(query["by"]) > 1:
        query["fill"] = True
    return query


def ranked(by: Sequence[str], row: Row) -> tuple[Any, ...]:
    """Return the members of a row that are ranked together; grains stand first in a row."""
    grains = [member for member in by if member in GRAINS]
    return row[len(grains) if len(grains) < len(by) else 0 : len(by)]


def levels(rows: list[Row], by: Sequence[str], *, named: bool) -> dict[Row, Row]:
    """Return the values of each row by its members and its level."""
    width = len(by) + named
    return {row[:width] if named else (*row[:width], "detail"): row[width:] for row in rows}


def changed(before: dict[Row, Row], after: dict[Row, Row]) -> list[tuple[Row, Row, Row | None]]:
    """Return the rows of which the first column is another one, or that are gone."""
    return [
        (key, row, after.get(key))
        for key, row in before.items()
        if key not in after or not same(row[0], after[key][0])
    ]


def first_members(one: Asked, query: dict[str, Any], kpi: str, count: int, sign: str) -> list[Row] | None:
    """Return who is first by the KPI asked for alone over the whole period."""
    grains = [member for member in query["by"] if member in GRAINS]
    members = [member for member in query["by"] if member not in GRAINS] or grains
    alone = {key: query[key] for key in ("where", "period") if key in query}
    rows = one.rows({**alone, "kpis": [kpi], "by": members})
    if rows is None:
        return None
    # The rows stand in the order of their members, and sorting keeps it among equals.
    known = [row for row in rows if row[-1] is not None]
    known.sort(key=lambda row: row[-1] if sign else -row[-1])
    ordered = [*known, *(row for row in rows if row[-1] is None)]
    return [row[: len(members)] for row in ordered[:count]]


@pytest.mark.drawn
@pytest.mark.parametrize("strategy", answers.STRATEGIES)
@pytest.mark.parametrize("engine", answers.ENGINES)
def test_the_kpi_that_ranks_decides_alone(engine: str, strategy: str) -> None:
    looked_at = 0
    for seed in range(20_000, 20_006):
        dice = SeededDice(seed)
        with asked(drawn_world(dice), engine) as one:
            for _ in range(12):
                looked_at += _decides_alone(one, dice, strategy)
    assert looked_at > 50


def _decides_alone(one: Asked, dice: SeededDice, strategy: Any) -> bool:
    query = drawn_query(dice)
    kpi, *more = some(dice, sorted(PROJECT["metrics"]), least=2, most=4)
    count, sign, others = dice.between(1, 3), dice.pick(("", "-")), dice.chance(2)
    first = first_members(one, query, kpi, count, sign)
    query["top"] = f"{count} by {sign}{kpi}" + (" others" if others else "")
    alone = one.rows({**query, "kpis": [kpi]}, strategy)
    together = one.rows({**query, "kpis": [kpi, *more]}, strategy)
    if first is None or alone is None or together is None:
        return False
    named = others or "totals" in query
    before, after = (levels(rows, query["by"], named=named) for rows in (alone, together))
    where = (query, kpi, more, one.world.rows)
    assert changed(before, after) == [], where
    shown = {ranked(query["by"], key) for key in after if key[-1] == "detail"}
    assert shown <= set(first), where
    if not GRAINS & set(query["by"]):
        assert shown == set(first), where
    return True


@pytest.mark.drawn
@pytest.mark.parametrize("engine", answers.ENGINES)
def test_one_more_kpi_changes_nothing_under_a_ranking_of_drawn_worlds(engine: str) -> None:
    looked_at = 0
    for seed in {"duckdb": range(21_000, 21_010), "sqlite": range(21_010, 21_025)}[engine]:
        dice = SeededDice(seed)
        with asked(
            draw_world(dice, features=EVERYTHING - {"periods", "having", "parameters"}), engine
        ) as one:
            query = whole(one.world.query)
            if not query["by"]:
                continue
            more = [*query["kpis"], *(f"law_{n} = {text}" for n, text in enumerate(counts(one.world)))]
            for kpi in query["kpis"]:
                top = f"{dice.between(1, 2)} by {dice.pick(('', '-'))}{name_of(kpi)}"
                query["top"] = top + (" others" if dice.chance(2) else "")
                alone = one.rows({**query, "kpis": [kpi]})
                named = "others" in query["top"] or "totals" in query
                for other in more:
                    is_other = alone is not None and name_of(other) != name_of(kpi)
                    both = one.rows({**query, "kpis": [kpi, other]}) if is_other else None
                    if alone is None or both is None:
                        continue
                    before, after = (levels(rows, query["by"], named=named) for rows in (alone, both))
                    assert changed(before, after) == [], (seed, query, kpi, other)
                    looked_at += 1
    assert looked_at > 5
