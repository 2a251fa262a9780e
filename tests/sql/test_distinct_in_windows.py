"""Different values in moved windows: both plans and both engines give what sets of days give."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpidsl.engines import Connection
from kpidsl.semantics.check import CheckedProject
from tests import answers

ZONE = ZoneInfo("Europe/Paris")
SETTINGS = "timezone: Europe/Paris\nfiscal_year_start: 4\n"
DEFINITIONS = """
datasets:
  visits:
    description: One row per visit
    table: visits
    key: visit_id
    time: visited_at
    columns:
      visit_id: integer
      visitor: text
      device: integer
      channel: text
      visited_at: {type: timestamp, timezone: UTC}
      visited_on: date
      pages: integer
dimensions:
  channel: {type: text, from: {visits: channel}}
metrics:
  visitors: count_distinct(visits.visitor)
  pages: sum(visits.pages)
  visitors_or_nothing:
    formula: count_distinct(visits.visitor)
    empty: null
"""
COLUMNS = (
    ("visit_id", "integer"),
    ("visitor", "text"),
    ("device", "integer"),
    ("channel", "text"),
    ("visited_at", "timestamp"),
    ("visited_on", "date"),
    ("pages", "integer"),
)
FIRST, DAYS = date(2025, 1, 20), 110
"""The clocks go forward on 30 March."""

Row = tuple[int, str | None, int | None, str | None, datetime | None, date | None, int]


def drawn(seed: int) -> list[Row]:
    """Return visits at any second, some at midnights and some without a visitor, a time or a channel."""
    dice = random.Random(seed)
    rows: list[Row] = []
    for number in range(160):
        day = FIRST + timedelta(days=dice.choice((dice.randrange(DAYS), dice.randrange(30, 45))))
        seconds = dice.choice((0, 0, 86_399, 5_400, dice.randrange(86_400)))
        local = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(seconds=seconds)
        at = local.astimezone(UTC).replace(tzinfo=None)
        rows.append(
            (
                number,
                dice.choice(("Ana", "ana", "Bo", "Cy", "Di", None, None)),
                dice.choice((1, 2, None)),
                dice.choice(("web", "shop", None)),
                None if dice.randrange(20) == 0 else at,
                None if dice.randrange(20) == 0 else day,
                dice.randrange(9),
            )
        )
    return rows


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path_factory.mktemp("visits"), SETTINGS, DEFINITIONS))


def connected(engine: str, rows: Sequence[Row]) -> Connection:
    columns = [(name, answers.type_named(type_)) for name, type_ in COLUMNS]
    return answers.loaded(engine, [(("visits",), columns, rows)])


def test_rolling_counts_are_those_of_sets(project: CheckedProject) -> None:
    rows = drawn(0)
    query = {"kpis": ["of_week = rolling(visitors, 7 days)"], "by": ["day"]}
    found: dict[date, set[str | None]] = {}
    for _, visitor, _, _, at, _, _ in rows:
        if at is not None:
            local = at.replace(tzinfo=UTC).astimezone(ZONE).date()
            found.setdefault(local, set()).add(visitor)
    expected = []
    for number in range((max(found) - min(found)).days + 1):
        day = min(found) + timedelta(days=number)
        seen = [found[day - timedelta(days=back)] for back in range(7) if day - timedelta(days=back) in found]
        if seen:
            expected.append((day, len(set().union(*seen) - {None})))
    for engine in answers.ENGINES:
        with connected(engine, rows) as connection:
            for strategy in answers.STRATEGIES:
                compiled, wrong = answers.ask(project, query, engine, strategy)
                assert compiled is not None, wrong
                assert answers.answer(compiled, connection)[1] == expected, (engine, strategy)


WINDOWED = (
    ("rolling(visitors, 10 days)", "rolling(visitors, 1 week)", "rolling(visitors, 2 months)"),
    ("to_date(visitors, month)", "to_date(visitors, week)", "to_date(visitors, fiscal_year)"),
    ("cumulative(visitors)", "during(visitors, 2025-02-10, 2025-04-01)", "to_date(visitors, quarter)"),
    ("prior(rolling(visitors, 10 days), 1 month)", "rolling(prior(visitors, 1 month), 10 days)"),
    ("prior(to_date(visitors, month), 1 month)", "to_date(prior(visitors, 1 month), month)"),
    ("rolling(visitors_or_nothing, 3 days)", "rolling(visitors, 3 days) - rolling(visitors, 2 days)"),
    ("rolling(count_distinct(visits.visitor, device), 9 days)", "cumulative(count_distinct(visits.device))"),
    (
        "rolling(visitors where channel = 'web', 9 days)",
        "rolling(visitors, 9 days)",
        "rolling(pages, 9 days)",
    ),
    (
        "rolling(count_distinct(visits.visitor at visited_on), 5 days)",
        "visitors",
        "rolling(visitors, 5 days)",
    ),
    ("total(rolling(visitors, 8 days))", "total(to_date(visitors, month))", "rolling(visitors, 8 days)"),
    ("prior(rolling(visitors, 10 days), 28 days)", "growth(cumulative(visitors), 1 month)"),
    (
        "rolling(count_distinct(visits.visitor where visitor in prior(values(visits.visitor), 14 days)), 7 days)",
    ),
    (
        "rolling(count_distinct(visits.visitor where visitor in values(visits.visitor where pages > 6)), 7 days)",
        "rolling(count_distinct(visits.visitor where visitor in during(values(visits.visitor), 2025-02-01, 2025-03-01)), 7 days)",
    ),
)
"""KPIs that are asked for together. A shift of weeks by months is an error: those with one are not."""
SHAPES = (
    {"by": ["day"]},
    {"by": ["channel", "day"], "period": "2025-03"},
    {"by": ["month", "channel"], "as_of": "2025-03-31T09:30:00Z"},
    {"by": ["day", "channel"], "as_of": "2025-03-30 03:30", "fill": True},
    {"by": ["month"], "period": "2025-02-10..2025-04-17", "totals": "rollup"},
    {"by": ["week"]},
    {"by": ["week", "channel"], "as_of": "2025-04-02", "period": "2025"},
    {"by": ["quarter"], "where": "channel != 'shop'", "partial": "whole", "as_of": "2025-03-12"},
)


PAIRS = [(a, s) for a in range(len(WINDOWED)) for s in range(len(SHAPES)) if (a + s) % 4 == 0]
"""Each KPI in some of the shapes, and each shape with KPIs of every kind."""


@pytest.mark.parametrize(("asked", "shape"), PAIRS)
def test_both_plans_agree(project: CheckedProject, asked: int, shape: int) -> None:
    rows = drawn(asked * len(SHAPES) + shape)
    query = {"kpis": [f"kpi_{n} = {text}" for n, text in enumerate(WINDOWED[asked])], **SHAPES[shape]}
    if query["by"][0] == "week":
        query["kpis"] = [text for text in query["kpis"] if "1 month)" not in text]
    if not query["kpis"]:
        return
    found = {}
    for engine in answers.ENGINES:
        with connected(engine, rows) as connection:
            for strategy in answers.STRATEGIES:
                compiled, wrong = answers.ask(project, query, engine, strategy)
                assert compiled is not None, wrong
                found[engine, strategy] = answers.answer(compiled, connection)
    for result in found.values():
        assert result == found["duckdb", "naive"]
