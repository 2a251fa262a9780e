"""What is said of as-of joins that cannot be found, and parameters in them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.model.types import INTEGER, TIMESTAMP
from kpidsl.plan.printing import print_plan
from tests import answers

PROJECT = """
datasets:
  orders:
    table: orders
    key: id
    time: at
    columns:
      id: integer
      visitor: integer
      at: timestamp
      moment: {{type: timestamp, expr: {moment}}}
    joins:
      session:
        to: sessions
        using: visitor
        match: latest
        before: moment
        within: {within}
  sessions:
    table: sessions
    key: id
    time: at
    where: {where}
    columns: {{id: integer, visitor: integer, at: timestamp, order_id: integer}}
    joins:
      order: {{to: orders, using: {{id: order_id}}}}
parameters:
  lookback: {{type: duration, default: 30 days}}
metrics:
  seen: count(orders where session.id is not null)
"""


def project(folder: Path, *, moment: str = "at", within: str = "30 days", where: str = "id > 0") -> Path:
    return answers.write_project(folder, "", PROJECT.format(moment=moment, within=within, where=where))


@pytest.mark.parametrize(
    ("parts", "circle"),
    [
        ({"moment": "session.at"}, "orders.session"),
        ({"where": "order.session.id is null"}, "orders.session"),
    ],
)
def test_a_join_that_needs_itself_is_a_circle(tmp_path: Path, parts: dict[str, str], circle: str) -> None:
    sink = Sink()
    load(project(tmp_path, **parts), sink)
    found = [told for told in sink.diagnostics() if told.code == "name/cycle"]
    assert len(found) == 1
    assert circle in found[0].message


moment = datetime.fromisoformat

ROWS = (
    (
        ("orders",),
        (("id", INTEGER), ("visitor", INTEGER), ("at", TIMESTAMP)),
        [
            (1, 7, moment("2026-03-31 12:00:00")),
            (2, 8, moment("2026-03-31 12:00:00")),
            (3, 9, moment("2026-03-31 12:00:00")),
        ],
    ),
    (
        ("sessions",),
        (("id", INTEGER), ("visitor", INTEGER), ("at", TIMESTAMP), ("order_id", INTEGER)),
        [
            (1, 7, moment("2026-03-31 11:00:00"), None),
            (2, 8, moment("2026-03-01 12:00:00"), None),
            (3, 9, moment("2026-02-28 12:00:00"), None),
        ],
    ),
)


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("strategy", answers.STRATEGIES)
def test_a_parameter_says_how_near_is_near_enough(tmp_path: Path, engine: str, strategy: str) -> None:
    checked = answers.checked(project(tmp_path, within="lookback"))
    seen = {}
    with answers.loaded(engine, ROWS) as connection:
        for within in (None, "1 hour", "59 minutes", "1 month", "31 days"):
            given = {"kpis": ["seen"], "set": {} if within is None else {"lookback": within}}
            compiled, wrong = answers.ask(checked, given, engine, strategy)
            assert wrong == ()
            assert compiled is not None
            assert "lookback" in compiled.planned.parameters
            seen[within] = answers.answer(compiled, connection)[1][0][0]
    assert seen == {None: 2, "1 hour": 1, "59 minutes": 0, "1 month": 3, "31 days": 3}


def test_the_plan_says_how_partners_are_looked_for(tmp_path: Path) -> None:
    checked = answers.checked(project(tmp_path))
    lines = []
    for strategy in answers.STRATEGIES:
        compiled, _ = answers.ask(checked, {"kpis": ["seen"]}, "duckdb", strategy)
        assert compiled is not None
        lines += [line.strip() for line in print_plan(compiled.plan).splitlines() if "Lookup" in line]
    assert lines == ["Lookup session (nearest, in one pass)", "Lookup session (nearest, row by row)"]
