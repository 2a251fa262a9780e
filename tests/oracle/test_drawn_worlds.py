"""Drawn worlds are worlds: each has a table, whatever the order of its rows."""

from __future__ import annotations

from functools import cache

import pytest

from . import evaluate
from .definitions import Definitions
from .dice import SeededDice
from .features import EVERYTHING
from .worlds import World, draw_world


@cache
def drawn() -> list[World]:
    return [draw_world(SeededDice(seed), features=EVERYTHING) for seed in range(20_000, 20_150)]


@pytest.mark.drawn
def test_a_drawn_world_has_a_table() -> None:
    for world in drawn():
        table, query = evaluate(*world), world.query
        by, period = query["by"], query.get("period")
        levels = "totals" in query or "others" in query.get("top", "")
        many = len(period) if isinstance(period, list) else 1
        flags = [c for c in table.columns if c in ("_partial", "_provisional")]
        assert len(table.columns) == len(by) + levels + many * len(query["kpis"]) + len(flags)
        assert len(table.rows) <= query.get("limit", len(table.rows))
        if "null_label" not in query:
            keys = [row[: len(by) + levels] for row in table.rows]
            assert len(set(keys)) == len(keys)
        if not by:
            assert len(table.rows) == 1 or "having" in query


@pytest.mark.drawn
def test_the_order_of_rows_in_the_data_does_not_matter() -> None:
    for world in drawn()[:100]:
        turned = {name: rows[::-1] for name, rows in world.rows.items()}
        straight, back = evaluate(*world), evaluate(world.project, turned, world.query)
        assert straight.columns == back.columns
        assert straight.rows == back.rows


def test_declared_keys_are_unique_in_drawn_rows() -> None:
    for world in drawn():
        for name, dataset in Definitions.read(world.project).datasets.items():
            keys = [tuple(row[dataset.columns[k].physical] for k in dataset.key) for row in world.rows[name]]
            assert len(set(keys)) == len(keys)
            assert all(None not in key for key in keys)
