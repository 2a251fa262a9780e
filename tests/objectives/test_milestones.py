"""Milestones: targets that are reached by some day, late, or not at all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .standing import codes, sale, stands

TEXT = """\
kpi: revenue
kind: milestone
effective: {from: 2026-01-01}
due: 2026-03-31
target: 300
"""
SALES = [
    sale("2025-12-31", 1000),
    sale("2026-01-10", 100),
    sale("2026-02-10", 110),
    sale("2026-03-31", 89.99),
    sale("2026-04-01", 0.01),
    sale("2026-05-01", 50),
]


def shown(found: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(found[name] for name in names)


@pytest.mark.parametrize(
    ("as_of", "value", "now", "met", "attainment", "status", "reason"),
    [
        ("2025-12-31", 0, 0, False, 0, "not_started", "not_begun"),
        ("2026-03-01", 210, 210, False, 0, "not_due", "not_yet"),
        ("2026-03-31 23:00", 299.99, 299.99, False, 0, "not_due", "not_yet"),
        ("2026-04-01", 299.99, 299.99, False, 0, "missed", "target_not_met"),
        ("2026-04-02", 299.99, 300, False, 1, "met_late", "reached_late"),
        ("2026-06-01", 299.99, 350, False, 1, "met_late", "reached_late"),
    ],
)
def test_statuses(
    tmp_path: Path,
    as_of: str,
    value: float,
    now: float,
    met: bool,
    attainment: float,
    status: str,
    reason: str,
) -> None:
    (found,) = stands(tmp_path, TEXT, SALES, as_of=as_of)
    assert shown(found, "value", "value_now") == (Decimal(str(value)), Decimal(str(now)))
    assert shown(found, "met", "attainment", "status", "reason") == (met, attainment, status, reason)
    (same,) = stands(tmp_path, TEXT, SALES, as_of=as_of, period="2026-02")
    assert {**same, "data_through": None} == {**found, "data_through": None}


def test_met_before_it_is_due_and_the_way_to_it(tmp_path: Path) -> None:
    (found,) = stands(tmp_path, TEXT.replace("300", "210"), SALES, as_of="2026-03-01")
    assert shown(found, "met", "status", "reason", "attainment") == (True, "met", "target_met", 1)
    text = TEXT + "baseline: 50\n"
    (found,) = stands(tmp_path, text, SALES, as_of="2026-03-01")
    assert shown(found, "status", "attainment") == ("not_due", pytest.approx((210 - 50) / 250))
    (found,) = stands(tmp_path, text, SALES, as_of="2026-04-01")
    assert shown(found, "status", "attainment") == ("missed", 0)


def test_a_due_day_that_is_not_loaded(tmp_path: Path) -> None:
    (found,) = stands(tmp_path, TEXT, SALES[:3], as_of="2026-04-02")
    assert shown(found, "status", "reason") == ("immature", "not_loaded")


def test_members_and_fewer_is_better(tmp_path: Path) -> None:
    text = TEXT.replace("revenue", "refunds").replace("target: 300", "by: [channel]\ntarget: 0")
    sales = [
        sale("2026-02-01", 5, "mail", won=False),
        sale("2026-02-01", 5, "web"),
        sale("2026-04-01", 5, "late", won=False),
        sale("2026-04-02", 5, "web", won=False),
    ]
    rows = stands(tmp_path, text, sales, as_of="2026-04-10")
    assert [(r["channel"], *shown(r, "value", "value_now", "status")) for r in rows] == [
        ("late", 0, 5, "met"),
        ("mail", 5, 5, "missed"),
        ("web", 0, 5, "met"),
    ]


def test_nothing_to_tell_from(tmp_path: Path) -> None:
    text = TEXT.replace("revenue", "mean_amount")
    (found,) = stands(tmp_path, text, SALES[:1], as_of="2026-02-01")
    assert shown(found, "status", "reason", "met", "attainment") == ("no_data", "no_rows", None, None)
    (found,) = stands(tmp_path, text + "min_sample: 9\n", SALES, as_of="2026-04-02")
    assert shown(found, "sample", "status") == (3, "insufficient_data")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, []),
        (TEXT.replace("due: 2026-03-31\n", ""), ["objective/keys"]),
        (TEXT.replace("effective: {from: 2026-01-01}\n", ""), ["objective/keys"]),
        (TEXT.replace("01}", "01, until: 2026-04-01}"), ["objective/effective"]),
        (TEXT.replace("2026-03-31", "2025-12-31"), ["objective/effective"]),
        (TEXT.replace("2026-03-31", "2026-03"), ["objective/effective"]),
        (TEXT + "period: month\n", ["objective/keys"]),
        (TEXT + "each: week\n", ["objective/keys"]),
        (TEXT.replace("milestone", "at_least").replace("01}", "01, until: 2026-04-01}"), ["objective/keys"]),
    ],
)
def test_what_is_checked(tmp_path: Path, text: str, found: list[str]) -> None:
    assert codes(tmp_path, text) == found


def test_several_of_one_kpi(tmp_path: Path) -> None:
    other = TEXT.replace("2026-03-31", "2026-06-30").replace("300", "600")
    lines = "".join(f"    {line}\n" for line in other.strip().splitlines())
    assert codes(tmp_path, TEXT, f"  second:\n    owner: shop@example.com\n{lines}") == []
