"""Objectives that judge the parts of a period one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .standing import Sale, codes, sale, stands

WEEKS = """\
kpi: revenue
kind: at_least
period: quarter
effective: {from: 2026-04-01, until: 2026-07-01}
each: week
times: TIMES
target: 100
"""
MONDAYS = [
    "2026-04-06",
    "2026-04-13",
    "2026-04-20",
    "2026-04-27",
    "2026-05-04",
    "2026-05-11",
    "2026-05-18",
    "2026-05-25",
    "2026-06-01",
    "2026-06-08",
    "2026-06-15",
    "2026-06-22",
]
"""The weeks that lie within the days: the one of 1 April begins before them, and the one of 29 June ends after."""


def weeks(pattern: str) -> list[Sale]:
    """Return a sale for each week: enough where there is an `x`, too little where there is a `.`."""
    return [
        sale(day, 100 if sign == "x" else 99.99)
        for day, sign in zip(MONDAYS, pattern, strict=False)
        if sign != " "
    ]


def row(folder: Path, times: str, pattern: str, as_of: str = "2026-07-02", **changed: str) -> dict[str, Any]:
    text = WEEKS.replace("TIMES", times)
    for key, value in changed.items():
        text += f"{key}: {value}\n"
    sales = [*weeks(pattern), sale("2026-07-01", 1)]
    (found,) = stands(folder, text, sales, as_of=as_of, period="2026-Q2")
    return found


def shown(found: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(found[name] for name in names)


@pytest.mark.parametrize(
    ("times", "pattern", "value", "is_met", "attainment"),
    [
        ("all", "xxxxxxxxxxxx", 1, True, 1),
        ("all", "xxxxx.xxxxxx", 11 / 12, False, 11 / 12),
        ("75%", "xxx.xxx.xxx.", 0.75, True, 1),
        ("75%", "xxx.xxx.xx..", 8 / 12, False, 8 / 9),
        ("0.75", "xxxxxxxxxxxx", 1, True, 4 / 3),
        ("9 of 12", "xxx.xxx.xxx.", 9, True, 1),
        ("3 of 4", "xxxxxxxx.xx.", 2, False, 2 / 3),
        ("3 of 4", ".........xxx", 3, True, 1),
        ("2 of 4", "........xxxx", 4, True, 1),
        ("3 in a row", "xx.xxx.xx.x.", 3, True, 1),
        ("3 in a row", "xx.xx.xx.xx.", 2, False, 2 / 3),
        ("2 in a row", "...xxxx.....", 4, True, 1),
        ("2 in a row", "............", 0, False, 0),
    ],
)
def test_times(
    tmp_path: Path, times: str, pattern: str, value: float, is_met: bool, attainment: float
) -> None:
    found = row(tmp_path, times, pattern)
    assert shown(found, "sample", "parts", "parts_met", "parts_left") == (12, 12, pattern.count("x"), 0)
    assert (found["value"], found["met"]) == (pytest.approx(value), is_met)
    assert found["attainment"] == pytest.approx(attainment)
    assert shown(found, "status", "reason") == (
        ("met", "target_met") if is_met else ("missed", "target_not_met")
    )


@pytest.mark.parametrize(
    ("times", "pattern", "status", "reason"),
    [
        ("all", "xxxxx", "on_track", "enough_so_far"),
        ("all", "xxx.x", "off_track", "out_of_reach"),
        ("75%", "xxx..", "at_risk", "too_few_so_far"),
        ("75%", "x....", "off_track", "out_of_reach"),
        ("40%", "xxxxx", "on_track", "secured"),
        ("9 of 12", "xxxx.", "on_track", "enough_so_far"),
        ("9 of 12", "xx...", "at_risk", "too_few_so_far"),
        ("9 of 12", "x....", "off_track", "out_of_reach"),
        ("4 of 10", "..xxx", "on_track", "enough_so_far"),
        ("1 of 10", "..xxx", "on_track", "secured"),
        ("4 of 12", "xxxx.", "on_track", "secured"),
        ("3 in a row", "xxx..", "on_track", "secured"),
        ("3 in a row", "...xx", "on_track", "enough_so_far"),
        ("3 in a row", "xx..", "at_risk", "too_few_so_far"),
        ("9 in a row", "x.xx.", "off_track", "out_of_reach"),
        ("9 in a row", "x..xx", "on_track", "enough_so_far"),
    ],
)
def test_on_the_way(tmp_path: Path, times: str, pattern: str, status: str, reason: str) -> None:
    """At the noon of a Monday the weeks before it are over, and its rows are there."""
    over = len(pattern)
    found = row(tmp_path, times, pattern + "x", f"{MONDAYS[over]} 12:00")
    assert shown(found, "sample", "parts_left") == (over, 12 - over)
    assert shown(found, "status", "reason") == (status, reason)


MEANS = WEEKS.replace("revenue", "mean_amount")


@pytest.mark.parametrize(
    ("missing", "times", "value", "sample", "status", "reason"),
    [
        ("not_met", "all", 4 / 12, 12, "missed", "target_not_met"),
        ("skip", "all", 4 / 5, 5, "missed", "target_not_met"),
        ("skip", "3 in a row", 3, 5, "met", "target_met"),
        ("not_met", "3 in a row", 2, 12, "missed", "target_not_met"),
        ("skip", "4 of 5", 4, 5, "met", "target_met"),
        ("null", "all", None, 5, "insufficient_data", "part_missing"),
    ],
)
def test_parts_without_a_value(
    tmp_path: Path, missing: str, times: str, value: float | None, sample: int, status: str, reason: str
) -> None:
    text = MEANS.replace("TIMES", times) + f"missing: {missing}\n"
    sales = [*weeks("xx x.x"), sale("2026-07-01", 1)]
    (found,) = stands(tmp_path, text, sales, as_of="2026-07-02")
    assert shown(found, "sample", "status", "reason") == (sample, status, reason)
    assert found["value"] == (None if value is None else pytest.approx(value))
    assert (found["met"], found["attainment"]) == (None, None) or missing != "null"


def test_small_samples_are_missing(tmp_path: Path) -> None:
    text = MEANS.replace("TIMES", "all") + "missing: skip\nmin_sample: 2\n"
    sales = [*weeks("xx"), *weeks("x"), sale("2026-07-01", 1)]
    (found,) = stands(tmp_path, text, sales, as_of="2026-07-02")
    assert shown(found, "value", "sample", "status") == (1, 1, "met")


def test_nothing_but_missing_parts(tmp_path: Path) -> None:
    text = MEANS.replace("TIMES", "all")
    (found,) = stands(tmp_path, text, [sale("2026-07-01", 1)], as_of="2026-07-02")
    assert shown(found, "status", "reason") == ("no_data", "no_value")
    (found,) = stands(tmp_path, text, [sale("2026-04-02", 1)], as_of="2026-04-07")
    assert shown(found, "status", "reason", "parts_left") == ("too_early", "none_over", 12)


def test_a_part_that_is_not_loaded_waits(tmp_path: Path) -> None:
    """The week of 22 June has rows of Monday alone, and no dataset reaches its Sunday."""
    text = WEEKS.replace("TIMES", "all")
    (found,) = stands(tmp_path, text, weeks("x" * 12), as_of="2026-07-01")
    assert shown(found, "sample", "parts_left", "status", "reason") == (11, 1, "immature", "not_loaded")
    (found,) = stands(tmp_path, text, weeks("x" * 12), as_of="2026-06-30")
    assert shown(found, "sample", "parts_left", "status", "reason") == (11, 1, "on_track", "enough_so_far")


def test_weeks_belong_to_the_month_in_which_they_end(tmp_path: Path) -> None:
    text = WEEKS.replace("TIMES", "all").replace("quarter", "month")
    rows = stands(tmp_path, text, [*weeks("x" * 12), sale("2026-07-01", 1)], as_of="2026-07-02")
    assert [shown(r, "parts", "sample") for r in rows] == [(3, 3), (5, 5), (4, 4)]
    assert [r["month"].month for r in rows] == [4, 5, 6]
    # What is asked for chooses months and cuts none.
    rows = stands(
        tmp_path, text, [*weeks("x" * 12), sale("2026-07-01", 1)], as_of="2026-07-02", period="2026-05-20"
    )
    assert [(r["month"].month, *shown(r, "parts", "sample")) for r in rows] == [(5, 5, 5)]


def test_one_period_of_days_by_members(tmp_path: Path) -> None:
    text = """\
