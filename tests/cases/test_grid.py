"""Every construct meets every formula, by a grain or not, by a member or not: the case files themselves tell."""

from __future__ import annotations

from tests.cases.grid import ALL, Cell, cells_of
from tests.cases.reader import case_paths

MISSING: dict[tuple[str, str], str] = {
    ("per entity", "ratio"): "grain+member",
    ("per entity", "distinct count"): "grain+member grain member nothing",
    ("per entity", "median"): "grain+member grain member nothing",
    ("per entity", "several datasets"): "grain+member member",
    ("per day", "sum"): "grain+member member",
    ("per day", "ratio"): "grain+member grain member nothing",
    ("per day", "distinct count"): "grain+member member nothing",
    ("per day", "median"): "grain+member grain member nothing",
    ("per day", "several datasets"): "grain+member grain member nothing",
    ("period_start", "sum"): "grain+member member nothing",
    ("period_start", "ratio"): "grain+member grain member nothing",
    ("period_start", "distinct count"): "grain+member grain member nothing",
    ("period_start", "median"): "grain+member grain member nothing",
    ("period_start", "several datasets"): "grain+member grain member nothing",
    ("period_end", "sum"): "grain+member member nothing",
    ("period_end", "ratio"): "grain+member grain member nothing",
    ("period_end", "distinct count"): "grain+member grain member nothing",
    ("period_end", "median"): "grain+member grain member nothing",
    ("period_end", "several datasets"): "grain+member grain member nothing",
    ("having", "sum"): "grain+member grain member",
    ("having", "ratio"): "grain+member grain member nothing",
    ("having", "distinct count"): "grain+member grain member nothing",
    ("having", "median"): "grain+member grain member nothing",
    ("having", "several datasets"): "grain+member grain member nothing",
    ("followed_by", "ratio"): "member",
    ("followed_by", "distinct count"): "grain member",
    ("followed_by", "median"): "grain+member grain member nothing",
    ("followed_by", "several datasets"): "grain+member grain member nothing",
    ("values", "sum"): "grain+member member",
    ("values", "ratio"): "member",
    ("values", "distinct count"): "member",
    ("values", "median"): "grain+member grain member nothing",
    ("values", "several datasets"): "grain+member grain member nothing",
}
"""What no case file asks yet. A cell that some file fills leaves the list."""


def _listed() -> frozenset[Cell]:
    return frozenset(
        Cell(construct, formula, "grain" in by, "member" in by)
        for (construct, formula), ways in MISSING.items()
        for by in ways.split()
    )


def test_every_cell_of_the_grid_is_asked() -> None:
    filled = frozenset().union(*map(cells_of, case_paths()))
    missing = ALL - filled
    unlisted = sorted(map(str, missing - _listed()))
    assert not unlisted, "\n".join(["no case file asks any more", *unlisted])
    found = sorted(map(str, _listed() - missing))
    assert not found, "\n".join(["to be taken off the list", *found])
