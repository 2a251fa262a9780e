"""Targets that stand in a dataset, with its own time and members."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpidsl.compiler import compile_objective
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from tests import answers, servers

from .standing import SALES, codes

PLANS = SALES.replace(
    "dimensions:\n  channel: {type: text, from: {sales: channel}}\n",
    """\
  plans:
    table: plans
    key: id
    time: month
    plan: true
    columns: {id: integer, month: date, channel: text, aim: "decimal(10,2)", share: float}
dimensions:
  channel: {type: text, from: {sales: channel, plans: channel}}
""",
)
ASKED = "kpi: {kpi}\nkind: at_least\nby: [channel]\nperiod: month\neffective: {{from: 2026-01-01, until: 2027-01-01}}\n"
BY_CHANNEL = ASKED.format(kpi="revenue") + "target_from: {dataset: plans, value: aim}\n"
SHARES = ASKED.format(kpi="win_rate") + "target_from: {dataset: plans, value: share}\n"
SALES_ROWS = [
    (1, date(2026, 1, 10), "web", Decimal("60.00"), 0.6, True),
    (2, date(2026, 1, 31), "mail", Decimal("40.00"), 0.4, False),
    (3, date(2026, 2, 28), "web", Decimal("10.00"), 0.1, True),
]
PLAN_ROWS = [
    (1, date(2026, 1, 1), "web", Decimal("30.00"), 0.5),
    (2, date(2026, 1, 15), "web", Decimal("20.00"), None),
    (3, date(2026, 2, 1), "web", Decimal("70.00"), 0.5),
    (4, date(2026, 2, 1), "shop", Decimal("15.00"), 0.5),
    (5, date(2026, 2, 20), "web", None, 0.7),
]


def stands(folder: Path, asked: str, as_of: str, beside: str = "") -> list[dict[str, Any]]:
    """Return the rows of the objective, which all engines and plans give alike."""
    lines = "".join(f"    {line}\n" for line in asked.strip().splitlines())
    text = PLANS + f"objectives:\n  o:\n    owner: shop@example.com\n{lines}{beside}"
    project = answers.checked(answers.write_project(folder, "timezone: UTC\n", text))
    tables = [
        (
            ("sales",),
            _typed("integer date text decimal(10,2) float boolean", "id day channel amount share is_won"),
            SALES_ROWS,
        ),
        (
            ("plans",),
            _typed("integer date text decimal(10,2) float", "id month channel aim share"),
            PLAN_ROWS,
        ),
    ]
    found: list[list[dict[str, Any]]] = []
    for engine in answers.ENGINES:
        with answers.loaded(engine, tables) as connection:
            for strategy in answers.STRATEGIES:
                dialect, text_of_query = servers.ENGINES[engine].dialect, query_text((), as_of=as_of)
                compiled = compile_objective(
                    project, project.objectives["o"], text_of_query, dialect, Sink(), strategy
                )
                assert compiled is not None
                names, rows = answers.answer(compiled, connection)
                found.append([dict(zip(names, row, strict=True)) for row in rows])
    assert all(other == found[0] for other in found)
    return found[0]


def _typed(kinds: str, names: str) -> list[tuple[str, Any]]:
    return [(name, answers.type_named(kind)) for name, kind in zip(names.split(), kinds.split(), strict=True)]


def test_targets_of_rows_add_up_where_the_kpi_does(tmp_path: Path) -> None:
    rows = stands(tmp_path, BY_CHANNEL, "2026-03-01")
    assert [(str(r["month"])[:7], r["channel"], r["value"], r["target"], r["status"]) for r in rows] == [
        ("2026-01", "mail", 40, None, "target_missing"),
        ("2026-01", "web", 60, 50, "met"),
        ("2026-02", "shop", 0, 15, "missed"),
        ("2026-02", "web", 10, 70, "missed"),
    ]


def test_a_target_of_a_rate_is_that_of_one_row(tmp_path: Path) -> None:
    rows = stands(tmp_path, SHARES, "2026-03-01")
    assert [
        (str(r["month"])[:7], r["channel"], r["value"], r["target"], r["status"], r["reason"]) for r in rows
    ] == [
        ("2026-01", "mail", 0.0, None, "target_missing", "no_target"),
        ("2026-01", "web", 1.0, 0.5, "met", "target_met"),
        ("2026-02", "shop", None, 0.5, "no_data", "no_rows"),
        ("2026-02", "web", 1.0, 0.7, "error", "several_targets"),
    ]


def test_rows_of_the_definition_say_more(tmp_path: Path) -> None:
    rows = stands(tmp_path, BY_CHANNEL + "targets:\n  - {channel: mail, target: 40}\n", "2026-02-01")
    assert [(r["channel"], r["target"], r["status"]) for r in rows] == [
        ("mail", 40, "met"),
        ("web", 50, "met"),
    ]


def test_what_is_not_there(tmp_path: Path) -> None:
    one = "kpi: revenue\nkind: at_least\nperiod: month\n"
    assert codes(tmp_path / "a", one + "target_from: {dataset: plan, value: aim}") == ["name/unknown"]
    assert codes(tmp_path / "b", one + "target_from: {dataset: sales, value: aim}") == ["name/unknown"]
    both = one + "target: 5\ntarget_from: {dataset: sales, value: amount}"
    assert codes(tmp_path / "c", both) == ["objective/keys"]
    within = "kpi: revenue\nkind: within\nperiod: month\nrange: [1, 2]\n"
    assert codes(tmp_path / "d", within + "target_from: {dataset: sales, value: amount}") == [
        "objective/keys"
    ]
