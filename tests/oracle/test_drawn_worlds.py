"""Drawn worlds are worlds: each has a table, whatever the order of its rows."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from . import evaluate
from .definitions import Definitions
from .features import EVERYTHING
from .worlds import World, worlds


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(features=EVERYTHING))
def test_a_drawn_world_has_a_table(world: World) -> None:
    table = evaluate(*world)
    by, kpis = world.query["by"], world.query["kpis"]
    assert len(table.columns) == len(by) + len(kpis)
    keys = [row[: len(by)] for row in table.rows]
    assert len(set(keys)) == len(keys)
    assert len(keys) <= world.query.get("limit", len(keys))
    if not by:
        assert len(keys) == 1


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(features=EVERYTHING))
def test_the_order_of_rows_in_the_data_does_not_matter(world: World) -> None:
    turned = {name: rows[::-1] for name, rows in world.rows.items()}
    assert repr(evaluate(*world).columns) == repr(evaluate(world.project, turned, world.query).columns)
    straight, back = evaluate(*world).rows, evaluate(world.project, turned, world.query).rows
    assert straight == back


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(features=EVERYTHING))
def test_declared_keys_are_unique_in_drawn_rows(world: World) -> None:
    definitions = Definitions.read(world.project)
    for name, dataset in definitions.datasets.items():
        keys = [tuple(row[dataset.columns[k].physical] for k in dataset.key) for row in world.rows[name]]
        assert len(set(keys)) == len(keys)
        assert all(None not in key for key in keys)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(shifted_only_in_a_period=True, features=EVERYTHING))
def test_zones_may_be_kept_to_queries_with_a_period(world: World) -> None:
    datasets = Definitions.read(world.project).datasets.values()
    shifted = any(column.zone for dataset in datasets for column in dataset.columns.values())
    assert "period" in world.query or not shifted
    assert len(evaluate(*world).columns) == len(world.query["by"]) + len(world.query["kpis"])