kpi: revenue
kind: at_least
by: [channel]
effective: {from: 2026-04-01, until: 2026-05-01}
each: day
times: 95%
error_budget: true
target: 1
targets: [{channel: mail, target: 2}]
"""
    days = [sale(f"2026-04-{n:02}", 1, channel) for n in range(1, 31) for channel in ("web", "mail", None)]
    kept = [one for one in days if one[:2] not in (("2026-04-03", "web"), ("2026-04-07", "web"))]
    rows = stands(tmp_path, text, kept, as_of="2026-04-11")
    assert [r["channel"] for r in rows] == ["mail", "web", None]
    mail, web, nobody = rows
    # 1.5 bad days are allowed, and 2 are there: 133 % of the budget
    assert web["budget_left"] == pytest.approx(1 - 2 / 1.5)
    assert shown(web, "parts", "sample", "value", "status", "reason") == (
        30,
        10,
        pytest.approx(0.8),
        "off_track",
        "out_of_reach",
    )
    assert shown(nobody, "value", "target", "budget_left", "status") == (1, Decimal("0.95"), 1, "on_track")
    assert shown(mail, "parts_met", "status") == (0, "off_track")


def test_the_one_period_has_not_begun(tmp_path: Path) -> None:
    text = WEEKS.replace("TIMES", "all").replace("period: quarter\n", "")
    (found,) = stands(tmp_path, text, [], as_of="2026-03-01")
    assert shown(found, "status", "reason", "value", "parts") == ("not_started", "not_begun", None, 12)


def test_parts_without_a_target_are_left_out(tmp_path: Path) -> None:
    text = WEEKS.replace("TIMES", "all").replace("target: 100", "targets: [{period: 2026-W16, target: 100}]")
    sales = [*weeks("x" * 12), sale("2026-07-01", 1)]
    (found,) = stands(tmp_path, text, sales, as_of="2026-07-02")
    assert shown(found, "sample", "value", "status") == (1, 1, "met")


def test_changes_and_ranges_of_parts(tmp_path: Path) -> None:
    change = """\
