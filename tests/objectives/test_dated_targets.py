"""Targets that hold from a day on, in rows of the definition, in tables and in files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests import answers

from .standing import codes, stands
from .test_reconciled import PARTS, SALES
from .test_targets_of import PLANS


def test_a_row_holds_from_a_day_on(tmp_path: Path) -> None:
    rows = (
        "target: 10\ntargets:\n  - {channel: web, until: 2026-02-01, target: 70}\n"
        "  - {channel: web, from: 2026-02-01, target: 90}\n  - {from: 2026-03-01, target: 20}\n"
    )
    found = stands(tmp_path, PARTS + rows, SALES, as_of="2026-04-01")
    assert [(str(r["month"]), r["channel"], r["target"]) for r in found] == [
        ("2026-01-01", "mail", 10),
        ("2026-01-01", "shop", 10),
        ("2026-01-01", "web", 70),
        ("2026-02-01", "mail", 10),
        ("2026-02-01", "shop", 10),
        ("2026-02-01", "web", 90),
        ("2026-03-01", "mail", 20),
        ("2026-03-01", "shop", 20),
        ("2026-03-01", "web", 90),
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["{channel: web, from: 2026-02-03, target: 1}"], "objective/row"),
        (["{channel: web, from: 2026-02, target: 1}"], "objective/effective"),
        (["{channel: web, from: 2026-03-01, until: 2026-02-01, target: 1}"], "objective/row"),
        (["{channel: web, from: 2026-04-01, target: 1}"], "objective/row"),
        (["{channel: web, period: 2026-02, from: 2026-02-01, target: 1}"], "objective/row"),
        (
            ["{channel: web, from: 2026-02-01, target: 1}", "{channel: web, period: 2026-03, target: 1}"],
            "objective/rows",
        ),
        (
            ["{channel: web, from: 2026-02-01, target: 1}", "{channel: web, from: 2026-03-01, target: 1}"],
            "objective/rows",
        ),
        (
            ["{channel: web, until: 2026-02-01, target: 1}", "{channel: web, from: 2026-02-01, target: 1}"],
            None,
        ),
    ],
)
def test_days_of_rows(tmp_path: Path, rows: list[str], found: str | None) -> None:
    written = "targets:\n" + "".join(f"  - {row}\n" for row in rows)
    assert codes(tmp_path, PARTS + written) == ([] if found is None else [found])


def test_targets_that_are_valid_from_until(tmp_path: Path) -> None:
    """A target that is replaced in a month's course: what holds on its last day is its target."""
    text = PLANS.replace("    time: month\n    plan: true\n", "    time: [month, ends]\n    plan: true\n")
    text = text.replace("month: date, channel", "month: date, ends: date, channel")
    folder = tmp_path
    asked = PARTS + "target_from: {dataset: plans, value: aim}\n"
    lines = "".join(f"    {line}\n" for line in asked.strip().splitlines())
    project = answers.checked(
        answers.write_project(
            folder, "timezone: UTC\n", text + f"objectives:\n  o:\n    owner: shop@example.com\n{lines}"
        )
    )
    rows: list[tuple[Any, ...]] = [
        (1, date(2025, 12, 1), date(2026, 2, 10), "web", Decimal("50.00"), None),
        (2, date(2026, 2, 10), None, "web", Decimal("60.00"), None),
        (3, date(2026, 3, 1), None, "shop", Decimal("7.00"), None),
    ]
    names = ["id", "month", "ends", "channel", "aim", "share"]
    kinds = ["integer", "date", "date", "text", "decimal(10,2)", "float"]
    typed = [(name, answers.type_named(kind)) for name, kind in zip(names, kinds, strict=True)]
    names = ["id", "day", "channel", "amount", "share", "is_won"]
    kinds = ["integer", "date", "text", "decimal(10,2)", "float", "boolean"]
    sold = [(name, answers.type_named(kind)) for name, kind in zip(names, kinds, strict=True)]
    sales = [(1, date(2026, 1, 10), "web", Decimal("80.00"), 0.8, True)]
    for engine in answers.ENGINES:
        with answers.loaded(engine, [(("sales",), sold, sales), (("plans",), typed, rows)]) as connection:
            for strategy in answers.STRATEGIES:
                compiled, wrong = answers.ask(
                    project, {"objective": "o", "as_of": "2026-04-01"}, engine, strategy
                )
                assert compiled is not None, [d.message for d in wrong]
                shown, found = answers.answer(compiled, connection)
                places = [shown.index(name) for name in ("month", "channel", "target")]
                assert [tuple(row[place] for place in places) for row in found] == [
                    (date(2026, 1, 1), "web", Decimal("50.00")),
                    (date(2026, 2, 1), "web", Decimal("60.00")),
                    (date(2026, 3, 1), "shop", Decimal("7.00")),
                    (date(2026, 3, 1), "web", Decimal("60.00")),
                ]


def test_targets_in_a_file(tmp_path: Path) -> None:
    """A dataset of DuckDB may read a CSV file; naming the types keeps its numbers exact."""
    csv = tmp_path / "targets.csv"
    csv.write_text("id,month,channel,aim\n1,2026-01-01,web,50.00\n2,2026-01-01,shop,10\n", encoding="utf-8")
    text = PLANS.replace(
        "    table: plans\n",
        f"    sql: \"select * from read_csv('{csv}', types = {{'aim': 'decimal(10,2)'}})\"\n    dialect: duckdb\n",
    ).replace(", share: float}\ndimensions", "}\ndimensions")
    asked = PARTS + "target_from: {dataset: plans, value: aim}\n"
    rows = stands_in_duckdb(tmp_path / "project", text, asked)
    assert rows == [("shop", 0, 10, "missed"), ("web", 80, 50, "met")]


def stands_in_duckdb(folder: Path, text: str, asked: str) -> list[tuple[Any, ...]]:
    lines = "".join(f"    {line}\n" for line in asked.strip().splitlines())
    text += f"objectives:\n  o:\n    owner: shop@example.com\n{lines}"
    project = answers.checked(answers.write_project(folder, "timezone: UTC\n", text))
    names = ["id", "day", "channel", "amount", "share", "is_won"]
    kinds = ["integer", "date", "text", "decimal(10,2)", "float", "boolean"]
    sold = [(name, answers.type_named(kind)) for name, kind in zip(names, kinds, strict=True)]
    sales = [
        (1, date(2026, 1, 10), "web", Decimal("80.00"), 0.8, True),
        (2, date(2026, 2, 1), "web", Decimal("1.00"), 0.8, True),
    ]
    with answers.loaded("duckdb", [(("sales",), sold, sales)]) as connection:
        query = {"objective": "o", "as_of": "2026-03-01", "period": "2026-01"}
        compiled, wrong = answers.ask(project, query, "duckdb")
        assert compiled is not None, [d.message for d in wrong]
        shown, found = answers.answer(compiled, connection)
    places = [shown.index(name) for name in ("channel", "value", "target", "status")]
    return [tuple(row[place] for place in places) for row in found]
