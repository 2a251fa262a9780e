"""Objectives by which a value is no signal: what is refused, equal values, guardrails, and what dialects say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpidsl.compiler import compile_objective
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql.dialects import DIALECTS
from tests import answers
from tests.dialects.evidence import WITHOUT_SERIES

from .standing import SALES, codes, sale, stands

SIGNAL = "kpi: revenue\nkind: no_signal\nperiod: month\neffective: {from: 2026-01-01}\n"
WEEKS = SIGNAL.replace("month", "week").replace("2026-01-01", "2026-01-05")
LAST = "usual: {last: 12}\n"
DAYS = "usual: {from: 2025-01-01, until: 2026-01-01}\n"
CODE = ["objective/signal"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SIGNAL + LAST, []),
        (SIGNAL + DAYS + "run: 0\ntrend: 6\nside: both\n", []),
        (SIGNAL + "usual: {last: 4, min_points: 4, spread: deviation, times: 2.5}\n", []),
        (SIGNAL + DAYS.replace("}", ", spread: absolute_deviation}"), []),
        (
            WEEKS + DAYS.replace("2025-01-01", "2024-12-30").replace("2026-01-01}", "2025-12-29}"),
            [],
        ),
        (WEEKS + DAYS, CODE * 2),
        (SIGNAL + LAST.replace("}", ", spread: absolute_deviation}"), CODE),
        (SIGNAL + "usual: {last: 11}\n", CODE),
        (SIGNAL + "usual: {from: 2025-06-01, until: 2026-01-01}\n", CODE),
        (SIGNAL + "usual: {from: 2025-01-02, until: 2026-01-01}\n", CODE),
        (SIGNAL + "usual: {from: 2026-01-01, until: 2025-01-01}\n", ["objective/effective"]),
        (SIGNAL + "usual: {from: 2025-01-01}\n", CODE),
        (SIGNAL + "usual: {min_points: 3}\n", CODE),
        (SIGNAL + "usual: {from: 2025-01-01, until: 2026-01-01, last: 12}\n", CODE),
        (SIGNAL + "usual: {last: 12, times: 0}\n", CODE),
        (SIGNAL + LAST + "run: 1\n", CODE),
        (SIGNAL + LAST + "trend: 2\n", CODE),
        (SIGNAL, ["objective/keys"]),
        (SIGNAL.replace("period: month\n", "") + LAST, ["objective/keys"] * 2),
        (SIGNAL + LAST + "target: 4\n", ["objective/keys"]),
        (SIGNAL + LAST + "status: {on_track: 90%, at_risk: 80%}\n", ["objective/keys"]),
        (SIGNAL + LAST + "each: week\n", ["objective/keys"]),
        (SIGNAL + LAST + "baseline: 4\n", ["objective/baseline"]),
        (SIGNAL + LAST + "tolerance: 4\n", ["objective/keys"]),
        (SIGNAL.replace("no_signal", "at_least") + "target: 3\nrun: 4\n", ["objective/keys"]),
    ],
)
def test_what_is_refused(text: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, text) == expected


def test_a_scorecard_takes_signals(tmp_path: Path) -> None:
    card = "scorecards:\n  c:\n    owner: a@example.com\n    objectives: [o]\n"
    assert codes(tmp_path, SIGNAL + LAST, card) == []


def test_equal_doubles_are_no_signal(tmp_path: Path) -> None:
    """A mean of thirteen equal means differs from them by its last bits, which is no run below it."""
    days = [date(2025 + n // 12, n % 12 + 1, 5) for n in range(24)]
    sales = [sale(day.isoformat(), amount) for day in days for amount in (0.1, 0.2, 0.3)]
    sales.append(sale("2027-01-01", 1))
    text = SIGNAL.replace("revenue", "mean_share") + DAYS + "side: both\nrun: 3\ntrend: 3\n"
    rows = stands(tmp_path, text, sales, period="2026", as_of="2027-01-02")
    assert [(row["status"], row["reason"], row["points"]) for row in rows] == [("met", "no_signal", 12)] * 12


def test_a_guardrail_of_signals(tmp_path: Path) -> None:
    sales = [sale(f"2025-{month:02}-05", 100 + month % 2) for month in range(1, 13)]
    sales += [sale("2026-01-31", 101), sale("2026-02-28", 50)]
    guarded = "kpi: revenue\nkind: at_least\nperiod: month\neffective: {from: 2026-01-01}\ntarget: 40\nguardrails: [usual]\n"
    guard = "  usual:\n    owner: a@example.com\n" + _indented(SIGNAL + DAYS)
    rows = stands(tmp_path, guarded, sales, beside=guard, as_of="2026-03-01", period="2026-01-01..2026-03-01")
    assert [(row["met"], row["status"], row["guardrail"], row["reason"]) for row in rows] == [
        (True, "met", None, "target_met"),
        (False, "missed", "usual", "guardrail: usual"),
    ]


def test_every_dialect_tells_signals(tmp_path: Path) -> None:
    text = (
        SALES
        + "objectives:\n  o:\n    owner: a\n"
        + _indented(SIGNAL.replace("revenue", "win_rate") + LAST + "run: 8\ntrend: 6\n")
    )
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", text))
    for dialect in DIALECTS.keys() - WITHOUT_SERIES:
        sink = Sink()
        asked = query_text((), as_of="2026-02-01", period="2026-01")
        compiled = compile_objective(project, project.objectives["o"], asked, dialect, sink)
        assert compiled is not None, (dialect, [d.message for d in sink.diagnostics()])
        assert "outside_limits" in compiled.sql, dialect


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def test_frozen_days_that_are_not_over_tell_what_is_usual_as_far_as_they_are(tmp_path: Path) -> None:
    # 10, 12 and 11 until March: steps of 2 and 1, so limits of 11 -+ 2.66 * 1.5. April, of ten days, is no point.
    asked = SIGNAL + "usual: {from: 2026-01-01, until: 2027-01-01, min_points: 3}\nside: both\nrun: 0"
    sales = [sale("2026-01-31", 10), sale("2026-02-28", 12), sale("2026-03-31", 11), sale("2026-04-10", 1)]
    *over, april = stands(tmp_path / "a", asked, sales, as_of="2026-04-11")
    assert [(row["points"], row["center"], row["status"]) for row in over] == [(3, 11, "met")] * 3
    assert over[0]["lower"] == pytest.approx(7.01)
    assert (april["points"], april["reason"]) == (3, "not_over")
    # Of two months over, one step: 11 -+ 2.66 * 2. Two points are too few.
    (january, *_) = stands(tmp_path / "b", asked, sales, as_of="2026-03-20")
    assert (january["points"], january["center"], january["reason"]) == (2, 11, "few_points")
    assert january["upper"] == pytest.approx(16.32)
    (january,) = stands(tmp_path / "c", asked, sales, as_of="2026-01-20")
    assert (january["points"], january["center"], january["reason"]) == (0, None, "not_over")
    # In December nothing has come since April: what is usual until November is not known.
    rows = stands(tmp_path / "d", asked, sales, as_of="2026-12-10")
    assert {row["reason"] for row in rows[:-1]} == {"not_loaded"}
    settling = SALES.replace("    unit: sale\n", "    unit: sale\n    settles_after: 20 days\n")
    (january, *_) = stands(tmp_path / "e", asked, sales, settling, as_of="2026-04-11")
    assert (january["points"], january["reason"]) == (2, "few_points")
