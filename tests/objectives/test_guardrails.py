"""Objectives that are guarded: what is refused, and what becomes of a status."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.compiler import compile_objective
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from tests import answers

from .standing import SALES, codes, sale, stands

PLAIN = "kpi: revenue\nkind: at_least\nby: [channel]\nperiod: month\ntarget: 100\n"
GUARD = """\
  g:
    owner: shop@example.com
    kpi: refunds
    kind: at_most
    by: [channel]
    period: month
    target: 10
"""
CODE = ["objective/guardrails"]


@pytest.mark.parametrize(
    ("guardrails", "beside", "expected"),
    [
        ("[g]", GUARD, []),
        ("g", GUARD, []),
        ("[g, win_rate >= 50%]", GUARD, []),
        ("[g, g]", GUARD, CODE),
        ("[g]", GUARD.replace("month", "week"), CODE),
        ("[g]", GUARD.replace("[channel]", "[]"), CODE),
        ("[g]", GUARD + "    where: channel != 'web'\n", CODE),
        ("[g]", GUARD + "    effective: {from: 2026-01-01}\n", CODE),
        ("[g]", GUARD + "    guardrails: [o]\n", CODE),
        ("[o]", GUARD, CODE),
        ("[h]", GUARD, ["name/unknown"]),
        ("[win_rate]", GUARD, CODE),
        ("[win_rate + 1]", GUARD, CODE),
        ("[1 < 2]", GUARD, CODE),
        ("[wins >= 1]", GUARD, ["name/unknown"]),
        ("[win_rate >= 20]", "", ["objective/fraction"]),
        ("[not 20 > win_rate]", "", ["objective/fraction"]),
        ("['rolling(win_rate, 7 days) >= 20 or refunds < 9']", "", ["objective/fraction"]),
        ("['win_rate between 5% and 20']", "", ["objective/fraction"]),
        ("[win_rate >= 5pp]", "", ["objective/fraction"]),
        ("[mean_share >= 20%]", "", ["objective/fraction"]),
        ("[win_rate <= 120%]", "", ["objective/bounds"]),
        ("[count(sales) >= 20]", "", []),
        ("[win_rate >= 0.2]", "", []),
        ("[mean_share >= 20]", "", []),
    ],
)
def test_what_is_refused(guardrails: str, beside: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, PLAIN + f"guardrails: {guardrails}\n", beside) == expected


def test_a_guardrail_on_its_way_holds_by_its_pace(tmp_path: Path) -> None:
    guard = GUARD.replace("refunds", "revenue").replace("at_most", "at_least")
    guard = guard.replace("target: 10", "target: 310\n    trajectory: linear")
    objective = "kpi: win_rate\nkind: at_least\nby: [channel]\nperiod: month\ntarget: 50%\nguardrails: [g]\n"
    sales = [sale("2026-01-05", 100), sale("2026-01-06", 99, "mail"), sale("2026-01-31", 209, "web")]
    rows = stands(tmp_path, objective, sales, beside=guard, as_of="2026-01-11")
    assert [(r["channel"], r["status"], r["guardrail"]) for r in rows] == [
        ("mail", "at_risk", "g"),
        ("web", "on_track", None),
    ]
    rows = stands(tmp_path, objective, sales, beside=guard, as_of="2026-02-01", period="2026-01")
    assert [(r["channel"], r["status"], r["reason"]) for r in rows] == [
        ("mail", "missed", "guardrail: g"),
        ("web", "missed", "guardrail: g"),
    ]
    rows = stands(tmp_path, objective, sales, beside=guard, as_of="2026-01-03", period="2026-01")
    assert rows == []


def test_a_scorecard_counts_guarded_objectives(tmp_path: Path) -> None:
    text = SALES + "objectives:\n"
    text += "  o:\n    owner: a\n" + "".join(f"    {line}\n" for line in PLAIN.splitlines())
    text += "    guardrails: [g, win_rate > 60%]\n" + GUARD
    text += "scorecards:\n  s: {owner: a, objectives: [o, g]}\n"
    sink = Sink()
    project = load(answers.write_project(tmp_path, "timezone: UTC\n", text), sink)
    assert project is not None
    assert not sink.has_errors
    for dialect in ("duckdb", "tsql", "oracle", "bigquery", "mysql"):
        compiled = compile_objective(
            project, project.scorecards["s"], query_text((), as_of="2026-02-01"), dialect, sink
        )
        assert compiled is not None, dialect
