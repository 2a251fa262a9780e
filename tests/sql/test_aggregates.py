"""Quantiles, spread, weighted means, ends and tuples: random rows against a few lines of Python."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kpidsl.model.types import FLOAT, INTEGER, TEXT, TIMESTAMP, decimal
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: [shop, id]
    time: at
    columns:
      shop: text
      id: integer
      at: timestamp
      sent: timestamp
      channel: text
      status: text
      amount: decimal(12,2)
      weight: integer
      score: float
      rate: {type: "decimal(8,4)", required: true}
dimensions:
  channel: {from: {orders: channel}}
metrics:
  middle: median(orders.amount)
  p95: percentile(orders.score where status = 'a', 0.95)
  p0: percentile(orders.amount, 0)
  p1: percentile(orders.amount, 1)
  spread: stddev(orders.amount)
  var: variance(orders.score)
  mean: weighted_avg(orders.amount where status != 'b', weight)
  first_status: first(orders.status)
  last_amount: last(orders.amount)
  last_sent: last(orders.score at sent)
  pairs: count_distinct(orders.status, weight)
  pairs_or_null: {formula: "count_distinct(orders.status, weight where score > 1e0)", empty: "null"}
  euros: sum(orders.amount * rate)
  rated: count_distinct(orders.rate where status = 'a')
  n: count(orders)
"""
COLUMNS = [
    ("shop", TEXT),
    ("id", INTEGER),
    ("at", TIMESTAMP),
    ("sent", TIMESTAMP),
    ("channel", TEXT),
    ("status", TEXT),
    ("amount", decimal(12, 2)),
    ("weight", INTEGER),
    ("score", FLOAT),
    ("rate", decimal(8, 4)),
]
AMOUNTS = ("0.00", "-5.25", "10.00", "10.01", "9999999999.99", "-9999999999.99", "0.01", "7.00")
Line = dict[str, Any]


def drawn(seed: int) -> list[Line]:
    dice = random.Random(seed)

    def maybe(value: object, of: int = 4) -> object:
        return None if dice.randrange(of) == 0 else value

    def moment() -> datetime:
        return datetime(2026, dice.randint(1, 2), dice.randint(1, 3), dice.choice((0, 12)))

    return [
        {
            "shop": dice.choice(("A", "a", "é")),
            "id": number,
            "at": maybe(moment(), 6),
            "sent": maybe(moment(), 2),
            "channel": maybe(dice.choice(("email", "shop", "Email"))),
            "status": maybe(dice.choice(("a", "b", "", "é"))),
            "amount": maybe(Decimal(dice.choice(AMOUNTS))),
            "weight": maybe(dice.choice((0, 1, -1, 3, 1000))),
            "score": maybe(dice.choice((0.0, -0.0, 1.5, -2.5, 1e12, 0.1))),
            "rate": maybe(Decimal(dice.choice(("1.1000", "0.0001"))), 12),
        }
        for number in range(dice.choice((0, 1, 2, 7, 40)))
    ]


def values(rows: list[Line], column: str) -> list[Any]:
    return [row[column] for row in rows if row[column] is not None]


def quantile(found: list[Any], p: Fraction) -> float | None:
    if not found:
        return None
    place = p * (len(found) - 1)
    exact = sorted(map(Fraction, found))
    low = exact[math.floor(place)]
    return float(low + (exact[math.ceil(place)] - low) * (place - math.floor(place)))


def variance(found: list[Any]) -> float | None:
    return float(statistics.variance(map(Fraction, found))) if len(found) > 1 else None


def root(found: float | None) -> float | None:
    return None if found is None else math.sqrt(found)


def weighted(rows: list[Line]) -> float | None:
    both = [(Fraction(r["amount"]), r["weight"]) for r in rows if None not in (r["amount"], r["weight"])]
    weights = sum(w for _, w in both)
    return float(sum(x * w for x, w in both) / weights) if weights else None


def end(rows: list[Line], column: str, pick: Callable[..., Line], time: str = "at") -> Any:
    known = [row for row in rows if row[column] is not None and row[time] is not None]
    return pick(known, key=lambda r: (r[time], r["shop"].encode(), r["id"]))[column] if known else None


def pairs(rows: list[Line]) -> int:
    return len({(r["status"], r["weight"]) for r in rows if None not in (r["status"], r["weight"])})


