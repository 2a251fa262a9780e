"""Seeded worlds on the engines that are not in memory: some here, as many as wanted by `make trials`."""

from __future__ import annotations

import pytest

from tests import answers, servers
from tests.drawn import blocks

from .dice import SeededDice
from .features import EVERYTHING
from .test_worlds import check_world
from .worlds import draw_world


@pytest.mark.parametrize("engine", [name for name in servers.ASKED if name not in servers.IN_MEMORY])
@pytest.mark.parametrize("block", blocks(4))
def test_seeded_worlds(block: int, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ENGINES", (engine,))
    for seed in range(block * 100, block * 100 + 100, 4):
        check_world(draw_world(SeededDice(seed), features=EVERYTHING))
