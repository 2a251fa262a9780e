"""Where formulas for attainment and status go wrong elsewhere, each case by its number.

The numbers that are expected were worked out by hand.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .standing import SALES, codes, sale, stands

MONTHLY = "kpi: revenue\nkind: at_least\nperiod: month\n"
JANUARY = [sale("2026-01-10", 60), sale("2026-01-31", 40)]


def test_e1_a_target_of_zero_without_a_baseline(tmp_path: Path) -> None:
    assert codes(tmp_path / "a", MONTHLY + "target: 0") == ["objective/zero-target"]
    # From the data: nothing in January of last year. Whether it is met is known, attainment is not.
    (row,) = stands(
        tmp_path / "b", MONTHLY + "target: prior(revenue, 1 year) * 2", JANUARY, as_of="2026-02-01"
    )
    assert (row["target"], row["met"], row["attainment"]) == (0, True, None)
    assert (row["status"], row["reason"]) == ("error", "zero_target")


def test_e2_a_target_below_zero(tmp_path: Path) -> None:
    # A loss of 3 where one of 2 was the aim: half as much again.
    (row,) = stands(tmp_path, MONTHLY + "target: -2", [sale("2026-01-31", -3)], as_of="2026-02-01")
    assert (row["met"], row["gap"], row["attainment"]) == (False, Decimal("-1.00"), 0.5)


def test_e3_a_value_below_zero_under_a_target_above(tmp_path: Path) -> None:
    (row,) = stands(tmp_path, MONTHLY + "target: 50", [sale("2026-01-31", -100)], as_of="2026-02-01")
    assert (row["attainment"], row["status"]) == (-2.0, "missed")


def test_e4_a_baseline_at_the_target_or_beyond(tmp_path: Path) -> None:
    assert codes(tmp_path / "a", MONTHLY + "target: 5\nbaseline: 5") == ["objective/baseline"]
    assert codes(tmp_path / "b", MONTHLY + "target: 5\nbaseline: 9") == ["objective/baseline"]
    asked = MONTHLY + "target: 100\nbaseline: prior(revenue, 1 month)"
    sales = [sale("2026-01-31", 100), sale("2026-02-28", 150), sale("2026-03-31", 40)]
    _, february, march = stands(tmp_path / "c", asked, sales, as_of="2026-04-01")
    assert (february["status"], february["reason"]) == ("error", "baseline_is_target")
    assert (march["status"], march["reason"], march["attainment"]) == (
        "error",
        "baseline_beyond_target",
        None,
    )


def test_e5_no_value(tmp_path: Path) -> None:
    sales = [sale("2026-01-10", 1), sale("2026-03-31", 1)]
    rows = stands(
        tmp_path, "kpi: win_rate\nkind: at_least\nperiod: month\ntarget: 50%", sales, as_of="2026-04-01"
    )
    february = rows[1]
    assert (february["value"], february["met"], february["attainment"]) == (None, None, None)
    assert (february["status"], february["reason"], february["sample"]) == ("no_data", "no_rows", 0)


def test_e6_a_sum_of_nothing_in_a_loaded_period(tmp_path: Path) -> None:
    sales = [sale("2026-01-10", 60), sale("2026-03-31", 60)]
    rows = stands(tmp_path, MONTHLY + "target: 50", sales, as_of="2026-04-01")
    assert [(row["value"], row["status"]) for row in rows] == [(60, "met"), (0, "missed"), (60, "met")]


def test_e7_a_period_that_is_loaded_in_part(tmp_path: Path) -> None:
    asked = MONTHLY + "effective: {from: 2026-01-01}\ntarget: 500"
    rows = stands(tmp_path, asked, [sale("2026-01-20", 60)], as_of="2026-02-02")
    assert [(row["status"], row["reason"]) for row in rows] == [
        ("immature", "not_loaded"),
        ("off_track", "attainment"),
    ]
    settling = SALES.replace("    unit: sale\n", "    unit: sale\n    settles_after: 3 days\n")
    (row,) = stands(
        tmp_path, MONTHLY + "target: 500", JANUARY, settling, as_of="2026-02-02", period="2026-01"
    )
    assert (row["status"], row["reason"]) == ("immature", "settling")
    (row,) = stands(
        tmp_path, MONTHLY + "target: 500", JANUARY, settling, as_of="2026-02-03", period="2026-01"
    )
    assert row["status"] == "immature"
    (row,) = stands(
        tmp_path, MONTHLY + "target: 500", JANUARY, settling, as_of="2026-02-04", period="2026-01"
    )
    assert row["status"] == "missed"


def test_e8_the_same_question_at_another_instant(tmp_path: Path) -> None:
    (before,) = stands(tmp_path, MONTHLY + "target: 100", JANUARY, as_of="2026-01-20")
    (after,) = stands(tmp_path, MONTHLY + "target: 100", JANUARY, as_of="2026-02-01")
    assert (before["value"], before["status"], str(before["as_of"])) == (60, "off_track", "2026-01-20")
    assert (after["value"], after["status"], str(after["as_of"])) == (100, "met", "2026-02-01")


def test_e9_what_is_shown_decides_nothing(tmp_path: Path) -> None:
    sales = [sale("2026-01-31", 94.996)]
    asked = "kpi: mean_share\nkind: at_least\nperiod: month\ntarget: 0.95"
    (row,) = stands(tmp_path, asked, sales, as_of="2026-02-01")
    assert (row["met"], row["status"]) == (False, "missed")


def test_e10_doubles_that_ought_to_be_equal(tmp_path: Path) -> None:
    # The mean of 0.1, 0.2 and 0.3 is a little more than 0.2, or a little less, by the order of the rows.
    sales = [sale("2026-01-01", 10), sale("2026-01-02", 20), sale("2026-01-31", 30)]
    for kind in ("at_least", "at_most"):
        asked = f"kpi: mean_share\nkind: {kind}\nperiod: month\ntarget: 0.2"
        asked += "\noverride_direction: a test" if kind == "at_most" else ""
        (row,) = stands(tmp_path / kind, asked, sales, as_of="2026-02-01")
        assert row["met"] is True
    # Decimals are exact: a cent is a cent.
    sales = [sale("2026-01-31", 99999999.99)]
    (row,) = stands(tmp_path / "exact", MONTHLY + "target: 100000000", sales, as_of="2026-02-01")
    assert (row["met"], row["gap"]) == (False, Decimal("-0.01"))


def test_e11_five_on_a_fraction(tmp_path: Path) -> None:
    asked = "kpi: win_rate\nkind: at_least\nperiod: month\n"
    assert codes(tmp_path / "a", asked + "target: 5") == ["objective/fraction"]
    for n, target in enumerate(("5%", "0.05")):
        (row,) = stands(tmp_path / str(n), asked + f"target: {target}", JANUARY, as_of="2026-02-01")
        assert row["target"] == Decimal("0.05")
    # The other way round: 40 % of a score is 40, or 0.4.
    mean = "kpi: mean_amount\nkind: at_least\nperiod: month\n"
    assert codes(tmp_path / "score", mean + "target: 40%") == ["objective/fraction"]
    (row,) = stands(tmp_path / "mean", mean + "target: 40", JANUARY, as_of="2026-02-01")
    assert (row["value"], row["target"], row["met"]) == (50, 40, True)


def test_e12_a_rate_that_changes(tmp_path: Path) -> None:
    asked = "kpi: win_rate\nkind: change\nperiod: month\nagainst: 1 month\n"
    assert codes(tmp_path / "a", asked + "target: 2%") == ["objective/change"]
    lost = [sale("2026-01-31", 1, won=n < 5) for n in range(10)]
    sales = [*lost, *(sale("2026-02-28", 1, won=n < 6) for n in range(10))]
    _, points = stands(tmp_path / "b", asked + "target: 2pp", sales, as_of="2026-03-01")
    _, part = stands(tmp_path / "c", asked + "target: 2%\nrelative: true", sales, as_of="2026-03-01")
    assert (points["target"], part["target"]) == (pytest.approx(0.52), pytest.approx(0.51))
    assert (points["attainment"], part["attainment"]) == (pytest.approx(5.0), pytest.approx(10.0))


def test_e14_a_value_on_the_border_of_a_range(tmp_path: Path) -> None:
    asked = "kpi: revenue\nkind: within\nperiod: month\nrange: [100, 120]"
    sales = [*JANUARY, sale("2026-02-28", 120), sale("2026-03-31", 125), sale("2026-04-30", 99.99)]
    rows = stands(tmp_path, asked, sales, as_of="2026-05-01")
    assert [row["met"] for row in rows] == [True, True, False, False]
    assert [row["gap"] for row in rows] == [0, 0, 5, Decimal("-0.01")]
    # The fade is half of the range: 10.
    assert [row["attainment"] for row in rows] == [1.0, 1.0, 0.5, pytest.approx(0.999)]


def test_e15_a_target_beyond_the_bounds(tmp_path: Path) -> None:
    assert codes(tmp_path, "kpi: win_rate\nkind: at_least\nperiod: month\ntarget: 101%") == [
        "objective/bounds"
    ]


def test_e23_two_that_promise_the_same(tmp_path: Path) -> None:
    other = "  p: {kpi: revenue, kind: at_least, period: month, target: 7, owner: shop@example.com}\n"
    assert codes(tmp_path, MONTHLY + "target: 5", other) == ["objective/twice"]


def test_e24_at_least_of_what_should_fall(tmp_path: Path) -> None:
    asked = "kpi: refunds\nkind: at_least\nperiod: month\ntarget: 5"
    assert codes(tmp_path / "a", asked) == ["objective/direction"]
    assert codes(tmp_path / "b", asked + "\noverride_direction: we want to hear of them") == []


def test_buckets_go_on_until_the_instant_though_a_feed_has_stopped(tmp_path: Path) -> None:
    # Rows until 31 March. April is over and not loaded, May is under way.
    sales = [sale("2026-02-05", 120), sale("2026-03-31", 40)]
    expected = [
        (date(2026, 2, 1), 120, "met"),
        (date(2026, 3, 1), 40, "missed"),
        (date(2026, 4, 1), 0, "immature"),
        (date(2026, 5, 1), 0, "off_track"),
    ]
    rows = stands(tmp_path / "a", MONTHLY + "target: 100", sales, as_of="2026-05-10")
    assert [(row["month"], row["value"], row["status"]) for row in rows] == expected
    until = "effective: {until: 2026-05-01}\n"
    rows = stands(tmp_path / "b", MONTHLY + until + "target: 100", sales, as_of="2026-05-10")
    assert [(row["month"], row["value"], row["status"]) for row in rows] == expected[:3]
    # Half of what the month before had: 60, 20 and 0, of which April's has no attainment.
    before = "target: prior(revenue, 1 month) * 50%"
    rows = stands(tmp_path / "c", MONTHLY + before, sales, as_of="2026-05-01")
    assert [(row["month"], row["target"], row["met"]) for row in rows] == [
        (date(2026, 2, 1), 0, True),
        (date(2026, 3, 1), 60, False),
        (date(2026, 4, 1), 20, False),
    ]


def test_rows_without_a_time_are_in_no_bucket(tmp_path: Path) -> None:
    # A row of 1000 without a day makes neither a bucket nor a member.
    dayless = (None, "shop", 1000.0, True)
    sales = [sale("2026-01-31", 60), dayless]
    (row,) = stands(tmp_path / "a", MONTHLY + "target: 100", sales, as_of="2026-02-01")
    assert (row["month"], row["value"], row["status"]) == (date(2026, 1, 1), 60, "missed")
    (row,) = stands(tmp_path / "b", MONTHLY + "by: [channel]\ntarget: 100", sales, as_of="2026-02-01")
    assert (row["channel"], row["value"]) == ("web", 60)
    first = "kpi: revenue\nkind: rank\nby: [channel]\nperiod: month\ntarget: 1"
    (row,) = stands(tmp_path / "c", first, sales, as_of="2026-02-01")
    assert (row["channel"], row["members"]) == ("web", 1)


BY_CHANNEL = "kpi: revenue\nkind: at_least\nby: [channel]\nperiod: month\ntarget: 1\n"


@pytest.mark.parametrize(
    ("where", "named", "is_refused"),
    [
        ("channel = 'web'", "email", True),
        ("channel = 'web'", "web", False),
        ("channel in ('web', 'shop')", "email", True),
        ("channel != 'email'", "email", True),
        ("not channel in ('web', 'shop')", "email", False),
        ("channel = 'web' or channel = 'email'", "email", False),
        ("channel = 'web' and amount_band = 'high'", "email", True),
        ("channel = 'web' or amount_band = 'high'", "email", False),
        ("channel is null", "email", True),
        ("channel is not null", "null", True),
        ("channel = 'web'", "null", True),
        ("channel like 'w%'", "email", False),
    ],
)
def test_rows_of_members_that_the_condition_leaves_out(
    tmp_path: Path, where: str, named: str, is_refused: bool
) -> None:
    asked = BY_CHANNEL + f"where: {where}\ntargets:\n  - {{channel: {named}, target: 3}}"
    band = "metrics:\n"
    text = SALES.replace(band, "  amount_band: {type: text, from: {sales: channel}}\n" + band)
    found = codes(tmp_path, asked, definitions=text)
    assert found == (["objective/row"] if is_refused else [])


def test_a_condition_of_the_query_leaves_out_members_that_rows_name(tmp_path: Path) -> None:
    asked = BY_CHANNEL + "targets:\n  - {channel: email, target: 3}\n  - {channel: shop, target: 2}"
    sales = [sale("2026-01-31", 4)]
    rows = stands(tmp_path / "a", asked, sales, as_of="2026-02-01", where="channel in ('web', 'shop')")
    assert [(row["channel"], row["status"]) for row in rows] == [("shop", "missed"), ("web", "met")]


def test_what_says_nothing_is_refused(tmp_path: Path) -> None:
    # A twentieth of nothing is nothing; an amount is wide enough.
    near = "kpi: revenue\nkind: on_target\nperiod: month\ntarget: 0\ntolerance: "
    assert codes(tmp_path / "a", near + "5%") == ["objective/range"]
    assert codes(tmp_path / "b", near + "5") == []
    down = "kpi: revenue\nkind: at_most\nperiod: month\ntarget: 5\noverride_direction: "
    assert codes(tmp_path / "c", down + '""') == ["objective/direction"]
    assert codes(tmp_path / "d", down + "a cap") == []
    # The help for a target of zero, followed: the way begins on the side that is worse.
    zero = MONTHLY + "target: 0\nbaseline: "
    assert codes(tmp_path / "e", zero + "-100") == []
    assert codes(tmp_path / "f", zero + "100") == ["objective/baseline"]
