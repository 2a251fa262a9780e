"""What should be there by now: days, business days, checkpoints, last year. The numbers are worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from .standing import codes, sale, stands

YEAR = "kpi: revenue\nkind: at_least\neffective: {from: 2026-01-01, until: 2027-01-01}\n"
MONTHLY = "kpi: revenue\nkind: at_least\nperiod: month\neffective: {from: 2026-01-01, until: 2027-01-01}\n"
SALES = [sale("2026-01-02", 30), sale("2026-01-09", 10), sale("2026-02-03", 25)]


def test_linear_in_one_period(tmp_path: Path) -> None:
    # 73 of 365 days are over on 15 March: a fifth of 1000 should be there, and 65 are.
    (row,) = stands(tmp_path, YEAR + "target: 1000\ntrajectory: linear", SALES, as_of="2026-03-15")
    assert row["expected_to_date"] == pytest.approx(200)
    assert (row["pace"], row["forecast"]) == (pytest.approx(0.325), pytest.approx(325))
    assert (row["attainment"], row["status"], row["reason"]) == (pytest.approx(0.065), "off_track", "pace")


def test_linear_in_months_by_their_own_days(tmp_path: Path) -> None:
    # Of February 7 of 28 days are over on the 8th: 25 of 100 should be there, and 25 are.
    asked = MONTHLY + "target: 100\ntrajectory: linear"
    january, february = stands(tmp_path, asked, SALES, as_of="2026-02-08")
    assert (january["expected_to_date"], january["pace"], january["status"]) == (
        100,
        pytest.approx(0.4),
        "missed",
    )
    assert february["expected_to_date"] == pytest.approx(25)
    assert (february["pace"], february["forecast"]) == (pytest.approx(1), pytest.approx(100))
    assert (february["attainment"], february["status"]) == (0.25, "on_track")


def test_business_days(tmp_path: Path) -> None:
    # January 2026 has 22 days from Monday to Friday. The 1st is a Thursday: six are over on Friday the 9th.
    asked = MONTHLY + "target: 110\ntrajectory: business_days"
    (row,) = stands(tmp_path, asked, SALES[:1], as_of="2026-01-09")
    assert row["expected_to_date"] == pytest.approx(30)
    assert row["pace"] == pytest.approx(1)
    # On Sunday no more are over than on Saturday: seven.
    (row,) = stands(tmp_path, asked, SALES[:1], as_of="2026-01-11")
    assert row["expected_to_date"] == pytest.approx(35)
    whole = asked.replace("period: month\n", "").replace("until: 2027-01-01", "until: 2026-02-01")
    (row,) = stands(tmp_path, whole, SALES[:1], as_of="2026-01-11")
    assert row["expected_to_date"] == pytest.approx(35)


def test_checkpoints(tmp_path: Path) -> None:
    asked = YEAR + "target: 1000\ntrajectory: checkpoints\n"
    asked += "checkpoints: [{at: 2026-01-11, share: 20%}, {at: 2026-01-21, share: 40%}]"
    (row,) = stands(tmp_path, asked, SALES, as_of="2026-01-06")
    assert row["expected_to_date"] == pytest.approx(100)
    (row,) = stands(tmp_path, asked, SALES, as_of="2026-01-16")
    assert row["expected_to_date"] == pytest.approx(300)
    (row,) = stands(tmp_path, asked, SALES, as_of="2027-01-02")
    assert (row["expected_to_date"], row["status"]) == (pytest.approx(1000), "immature")


def test_last_year(tmp_path: Path) -> None:
    # Of last year's 400 a quarter was there before 15 March.
    before = [
        sale("2025-01-10", 60),
        sale("2025-03-14", 40),
        sale("2025-03-15", 100),
        sale("2025-12-31", 200),
    ]
    asked = YEAR + "target: 200\ntrajectory: last_year"
    (row,) = stands(tmp_path, asked, [*before, *SALES], as_of="2026-03-15")
    assert (row["value"], row["expected_to_date"]) == (65, pytest.approx(50))
    assert (row["pace"], row["forecast"], row["status"]) == (
        pytest.approx(1.3),
        pytest.approx(260),
        "on_track",
    )


def test_last_year_of_each_month(tmp_path: Path) -> None:
    # Of last year's March of 400 a quarter was there before the 15th; what is over is there as a whole.
    before = [sale("2025-03-01", 60), sale("2025-03-14", 40), sale("2025-03-15", 300), sale("2025-02-20", 9)]
    asked = MONTHLY + "target: 200\ntrajectory: last_year"
    sales = [*before, sale("2026-02-10", 150), sale("2026-03-14", 45)]
    rows = {row["month"].month: row for row in stands(tmp_path, asked, sales, as_of="2026-03-15")}
    assert (rows[2]["expected_to_date"], rows[2]["forecast"]) == (pytest.approx(200), pytest.approx(150))
    assert (rows[2]["status"], rows[2]["pace"]) == ("missed", pytest.approx(0.75))
    assert (rows[3]["expected_to_date"], rows[3]["forecast"]) == (pytest.approx(50), pytest.approx(180))
    assert (rows[3]["status"], rows[3]["pace"]) == ("at_risk", pytest.approx(0.9))
    rows = {row["month"].month: row for row in stands(tmp_path, asked, sales, as_of="2026-03-01")}
    assert sorted(rows) == [1, 2]


def test_from_a_baseline_and_downwards(tmp_path: Path) -> None:
    asked = YEAR + "target: 150\nbaseline: 50\ntrajectory: linear"
    (row,) = stands(tmp_path, asked, SALES, as_of="2026-03-15")
    # A fifth of the way from 50 to 150 is 70; 15 of 20 are made.
    assert row["expected_to_date"] == pytest.approx(70)
    assert (row["pace"], row["forecast"]) == (pytest.approx(0.75), pytest.approx(125))
    spent = YEAR.replace("revenue", "refunds").replace("at_least", "at_most")
    lost = [sale("2026-01-02", 50, won=False)]
    (row,) = stands(tmp_path, spent + "target: 200\ntrajectory: linear", lost, as_of="2026-03-15")
    # 40 may be spent by then, and 50 are: 25 % too much.
    assert (row["pace"], row["forecast"], row["status"]) == (
        pytest.approx(0.75),
        pytest.approx(250),
        "off_track",
    )


def test_too_early(tmp_path: Path) -> None:
    asked = MONTHLY + "target: 280\ntrajectory: linear\n"
    rows = stands(tmp_path, asked, SALES, as_of="2026-02-03 09:00")
    assert (rows[1]["status"], rows[1]["reason"], rows[1]["value"]) == (
        "too_early",
        "small_part",
        Decimal(25),
    )
    rows = stands(tmp_path, asked + "too_early: 5%", SALES, as_of="2026-02-03 09:00")
    # 2 of 28 days: 20 of 280.
    assert (rows[1]["expected_to_date"], rows[1]["status"]) == (pytest.approx(20), "on_track")


def test_bands_of_another_axis(tmp_path: Path) -> None:
    asked = (
        MONTHLY + "target: 100\ntrajectory: linear\nstatus: {of: attainment, on_track: 100%, at_risk: 90%}"
    )
    rows = stands(tmp_path, asked, SALES, as_of="2026-02-08")
    assert (rows[1]["status"], rows[1]["reason"]) == ("off_track", "attainment")


@pytest.mark.parametrize(
    "asked",
    [
        YEAR + "target: 5\ncheckpoints: [{at: 2026-02-01, share: 20%}]",
        YEAR + "target: 5\ntoo_early: 5%",
        YEAR + "target: 5\nstatus: {of: pace, on_track: 100%, at_risk: 90%}",
        YEAR + "target: 5\ntrajectory: linear\ncheckpoints: [{at: 2026-02-01, share: 20%}]",
        YEAR + "target: 5\ntrajectory: linear\ntoo_early: 100%",
        YEAR + "target: 5\nforecast: last_year",
        YEAR + "target: 5\ntrajectory: linear\nforecast: last 0 days",
        YEAR + "target: 5\ntrajectory: linear\nforecast: last month",
        MONTHLY.replace("month", "day") + "target: 5\ntrajectory: linear\nforecast: last_year",
        YEAR + "target: 5\ntrajectory: checkpoints",
        YEAR + "target: 5\ntrajectory: checkpoints\ncheckpoints: [{at: 2027-02-01, share: 20%}]",
        YEAR + "target: 5\ntrajectory: checkpoints\ncheckpoints: [{at: 2026-02-01, share: 120%}]",
        YEAR + "target: prior(revenue, 1 year) * 2\ntrajectory: linear",
        YEAR.replace("revenue", "win_rate") + "target: 5%\ntrajectory: linear",
        MONTHLY.replace("month", "day") + "target: 5\ntrajectory: last_year",
        MONTHLY + "target: 5\ntrajectory: checkpoints\ncheckpoints: [{at: 2026-02-01, share: 20%}]",
    ],
)
def test_trajectories_that_are_refused(tmp_path: Path, asked: str) -> None:
    assert codes(tmp_path, asked) == ["objective/trajectory"]


def test_e18_a_rate_has_no_trajectory(tmp_path: Path) -> None:
    asked = YEAR.replace("revenue", "mean_amount") + "target: 5\ntrajectory: linear"
    assert codes(tmp_path, asked) == ["objective/trajectory"]
    assert codes(tmp_path, YEAR + "target: during(revenue, 2025-01-01, 2026-01-01)\ntrajectory: linear") == []


def test_e17_short_months_by_their_own_days(tmp_path: Path) -> None:
    asked = MONTHLY.replace("2026-01-01", "2024-01-01") + "target: 290\ntrajectory: linear"
    rows = stands(tmp_path, asked, [sale("2024-02-10", 1)], as_of="2024-02-11")
    # 10 of the 29 days of a leap year's February.
    assert rows[1]["expected_to_date"] == pytest.approx(100)


def test_members_that_a_forecast_brings_in_are_judged_at_the_end(tmp_path: Path) -> None:
    # The shop sold in April of last year, e-mail on 20 March: neither has sold anything in April.
    asked = "kpi: revenue\nkind: at_least\nby: [channel]\nperiod: month\ntarget: 100\n"
    asked += "effective: {from: 2026-04-01}\ntrajectory: linear\n"
    sales = [
        sale("2025-04-15", 50, "shop"),
        sale("2026-03-20", 50, "email"),
        sale("2026-04-02", 80, "web"),
        sale("2026-04-30", 40, "web"),
    ]
    for as_of, missed in (("2026-04-10", "off_track"), ("2026-04-30", "off_track"), ("2026-05-01", "missed")):
        rows = stands(tmp_path / f"a{as_of}", asked + "forecast: last_year", sales, as_of=as_of)
        assert {row["channel"]: row["status"] for row in rows if row["channel"] != "web"} == {"shop": missed}
        rows = stands(tmp_path / f"b{as_of}", asked + "forecast: last 28 days", sales, as_of=as_of)
        assert {row["channel"]: row["status"] for row in rows if row["channel"] != "web"} == {"email": missed}
