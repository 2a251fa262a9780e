"""Objectives over random worlds: the oracle and the product judge alike."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import yaml

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from tests import answers
from tests.drawn import blocks

from .dice import SeededDice
from .drawn_objectives import draw_objective
from .features import EVERYTHING
from .objectives import evaluate_objective
from .table import OracleRefuses
from .test_worlds import Plain, differences, stored_tables, written_project
from .worlds import draw_world

FEATURES = EVERYTHING - {"hours", "comparable"}


def check_objective(seed: int, folder: Path) -> bool:
    """Compare the tables of a seed's objective; false where either declines it."""
    dice = SeededDice(seed)
    world = draw_world(dice, features=FEATURES)
    project, asked = draw_objective(dice, world)
    try:
        expected = evaluate_objective(project, world.rows, asked)
    except OracleRefuses:
        return False
    plain = {key: value for key, value in project.items() if key != "objectives"}
    written_project(world._replace(project=plain), folder)
    text = yaml.dump({"objectives": project["objectives"]}, Dumper=Plain, sort_keys=False)
    (folder / "definitions" / "objectives.yml").write_text(text, encoding="utf-8")
    sink = Sink()
    checked = load(folder, sink)
    if checked is None or sink.has_errors:
        return False
    for engine, strategy in (("duckdb", "fast"), ("duckdb", "naive"), ("sqlite", "fast")):
        with answers.loaded(engine, stored_tables(world)) as connection:
            compiled, _ = answers.ask(checked, asked, engine, strategy)  # type: ignore[arg-type]
            if compiled is None:
                return False
            columns, rows = answers.answer(compiled, connection)
        common = [name for name in expected.columns if name in columns and name != "data_through"]
        wanted = [tuple(row[expected.columns.index(name)] for name in common) for row in expected.rows]
        found = [tuple(row[columns.index(name)] for name in common) for row in rows]
        assert not differences(wanted, found), f"seed {seed}, {engine}, {strategy}: {project['objectives']}"
    return True


@pytest.mark.parametrize("block", blocks(4))
def test_objectives_over_seeded_worlds(block: int, tmp_path: Path) -> None:
    """So many are judged of each block, however many of what is drawn makes no objective."""
    seeds = range(block * 100, block * 100 + 60)
    judged = (seed for seed in seeds if check_objective(seed, tmp_path / str(seed)))
    assert len(list(islice(judged, 8))) == 8
