"""Values sought in sets of other buckets: both plans and every engine give what sets of buckets give."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from kpidsl.engines import Connection
from kpidsl.plan.printing import print_plan
from kpidsl.semantics.check import CheckedProject
from tests import answers

SETTINGS = "fiscal_year_start: 4\n"
DEFINITIONS = """
datasets:
  visits:
    description: One row per visit
    table: visits
    key: visit_id
    time: visited_on
    columns: {visit_id: integer, visitor: text, channel: text, shop_id: integer, visited_on: date, pages: integer}
    joins:
      shop: {to: shops, using: shop_id}
  shops:
    table: shops
    key: shop_id
    columns: {shop_id: integer, country: text}
dimensions:
  channel: {type: text, from: {visits: channel}}
  country: {type: text, from: {visits: shop.country}}
metrics:
  visitors: count_distinct(visits.visitor)
"""
COLUMNS = (
    ("visit_id", "integer"),
    ("visitor", "text"),
    ("channel", "text"),
    ("shop_id", "integer"),
    ("visited_on", "date"),
    ("pages", "integer"),
)
FIRST = date(2019, 12, 30)
"""A Monday."""

Row = tuple[int, str | None, str | None, int | None, date | None, int]


def drawn(seed: int, days: int, count: int) -> list[Row]:
    """Return visits on some days, some without a visitor, a day, a channel or a shop."""
    dice = random.Random(seed)
    return [
        (
            number,
            dice.choice(("Ana", "ana", "Bo", "Cy", "Di", "Ed", None)),
            dice.choice(("web", "shop", None)),
            dice.choice((1, 2, 3, None)),
            None if dice.randrange(20) == 0 else FIRST + timedelta(days=dice.randrange(days)),
            dice.randrange(9),
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path_factory.mktemp("visits"), SETTINGS, DEFINITIONS))


def connected(engine: str, rows: Sequence[Row]) -> Connection:
    columns = [(name, answers.type_named(type_)) for name, type_ in COLUMNS]
    shops = [("shop_id", answers.type_named("integer")), ("country", answers.type_named("text"))]
    return answers.loaded(
        engine, [(("visits",), columns, rows), (("shops",), shops, [(1, "FR"), (2, "BE"), (3, None)])]
    )


def kept(back: int) -> str:
    return f"count_distinct(visits.visitor where visitor in prior(values(visits.visitor), {back} weeks))"


@pytest.mark.parametrize("back", [1, 5, 61, 62])
def test_weeks_over_several_blocks_are_those_of_sets(project: CheckedProject, back: int) -> None:
    rows = drawn(back, 7 * 400, 1_500)
    query = {"kpis": [f"kept = {kept(back)}", f"lost = prior(visitors, {back} weeks)"], "by": ["week"]}
    found: dict[date, set[str]] = {}
    for _, visitor, _, _, day, _ in rows:
        if day is not None and visitor is not None:
            found.setdefault(day - timedelta(days=day.weekday()), set()).add(visitor)
    expected = {}
    for week, seen in found.items():
        before = found.get(week - timedelta(days=7 * back), set())
        if seen & before:
            expected[week] = (len(seen & before), len(before))
    for strategy in answers.STRATEGIES:
        compiled, wrong = answers.ask(project, query, "duckdb", strategy)
        assert compiled is not None, wrong
        assert strategy == "naive" or "Traced by" in print_plan(compiled.plan)
        with connected("duckdb", rows) as connection:
            answered = answers.answer(compiled, connection)[1]
        assert {week: (kept, lost) for week, kept, lost in answered if kept} == expected


TESTED = (
    (
        "count_distinct(visits.visitor where visitor in prior(values(visits.visitor), 1 month))",
        "prior(visitors, 1 month)",
    ),
    (
        "count_distinct(visits.visitor where visitor not in prior(values(visits.visitor), 1 month))",
        "visitors",
    ),
    (
        "count_distinct(visits.visitor where pages > 2 and visitor in prior(values(visits.visitor where pages < 7), 2 months))",
        "prior(count_distinct(visits.visitor where pages < 7), 2 months)",
        "sum(visits.pages)",
    ),
    (
        "count_distinct(visits.visitor where visitor not in prior(values(visits.visitor), 1 month)"
        " and visitor in prior(values(visits.visitor), 3 months))",
        "count_distinct(visits.visitor where shop.country = 'FR' and visitor in values(visits.visitor where pages > 4))",
    ),
    (
        "count_distinct(visits.visitor where visitor not in prior(values(visits.visitor where shop.country = 'FR'), 1 year))",
        "prior(sum(visits.pages), 1 month)",
        "prior(count_distinct(visits.visitor where pages > 1), 1 year)",
    ),
)
SHAPES = (
    {"by": ["month"]},
    {"by": ["channel", "month"]},
    {"by": ["month", "country"], "period": "2020-03-01..2020-10-01"},
    {"by": ["quarter"], "as_of": "2020-08-20"},
    {"by": ["fiscal_quarter", "channel"], "as_of": "2020-10-01", "period": "2020"},
    {"by": ["month"], "period": "2020-02-10..2020-08-17", "totals": "rollup"},
    {"by": ["month"], "where": "channel != 'web'", "fill": True},
)
PAIRS = [(a, s) for a in range(len(TESTED)) for s in range(len(SHAPES)) if (a + s) % 2 == 0]


@pytest.mark.parametrize(("asked", "shape"), PAIRS)
def test_both_plans_agree(project: CheckedProject, asked: int, shape: int) -> None:
    rows = drawn(asked * len(SHAPES) + shape, 500, 300)
    query = {"kpis": [f"kpi_{n} = {text}" for n, text in enumerate(TESTED[asked])], **SHAPES[shape]}
    found = {}
    for engine in answers.ENGINES:
        with connected(engine, rows) as connection:
            for strategy in answers.STRATEGIES:
                compiled, wrong = answers.ask(project, query, engine, strategy)
                assert compiled is not None, wrong
                found[engine, strategy] = answers.answer(compiled, connection)
    for result in found.values():
        assert result == found["duckdb", "naive"]


@pytest.mark.parametrize(
    ("formula", "by"),
    [
        (kept(63), "week"),
        ("count_distinct(visits.visitor where visitor in prior(values(visits.visitor), 1 day))", "day"),
        ("count_distinct(visits.visitor where visitor in rolling(values(visits.visitor), 40 days))", "month"),
        ("count_distinct(visits.visitor where visitor in total(values(visits.visitor)))", "month"),
        ("count(visits where visitor in prior(values(visits.visitor), 1 month))", "month"),
        ("count_distinct(visits.channel where visitor in prior(values(visits.visitor), 1 month))", "month"),
        (
            "count_distinct(visits.visitor where visitor in prior(values(visits.visitor including null), 1 month))",
            "month",
        ),
    ],
)
def test_other_questions_keep_their_sets(project: CheckedProject, formula: str, by: str) -> None:
    compiled, wrong = answers.ask(project, {"kpis": [f"kpi = {formula}"], "by": [by, "channel"]}, "duckdb")
    assert compiled is not None, wrong
    assert "Traced by" not in print_plan(compiled.plan)
