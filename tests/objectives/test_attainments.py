"""The laws of attainment, held by what the SQL says of 100,000 drawn values, targets and baselines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow
import pytest

import kpidsl

MANY = 25_000
"""Draws for each of the four ways to promise something; each has three rows."""
DEFINITIONS = """\
datasets:
  draws:
    table: draws
    key: id
    time: day
    columns: {id: integer, day: date, v: "decimal(18,4)", t: "decimal(18,4)", b: "decimal(18,4)"}
dimensions:
  draw: {type: integer, from: {draws: id}}
metrics:
  due: max(draws.t)
  begun: max(draws.b)
kpis:
  up: {label: Up, formula: max(draws.v), direction: up, owner: a@example.com}
  down: {label: Down, formula: max(draws.v), direction: down, owner: a@example.com}
objectives:
"""


@dataclass(frozen=True, slots=True)
class Draw:
    value: Decimal
    target: Decimal
    baseline: Decimal
    step: Decimal
    factor: Decimal

    @property
    def rows(self) -> tuple[tuple[Decimal, ...], ...]:
        """The draw, one with a greater value, and the same in another unit."""
        own = (self.value, self.target, self.baseline)
        return own, (self.value + self.step, *own[1:]), tuple(one * self.factor for one in own)


def drawn(seed: int, sign: int) -> list[Draw]:
    """Return draws of any sign and size; a target of zero is among them, and a value that is the target."""
    chance = Random(seed)

    def number() -> Decimal:
        size = chance.choice((5, 100, 10_000))
        return (
            Decimal(chance.randint(-size * 100, size * 100)).scaleb(-2)
            if chance.random() > 0.02
            else Decimal(0)
        )

    found = []
    for _ in range(MANY):
        target = number()
        value = target if chance.random() < 0.1 else number()
        way = Decimal(chance.randint(1, 100_000)).scaleb(-2)
        step = Decimal(chance.randint(1, 1000)).scaleb(-2)
        factor = chance.choice((Decimal("0.01"), Decimal(2), Decimal(1000)))
        found.append(Draw(value, target, target - sign * way, step, factor))
    return found


def judged(folder: Path, objective: str, draws: list[Draw]) -> list[dict[str, Any]]:
    """Return the rows of an objective, three for each draw."""
    (folder / "definitions").mkdir()
    (folder / "kpidsl.yml").write_text("project: draws\nlanguage: 1\nconnection: duckdb:///draws.duckdb\n")
    (folder / "definitions" / "all.yml").write_text(DEFINITIONS + objective)
    rows = [row for draw in draws for row in draw.rows]
    values = pyarrow.table(
        {
            name: pyarrow.array([row[place] for row in rows], pyarrow.decimal128(18, 4))
            for place, name in enumerate("vtb")
        }
    ).append_column("id", pyarrow.array(range(len(rows))))
    with duckdb.connect(str(folder / "draws.duckdb")) as connection:
        connection.register("values_drawn", values)
        connection.execute("create table draws as select *, date '2026-01-05' as day from values_drawn")
    query = kpidsl.load(folder).objective("o").query(as_of="2026-01-20", order=["draw"])
    return query.run().rows()


@pytest.mark.parametrize("has_baseline", [False, True])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_laws_of_attainment(sign: int, *, has_baseline: bool, tmp_path: Path) -> None:
    kpi, kind = ("up", "at_least") if sign > 0 else ("down", "at_most")
    objective = (
        f"  o: {{kpi: {kpi}, kind: {kind}, by: [draw], effective: {{from: 2026-01-01, until: 2026-02-01}}, "
        f"target: due, {'baseline: begun, ' if has_baseline else ''}owner: a@example.com}}\n"
    )
    draws = drawn(sign + 10 * has_baseline, sign)
    rows = judged(tmp_path, objective, draws)
    assert len(rows) == 3 * MANY
    told = 0
    for place, draw in enumerate(draws):
        own, greater, scaled = rows[3 * place : 3 * place + 3]
        for row in (own, greater, scaled):
            # Whether it is met is known whatever the target is, and an attainment wherever it is no zero.
            assert row["met"] is ((row["value"] - row["target"]) * sign >= 0)
            assert (row["attainment"] is None) == (not has_baseline and draw.target == 0), (draw, row)
            assert (row["status"] == "error") == (row["attainment"] is None)
        attained = own["attainment"]
        if attained is None:
            continue
        told += 1
        assert attained == pytest.approx(
            float(exact(draw, sign, has_baseline=has_baseline)), rel=1e-9, abs=1e-9
        )
        assert math.isfinite(attained)
        assert (attained == 1) == (draw.value == draw.target), draw
        assert (attained >= 1) == own["met"], draw
        assert (greater["attainment"] - attained) * sign > 0, draw
        assert scaled["attainment"] == pytest.approx(attained, rel=1e-9, abs=1e-9), draw
    assert told > MANY * 9 // 10


def exact(draw: Draw, sign: int, *, has_baseline: bool) -> Fraction:
    """Return an attainment as the page has it."""
    value, target, baseline = map(Fraction, (draw.value, draw.target, draw.baseline))
    if has_baseline:
        return (value - baseline) / (target - baseline)
    return 1 + sign * (value - target) / abs(target)
