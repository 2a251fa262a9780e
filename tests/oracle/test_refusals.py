"""What is refused whatever the rows, and how the trials go on."""

from __future__ import annotations

import pytest

from . import trials
from .boutique import PROJECT
from .refusals import CALENDAR, UNBOUNDED, UNITS, WEEKS, refused
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
        ("avg(prior(count(orders), 1 period) per week)", {WEEKS}),
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


def test_windows_without_an_end() -> None:
    total = "prior(total(count(orders) across month), 1 year)"
    asked: dict[str, tuple[dict[str, object], set[str]]] = {
        "prior(count(orders), 1 year)": ({}, {UNBOUNDED}),
        "rolling(count(orders), 28 days)": ({}, {UNBOUNDED}),
        "rolling(prior(count(orders), 1 year), 28 days)": ({"as_of": "2026-08-15"}, set()),
        "cumulative(to_date(count(orders), year))": ({}, {UNBOUNDED}),
        "count(prior(count(orders), 1 year) per month)": ({}, set()),
        "during(prior(count(orders), 1 year), 2026-01-01, 2026-02-01)": ({}, set()),
        total: ({"by": ["month"]}, {UNBOUNDED}),
        "growth(count(orders), 1 year)": ({"by": ["month"], "totals": True}, {UNBOUNDED}),
        "growth(count(orders), 1 month)": ({"by": ["month"], "top": "1 by k others"}, {UNBOUNDED}),
        "growth(count(orders), 2 months)": ({"by": ["month"], "top": "1 by k"}, set()),
        "growth(count(orders), 3 months)": ({"by": ["month", "orders.status"], "top": "1 by k"}, {UNBOUNDED}),
        "growth(count(orders), 4 months)": ({"by": ["month"], "totals": True, "period": "2026"}, set()),
    }
    for formula, (query, codes) in asked.items():
        world = World(SHOP, NOTHING, {"kpis": [f"k = {formula}"], **query})
        assert refused(world) == codes, formula
        assert check_world(world) == codes, formula


def test_buckets_of_another_calendar() -> None:
    retail = {
        "table": "retail_days",
        "day": "day",
        "columns": {"day": "date", "week_key": "text", "month_key": "text"},
        "grains": {"retail_week": "week_key", "retail_month": "month_key"},
    }
    shop = {**SHOP, "calendars": {"retail": retail}}
    formulas = {
        "prior(count(orders), 1 retail_week)": set(),
        "prior(prior(count(orders), 1 retail_week), 3 days)": {CALENDAR},
        "prior(prior(count(orders), 3 days), 1 retail_week)": set(),
        "prior(count(orders), 1 retail_month)": {CALENDAR},
        "rolling(prior(count(orders), 1 retail_month), 2 retail_months)": set(),
        "to_date(prior(count(orders), 1 retail_month), retail_month)": set(),
        "rolling(prior(count(orders), 1 retail_month), 7 days)": {CALENDAR},
        "count(prior(count(orders), 1 retail_week) per week)": {CALENDAR},
        "count(prior(count(orders), 1 retail_month) per retail_month)": set(),
        "total(prior(count(orders), 1 retail_week) across retail_week)": {CALENDAR},
    }
    for formula, codes in formulas.items():
        world = World(
            shop,
            {**NOTHING, "retail": []},
            {"kpis": [f"k = {formula}"], "by": ["retail_week"], "period": "2026"},
        )
        assert refused(world) == codes, formula
        assert check_world(world) == codes, formula


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
