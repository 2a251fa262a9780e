"""Objectives whose members are named by rows of targets, by columns of other names, at an instant of their own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import kpidsl

from .standing import SALES, sale, stands

BY_CHANNEL = """\
kpi: revenue
kind: at_least
by: [channel]
period: month
effective: {from: 2026-01-01, until: 2027-01-01}
"""
SALES_OF_TWO = [
    sale("2026-01-10", 60),
    sale("2026-01-31", 40, "mail"),
    sale("2026-02-28", 10, None),
]


def test_members_that_rows_of_targets_name_are_there(tmp_path: Path) -> None:
    targets = """\
targets:
  - {channel: web, target: 50}
  - {channel: web, period: 2026-02, target: 70}
  - {channel: shop, target: 20}
  - {channel: null, target: 5}
"""
    rows = stands(tmp_path, BY_CHANNEL + targets, SALES_OF_TWO, as_of="2026-03-01")
    shown = [(str(r["month"])[:7], r["channel"], r["value"], r["target"], r["status"]) for r in rows]
    assert shown == [
        ("2026-01", "mail", 40, None, "target_missing"),
        ("2026-01", "shop", 0, 20, "missed"),
        ("2026-01", "web", 60, 50, "met"),
        ("2026-01", None, 0, 5, "missed"),
        ("2026-02", "shop", 0, 20, "missed"),
        ("2026-02", "web", 0, 70, "missed"),
        ("2026-02", None, 10, 5, "met"),
    ]


def test_without_a_period_all_of_effective_is_one(tmp_path: Path) -> None:
    asked = """\
kpi: revenue
kind: at_least
by: [channel]
effective: {from: 2026-01-01, until: 2026-03-01}
targets:
  - {channel: web, target: 60}
  - {channel: shop, target: 20}
"""
    rows = stands(tmp_path, asked, SALES_OF_TWO, as_of="2026-02-15")
    assert [(r["channel"], r["value"], r["status"]) for r in rows] == [
        ("mail", 40, "target_missing"),
        ("shop", 0, "off_track"),
        ("web", 60, "on_track"),
    ]
    early = stands(tmp_path, asked, SALES_OF_TWO, as_of="2026-01-01")
    assert [(r["channel"], r["status"], r["reason"]) for r in early] == [
        ("shop", "not_started", "not_begun"),
        ("web", "not_started", "not_begun"),
    ]


def test_a_member_called_like_a_column(tmp_path: Path) -> None:
    renamed = SALES.replace("dimensions:\n  channel:", "dimensions:\n  status:")
    asked = BY_CHANNEL.replace("[channel]", "[status]") + "target: 50"
    rows = stands(tmp_path, asked, SALES_OF_TWO, renamed, as_of="2026-02-01")
    assert [(r["status"], r["objective_status"], r["reason"]) for r in rows] == [
        ("mail", "missed", "target_not_met"),
        ("web", "met", "target_met"),
    ]


def test_rows_may_be_chosen_by_what_is_judged(tmp_path: Path) -> None:
    rows = stands(
        tmp_path,
        BY_CHANNEL + "target: 50",
        SALES_OF_TWO,
        as_of="2026-03-01",
        having="status = 'missed' and value > 0",
        order="-attainment",
        limit=1,
    )
    assert [(r["channel"], r["value"], r["attainment"]) for r in rows] == [("mail", Decimal(40), 0.8)]


def test_an_instant_within_a_day(tmp_path: Path) -> None:
    asked = BY_CHANNEL.replace("by: [channel]\n", "") + "target: 100"
    (row,) = stands(tmp_path, asked, SALES_OF_TWO, as_of="2026-01-31 12:00", period="2026-01")
    assert (row["value"], row["status"]) == (100, "on_track")
    (row,) = stands(tmp_path, asked, SALES_OF_TWO, as_of="2026-02-01 00:00", period="2026-01")
    assert row["status"] == "met"


def test_a_sample_that_is_too_small(tmp_path: Path) -> None:
    asked = "kpi: win_rate\nkind: at_least\nperiod: month\ntarget: 50%\nmin_sample: 2"
    rows = stands(tmp_path, asked, SALES_OF_TWO, as_of="2026-03-01")
    assert [(r["sample"], r["status"]) for r in rows] == [(2, "met"), (1, "insufficient_data")]


def test_a_target_with_more_digits_than_its_sum_is_said_on_sql_server(tmp_path: Path) -> None:
    # A sum has all digits that there are: a target of tenths of cents leaves no room for an exact difference.
    asked = "kpi: revenue\nkind: at_least\nperiod: month\ntarget: prior(revenue, 1 month) * 110%"
    rows = stands(tmp_path, asked, SALES_OF_TWO, as_of="2026-03-01")
    assert rows[1]["target"] == Decimal("110.0000")
    assert rows[1]["gap"] == pytest.approx(-100.0)
    query = kpidsl.load(tmp_path).objective("o").query(as_of="2026-03-01")
    assert "v_gap" in query.sql("tsql")


@pytest.mark.parametrize("baseline", ["", "baseline: 0.199999999\n"])
def test_a_double_that_counts_as_equal_has_exactly_all_of_the_attainment(
    tmp_path: Path, baseline: str
) -> None:
    # A tenth, two and three: as doubles their mean is a last bit beside two tenths, 4e-8 of the way from the baseline.
    sales = [sale("2026-06-01", 10), sale("2026-06-02", 20), sale("2026-06-30", 30)]
    asked = f"kpi: mean_share\nkind: at_least\nperiod: month\ntarget: 0.2\n{baseline}"
    (row,) = stands(tmp_path, asked, sales, as_of="2026-07-01")
    assert (row["met"], row["attainment"]) == (True, 1)
