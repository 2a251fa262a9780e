"""Seeded worlds on PostgreSQL: some here, as many as wanted by `make trials`."""

from __future__ import annotations

import pytest

from tests import answers, postgres

from .dice import SeededDice
from .features import LANDED
from .test_worlds import check_world
from .worlds import draw_world

SLOW = (156, 222, 277)
"""Windows within windows of entities, cut within a day: seconds to compile."""


@pytest.mark.skipif(not postgres.IS_THERE, reason=postgres.WHY_NOT)
@pytest.mark.parametrize("block", range(4))
def test_seeded_worlds(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ENGINES", ("postgres",))
    for seed in range(block * 100, block * 100 + 100, 4):
        if seed not in SLOW:
            check_world(draw_world(SeededDice(seed), features=LANDED))