kpi: revenue
kind: change
against: 1 month
target: 10%
period: year
effective: {from: 2026-01-01, until: 2027-01-01}
each: month
times: 2 in a row
"""
    sales = [
        sale("2026-01-31", 100),
        sale("2026-02-28", 110),
        sale("2026-03-31", 130),
        sale("2026-04-30", 130),
    ]
    (found,) = stands(tmp_path, change, sales, as_of="2026-05-01")
    assert shown(found, "sample", "value", "status", "reason") == (3, 2, "on_track", "secured")
    within = change.replace("change", "within").replace("against: 1 month\ntarget: 10%", "range: [105, 120]")
    (found,) = stands(tmp_path, within, sales, as_of="2026-05-01")
    assert shown(found, "sample", "value", "parts_left", "status") == (4, 1, 8, "at_risk")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (WEEKS.replace("TIMES", "14 of 15"), ["objective/each"]),
        (WEEKS.replace("TIMES", "5 of 4"), ["objective/each"]),
        (WEEKS.replace("TIMES", "most"), ["objective/each"]),
        (WEEKS.replace("TIMES", "105%"), ["objective/each"]),
        (WEEKS.replace("TIMES", "0 in a row"), ["objective/each"]),
        (WEEKS.replace("TIMES", "all") + "error_budget: true\n", ["objective/each"]),
        (WEEKS.replace("TIMES", "all") + "trajectory: linear\n", ["objective/each"]),
        (WEEKS.replace("TIMES", "all") + "baseline: 10\n", ["objective/each"]),
        (WEEKS.replace("TIMES", "all") + "status: {on_track: 100%, at_risk: 50%}\n", ["objective/each"]),
        (WEEKS.replace("TIMES", "all").replace("quarter", "week"), ["objective/each"]),
        (WEEKS.replace("TIMES", "all").replace("each: week\n", ""), ["objective/each"]),
        (WEEKS.replace("TIMES", "all").replace("target: 100", "target: 0"), []),
        (WEEKS.replace("TIMES", "all"), []),
    ],
)
def test_what_is_checked(tmp_path: Path, text: str, found: list[str]) -> None:
    got = [code for code in codes(tmp_path, text) if code != "objective/cut-period"]
    assert got == found


WEEKS_OF_MONTHS = "kpi: revenue\nkind: at_least\nperiod: month\neach: week\ntarget: 10\n"


def test_a_period_is_there_from_its_first_day_on(tmp_path: Path) -> None:
    # The week from 27 April to 3 May is of May, which has not begun on the 28th.
    asked = WEEKS_OF_MONTHS + "effective: {from: 2026-04-01}"
    sales = [sale(f"2026-04-{day:02}", 20) for day in (5, 12, 19, 26, 27)]
    (april,) = stands(tmp_path / "a", asked, sales, as_of="2026-04-28")
    assert (april["month"], april["parts"], april["parts_met"], april["status"]) == (
        date(2026, 4, 1),
        3,
        3,
        "on_track",
    )
    april, may = stands(tmp_path / "b", asked, sales, as_of="2026-05-01 09:00:00")
    assert (april["status"], may["month"], may["reason"]) == ("met", date(2026, 5, 1), "none_over")
    # On the midnight with which May begins nothing of it has begun.
    assert len(stands(tmp_path / "c", asked, sales, as_of="2026-05-01")) == 1


def test_a_period_is_there_before_its_first_whole_part(tmp_path: Path) -> None:
    # 1 January 2026 is a Thursday: its week is cut, and the first one of January begins on the 5th.
    asked = WEEKS_OF_MONTHS + "effective: {from: 2026-01-01}"
    sales = [sale("2026-01-02", 20), sale("2026-01-06", 20), sale("2026-01-25", 5)]
    (row,) = stands(tmp_path / "a", asked, sales, as_of="2026-01-03")
    assert (row["month"], row["sample"], row["parts"], row["parts_left"]) == (date(2026, 1, 1), 0, 3, 3)
    assert (row["status"], row["reason"]) == ("too_early", "none_over")
    # Of the three whole weeks, from the 5th to the 25th, the first alone is met: 20, 0 and 5.
    (row,) = stands(tmp_path / "b", asked, sales, as_of="2026-02-01")
    assert (row["sample"], row["parts"], row["parts_met"], row["status"]) == (3, 3, 1, "missed")
    once = asked.replace("period: month\n", "").replace("01-01}", "01-01, until: 2026-02-01}")
    (row,) = stands(tmp_path / "c", once, sales, as_of="2026-01-03")
    assert (row["parts"], row["reason"]) == (3, "none_over")
