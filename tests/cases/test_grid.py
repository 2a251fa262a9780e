"""Every construct meets every formula, by a grain or not, by a member or not: the case files themselves tell."""

from __future__ import annotations

from tests.cases.grid import ALL, cells_of
from tests.cases.reader import case_paths


def test_every_cell_of_the_grid_is_asked() -> None:
    filled = frozenset().union(*map(cells_of, case_paths()))
    assert sorted(map(str, ALL - filled)) == []