def of_status(rows: list[Line], wanted: Callable[[object], bool]) -> list[Line]:
    return [row for row in rows if wanted(row["status"])]


def euros(rows: list[Line]) -> Decimal | None:
    if any(row["rate"] is None for row in rows):
        return None
    return sum((r["amount"] * r["rate"] for r in rows if r["amount"] is not None), Decimal(0))


def rated(rows: list[Line]) -> int | None:
    mine = [row["rate"] for row in of_status(rows, lambda s: s == "a")]
    return None if None in mine else len(set(mine))


BY_HAND: dict[str, Callable[[list[Line]], Any]] = {
    "middle": lambda rows: quantile(values(rows, "amount"), Fraction(1, 2)),
    "p95": lambda rows: quantile(values(of_status(rows, lambda s: s == "a"), "score"), Fraction(19, 20)),
    "p0": lambda rows: quantile(values(rows, "amount"), Fraction(0)),
    "p1": lambda rows: quantile(values(rows, "amount"), Fraction(1)),
    "spread": lambda rows: root(variance(values(rows, "amount"))),
    "var": lambda rows: variance(values(rows, "score")),
    "mean": lambda rows: weighted(of_status(rows, lambda s: s != "b")),
    "first_status": lambda rows: end(rows, "status", min),
    "last_amount": lambda rows: end(rows, "amount", max),
    "last_sent": lambda rows: end(rows, "score", max, "sent"),
    "pairs": pairs,
    "pairs_or_null": lambda rows: pairs([r for r in rows if (r["score"] or 0) > 1]) or None,
    "euros": euros,
    "rated": rated,
    "n": len,
}


def is_same(found: Any, due: Any) -> bool:
    if isinstance(due, float) and isinstance(found, float):
        return math.isclose(found, due, rel_tol=1e-9, abs_tol=1e-9)
    return bool(found == due)


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
def test_every_aggregate_is_what_it_is_by_hand(engine: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    kpis = [*BY_HAND, "of_all = total(middle)", "last_of_all = total(last_amount)"]
    for seed in range(6):
        rows = drawn(seed)
        stored = [(("orders",), COLUMNS, [list(row.values()) for row in rows])]
        with answers.loaded(engine, stored) as connection:
            for by in ([], ["channel"]):
                groups: dict[object, list[Line]] = {} if by else {None: rows}
                for row in rows if by else ():
                    groups.setdefault(row["channel"], []).append(row)
                for strategy in answers.STRATEGIES:
                    compiled, wrong = answers.ask(project, {"kpis": kpis, "by": by}, engine, strategy)
                    assert not wrong
                    assert compiled is not None
                    columns, found = answers.answer(compiled, connection)
                    where = f"seed {seed} by {by} {strategy}"
                    assert len(found) == len(groups), where
                    for line in found:
                        cells = dict(zip(columns, line, strict=True))
                        mine = groups[cells.get("channel")]
                        for name, due in BY_HAND.items():
                            assert is_same(cells[name], due(mine)), f"{where}: {name} of {mine}"
                        assert is_same(cells["of_all"], BY_HAND["middle"](rows)), where
                        assert is_same(cells["last_of_all"], BY_HAND["last_amount"](rows)), where


def test_equal_values_have_exactly_no_spread(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    cells = ["A", 0, None, None, None, None, None, None, 0.1, None]
    stored = [(("orders",), COLUMNS, [[cells[0], n, *cells[2:]] for n in range(1_003)])]
    for engine in answers.ENGINES_HERE:
        compiled, _ = answers.ask(project, {"kpis": ["x = stddev(orders.score)", "var"]}, engine)
        assert compiled is not None
        with answers.loaded(engine, stored) as connection:
            assert answers.answer(compiled, connection)[1] == [(0.0, 0.0)]


def test_steps_are_named_and_read_the_table_once(tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    compiled, _ = answers.ask(project, {"kpis": ["middle", "n", "last_amount"], "by": ["channel"]}, "sqlite")
    assert compiled is not None
    assert [line.split()[-3] for line in compiled.sql.splitlines() if line.endswith(" AS (")] == [
        "orders_rows",
        "orders_ranked",
        "orders_by_channel",
    ]
    assert compiled.sql.count("FROM orders AS orders") == 1
