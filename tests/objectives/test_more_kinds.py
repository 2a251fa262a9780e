"""Objectives that keep a value steady, that have levels, that tell what is left of an error budget."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from .standing import sale, stands

STEADY = """\
kpi: revenue
kind: steady
against: 1 month
tolerance: 10%
period: month
"""
MONTHS = [sale("2026-01-10", 100), sale("2026-02-10", 110), sale("2026-03-10", 145.2), sale("2026-05-10", 30)]


def test_steady(tmp_path: Path) -> None:
    rows = stands(tmp_path, STEADY, MONTHS, as_of="2026-06-01")
    shown = [(r["month"].month, r["value"], r["target"], r["met"], r["status"]) for r in rows]
    assert shown == [
        (1, 100, None, None, "target_missing"),
        (2, 110, 100, True, "met"),
        (3, Decimal("145.20"), 110, False, "missed"),
        (4, 0, Decimal("145.20"), False, "missed"),
        (5, 30, None, None, "target_missing"),
    ]
    # 2.5 tolerances of 11 too far, 90 % of what was too little
    assert [r["attainment"] for r in rows] == [
        None,
        1,
        pytest.approx(1 - (35.2 - 11) / 11),
        pytest.approx(1 - 9),
        None,
    ]


def test_steady_by_an_amount(tmp_path: Path) -> None:
    text = STEADY.replace("10%", "20").replace("period:", "fade: 40\nperiod:")
    rows = stands(tmp_path, text, MONTHS, as_of="2026-06-01")
    assert [r["met"] for r in rows] == [False, True, False, False, False]
    assert rows[4]["attainment"] == pytest.approx(1 - (30 - 20) / 40)
    assert rows[0]["target"] == 0


LEVELS = """\
kpi: revenue
kind: at_least
target: 100
levels: {threshold: 80, stretch: 140}
period: month
"""


def test_levels(tmp_path: Path) -> None:
    values = {70: 0.25, 80: 0.5, 90: 0.75, 100: 1, 120: 1.25, 140: 1.5, 180: 2}
    sales = [sale(f"2026-{place:02}-10", value) for place, value in enumerate(values, 1)]
    rows = stands(tmp_path, LEVELS, sales, as_of="2026-08-01")
    assert [r["attainment"] for r in rows] == pytest.approx(list(values.values()))
    named = ["below", "threshold", "threshold", "target", "target", "stretch", "stretch"]
    assert [r["level"] for r in rows] == named
    assert {(r["threshold"], r["stretch"]) for r in rows} == {(80, 140)}
    (now,) = stands(tmp_path, LEVELS, [sale("2026-01-10", 85)], as_of="2026-01-20")
    assert now["status"] == "at_risk"


def test_levels_where_less_is_better(tmp_path: Path) -> None:
    text = LEVELS.replace("revenue", "refunds").replace("at_least", "at_most")
    text = text.replace("threshold: 80, stretch: 140", "threshold: 120, stretch: 50")
    values = {140: 0, 120: 0.5, 110: 0.75, 100: 1, 75: 1.25, 50: 1.5, 0: 2}
    sales = [sale(f"2026-{place:02}-10", value, won=False) for place, value in enumerate(values, 1)]
    rows = stands(tmp_path, text, sales, as_of="2026-08-01")
    assert [r["attainment"] for r in rows] == pytest.approx(list(values.values()))
    assert [r["level"] for r in rows][2:5] == ["threshold", "target", "target"]


def test_an_error_budget(tmp_path: Path) -> None:
    text = "kpi: win_rate\nkind: at_least\ntarget: 90%\nerror_budget: true\nperiod: month\n"
    sales = [sale("2026-01-10", 1) for _ in range(19)] + [sale("2026-01-11", 1, won=False)]
    sales += [sale("2026-02-10", 1), sale("2026-02-11", 1, won=False)]
    rows = stands(tmp_path, text, sales, as_of="2026-02-20")
    # 1 of 20 is lost where 2 may be; of 2 one is lost where 0.2 may be
    assert [r["budget_left"] for r in rows] == [pytest.approx(0.5), pytest.approx(-4)]
