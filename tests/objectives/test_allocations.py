"""Targets of a whole, allocated to its periods and members."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kpidsl.objectives.apportioned import apportioned

from .standing import codes, stands

QUARTER = "kpi: revenue\nkind: at_least\nperiod: month\neffective: {from: 2026-01-01, until: 2026-04-01}\n"
YEARS = "kpi: revenue\nkind: at_least\nperiod: month\neffective: {from: 2026-01-01, until: 2028-01-01}\n"
CHANNELS = (
    "kpi: revenue\nkind: at_least\nby: [channel]\nperiod: month\n"
    "effective: {from: 2026-01-01, until: 2026-03-01}\n"
)
SALES = [
    ("2025-01-10", "web", 10.0, True),
    ("2025-01-20", "mail", 30.0, True),
    ("2025-02-10", "web", 40.0, True),
    ("2025-03-31", "web", 20.0, True),
    ("2026-01-10", "web", 10.0, True),
    ("2026-01-20", "mail", 5.0, True),
    ("2026-02-20", "web", 7.0, True),
    ("2026-03-31", "shop", 1.0, True),
]


def targets(folder: Path, objective: str, as_of: str, **asked: Any) -> list[tuple[Any, ...]]:
    rows = stands(folder, objective, SALES, as_of=as_of, **asked)
    keys = [key for key in ("month", "week", "day", "channel") if rows and key in rows[0]]
    return [(*(str(row[key]) for key in keys), _rounded(row["target"])) for row in rows]


def _rounded(value: Any) -> Any:
    return None if value is None else round(float(value), 6)


def test_equal_parts(tmp_path: Path) -> None:
    found = targets(tmp_path, QUARTER + "target: 90\nallocate: {by: equal}", "2026-04-01")
    assert found == [("2026-01-01", 30), ("2026-02-01", 30), ("2026-03-01", 30)]


def test_parts_by_days(tmp_path: Path) -> None:
    found = targets(tmp_path, QUARTER + "target: 180\nallocate: {by: days}", "2026-03-05")
    assert found == [("2026-01-01", 62), ("2026-02-01", 56), ("2026-03-01", 62)]


def test_parts_by_business_days(tmp_path: Path) -> None:
    # January 2026 has 22 of them, February 20, March 22.
    found = targets(tmp_path, QUARTER + "target: 64\nallocate: {by: business_days}", "2026-04-01")
    assert found == [("2026-01-01", 22), ("2026-02-01", 20), ("2026-03-01", 22)]


def test_parts_by_what_was_last_year(tmp_path: Path) -> None:
    # 40, 40 and 20 of 100: the month that the instant is in has its whole part, too.
    found = targets(tmp_path, QUARTER + "target: 500\nallocate: {by: last_year}", "2026-03-05")
    assert found == [("2026-01-01", 200), ("2026-02-01", 200), ("2026-03-01", 100)]


def test_a_target_for_each_year(tmp_path: Path) -> None:
    written = "targets:\n  - {period: 2026, target: 365}\n  - {period: 2027, target: 1200}\n"
    by_days = targets(tmp_path / "a", YEARS + written + "allocate: {over: year, by: days}", "2027-03-05")
    assert len(by_days) == 15
    assert by_days[1] == ("2026-02-01", 28)
    assert by_days[12] == ("2027-01-01", round(1200 * 31 / 365, 6))
    equal = targets(tmp_path / "b", YEARS + written + "allocate: {over: year, by: equal}", "2027-02-05")
    assert [target for _, target in equal] == [round(365 / 12, 6)] * 12 + [100, 100]


def test_a_period_that_is_asked_changes_no_part(tmp_path: Path) -> None:
    written = QUARTER + "target: 180\nallocate: {by: days}"
    assert targets(tmp_path, written, "2026-04-01", period="2026-02") == [("2026-02-01", 56)]


def test_weeks_that_the_days_cut_have_a_part(tmp_path: Path) -> None:
    written = (
        "kpi: revenue\nkind: at_least\nperiod: week\neffective: {from: 2026-01-01, until: 2026-02-01}\n"
        "target: 310\nallocate: {by: days}"
    )
    found = targets(tmp_path, written, "2026-02-01")
    assert [target for _, target in found] == [40, 70, 70, 70, 60]


def test_members_by_weights(tmp_path: Path) -> None:
    weights = (
        "weights:\n      - {channel: web, weight: 3}\n      - {channel: mail, weight: 60%}\n"
        "      - {channel: null, weight: 0.4}\n"
    )
    written = CHANNELS + "target: 100\nallocate:\n  across: channel\n  " + weights
    assert targets(tmp_path, written.replace("      -", "    -"), "2026-03-01") == [
        ("2026-01-01", "mail", 15),
        ("2026-01-01", "web", 75),
        ("2026-01-01", "None", 10),
        ("2026-02-01", "mail", 15),
        ("2026-02-01", "web", 75),
        ("2026-02-01", "None", 10),
    ]


def test_members_by_what_they_had_last_year(tmp_path: Path) -> None:
    written = CHANNELS + "target: 80\nallocate: {by: last_year, across: channel, weights: last_year}"
    # Of 80 last year: web had 50, 10 and 40 in the months; mail 30, all of it in January.
    assert targets(tmp_path, written, "2026-03-01") == [
        ("2026-01-01", "mail", 30),
        ("2026-01-01", "web", 10),
        ("2026-02-01", "web", 40),
    ]
    alone = CHANNELS + "target: 80\nallocate: {across: channel, weights: last_year}"
    assert targets(tmp_path / "b", alone, "2026-02-10") == [
        ("2026-01-01", "mail", 60),
        ("2026-01-01", "web", 20),
        ("2026-02-01", "web", 80),
    ]


def test_who_has_no_part_has_no_target(tmp_path: Path) -> None:
    written = (
        CHANNELS + "target: 80\nallocate: {by: days, across: channel, weights: [{channel: web, weight: 1}]}"
    )
    rows = stands(tmp_path, written, SALES, as_of="2026-04-01")
    assert [(str(row["month"]), row["channel"], row["status"]) for row in rows] == [
        ("2026-01-01", "mail", "target_missing"),
        ("2026-01-01", "web", "missed"),
        ("2026-02-01", "web", "missed"),
    ]


def test_a_formula_is_that_of_the_whole(tmp_path: Path) -> None:
    written = CHANNELS + "target: during(revenue, 2025-01-01, 2026-01-01) * 59\n"
    split = "allocate: {by: days, across: channel, weights: [{channel: web, weight: 1}, {channel: mail, weight: 3}]}"
    assert targets(tmp_path, written + split, "2026-03-01") == [
        ("2026-01-01", "mail", 100 * 31 * 3 / 4),
        ("2026-01-01", "web", 100 * 31 / 4),
        ("2026-02-01", "mail", 100 * 28 * 3 / 4),
        ("2026-02-01", "web", 100 * 28 / 4),
    ]


def test_rounded_parts_add_up(tmp_path: Path) -> None:
    # 100 by 31, 28 and 31 of 90 days: 34.4, 31.1 and 34.4; the first of the largest remainders has the rest.
    written = QUARTER + "target: 100\nallocate: {by: days, round: 1}"
    assert targets(tmp_path / "a", written, "2026-04-01") == [
        ("2026-01-01", 35),
        ("2026-02-01", 31),
        ("2026-03-01", 34),
    ]
    written = CHANNELS + (
        "target: 10\nallocate:\n  by: equal\n  across: channel\n  round: 1\n"
        "  weights: [{channel: web, weight: 2}, {channel: mail, weight: 1}]"
    )
    assert targets(tmp_path / "b", written, "2026-03-01") == [
        ("2026-01-01", "mail", 2),
        ("2026-01-01", "web", 4),
        ("2026-02-01", "mail", 1),
        ("2026-02-01", "web", 3),
    ]


def test_a_part_of_zero_tells_nothing(tmp_path: Path) -> None:
    written = (
        "kpi: revenue\nkind: at_least\nperiod: day\neffective: {from: 2026-01-09, until: 2026-01-12}\n"
        "target: 10\nallocate: {by: business_days}"
    )
    rows = stands(tmp_path, written, SALES, as_of="2026-02-01")
    assert [(row["target"], row["met"], row["status"], row["reason"]) for row in rows] == [
        (10, False, "missed", "target_not_met"),
        (0, True, "error", "zero_target"),
        (0, True, "error", "zero_target"),
    ]


def test_a_rate_is_copied(tmp_path: Path) -> None:
    written = QUARTER.replace("revenue", "win_rate") + "target: 50%\nallocate: {by: copy}"
    assert targets(tmp_path, written, "2026-04-01") == [
        ("2026-01-01", 0.5),
        ("2026-02-01", 0.5),
        ("2026-03-01", 0.5),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "allocate: {round: 1}",
        "allocate: {over: year}",
        "allocate: {over: year, by: days}",
        "allocate: {over: decade, by: days}",
        "allocate: {by: days}\nbaseline: 2",
        "allocate: {across: channel, weights: last_year}",
        "allocate: {by: days, weights: last_year}",
        "allocate: {by: copy}",
        "allocate: {by: last_year, round: 1}",
        "allocate: {by: days, round: 0}",
        "allocate: {by: days, round: 7}",
        "target: prior(revenue, 1 year)\nallocate: {by: days}",
        "target: during(revenue, 2025-01-01, 2026-01-01)\nallocate: {by: days, round: 1}",
        "kpi: win_rate\ntarget: 50%\nallocate: {by: days}",
        "period: week\nallocate: {by: last_year}",
        "period: week\nallocate: {by: equal}",
        "period: week\nallocate: {over: month, by: days}",
        "by: channel\nallocate: {across: channel}",
        "by: channel\nallocate: {across: channel, weights: [{weight: 1}]}",
        "by: channel\nallocate: {across: channel, weights: [{channel: web, weight: -1}]}",
        "by: channel\nallocate: {across: channel, weights: [{channel: web, weight: 0}]}",
        "by: channel\nallocate: {across: channel, weights: [{channel: a, weight: 1}, {channel: a, weight: 2}]}",
        "by: channel\ntargets: [{channel: web, target: 2}]\nallocate: {across: channel, weights: last_year}",
        "effective: {from: 2026-01-01}\nallocate: {by: days}",
        "period:\neffective: {from: 2026-01-01, until: 2026-04-01}\nallocate: {by: days}",
    ],
)
def test_what_cannot_be_allocated(tmp_path: Path, written: str) -> None:
    keys = {line.split(":")[0]: line for line in (QUARTER + "target: 90").splitlines()}
    keys |= {line.split(":")[0]: line for line in written.splitlines()}
    asked = "\n".join(line for line in keys.values() if line != "period:")
    assert set(codes(tmp_path, asked)) - {"objective/cut-period"} == {"objective/allocation"}


def test_apportioned_parts_are_near_and_add_up() -> None:
    dice = random.Random(2026)
    for _ in range(2_000):
        weights = [Fraction(dice.randint(0, 20), dice.randint(1, 7)) for _ in range(dice.randint(1, 12))]
        weights[0] += 1
        total = dice.randint(-50, 500)
        parts = apportioned(total, weights)
        assert sum(parts) == total
        shares = [total * weight / sum(weights) for weight in weights]
        assert all(abs(part - share) < 1 for part, share in zip(parts, shares, strict=True))
        ups = [share - part for part, share in zip(parts, shares, strict=True)]
        assert max(ups) - min(ups) <= 1
