"""What is refused whatever the rows, and how the trials go on."""

from __future__ import annotations

import pytest

from . import trials
from .boutique import PROJECT
from .refusals import UNITS, WEEKS, refused
from .test_worlds import check_world
from .worlds import World

SHOP = {"datasets": PROJECT["datasets"]}
NOTHING: dict[str, list[dict[str, object]]] = {name: [] for name in PROJECT["datasets"]}


@pytest.mark.parametrize(
    ("formula", "codes"),
    [
        ("sum(date_diff(year, orders.ordered_at, shipped_on)) + 1", set()),
        ("sum(date_diff(year, orders.ordered_at, shipped_on)) - sum(date_diff(quarter, orders.ordered_at, shipped_on))", set()),
        ("sum(date_diff(week, orders.ordered_at, shipped_on)) - sum(date_diff(day, orders.ordered_at, shipped_on))", set()),
        ("sum(date_diff(year, orders.ordered_at, shipped_on)) - sum(date_diff(day, orders.ordered_at, shipped_on))", {UNITS}),
        ("count(orders where date_diff(month, ordered_at, shipped_on) > 10 days)", {UNITS}),
        ("date_diff(day, 2026-01-01, period_end) + growth(count(orders), 1 year)", {UNITS}),
        ("avg(prior(count(orders), 1 month) per week)", {WEEKS}),
        ("avg(growth(prior(count(orders), 7 days), 1 quarter) per week)", {WEEKS}),
        ("avg(prior(rolling(count(orders), 7 days), 1 year) per week)", {WEEKS}),
        ("avg(rolling(prior(count(orders), 1 year), 7 days) per week)", set()),
        ("avg(avg(prior(count(orders), 1 year) per month) per week)", {WEEKS}),
        ("prior(avg(count(orders) per week), 1 year)", set()),
        ("avg(prior(count(orders), 52 weeks) per week)", set()),
        ("count(count(orders where order_id in prior(values(orders.order_id), 1 month)) per week)", {WEEKS}),
    ],
)  # fmt: skip
def test_what_nobody_can_answer_is_refused(formula: str, codes: set[str]) -> None:
    world = World(SHOP, NOTHING, {"kpis": [f"k = {formula}"], "period": "2026"})
    assert refused(world) == codes
    assert check_world(world) == codes


def test_weeks_of_the_query() -> None:
    formulas = {
        "prior(count(orders), 1 year)": {WEEKS},
        "prior(total(count(orders) across week), 1 year)": set(),
        "total(prior(count(orders), 1 year) across week)": set(),
        "share(prior(count(orders), 1 month) across week)": {WEEKS},
        "rolling(count(orders), 1 month)": set(),
    }
    for formula, codes in formulas.items():
        query = {"kpis": [f"k = {formula}"], "period": "2026", "by": ["week"]}
        assert refused(World(SHOP, NOTHING, query)) == codes, formula
        assert check_world(World(SHOP, NOTHING, query)) == codes


def test_trials_go_on_after_a_world_that_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = iter([AssertionError("duckdb, fast: two rows"), {UNITS}, set(), KeyError("year")])

    def check(_: World) -> object:
        found = next(outcomes)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(trials, "check_world", check)
    assert trials.main(["7", "4", "--engine", "duckdb"]) == 1
    told = capsys.readouterr()
    assert told.out == "4 worlds; refused as they must be: unit/mismatch 1; 2 failed: 7 10\n"
    assert "seed 7: AssertionError: duckdb, fast: two rows" in told.err
    assert "seed 10: KeyError: 'year'" in told.err


def test_trials_stop_where_they_are_asked_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = iter([set(), AssertionError("no"), set()])

    def check(_: World) -> object:
        found = next(outcomes)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(trials, "check_world", check)
    assert trials.main(["1", "3", "--stop", "--engine", "duckdb"]) == 1
    assert capsys.readouterr().out == "2 worlds; 1 failed: 2\n"
